"""Which column of a table is the text, the title, the label: by convention, or as the caller says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import starmap
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from topicml.article import Article, Problem
from topicml.displays.tables import FieldsShown
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import did_you_mean, listed
from topicml.reading.cells import Cell, cell_labels, cell_of, cell_text, plain_text, spelled_list
from topicml.reading.conversions import iso_date, ticked_labels, without_markup
from topicml.reading.decoding import check_encoding

DateOrder: TypeAlias = Literal["dmy", "mdy"]
Role: TypeAlias = Literal["text", "title", "label", "id", "date", "source"]
ROLES: tuple[Role, ...] = get_args(Role)
INPUT_FORMATS = (
    *("jsonl", "json", "csv", "tsv", "parquet", "spreadsheet", "page", "lines", "fasttext", "folder", "zip"),
)

_CONVENTIONS: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text", "body", "content", "article"),
        "title": ("title", "headline"),
        "label": ("label", "labels", "section", "topic", "category"),
        "id": ("id",),
        "date": ("date", "published", "published_at", "pub_date", "publication_date"),
        "source": ("source", "outlet", "publisher"),
    }
)
_ANSWER = "answer"  # of binary annotations, as Prodigy writes them
_REJECTED = ("reject", "ignore")
_LISTED_COLUMNS = 20
_LISTED_CHARACTERS = 60


@dataclass(frozen=True, slots=True, repr=False)
class ReadOptions(FieldsShown):
    r"""How files are read: the one value behind the keywords of every reader.

    Parameters
    ----------
    text_column, title_column, label_column, id_column, date_column, source_column : str, optional
        The column's exact name. If None, it is found by convention, regardless of case and outer
        blanks: ``text``, ``body``, ``content``, ``article``; ``title``, ``headline``; ``label``,
        ``labels``, ``section``, ``topic``, ``category``; ``id``; ``date``, ``published``;
        ``source``, ``outlet``, ``publisher``; the first of these that the file has.
    label_separator : str, optional
        Splits a label cell into several labels, which makes the corpus multilabel.
    delimiter : str, optional
        The separator between cells of a CSV file. If None, it is found from the header among comma,
        semicolon, tab and ``|``.
    label_columns : tuple of str, optional
        Columns that each stand for the label of their name: 1, true, yes or x where an article has it; 0,
        false, no or nothing where it does not. The corpus is then multilabel.
    date_order : {"dmy", "mdy"}, optional
        How to read dates such as 05/01/2024; they become ISO 8601. If None, they stay as they are.
    strip_html : bool, default=False
        Whether to take tags and entities of HTML out of title and text.
    json_key : str, optional
        The key under which an object of JSON holds its list of articles, as in ``{"articles": [...]}``; of
        nested objects the keys, with dots between them.
    encoding : str, optional
        A Python encoding. If None, UTF-8, or that of the byte order mark.
    input_format : str, optional
        One of jsonl, json, csv, tsv, parquet, spreadsheet, page, lines, fasttext, folder and zip. If None,
        found from the name, and for standard input from the first line.

    Raises
    ------
    TopicmlValueError
        If a value is impossible: an unknown format or encoding, a delimiter of two characters.

    Examples
    --------
    >>> ReadOptions(label_column="desk", label_separator=";").label_column
    'desk'
    """

    text_column: str | None = None
    title_column: str | None = None
    label_column: str | None = None
    id_column: str | None = None
    date_column: str | None = None
    source_column: str | None = None
    label_separator: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    input_format: str | None = None
    label_columns: tuple[str, ...] | None = None
    date_order: DateOrder | None = None
    strip_html: bool = False
    json_key: str | None = None

    def __post_init__(self) -> None:
        if self.input_format not in (None, *INPUT_FORMATS):
            raise TopicmlValueError(
                f"unknown input format {self.input_format!r}; expected one of {', '.join(INPUT_FORMATS)}"
            )
        if self.date_order not in (None, *get_args(DateOrder)):
            raise TopicmlValueError(f"date_order must be 'dmy' or 'mdy', found {self.date_order!r}")
        if self.label_columns is not None:
            if self.label_column is not None or isinstance(self.label_columns, str) or not self.label_columns:
                raise TopicmlValueError(
                    "label_columns must be a tuple of names of columns, without label_column; "
                    f"found {self.label_columns!r} and {self.label_column!r}"
                )
            object.__setattr__(self, "label_columns", tuple(self.label_columns))
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise TopicmlValueError(
                "the delimiter must be one character other than a quote or a line end; "
                f"found {self.delimiter!r}"
            )
        if self.label_separator is not None and not self.label_separator.strip():
            raise TopicmlValueError(
                "the label separator must contain a character that is not blank; "
                f"found {self.label_separator!r}"
            )
        if self.encoding is not None:
            check_encoding(self.encoding)

    @classmethod
    def recorded(cls, record: Mapping[str, Any] | None) -> ReadOptions:
        """Return the options that a model records as `to_record` writes them; the default ones of None.

        Raises
        ------
        TopicmlValueError
            If they are recorded and impossible.
        """
        if record is None:
            return cls()
        known = {option.name for option in fields(cls)}
        if not (isinstance(record, dict) and set(record) <= known and all(starmap(_can_be, record.items()))):
            raise TopicmlValueError(
                f"expected the options that articles were read with in the model's record, found {record!r}"
            )
        return cls(**record)

    def to_record(self) -> dict[str, Any] | None:
        """Return the options that are not the default; None if all are."""
        return {name: value for name, value in asdict(self).items() if value not in (None, False)} or None

    def without_labels(self) -> ReadOptions:
        """Return the same options for articles without labels, whose files have no column of them."""
        return replace(self, label_column=None, label_columns=None, label_separator=None)

    def named_columns(self) -> dict[Role, str]:
        """Return the columns that the caller named."""
        names = {role: getattr(self, f"{role}_column") for role in ROLES}
        return {role: name for role, name in names.items() if name is not None}


def _can_be(name: str, value: object) -> bool:
    """Return whether an option can have such a value, as JSON holds it."""
    if name == "label_columns":
        return isinstance(value, list | tuple) and all(isinstance(column, str) for column in value)
    return isinstance(value, bool if name == "strip_html" else str)


DEFAULT_OPTIONS = ReadOptions()


@dataclass(frozen=True, slots=True)
class Row:
    """An article with details of how it was read."""

    article: Article
    path: str
    line: int | None = None
    label_list: bool = False  # its labels came as a list, so that the corpus is multilabel

    @property
    def rejected(self) -> bool:
        """Whether an annotator has rejected or ignored the label that the row holds."""
        return self.article.labels is None and self.article.metadata.get(_ANSWER) in _REJECTED

    @property
    def unread_labels(self) -> str | None:
        """The column that would pass for the labels, was not taken for them, and holds several here."""
        for name, text in self.article.metadata.items():
            if _normal(name) in _CONVENTIONS["label"]:
                cell = spelled_list(text)
                if isinstance(cell, list) and len(cell) > 1:
                    return name
        return None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table that have a role; all others are metadata."""

    names: Mapping[Role, str]
    options: ReadOptions = DEFAULT_OPTIONS

    @property
    def label_separator(self) -> str | None:
        """What splits a label cell into several labels."""
        return self.options.label_separator

    def row(self, cells: Mapping[str, Cell], path: str, line: int) -> Row | Problem:
        """Make a row of its cells, or the problem in its place."""
        try:
            article = self._article(cells, f"{path}:{line}")
        except CorpusError as error:
            return Problem("impossible value", f"{error}; correct the row", path, line)
        several = self.options.label_columns is not None or isinstance(
            spelled_list(cells.get(self.names.get("label", ""))), list
        )
        return Row(article, path, line, several)

    def row_of_values(self, values: Mapping[str, object], path: str, line: int) -> Row | Problem:
        """Make a row of values of Python, as tables with types hold them."""
        try:
            cells = {name: cell_of(value) for name, value in values.items()}
        except UnicodeDecodeError as error:
            return Problem("wrong encoding", f"{error}; write the column as text", path, line)
        return self.row(cells, path, line)

    def _article(self, cells: Mapping[str, Cell], origin: str) -> Article:
        used = {*self.names.values(), *(self.options.label_columns or ())}
        text, title = self._text(cells, "text"), self._text(cells, "title")
        if self.options.strip_html:
            text, title = without_markup(text), without_markup(title)
        return Article(
            text=text,
            title=title,
            labels=self._labels(cells),
            id=self._text(cells, "id") or None,
            date=iso_date(self._text(cells, "date"), self.options.date_order) or None,
            source=self._text(cells, "source") or None,
            metadata={
                name: cell_text(cell) for name, cell in cells.items() if name not in used and cell is not None
            },
            origin=origin,
        )

    def _labels(self, cells: Mapping[str, Cell]) -> tuple[str, ...] | None:
        """Return the labels; None where nobody has given any, or an annotator has rejected them."""
        if self.options.label_columns is not None:
            return ticked_labels(cells, self.options.label_columns)
        label = self.names.get("label")
        if label is None or (_ANSWER in cells and cells[_ANSWER] in _REJECTED):
            return None
        return cell_labels(cells.get(label), label, self.label_separator)

    def _text(self, cells: Mapping[str, Cell], role: Role) -> str:
        name = self.names.get(role)
        return "" if name is None else plain_text(cells.get(name), name)


