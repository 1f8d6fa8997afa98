"""Saved pages, feeds and archives to labelled articles, and a count of what each source gave."""

from __future__ import annotations

import gc
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.files import as_path, open_output, shown_path
from topicml.formatting import listed
from topicml.pages.feeds import read_feed
from topicml.pages.news_items import is_news_item, read_news_items
from topicml.pages.one_page import DEFAULT_PAGE_OPTIONS, PageOptions, SavedPage, read_page
from topicml.pages.section_signals import LABEL_SOURCES
from topicml.pages.sources import PageFile, list_files, read_bounded
from topicml.pages.warc import read_warc
from topicml.parallel import end_with, in_joblib
from topicml.reading.corpus import Corpus
from topicml.reading.writing import article_line

_Task: TypeAlias = "PageFile | SavedPage | Problem"
_Items: TypeAlias = "list[Article | Problem]"

_BATCH = 8  # pages that a process takes at once
_BATCH_BYTES = 4_000_000  # of those that are handed over whole
_EXAMPLES = 3


def iter_pages(
    *sources: str | Path, options: PageOptions = DEFAULT_PAGE_OPTIONS, n_jobs: int = 1
) -> Iterator[Article | Problem]:
    """Read saved pages one after the other, without holding them in memory.

    Parameters
    ----------
    *sources : str or Path
        Pages (``.html``, ``.htm``, ``.xhtml``, ``.shtml``, ``.mhtml``, ``.mht``), web archives (``.warc``,
        ``.wacz``, ``.arc``), feeds (``.rss``, ``.atom``, ``.xml``, ``.rdf``), items of news agencies
        (``.xml``, ``.json``), each also with ``.gz``, or folders of these.
    options : PageOptions, optional
        Where labels come from, and which encoding pages have.
    n_jobs : int, default=1
        Processes to use; -1 is one for each core. Their number does not change what comes out.

    Yields
    ------
    Article or Problem
        In the order of the files. A page without an article gives a problem that says why, and so does one
        whose text came before under other labels.

    Raises
    ------
    CorpusError
        If there is no such file or folder, or a file's name does not show its format.
    MissingExtraError
        If the package that reads pages, WARC files or feeds is not installed.
    """
    if n_jobs == 0:
        raise TopicmlValueError("n_jobs must be a number of processes, or -1 for all cores; found 0")
    tasks = (_tasks(as_path(source), lone_folders=options.lone_folders) for source in sources)
    batches = _batched(chain.from_iterable(tasks))
    if n_jobs == 1:
        results: Iterable[_Items] = (_read_batch(batch, options) for batch in batches)
    else:
        from joblib import delayed  # unlike `in_processes`, also for scripts without a main guard

        reads = (delayed(_read_in_worker)(batch, options, os.getpid()) for batch in batches)
        results = in_joblib(reads, n_jobs=n_jobs, batch_size=1, pre_dispatch="3*n_jobs")
    yield from map(_Repeats().or_problem, chain.from_iterable(results))


def read_pages(*sources: str | Path, options: PageOptions = DEFAULT_PAGE_OPTIONS, n_jobs: int = 1) -> Corpus:
    """Read saved news pages as a labelled corpus.

    Parameters
    ----------
    *sources : str or Path
        Pages, WARC files, feeds, or folders of these, as for `topicml.pages.collecting.iter_pages`.
    options : PageOptions, optional
        Where labels come from, and which encoding pages have.
    n_jobs : int, default=1
        Processes to use; -1 is one for each core. The result does not depend on it.

    Returns
    -------
    Corpus
        Its articles' metadata hold ``author``, ``language``, ``url``, ``label_source`` and
        ``sections_seen`` (JSON: each source with its sections), where known.
        Multilabel if a page has several labels.

    Raises
    ------
    CorpusError, MissingExtraError
        As for `topicml.pages.collecting.iter_pages`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> page = "<meta name='section' content='Harbours'><p>The ferry is back at its berth."
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "ferry.html").write_text(page)
    ...     corpus = read_pages(folder)
    >>> corpus[0].id, corpus[0].labels, corpus[0].text
    ('ferry.html', ('Harbours',), 'The ferry is back at its berth.')
    """
    items = list(iter_pages(*sources, options=options, n_jobs=n_jobs))
    articles = tuple(item for item in items if isinstance(item, Article))
    multilabel = any(len(article.labels or ()) > 1 for article in articles)
    return Corpus(articles, tuple(item for item in items if isinstance(item, Problem)), multilabel)


def collect_pages(
    *sources: str | Path,
    out: Path,
    options: PageOptions = DEFAULT_PAGE_OPTIONS,
    n_jobs: int = 1,
    report: Callable[[Problem], object] | None = None,
    progress: Callable[[int], object] | None = None,
) -> Coverage:
    """Write saved news pages as a corpus in JSON Lines, which `topicml.read_corpus` reads.

    The file takes its name when it is whole, gzipped if that ends in ``.gz``. `report` is called with each
    problem, as it is found, and `progress` with the number of pages done, after each.
    """
    counter = CoverageCounter()
    with open_output(out) as stream:
        for item in iter_pages(*sources, options=options, n_jobs=n_jobs):
            if isinstance(item, Article):
                counter.add(item)
                stream.write(article_line(item, metadata=_columns(item.metadata)))
            elif item.left_out:
                counter.leave_out()
            for problem in _problems(item):
                if report is not None:
                    report(problem)
            if progress is not None:
                progress(counter.n_pages)
    return counter.result()


