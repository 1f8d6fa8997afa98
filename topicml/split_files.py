"""The parts of a split as files, which read back as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from topicml.article import Article, Corpus
from topicml.exceptions import CorpusError, TopicmlError
from topicml.files import open_output
from topicml.split_rules import PARTS
from topicml.splitting import Split

_ROLES = ("id", "title", "text", "label", "date", "source")


def split_paths(folder: Path) -> tuple[Path, ...]:
    """Return the files that a split may have in a folder.

    >>> [path.name for path in split_paths(Path("parts"))]
    ['train.jsonl', 'validation.jsonl', 'test.jsonl']
    """
    return tuple(folder / f"{part}.jsonl" for part in PARTS)


def write_split(split: Split, folder: str | Path) -> list[Path]:
    """Write ``train.jsonl``, ``test.jsonl`` and, if there is such a part, ``validation.jsonl``.

    `topicml.read_corpus` reads the same articles back, but for their `origin`. The same split gives the
    same bytes. A file takes its name when it is whole.

    Parameters
    ----------
    split : Split
        Of articles as they are read: labels without outer white space, no lone surrogates.
    folder : str or Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CorpusError
        If a metadata field has the name of another column, so that it could not be told from it.
    TopicmlError
        If the folder cannot be written, or holds a part that this split does not have.
    """
    folder = Path(folder)
    parts = dict(zip(split_paths(folder), (split.train, split.validation, split.test), strict=True))
    contents = {path: "".join(_lines(corpus)) for path, corpus in parts.items() if corpus}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TopicmlError(f"cannot write {folder}: {error.strerror or error}") from error
    for path, corpus in parts.items():
        if not corpus and path.exists():
            raise TopicmlError(f"{path} is of another split: remove it, or name another folder")
    for path, content in contents.items():
        with open_output(path) as stream:
            stream.write(content)
    return list(contents)


def _lines(corpus: Corpus) -> Iterator[str]:
    for article in corpus:
        yield json.dumps(_row(article, label_list=corpus.multilabel), ensure_ascii=False) + "\n"


def _row(article: Article, *, label_list: bool) -> dict[str, Any]:
    """Return an article as a row; every column is in every row, so that no other is taken for it."""
    for name in article.metadata:
        if name.strip().lower() in _ROLES:
            raise CorpusError(
                f"{article.origin or 'an article'}: the field {name!r} would be read as the "
                f"{name.strip().lower()}: rename that column of the data"
            )
    labels = None if article.labels is None else list(article.labels)
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "label": labels if label_list or not labels else labels[0],
        "date": article.date,
        "source": article.source,
        **article.metadata,
    }
