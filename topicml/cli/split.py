"""``topicml split``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.options import Data, Json, RandomState, SkipBadRows, WrongUsage
from topicml.cli.terminal import announce_overwriting, note, print_json, say
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
            help="By chance, the latest for test, by the data's own field split, or by one value of a field.",
        ),
    ] = "random",
    test_value: Annotated[
        str | None, typer.Option(help="Value of FIELD for test, such as one outlet.")
    ] = None,
    undated: Annotated[
        Literal["error", "drop", "train"],
        typer.Option(
            help="With --by time: stop at articles without a readable date, drop them, or train on them."
        ),
    ] = "error",
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    as_json: Json = False,
) -> None:
    """Split labelled articles into training and test files.

    Near-duplicates stay together: no story is in both.
    """
    from topicml.cli.reports import print_problems
    from topicml.corpus.splitting import PARTS, split_corpus, split_paths, write_split
    from topicml.reading.readers import read_corpus

    if not 0 < test_size < 1:
        raise WrongUsage(f"--test-size must be above 0 and below 1, found {test_size}")
    if test_value is not None and by in ("random", "time"):
        raise WrongUsage("--test-value goes with --by FIELD, such as --by source")
    sources = {path.resolve() for path in data}
    if overwritten := [path for path in split_paths(out) if path.resolve() in sources]:
        raise WrongUsage(f"--out would overwrite the data {overwritten[0]}: name another folder")
    corpus = read_corpus(*data, options=reading, labelled=True, skip_bad_rows=skip_bad_rows)
    parts = split_corpus(
        corpus,
        by=by,
        test_size=test_size,
        test_value=test_value,
        undated=undated,
        random_state=random_state,
    )
    for path in split_paths(out):
        announce_overwriting(path)
    write_split(parts, out)
    print_problems(corpus.problems)
    for text in parts.notes:
        note(text)
    written = {
        part: (path, count)
        for part, path in zip(PARTS, split_paths(out), strict=True)
        if (count := parts.part_of.count(part))
    }
    rejected = parts.part_of.count(None) + sum(problem.left_out for problem in corpus.problems)
    used = len(parts.part_of) - parts.part_of.count(None)
    if as_json:
        files = {part: {"path": str(path), "n": count} for part, (path, count) in written.items()}
        print_json({"files": files, "rule": parts.rule, "n_used": used, "n_left_out": rejected})
    else:
        for path, count in written.values():
            print(f"{escaped(str(path))}: {counted(count, 'article')}")
    read = counted(used + rejected, "row")
    say(escaped(f"{parts.rule}; {read} read, {used:,} used, {rejected:,} left out"))
