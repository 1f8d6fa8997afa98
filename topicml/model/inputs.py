"""The door: here the caller's input becomes texts or articles, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from topicml.article import Article
from topicml.exceptions import TopicmlTypeError
from topicml.model.tokens import TITLE_END

TextInput = str | Article


def as_texts(value: object) -> Iterable[str]:
    r"""Return the texts of one article, or of an iterable of them, read as needed.

    They are `Article.full_text` with a mark between title and text, `topicml.model.tokens.TITLE_END`. A value
    that is no text is refused when it is reached, and the message names its position, counted from 0.

    >>> list(as_texts("Rain tonight")), list(as_texts(["Rain", Article("in the north", title="Snow")]))
    (['Rain tonight'], ['Rain', 'Snow\x1ein the north'])
    """
    if isinstance(value, str | Article):
        return [_text(value)]
    if isinstance(value, bytes | bytearray | memoryview):
        raise TopicmlTypeError(
            f"expected text, found {type(value).__name__}: decode it, as in text.decode('utf-8')"
        )
    if isinstance(value, Mapping):
        raise TopicmlTypeError(
            "expected text, an Article or an iterable of them, found a mapping: pass its text, or an Article"
        )
    if hasattr(value, "columns"):
        raise TopicmlTypeError("expected texts, found a table: pass the column that holds them")
    if not isinstance(value, Iterable):
        raise TopicmlTypeError(f"expected text, an Article or an iterable of them, found {_described(value)}")
    if getattr(value, "ndim", 1) == 0:  # NumPy's array of no dimensions says that it is iterable
        raise TopicmlTypeError("expected texts, found an array of no dimensions: pass its item()")
    return _checked(value)


def _checked(values: Iterable[object]) -> Iterator[str]:
    for position, value in enumerate(values):
        if not isinstance(value, str | Article):
            raise TopicmlTypeError(
                f"expected text or an Article at position {position}, found {_described(value)}; "
                "an article without text is the empty string"
            )
        yield _text(value)


def _text(value: str | Article) -> str:
    if isinstance(value, Article):
        text = _unmarked(value.text)
        return f"{_unmarked(value.title)}{TITLE_END}{text}" if value.title else text
    return _unmarked(str.__str__(value))  # its own characters, also of numpy.str_


def _unmarked(text: str) -> str:
    """Remove marks by which a text could pretend to have a title."""
    return text.replace(TITLE_END, "\n") if TITLE_END in text else text


def _described(value: object) -> str:
    if value is None or isinstance(value, int | float):
        return repr(value)
    return type(value).__name__


def as_articles(values: object, labels: Iterable[object] | None = None) -> list[Article]:
    """Return the articles of an iterable, or make them of texts and their labels.

    With labels, those of articles are replaced. What is no article is named by its position, counted from 0.

    >>> [article.labels for article in as_articles(["Rain", "Cup"], ["weather", ["sport", "local"]])]
    [('weather',), ('sport', 'local')]
    """
    if hasattr(values, "columns"):
        raise TopicmlTypeError(
            "expected articles, found a data frame: make a corpus of it, as in topicml.Corpus.from_frame(df)"
        )
    if isinstance(values, str | Article) or not isinstance(values, Iterable):
        raise TopicmlTypeError(f"expected an iterable of Articles, found {_described(values)}")
    articles = list(values)
    if labels is not None:
        return _labelled(articles, labels)
    for position, value in enumerate(articles):
        if not isinstance(value, Article):
            hint = "make one, as in Article('its text', labels=('its label',))"
            if isinstance(value, str):
                hint = "give the labels of the texts, too, as in train(texts, labels)"
            raise TopicmlTypeError(
                f"expected an Article at position {position}, found {_described(value)}; {hint}"
            )
    return articles


def _labelled(values: list[Any], labels: Iterable[object]) -> list[Article]:
    from topicml.reading.corpus import Corpus  # noqa: PLC0415  (prediction reads no corpus)

    texts = [value.text if isinstance(value, Article) else value for value in values]
    return [
        replace(value, labels=own.labels) if isinstance(value, Article) else own
        for value, own in zip(values, Corpus.from_lists(texts, labels), strict=True)
    ]
