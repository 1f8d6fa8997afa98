"""Articles to JSON Lines that read back as the same articles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from topicml.article import Article
from topicml.exceptions import CorpusError
from topicml.reading.columns import ROLES


def article_line(
    article: Article, *, label_list: bool = False, metadata: Mapping[str, Any] | None = None
) -> str:
    r"""Return an article as a line; every column is in every row, so that no other is taken for it.

    With `label_list` one label is a list, too, as in corpora whose articles may have several; `metadata`
    are the other columns, where they are not the article's own.

    >>> article_line(Article("Rain", labels=("weather",)))
    '{"id": null, "title": "", "text": "Rain", "label": "weather", "date": null, "source": null}\n'
    """
    row = article_row(article, label_list=label_list, metadata=metadata)
    return json.dumps(row, ensure_ascii=False) + "\n"


def article_row(
    article: Article, *, label_list: bool = False, metadata: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return an article as a row that reads back as the same article, see `article_line`."""
    for name in article.metadata:
        if (role := name.strip().lower()) in ROLES:
            raise CorpusError(
                f"{article.origin or 'an article'}: the field {name!r} would be read as the {role}: "
                "rename that column of the data"
            )
    labels = None if article.labels is None else list(article.labels)
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "label": labels[0] if labels and len(labels) == 1 and not label_list else labels,
        "date": article.date,
        "source": article.source,
        **(article.metadata if metadata is None else metadata),
    }
