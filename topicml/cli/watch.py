"""``topicml watch``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Data, Jobs, Json, ModelArgument, SkipBadRows, WrongUsage
from topicml.cli.terminal import (
    announce_overwriting,
    heading,
    note,
    print_json,
    print_table,
    print_wrapped,
    say,
    verdict,
)
from topicml.formatting import escaped, shortened
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.article import Article, Problem
    from topicml.lifecycle.watch_result import Watch


def watch(
    model: ModelArgument,
    data: Data,
    *,
    reading: ReadOptions,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Leave out articles dated before this day.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Also write a report, one HTML file."),
    ] = None,
    skip_bad_rows: SkipBadRows = False,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """See whether a model still fits the news, without labels.

    Articles are compared with those of training, week by week: how many are left to a person, which labels
    are given, how many words are unknown, which words are new or rising. Accuracy is estimated from the
    model's probabilities. Exit status 3 says that the model should be retrained, because of the last week.
    Without a terminal nothing is printed as long as the model fits.
    """
    from topicml.cli.reports import print_problems
    from topicml.lifecycle.watch import watch as watched
    from topicml.predict import load_model

    if report is not None:
        _check_report(report, data)
    classifier, problems = load_model(model), list["Problem"]()
    articles = _articles(data, reading, problems, skip_bad_rows=skip_bad_rows)
    found = watched(classifier, articles, since=since, n_jobs=jobs)
    quiet = found.verdict == "fits" and not sys.stdout.isatty()
    if not quiet:
        print_problems(problems)
        for remark in found.notes:
            note(remark)
    if report is not None:
        _write_report(found, report, model, quiet=quiet)
    if as_json:
        print_json(found.to_dict())
    elif not quiet:
        _print(found)
    if found.verdict == "retrain":
        raise typer.Exit(3)


def _articles(
    data: Sequence[Path], reading: ReadOptions, problems: list[Problem], *, skip_bad_rows: bool
) -> Iterator[Article]:
    """Yield articles as they are read, and keep the problems of rows that cannot be."""
    from topicml.article import Article
    from topicml.reading.corpus import refuse_fatal
    from topicml.reading.readers import iter_articles

    for path in data:
        for item in iter_articles(path, reading):
            if isinstance(item, Article):
                yield item
                continue
            problems.append(item)
            if not skip_bad_rows:
                refuse_fatal([item])


def _check_report(report: Path, data: Sequence[Path]) -> None:
    """Make sure that the report can be made and takes no data's place, before work is spent on it."""
    from topicml.evaluation.report.page import check_installed

    if report.resolve() in {path.resolve() for path in data}:
        raise WrongUsage(f"--report would overwrite the data {report}: name another file")
    check_installed()


def _write_report(found: Watch, report: Path, model: Path, *, quiet: bool) -> None:
    from topicml.lifecycle.watch_report import write_watch_report

    if not quiet:
        announce_overwriting(report)
    write_watch_report(found, report, title=f"Does {model.resolve().name} still fit?")
    if not quiet:
        say(f"written: {escaped(str(report))}")


def _print(found: Watch) -> None:
    """Print the verdict, in colour on a terminal, then the estimate and the tables."""
    verdict(found.answer, good={"fits": True, "retrain": False}.get(found.verdict))
    if found.estimate_text:
        print_wrapped(found.estimate_text)
    for table in found.tables():
        print()
        heading(table.title)
        rows = [[shortened(cell, table.cells) for cell in row] for row in table.rows]
        print_table(rows, right=table.right)
