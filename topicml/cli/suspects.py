"""``topicml suspects``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from topicml.cli.corpora import SettingsOf, read_labelled, settings_for
from topicml.cli.options import Data, Jobs, Json, LabelMappingFile, RandomState, SkipBadRows, Target
from topicml.cli.reports import print_problems
from topicml.cli.terminal import announce_overwriting, print_json, progress_bar, say
from topicml.formatting import counted
from topicml.reading.columns import ReadOptions


def suspects(
    data: Data,
    *,
    reading: ReadOptions,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write all suspects to this CSV file, with a column for decisions."),
    ] = None,
    min_probability: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="List suspects whose estimated probability of an error is this or more."
        ),
    ] = 0.1,
    model: SettingsOf = None,
    target: Target = None,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Find labels that are probably wrong.

    Wrong ones, missing ones, and ones too many. Each article is judged by models that have not seen it.
    Check the suspects by hand: in the CSV file, write keep, replace, remove, add, skip or the right label
    into the column "decision". Then topicml relabel changes the labels.
    """
    from topicml.lifecycle.suspects import suspect_labels, write_suspects
    from topicml.training.train import STEPS

    if out is not None and out.resolve() in {path.resolve() for path in data}:
        raise typer.BadParameter(f"--out would overwrite the data {out}: name another file")
    corpus, _ = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=target
    )
    step = progress_bar(len(STEPS) + 1, ending=STEPS)
    found = suspect_labels(
        corpus.articles,
        settings=settings_for(corpus, model, target=target, random_state=random_state),
        min_probability=min_probability,
        n_jobs=jobs,
        progress=step,
    )
    step("")
    if out is not None:
        announce_overwriting(out)
        write_suspects(found, out)
    print_problems(corpus.problems)
    if as_json:
        print_json(found.to_dict())
    else:
        print(found.to_text(shutil.get_terminal_size().columns))
    if out is not None:
        written = f"{counted(len(found.suspects), 'suspect')} in {out}"
        say(f'{written}; write your decisions into the column "decision", then run topicml relabel')
