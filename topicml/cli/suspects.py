"""``topicml suspects``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topicml.cli.corpora import read_labelled, settings_for
from topicml.cli.options import Data, Jobs, Json, LabelMappingFile, RandomState, SkipBadRows, Target
from topicml.cli.reports import print_result
from topicml.cli.terminal import say
from topicml.formatting import counted
from topicml.reading.columns import ReadOptions


def suspects(
    data: Data,
    *,
    reading: ReadOptions,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="CSV file for all suspects, one a row.")
    ] = None,
    target: Target = None,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Find labels that are probably wrong, by models that have not seen the articles.

    Exit status: 0 done, 1 the data cannot be used or the file not written, 2 wrong usage.
    """
    from topicml.lifecycle.suspects import suspect_labels, write_suspects

    if out is not None and out.resolve() in {path.resolve() for path in data}:
        raise typer.BadParameter(f"--out would overwrite the data {out}: name another file")
    corpus, _ = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=target
    )
    settings = settings_for(corpus, None, target=target, random_state=random_state)
    found = suspect_labels(corpus.articles, settings=settings, n_jobs=jobs)
    if out is not None:
        write_suspects(found, out)
    print_result(found, corpus.problems, as_json=as_json)
    if out is not None:
        say(f"{counted(len(found.suspects), 'suspect')} in {out}")
