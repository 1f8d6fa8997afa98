"""What articles say of themselves: their outlet, and whatever else their rows held."""

from __future__ import annotations

from collections.abc import Sequence

from topicml.article import Article
from topicml.exceptions import CorpusError

_LISTED = 20


def field_values(articles: Sequence[Article], field: str, *, others: Sequence[str] = ()) -> list[str]:
    """Return the field of each article; an empty text where it has none.

    Parameters
    ----------
    articles : sequence of Article
    field : str
        ``source``, or a name among the articles' metadata; it may differ by case and outer blanks.
    others : sequence of str
        What else the caller would have understood, for the message of an error.

    Raises
    ------
    CorpusError
        If no article has the field, or it is there twice.

    Examples
    --------
    >>> articles = [Article("Rain", source="Daily"), Article("Cup final", metadata={"Desk": "sport"})]
    >>> field_values(articles, "source"), field_values(articles, "desk")
    (['Daily', ''], ['', 'sport'])
    """
    if field == "source":
        return [article.source or "" for article in articles]
    names = dict.fromkeys(name for article in articles for name in article.metadata)
    alike = [name for name in names if name.strip().casefold() == field.strip().casefold()]
    matches = [field] if field in names else alike
    if len(matches) != 1:
        listed = ", ".join(repr(name) for name in ("source", *sorted(names)[:_LISTED]))
        wrong = f"the field {field!r} is there twice" if matches else f"no article has the field {field!r}"
        also = f"{', '.join(others)} or " if others else ""
        raise CorpusError(f"{wrong}; expected {also}one of the fields {listed}")
    return [article.metadata.get(matches[0], "") for article in articles]
