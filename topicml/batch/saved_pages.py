"""Articles to predict, from saved pages, too: unlike training, prediction needs none of their labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError
from topicml.files import Gauge, shown_path
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.readers import iter_articles
from topicml.reading.text_files import is_saved_page, read_folder


def iter_articles_and_pages(
    source: str | Path | BinaryIO,
    reading: ReadOptions,
    gauge: Gauge,
    note: Callable[[Problem], object] | None = None,
) -> Iterator[Article | Problem]:
    """Read articles as `iter_articles` does, and pages as HTML, alone or among the files of a folder.

    Errors are those of `iter_articles`; without the extra for pages, a page is a MissingExtraError.
    """
    path = Path(source) if isinstance(source, str | Path) and str(source) != "-" else None
    if path is None or reading.input_format not in (None, "folder"):
        return iter_articles(source, reading, gauge, note)
    if path.is_dir():
        rows = read_folder(path, reading, read_html=lambda file, name: _page(file, name, reading))
        return (item.article if isinstance(item, Row) else item for item in rows)
    if is_saved_page(path) and path.exists():
        rows = iter(_page(path, shown_path(path.name), reading))
        return (item.article if isinstance(item, Row) else item for item in rows)
    return iter_articles(source, reading, gauge, note)


def _page(file: Path, name: str, reading: ReadOptions) -> Iterable[Row | Problem]:
    """Read one page: its article, or the problem in its place."""
    # Only who has saved pages needs what reads them.
    from topicml.pages.one_page import PageOptions, SavedPage, read_page  # noqa: PLC0415
    from topicml.pages.sources import read_bounded  # noqa: PLC0415

    place = shown_path(file)
    try:
        page = SavedPage(read_bounded(file), place, name)
    except CorpusError as error:
        return [Problem("unreadable file", str(error), place)]
    items = read_page(page, PageOptions(encoding=reading.encoding))
    return [
        Row(item, place) if isinstance(item, Article) else item
        for item in items
        if isinstance(item, Article) or item.left_out
    ]
