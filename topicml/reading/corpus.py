"""A corpus: articles as they were read, from files, data frames or lists, and back to data frames."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import overload

from topicml.article import Article, Problem
from topicml.displays.tables import Table, html_view
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.formatting import counted, listed
from topicml.frames import Backend, Frame, data_frame, frame_columns
from topicml.reading.columns import ROLES, Columns, ReadOptions, Row, find_columns
from topicml.reading.writing import article_row

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LISTED_LABELS = 20
_LISTED_PROBLEMS = 20


@dataclass(frozen=True, slots=True, repr=False)
class Corpus(Sequence[Article]):
    """Articles in the order in which they were read, and the problems found in reading.

    Parameters
    ----------
    articles : tuple of Article
        In the order of the input.
    problems : tuple of Problem
        The rows that were left out, each with its place and reason.
    multilabel : bool, default=False
        Whether the input has lists of labels, so an article may have several or none.

    Examples
    --------
    >>> corpus = Corpus.from_lists(["Rain tonight", "Cup final"], ["weather", "sport"])
    >>> corpus
    Corpus(2 articles, 2 labels)
    >>> corpus.label_counts()
    {'sport': 1, 'weather': 1}
    """

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...] = ()
    multilabel: bool = False

    @classmethod
    def from_frame(  # noqa: PLR0913  (a name for each column that has a role)
        cls,
        frame: Frame,
        text: str | None = None,
        *,
        title: str | None = None,
        label: str | None = None,
        id: str | None = None,  # noqa: A002  (the column's name, as in files)
        date: str | None = None,
        source: str | None = None,
        label_separator: str | None = None,
        labelled: bool = False,
        skip_bad_rows: bool = False,
    ) -> Corpus:
        """Take the rows of a data frame as articles.

        Other columns become `Article.metadata`. Rows are named by their position, counted from 0:
        ``frame:3`` is ``df.iloc[3]``.

        Parameters
        ----------
        frame : DataFrame of pandas or polars, or Table of pyarrow
            One row for each article.
        text, title, label, id, date, source : str, optional
            Names of columns. By default those that files have: ``text``, ``body``, ``content`` or
            ``article``; ``title`` or ``headline``; ``label``, ``labels``, ``section``, ``topic`` or
            ``category``; ``id``; ``date``, ``published``, ...; ``source``, ``outlet`` or ``publisher``.
            A list in the label's column holds several labels. Where it is missing (None, NaN), nobody
            has labelled the article.
        label_separator : str, optional
            Splits a label into several.
        labelled : bool, default=False
            Whether to leave out rows without text or label, and list them among the problems.
        skip_bad_rows : bool, default=False
            Whether to leave out, and list among the problems, rows that cannot be read.

        Raises
        ------
        CorpusError
            If a column is missing, or a row cannot be read, unless `skip_bad_rows`.
        TopicmlTypeError
            If `frame` is not a data frame.

        Examples
        --------
        >>> import polars
        >>> df = polars.DataFrame({"body": ["Rain tonight", "Cup final"], "desk": ["weather", "sport"]})
        >>> Corpus.from_frame(df, label="desk")
        Corpus(2 articles, 2 labels)
        """
        options = ReadOptions(text, title, label, id, date, source, label_separator)
        columns = frame_columns(frame)
        found = find_columns(list(columns), options, naming="{}=")
        corpus = cls._of_columns(columns, found, "frame", labelled=labelled)
        if not skip_bad_rows:
            refuse_fatal(corpus.problems)
        return corpus

    @classmethod
    def from_lists(
        cls,
        texts: Iterable[str],
        labels: Iterable[object] | None = None,
        *,
        titles: Iterable[str | None] | None = None,
        ids: Iterable[object] | None = None,
        dates: Iterable[object] | None = None,
    ) -> Corpus:
        """Take texts as articles, with their labels where there are any.

        Parameters
        ----------
        texts : iterable of str
            A list, an array or a column.
        labels : iterable, optional
            For each text one label, or a list of labels; None or NaN where nobody has labelled it.
        titles, ids, dates : iterable, optional
            For each text one; None where it has none.

        Raises
        ------
        CorpusError
            If a value cannot be a label.
        TopicmlTypeError
            If one of the texts is not a str; the message names its position.
        TopicmlValueError
            If the number of labels, titles, ids or dates differs from the number of texts.

        Examples
        --------
        >>> Corpus.from_lists(["Rain delays the cup final"], [["weather", "sport"]])[0].labels
        ('weather', 'sport')
        """
        given = {"text": texts, "label": labels, "title": titles, "id": ids, "date": dates}
        columns = {
            role: _listed(role, values)
            for role, values in given.items()
            if values is not None or role == "text"
        }
        for role, values in columns.items():
            if len(values) != len(columns["text"]):
                raise TopicmlValueError(
                    f"expected a {role} for each text, found {counted(len(columns['text']), 'text')} and "
                    f"{counted(len(values), role)}"
                )
        for position, text in enumerate(columns["text"]):
            if not isinstance(text, str):
                raise TopicmlTypeError(
                    f"expected text at position {position}, found {type(text).__name__}; "
                    "an article without text is the empty string"
                )
        corpus = cls._of_columns(columns, Columns({role: role for role in ROLES if role in columns}), "list")
        refuse_fatal(corpus.problems, advice="correct them, or use None where an article has no label")
        return corpus

    @classmethod
    def _of_columns(
        cls, columns: Mapping[str, list[object]], roles: Columns, name: str, *, labelled: bool = False
    ) -> Corpus:
        rows = zip(*columns.values(), strict=True)
        items = [
            roles.row_of_values(dict(zip(columns, row, strict=True)), name, position)
            for position, row in enumerate(rows)
        ]
        return corpus_of(map(only_labelled, items) if labelled else items, roles.label_separator)

    def to_frame(self, backend: Backend = "polars") -> Frame:
        """Return the articles as a data frame, which `from_frame` reads back.

        Parameters
        ----------
        backend : {"polars", "pandas", "pyarrow"}, default="polars"
            The library whose data frame is returned.

        Returns
        -------
        polars.DataFrame, pandas.DataFrame or pyarrow.Table
            Columns ``id``, ``title``, ``text``, ``label``, ``date``, ``source``, and one for each name
            in the articles' metadata. Labels are lists if the corpus is multilabel.

        Raises
        ------
        MissingExtraError
            If the backend is not installed.
        CorpusError
            If the metadata has a column that would be read as another, such as ``text``.

        Examples
        --------
        >>> Corpus.from_lists(["Rain tonight"], ["weather"]).to_frame().shape
        (1, 6)
        """
        lists = self.multilabel or any(
            article.labels is not None and len(article.labels) != 1 for article in self
        )
        names = dict.fromkeys(name for article in self for name in article.metadata)
        metadata = ({name: article.metadata.get(name) for name in names} for article in self)
        rows = [
            article_row(article, label_list=lists, metadata=own)
            for article, own in zip(self, metadata, strict=True)
        ]
        columns = article_row(Article(""), metadata=names)
        return data_frame(list(columns), rows, backend)

    def __len__(self) -> int:
        return len(self.articles)

    @overload
    def __getitem__(self, index: int) -> Article: ...
    @overload
    def __getitem__(self, index: slice) -> Corpus: ...
    def __getitem__(self, index: int | slice) -> Article | Corpus:
        if isinstance(index, slice):
            return replace(self, articles=self.articles[index])
        return self.articles[index]

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    def texts(self) -> list[str]:
        """Return title and text of every article, in order."""
        return [article.full_text for article in self.articles]

    def label_counts(self) -> dict[str, int]:
        """Return how many articles have each label, sorted by label."""
        counts = Counter(label for article in self.articles for label in article.labels or ())
        return dict(sorted(counts.items()))

    def __repr__(self) -> str:
        """Return a line: the articles themselves would be pages."""
        days = sorted(day[0] for article in self if (day := _DAY.match(article.date or "")))
        left_out = sum(problem.left_out for problem in self.problems)
        told = (
            counted(len(self), "article"),
            counted(len(self.label_counts()), "label"),
            *([f"{days[0]} to {days[-1]}"] if days else []),
            *([f"{counted(left_out, 'row')} left out"] if left_out else []),
        )
        return f"Corpus({', '.join(told)})"

    def _repr_html_(self) -> str:
        ranked = sorted(self.label_counts().items(), key=lambda item: -item[1])
        rows = [("label", "articles"), *((label, f"{count:,}") for label, count in ranked)]
        return html_view([repr(self)], Table("Labels", tuple(rows), (False, True), 40).first(_LISTED_LABELS))


def corpus_of(items: Iterable[Row | Problem], label_separator: str | None) -> Corpus:
    """Return the rows that were read as articles, and the problems beside them."""
    found = list(items)
    rows = [item for item in found if isinstance(item, Row)]
    problems = tuple(item for item in found if isinstance(item, Problem))
    multilabel = label_separator is not None or any(row.label_list for row in rows)
    return Corpus(tuple(row.article for row in rows), problems, multilabel)


def only_labelled(item: Row | Problem, *, keep_empty: bool = False) -> Row | Problem:
    """Turn a row that nothing can be learned from into the problem that says so.

    A labelled article without text is kept on demand: a model that is measured must not be spared it.
    """
    if isinstance(item, Problem):
        return item
    if not (keep_empty and item.article.labels is not None) and not item.article.full_text.strip():
        return Problem(
            "empty text", "title and text are blank; it is left out", item.path, item.line, fatal=False
        )
    if item.rejected:
        message = "an annotator has rejected or ignored its label; it is left out"
        return Problem("rejected label", message, item.path, item.line, fatal=False)
    if item.article.labels is None:
        return Problem("no label", "the article is left out", item.path, item.line, fatal=False)
    return item


def refuse_fatal(
    problems: Iterable[Problem],
    *,
    advice: str = "correct them, or leave them out with skip_bad_rows=True (--skip-bad-rows)",
) -> None:
    """Stop at rows that cannot be read; the message lists the first of them."""
    fatal = [problem for problem in problems if problem.fatal]
    if fatal:
        rows = counted(len(fatal), "row")
        places = listed(map(str, fatal), _LISTED_PROBLEMS, between="\n  ", more="\n  and {} more")
        raise CorpusError(f"{rows} cannot be read:\n  {places}\n{advice}")


def _listed(role: str, values: Iterable[object] | None) -> list[object]:
    """Return the given values of a role as a list, from any container."""
    if isinstance(values, str) or not isinstance(values, Iterable) or hasattr(values, "columns"):
        raise TopicmlTypeError(
            f"expected a list of {role}s, an array or a column, found {type(values).__name__}"
            + ("; for a data frame use Corpus.from_frame" if hasattr(values, "columns") else "")
        )
    dimensions: int = getattr(values, "ndim", 1)
    if dimensions != 1:
        raise TopicmlTypeError(
            f"expected one {role} for each text, found an array of {counted(dimensions, 'dimension')}; "
            "for a matrix of 0 and 1 use topicml.TopicClassifier"
        )
    return values.to_pylist() if hasattr(values, "to_pylist") else list(values)  # of pyarrow, or any other