def find_columns(
    found: Sequence[str],
    options: ReadOptions,
    *,
    required: Collection[Role] = ROLES,
    naming: str = "--{}-column",
) -> Columns:
    """Find the column of each role among those of a table.

    Roles whose absence is an error are `required`: the text always, the others if the caller named them.
    Errors say how to name the column of a role, `naming`.

    >>> dict(find_columns(["Headline", "body", "section", "topic"], ReadOptions()).names)
    {'text': 'body', 'title': 'Headline', 'label': 'section'}
    """
    named = options.named_columns()
    free = [name for name in found if name not in named.values()]
    names: dict[Role, str] = {}
    for role in ROLES:
        if role in named:
            matches = _named(named[role], found, required=role in required)
        else:
            matches = _conventional(role, free)
        if len(matches) > 1:
            raise CorpusError(
                f"the {role} column is given twice: {_listing(matches)}; rename one, or name it with "
                f"{naming.format(role)}"
            )
        if matches:
            names[role] = matches[0]
    if "text" in required and "text" not in names:
        raise CorpusError(
            f"no text column (one of {', '.join(_CONVENTIONS['text'])}); found {_listing(found)}; name it "
            f"with {naming.format('text')}. If the table has no header line, add one"
        )
    missing = [name for name in options.label_columns or () if name not in found]
    if missing and "label" in required:
        _named(missing[0], found, required=True)
    return Columns(names, options)


def _named(name: str, found: Sequence[str], *, required: bool) -> list[str]:
    if required and name not in found:
        raise CorpusError(f"no column {name!r}; found {_listing(found)}{did_you_mean(name, found)}")
    return [column for column in found if column == name]


def _conventional(role: Role, free: Sequence[str]) -> list[str]:
    for convention in _CONVENTIONS[role]:
        if matches := [name for name in free if _normal(name) == convention]:
            return matches
    return []


def _normal(name: str) -> str:
    return name.strip().lower()


def _listing(found: Sequence[str]) -> str:
    names = [
        repr(name if len(name) <= _LISTED_CHARACTERS else f"{name[:_LISTED_CHARACTERS]}...") for name in found
    ]
    return listed(names, _LISTED_COLUMNS) or "no column"
