"""``topicml split``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.options import Data, RandomState, SkipBadRows
from topicml.cli.terminal import say
from topicml.formatting import counted, escaped
from topicml.reading.columns import ReadOptions


def split(
    data: Data,
    *,
    reading: ReadOptions,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for train.jsonl and test.jsonl.")],
    test_size: Annotated[
        float, typer.Option(help="Share of the articles for test, above 0 and below 1.")
    ] = 0.2,
    by: Annotated[
        str,
        typer.Option(
            metavar="random|time|split|FIELD",
            help="By chance, the latest for test, as the data's own field says, or by one value of a field.",
        ),
    ] = "random",
    test_value: Annotated[
        str | None, typer.Option(help="The value of FIELD that is for test, such as one outlet.")
    ] = None,
    undated: Annotated[
        Literal["error", "drop", "train"],
        typer.Option(help="What becomes of articles without a date that can be read, by time."),
    ] = "error",
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
) -> None:
    """Part labelled articles into files to train on and to test on, with no story in both.

    Exit status: 0 done, 1 the data cannot be parted or the folder not written, 2 wrong usage.
    """
    from topicml.cli.reports import print_problems
    from topicml.corpus.splitting import PARTS, split_corpus, split_paths, write_split
    from topicml.reading.readers import read_corpus

    if not 0 < test_size < 1:
        raise typer.BadParameter(f"--test-size must be above 0 and below 1, found {test_size}")
    if test_value is not None and by in ("random", "time"):
        raise typer.BadParameter("--test-value goes with --by FIELD, such as --by source")
    sources = {path.resolve() for path in data}
    if overwritten := [path for path in split_paths(out) if path.resolve() in sources]:
        raise typer.BadParameter(f"--out would overwrite the data {overwritten[0]}: name another folder")
    corpus = read_corpus(*data, options=reading, labelled=True, skip_bad_rows=skip_bad_rows)
    parts = split_corpus(
        corpus,
        by=by,
        test_size=test_size,
        test_value=test_value,
        undated=undated,
        random_state=random_state,
    )
    write_split(parts, out)
    print_problems(corpus.problems)
    for note in parts.notes:
        say(f"note: {escaped(note)}")
    for part, path in zip(PARTS, split_paths(out), strict=True):
        if count := parts.part_of.count(part):
            print(f"{escaped(str(path))}: {counted(count, 'article')}")
    rejected = parts.part_of.count(None) + sum(problem.left_out for problem in corpus.problems)
    used = len(parts.part_of) - parts.part_of.count(None)
    say(escaped(f"{parts.rule}; {counted(used + rejected, 'row')} read, {used} used, {rejected} left out"))
