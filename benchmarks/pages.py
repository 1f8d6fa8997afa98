"""``python -m benchmarks.pages FOLDER``: what comes of real saved pages, as Markdown tables.

The folder holds ``pages/``, an ``index.jsonl`` that gives for each page the signals of its section
(``file``, ``jsonld_articleSection``, ``meta_article_section`` and others), and in ``expected/`` the
titles and dates of the fundus project's tests and the texts of the article extraction benchmark.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.machine import heading, n_cores
from benchmarks.markdown import number, print_section
from benchmarks.shingles import score_texts
from benchmarks.stopwatch import alternated_medians
from topicml.article import Article
from topicml.pages.collecting import iter_pages
from topicml.pages.page_bytes import decode_page
from topicml.pages.sources import read_bounded

_Index: TypeAlias = Sequence[Mapping[str, Any]]
_Articles: TypeAlias = Mapping[str, Article]

_LIBRARIES = ("topicml", "trafilatura", "lxml", "htmldate", "charset_normalizer", "joblib")
_STRUCTURED = ("jsonld_articleSection", "meta_article_section")
_SIGNALS = (*_STRUCTURED, "meta_section", "parsely_section", "itemprop_articleSection", "meta_category")
_WORDS = re.compile(r"[\W_]+")


def main() -> None:
    """Measure labels, texts, titles, dates and speed on a folder of saved pages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=main.__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=n_cores(), help="processes (default: one for each core)")
    parser.add_argument("--repeats", type=int, default=3, help="times the speed is measured (default: 3)")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    index = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    pages = folder / "pages"
    works = [lambda: list(iter_pages(pages, n_jobs=arguments.jobs)), lambda: _extract_all(pages)]
    items = list(
        iter_pages(pages, n_jobs=arguments.jobs)
    )  # which also starts the processes and loads libraries
    times = alternated_medians(works, repeats=arguments.repeats)
    articles = {item.id or "": item for item in items if isinstance(item, Article)}
    print(heading(_LIBRARIES))
    _print_labels(index, articles)
    _print_texts(folder, articles)
    _print_metadata(folder, articles)
    names = (f"topicml, {arguments.jobs} processes", "trafilatura, plain with metadata, 1 process")
    rows = [[name, number(t), number(len(index) / t)] for name, t in zip(names, times, strict=True)]
    print_section(f"Speed on {len(index)} pages", ("", "seconds", "pages a second"), rows)


def _extract_all(pages: Path) -> None:
    from trafilatura import extract  # noqa: PLC0415  (an extra)

    for path in sorted(pages.iterdir()):
        extract(decode_page(read_bounded(path)).text, with_metadata=True)


def _print_labels(index: _Index, articles: _Articles) -> None:
    rows = [
        _label_row("any section signal", index, articles, _SIGNALS, lambda article, _: bool(article.labels)),
        _label_row(
            "any, or a breadcrumb", index, articles, (*_SIGNALS, "breadcrumb"), lambda a, _: bool(a.labels)
        ),
        _label_row("JSON-LD or article:section, equal", index, articles, _STRUCTURED, _has_all_labels),
        _label_row(
            "the same, equal or one part of the other", index, articles, _STRUCTURED, _has_part_of_labels
        ),
    ]
    print_section("Labels", ("pages with", "pages", "labelled", "share"), rows)


def _label_row(
    name: str,
    index: _Index,
    articles: _Articles,
    signals: Sequence[str],
    holds: Callable[[Article, Mapping[str, Any]], bool],
) -> list[str]:
    wanted = [row for row in index if any(_has_letters(row.get(signal)) for signal in signals)]
    found = sum(
        (article := articles.get(Path(row["file"]).name)) is not None and holds(article, row)
        for row in wanted
    )
    return [name, str(len(wanted)), str(found), f"{found / max(len(wanted), 1):.1%}"]


def _has_all_labels(article: Article, row: Mapping[str, Any]) -> bool:
    return {label.casefold() for label in article.labels or ()} == _indexed(row)


