"""An article as a person who looks for it in a list wants it named."""

from __future__ import annotations

from topicml.article import Article
from topicml.text_tables import shortened


def excerpt(article: Article, width: int = 200) -> str:
    """Return how an article begins, title first, on one line.

    Examples
    --------
    >>> excerpt(Article("Talks resumed in Geneva on Monday.", title="Envoys meet"), 30)
    'Envoys meet / Talks resumed...'
    """
    title, text = article.title.strip(), article.text.strip()
    return shortened(f"{title} / {text}" if title and text else title or text, width)


def place_of(article: Article, row: int) -> str:
    """Name an article by where it was read, else by its id, else by its row, counted from 1.

    Examples
    --------
    >>> place_of(Article("Rain", id="a7", origin="news.csv:2"), 0), place_of(Article("Rain"), 0)
    ('news.csv:2', 'row 1')
    """
    return article.origin or article.id or f"row {row + 1}"