def _problems(item: Article | Problem) -> Iterator[Problem]:
    if isinstance(item, Problem):
        yield item
    elif item.labels is None:
        reason = "no section found; the article is kept without a label"
        yield Problem("no label", reason, item.origin, fatal=False, left_out=False)


def _columns(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return the other columns of a row, the same for every page."""
    return {
        **{name: metadata.get(name) for name in ("author", "language", "url", "label_source")},
        "sections_seen": json.loads(metadata["sections_seen"]) if "sections_seen" in metadata else None,
    }


class _Repeats:
    """Remembers texts by their hashes, and under which labels and where each came first."""

    def __init__(self) -> None:
        self._first: dict[bytes, tuple[tuple[str, ...], str]] = {}

    def or_problem(self, item: Article | Problem) -> Article | Problem:
        """Return an item, or the problem that its text came before under other labels.

        Walls of consent and the like come under many addresses, which are labels; stories seldom do.
        """
        if isinstance(item, Problem) or not item.labels:
            return item
        digest = blake2b(item.text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        labels, place = self._first.setdefault(digest, (item.labels, item.origin))
        if labels == item.labels:
            return item
        others = f"labelled {listed(labels, 3)} and not {listed(item.labels, 3)}"
        reason = f"its text is that of {place}, which is {others}"
        return Problem("repeated text", f"{reason}; the first is kept", item.origin, fatal=False)


def _tasks(source: Path, *, lone_folders: bool) -> Iterator[_Task]:
    for file in list_files(source, lone_folders=lone_folders):
        if isinstance(file, PageFile) and file.kind == "warc":
            yield from read_warc(file)
        else:
            yield file


def _batched(tasks: Iterable[_Task]) -> Iterator[Sequence[_Task]]:
    batch: list[_Task] = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += len(task.data) if isinstance(task, SavedPage) else 0
        if len(batch) == _BATCH or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read_in_worker(batch: Sequence[_Task], options: PageOptions, parent: int) -> _Items:
    end_with(parent)
    return _read_batch(batch, options)


def _read_batch(batch: Sequence[_Task], options: PageOptions) -> _Items:
    with _without_collection():
        return [item for task in batch for item in _read(task, options)]


@contextmanager
def _without_collection() -> Iterator[None]:
    """Put off the search for cycles: trees of elements set it off all the time, and hold none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(task: _Task, options: PageOptions) -> _Items:
    if isinstance(task, Problem):
        return [task]
    if isinstance(task, SavedPage):
        return read_page(task, options)
    place = shown_path(task.path)
    try:
        data = read_bounded(task.path)
    except CorpusError as error:
        return [Problem("unreadable file", str(error), place, fatal=False)]
    if task.kind == "ninjs" or (task.kind == "feed" and is_news_item(data)):
        return list(read_news_items(data, task, options))
    if task.kind == "feed":
        return list(read_feed(data, task, options))
    return read_page(SavedPage(data, place, task.id, given={"folder": task.folder}), options)


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """How many pages of a collection a source labels, and its first labels."""

    source: str
    n_pages: int  # on which it says something
    n_labelled: int  # whose labels came from it
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of a collection, its sources in the order of `section_signals.LABEL_SOURCES`."""

    n_articles: int
    n_left_out: int  # pages that gave none
    sources: tuple[SourceCoverage, ...]
    label_counts: Mapping[str, int]  # the articles that each label has

    @property
    def n_labelled(self) -> int:
        """Articles that have a label."""
        return sum(source.n_labelled for source in self.sources)

    def share(self, n_pages: int) -> float:
        """Return a number of articles as a share of all."""
        return n_pages / self.n_articles if self.n_articles else 0.0


class CoverageCounter:
    """Counts articles as they come, in memory that only grows with the number of labels."""

    def __init__(self) -> None:
        self._n_articles = 0
        self._n_left_out = 0
        self._seen: Counter[str] = Counter()
        self._used: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {source: [] for source in LABEL_SOURCES}

    def add(self, article: Article) -> None:
        """Count an article."""
        self._n_articles += 1
        self._labels.update(article.labels or ())
        seen: dict[str, list[str]] = json.loads(article.metadata.get("sections_seen", "{}"))
        self._seen.update(seen.keys())
        used = article.metadata.get("label_source", "")
        self._used.update([used] if used else [])
        for source, names in seen.items():
            examples, shown = self._examples[source], (article.labels or ()) if source == used else names[-1:]
            if len(examples) < _EXAMPLES:
                examples += [name for name in shown[:1] if name not in examples]

    @property
    def n_pages(self) -> int:
        """Pages so far, with and without an article."""
        return self._n_articles + self._n_left_out

    def leave_out(self) -> None:
        """Count a page that gave no article."""
        self._n_left_out += 1

    def result(self) -> Coverage:
        """Return the counts."""
        sources = (
            SourceCoverage(source, self._seen[source], self._used[source], tuple(self._examples[source]))
            for source in LABEL_SOURCES
        )
        return Coverage(self._n_articles, self._n_left_out, tuple(sources), dict(self._labels))