def _has_part_of_labels(article: Article, row: Mapping[str, Any]) -> bool:
    """Tell whether the labels are part of the index's, or hold them.

    The index lists the sections of every article object on a page, related stories' too, cut at six,
    and a comma-separated repetition of a list as one of its members.
    """
    labels = {label.casefold() for label in article.labels or ()}
    return bool(labels) and (labels <= _indexed(row) or _indexed(row) <= labels)


def _indexed(row: Mapping[str, Any]) -> set[str]:
    return next(filter(None, (_listed(row.get(signal)) for signal in _STRUCTURED)), set())


def _listed(value: Any) -> set[str]:  # noqa: ANN401  (a string or a list of them)
    values = [value] if isinstance(value, str) else value or []
    return {member.strip().casefold() for member in values if isinstance(member, str) and member.strip()}


def _has_letters(value: Any) -> bool:  # noqa: ANN401  (a string, a list of them, or true)
    return value is True or any(any(map(str.isalpha, member)) for member in _listed(value))


def _print_texts(folder: Path, articles: _Articles) -> None:
    expected = json.loads(
        (folder / "expected" / "scrapinghub__ground-truth.json").read_text(encoding="utf-8")
    )
    files = {key: folder / "pages" / f"article-extraction-benchmark__{key}.html.gz" for key in expected}
    there = {key: path for key, path in files.items() if path.exists()}
    bodies = {key: expected[key]["articleBody"] for key in there}
    ours = {key: getattr(articles.get(path.name), "text", "") for key, path in there.items()}
    plain = {key: _plain_trafilatura(path) for key, path in there.items()}
    rows = []
    for name, found in (("topicml", ours), ("trafilatura, plain", plain)):
        score = score_texts((bodies[key], found[key]) for key in bodies)
        rows.append([name, *(f"{value:.4f}" for value in (score.precision, score.recall, score.f1))])
    print_section(f"Texts of {len(bodies)} pages, 4-shingles", ("", "precision", "recall", "F1"), rows)


def _plain_trafilatura(path: Path) -> str:
    from trafilatura import extract  # noqa: PLC0415  (an extra)

    return extract(decode_page(read_bounded(path)).text) or ""


def _print_metadata(folder: Path, articles: _Articles) -> None:
    titles, headlines, dates = [], [], []
    for expected, article in _with_expected(folder, articles):
        if wanted := {_folded(version["title"]) for version in expected if version.get("title")}:
            titles.append(_folded(article.title) in wanted)
            headlines.append(_share_of_words(article.title, expected) >= 0.5)
        if days := {
            version["publishing_date"][:10] for version in expected if version.get("publishing_date")
        }:
            dates.append(article.date in days)
    rows = [
        [name, str(len(right)), str(sum(right)), f"{sum(right) / max(len(right), 1):.1%}"]
        for name, right in (
            ("title, to the letter", titles),
            ("title, half of its words or more", headlines),
            ("date", dates),
        )
    ]
    print_section("Titles and dates that fundus expects", ("", "pages", "right", "share"), rows)


def _with_expected(folder: Path, articles: _Articles) -> Iterator[tuple[list[Mapping[str, Any]], Article]]:
    """Yield what is expected of each page, in the versions of its parser, with the article."""
    for path in sorted((folder / "expected").glob("fundus__*.json")):
        pages = sorted((folder / "pages").glob(f"{path.stem}_2*.html.gz"))
        for page in pages:
            if page.name in articles:
                yield list(json.loads(path.read_text(encoding="utf-8")).values()), articles[page.name]


def _share_of_words(title: str, expected: Sequence[Mapping[str, Any]]) -> float:
    """Return the share of the expected title's words that a title has, in the version that fits best."""
    found = set(_WORDS.split(title.casefold()))
    wanted = [set(_WORDS.split((version.get("title") or "").casefold())) for version in expected]
    return max((len(words & found) / len(words) for words in wanted if words), default=0.0)


def _folded(text: str) -> str:
    return _WORDS.sub("", text.replace("\u00ad", "")).casefold()


if __name__ == "__main__":
    main()
