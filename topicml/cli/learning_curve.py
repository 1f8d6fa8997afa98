"""``topicml learning-curve``."""

from __future__ import annotations

from typing import Annotated

import typer

from topicml.cli.corpora import MeasureOf, SettingsOf, read_archive, read_labelled, settings_for
from topicml.cli.options import (
    Data,
    Jobs,
    Json,
    LabelMappingFile,
    RandomState,
    SkipBadRows,
    Target,
    Unlabelled,
)
from topicml.cli.reports import print_result
from topicml.cli.terminal import progress_bar
from topicml.reading.columns import ReadOptions


def learning_curve(
    data: Data,
    *,
    reading: ReadOptions,
    halvings: Annotated[
        int, typer.Option(min=1, max=20, help="How often to halve the training articles.")
    ] = 4,
    folds: Annotated[int, typer.Option(min=2, help="Parts of the articles to hold out in turn.")] = 5,
    model: SettingsOf = None,
    unlabelled: Unlabelled = None,
    target: Target = None,
    measure: MeasureOf = None,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Show whether more labelled articles would help.

    Models are trained on more and more of the articles; the result is also given for each label.
    """
    from topicml.lifecycle.learning_curve import learning_curve as run
    from topicml.model.record import ArchiveSource

    corpus, _ = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=target
    )
    source = ArchiveSource(tuple(map(str, unlabelled or ())))
    step = progress_bar(folds * (halvings + 2))
    found = run(
        corpus.articles,
        settings=settings_for(corpus, model, target=target, measure=measure, random_state=random_state),
        shares=[1 / 2**power for power in range(halvings, -1, -1)],
        n_folds=folds,
        unlabelled=read_archive(source, data, reading, skip_bad_rows=skip_bad_rows),
        n_jobs=jobs,
        progress=step,
    )
    step("")
    print_result(found, corpus.problems, notes=found.notes, as_json=as_json)
