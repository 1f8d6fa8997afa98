"""A corpus to one file of the format that its name says, which reads back as the same articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from topicml.article import Article
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.files import as_path, name_unpacked, open_binary_output, open_output
from topicml.lifecycle.decisions import csv_line, labels_cell
from topicml.reading.corpus import Corpus
from topicml.reading.writing import article_line, article_row


def write_corpus(corpus: Corpus, path: str | Path) -> None:
    """Write articles to a file, with all their columns; the file takes its name when it is whole.

    `topicml.read_corpus` reads the same articles back, but for their `origin`. The text, the title and the
    other columns with a role have the names ``text``, ``title``, ``label``, ``id``, ``date``, ``source``.

    Parameters
    ----------
    corpus : Corpus
        Articles as they are read: labels without outer white space, no lone surrogates.
    path : str or Path
        Ending in ``.jsonl`` or ``.csv``, also with ``.gz``, or in ``.parquet``, which needs polars.

    Raises
    ------
    CorpusError
        If the name has another ending, or a metadata field the name of a column that has a role.
    MissingExtraError
        If it is Parquet and polars is not installed.
    TopicmlError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "corpus.csv")
    ...     write_corpus(Corpus.from_lists(["Rain tonight"], ["weather"]), file)
    ...     print(file.read_text().splitlines()[1])
    ,,Rain tonight,weather,,
    """
    if not isinstance(corpus, Corpus):
        raise TopicmlTypeError(
            f"expected a Corpus, found {type(corpus).__name__}; make one, as in "
            "topicml.Corpus(tuple(articles))"
        )
    writer_of(path)(corpus, as_path(path))


def writer_of(path: str | Path) -> Callable[[Corpus, Path], None]:
    """Return the writer of the format that a file's name says."""
    file = as_path(path)
    ending = (name_unpacked(file) if file.suffix.lower() == ".gz" else file).suffix.lower()
    if ending not in _WRITERS or (ending == ".parquet" and file.suffix.lower() != ending):
        raise CorpusError(
            f"cannot write {file}: expected a name that ends in .jsonl or .csv, also with .gz, or in .parquet"
        )
    return _WRITERS[ending]


def _write_json_lines(corpus: Corpus, path: Path) -> None:
    lists = _has_lists(corpus)
    with open_output(path) as stream:
        stream.writelines(article_line(article, label_list=lists) for article in corpus)


def _write_csv(corpus: Corpus, path: Path) -> None:
    names = dict.fromkeys(name for article in corpus for name in article.metadata)
    columns = list(article_row(Article(""), metadata=names))
    lists = _has_lists(corpus)
    with open_output(path) as stream:
        stream.write(csv_line(columns))
        for article in corpus:
            row = {**article_row(article), "label": labels_cell(article.labels, as_list=lists)}
            stream.write(csv_line(row.get(column) or "" for column in columns))


def _write_parquet(corpus: Corpus, path: Path) -> None:
    frame = corpus.to_frame("polars")
    with open_binary_output(path) as stream:
        frame.write_parquet(stream)


def _has_lists(corpus: Corpus) -> bool:
    return corpus.multilabel or any(
        article.labels is not None and len(article.labels) != 1 for article in corpus
    )


_WRITERS: Mapping[str, Callable[[Corpus, Path], None]] = MappingProxyType(
    {".jsonl": _write_json_lines, ".csv": _write_csv, ".parquet": _write_parquet}
)
