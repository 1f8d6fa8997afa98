"""``topicml collect``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Jobs, Json
from topicml.cli.terminal import (
    announce_overwriting,
    end_line,
    print_json,
    print_table,
    row_counter,
    say,
    warn,
)
from topicml.formatting import counted, escaped, shortened

if TYPE_CHECKING:
    from topicml.article import Problem
    from topicml.pages.collecting import Coverage


def collect(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...",
            help="Pages (.html .mhtml), web archives (.warc .wacz .arc), RSS and Atom, items of agencies "
            "(all also .gz), or folders of these.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The corpus to write, .jsonl or .jsonl.gz.")],
    labels_from: Annotated[
        str | None,
        typer.Option(
            help="Where labels come from, the surest first, separated by commas; keywords can be added "
            "(default: jsonld, meta, microdata, feed, breadcrumb, url, folder)."
        ),
    ] = None,
    single_label: Annotated[
        bool, typer.Option("--single-label", help="Take only the first label where a page has several.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of pages that are not UTF-8, even if they declare another.")
    ] = None,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Make a labelled corpus from saved news pages.

    Pages without an article are left out, with the reason. If no page has one, the exit status is 1.
    """
    from topicml.corpus.rare_labels import many_rare_labels
    from topicml.pages.collecting import collect_pages
    from topicml.pages.one_page import PageOptions
    from topicml.pages.section_signals import DEFAULT_LABEL_SOURCES

    announce_overwriting(out)
    count = row_counter("page", from_start=True)
    named = tuple(name.strip() for name in labels_from.split(",")) if labels_from else DEFAULT_LABEL_SOURCES
    coverage = collect_pages(
        *sources,
        out=out,
        options=PageOptions(named, single_label, encoding),
        n_jobs=jobs,
        report=_say_problem,
        progress=lambda done: count(done, None),
    )
    end_line()
    if as_json:
        print_json({**asdict(coverage), "n_labelled": coverage.n_labelled, "out": str(out)})
    else:
        print_table(_table(coverage), right=(False, True, True, True, False))
    say(f"{counted(coverage.n_articles, 'article')} in {out}, {coverage.n_labelled:,} of them labelled")
    if rare := many_rare_labels(coverage.label_counts):
        warn(rare)
    if coverage.n_left_out:
        say(f"{counted(coverage.n_left_out, 'page')} left out, for the reasons above")
    if not coverage.n_articles:
        raise typer.Exit(1)


def _say_problem(problem: Problem) -> None:
    end_line()
    say(escaped(str(problem)))


def _table(coverage: Coverage) -> Iterator[tuple[str, ...]]:
    yield ("source", "pages", "share", "labels", "examples")
    width = shutil.get_terminal_size().columns - len("breadcrumb  pages  share  labels  ")
    for source in coverage.sources:
        share = f"{coverage.share(source.n_pages):.0%}"
        examples = shortened("; ".join(source.examples), width)
        yield (source.source, str(source.n_pages), share, str(source.n_labelled), examples)
    without = coverage.n_articles - coverage.n_labelled
    yield ("none", str(without), f"{coverage.share(without):.0%}", "", "")
