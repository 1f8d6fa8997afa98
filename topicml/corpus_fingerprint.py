"""What tells one set of labelled articles from another, however it was stored."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from topicml.article import Article


def corpus_fingerprint(articles: Iterable[Article]) -> str:
    """Hash what is learned from and measured on: each article's text and labels, in order.

    Examples
    --------
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
