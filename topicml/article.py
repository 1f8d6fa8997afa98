"""Articles, the targets they are labelled for, what was wrong with a row, and how messages name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal
from unicodedata import normalize

from topicml.exceptions import TopicmlTypeError
from topicml.formatting import brief, html_safe, refuse_unknown, shortened

TargetType = Literal["multiclass", "multilabel"]

_SHOWN = 600  # cells of a text in a notebook


@dataclass(frozen=True, slots=True)
class Article:
    r"""One article, for training or prediction.

    Parameters
    ----------
    text : str
        The body. What labelled the article (section line, byline, desk, date line) is not in it.
    title : str, default=""
        The headline; it becomes a feature together with the text.
    labels : tuple of str, optional
        The sections it belongs to. None means "nobody has labelled it"; an empty tuple means
        "somebody has, and no section applies". A label given twice is kept once.
    id : str, optional
        The caller's key, carried through to the predictions unchanged.
    date : str, optional
        When it was published, ISO 8601. Never a feature.
    source : str, optional
        The outlet. Never a feature.
    metadata : mapping of str to str
        The other cells of its row. Never a feature.
    origin : str, default=""
        Where it was read, such as ``train.csv:17``, for messages.

    Examples
    --------
    >>> Article("Talks resumed in Geneva.", title="Envoys meet", labels=("Disarmament",)).full_text
    'Envoys meet\nTalks resumed in Geneva.'
    """

    text: str
    title: str = ""
    labels: tuple[str, ...] | None = None
    id: str | None = None
    date: str | None = None
    source: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)
    origin: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.labels, Iterable | None):
            raise TopicmlTypeError(f"labels must be a tuple of str, found {self.labels!r}")
        if not (isinstance(self.text, str) and isinstance(self.title, str)):
            name, value = ("title", self.title) if isinstance(self.text, str) else ("text", self.text)
            advice = f"; an article without {name} has the empty string"
            raise TopicmlTypeError(f"{name} must be a str, found {shortened(repr(value), 60)}{advice}")
        if isinstance(self.labels, str):
            raise TopicmlTypeError(
                f"labels must be a tuple of str, found the str {self.labels!r}: write ({self.labels!r},)"
            )
        if self.labels is not None:
            object.__setattr__(self, "labels", _checked_labels(self.labels))

    def __new__(cls, *_args: object, **given: object) -> Article:
        """Refuse unknown names, with a hint at the name that is meant."""
        refuse_unknown(cls, given)
        return object.__new__(cls)

    def __repr__(self) -> str:
        return brief(self)

    def _repr_html_(self) -> str:
        labels = "not labelled" if self.labels is None else ", ".join(self.labels) or "no label"
        told = " | ".join(part for part in (labels, self.date, self.source) if part)
        text = html_safe(shortened(self.text, _SHOWN))
        return (
            f'<div dir="auto" style="max-width:60em"><b>{html_safe(self.title)}</b><div>{text}</div>'
            f"<small>{html_safe(told)}</small></div>"
        )

    @property
    def full_text(self) -> str:
        """Title and text, one under the other: the only part of an article that becomes features."""
        return f"{self.title}\n{self.text}" if self.title else self.text


def canonical(label: str) -> str:
    r"""Return a label in the one form of all those that Unicode calls canonically equal (NFC).

    >>> canonical("Cafe\u0301") == "Caf\u00e9"
    True
    """
    return label if label.isascii() else normalize("NFC", label)


def _checked_labels(labels: Iterable[object]) -> tuple[str, ...]:
    """Return labels, each once; those that Unicode calls canonically equal are one."""
    distinct: dict[str, None] = {}
    for label in labels:
        if not isinstance(label, str):
            found = shortened(repr(label), 60)
            raise TopicmlTypeError(
                f"labels must be a tuple of str, found {found} among them; write it as text"
            )
        distinct[canonical(label)] = None
    return tuple(distinct)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one place of the input.

    Parameters
    ----------
    kind : str
        What is wrong, in a word or two that stay the same: ``"empty text"``, ``"broken JSON"``.
    message : str
        What was expected, what was found, and what to do.
    path : str
        The file.
    line : int, optional
        Its line, counted from 1.
    column : int, optional
        The character in that line, counted from 1.
    fatal : bool, default=True
        True where the row cannot be meant as it stands, so that training stops; False where it can
        be left out (no label, no text) or was understood (an odd name), and is only counted.
    left_out : bool, default=True
        Whether the row that it names is missing from the corpus.

    Examples
    --------
    >>> print(Problem("empty text", "the text column is empty", "a.csv", 3, 1, fatal=False))
    a.csv:3:1: empty text: the text column is empty
    """

    kind: str
    message: str
    path: str
    line: int | None = None
    column: int | None = None
    fatal: bool = True
    left_out: bool = True

    @property
    def place(self) -> str:
        """``file``, ``file:line`` or ``file:line:column``."""
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        return f"{self.place}: {self.kind}: {self.message}"


def excerpt(article: Article, width: int = 200) -> str:
    """Return how an article begins, title first, on one line.

    >>> excerpt(Article("Talks resumed in Geneva on Monday.", title="Envoys meet"), 30)
    'Envoys meet / Talks resumed...'
    """
    title, text = article.title.strip(), article.text.strip()
    return shortened(f"{title} / {text}" if title and text else title or text, width)


def place_of(article: Article, row: int) -> str:
    """Name an article by where it was read, else by its id, else by its row, counted from 1.

    >>> place_of(Article("Rain", id="a7", origin="news.csv:2"), 0), place_of(Article("Rain"), 0)
    ('news.csv:2', 'row 1')
    """
    return article.origin or article.id or f"row {row + 1}"


def corpus_fingerprint(articles: Iterable[Article]) -> str:
    """Hash what is learned from and measured on: each article's text and labels, in order.

    >>> sport, art = Article("Cup", labels=("sport",)), Article("Oil", labels=("art",))
    >>> corpus_fingerprint([sport, art]) == corpus_fingerprint([art, sport])
    False
    """
    digest = sha256()
    for article in articles:
        for part in (article.full_text, *(article.labels or ())):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
        digest.update(b"\n")
    return digest.hexdigest()
