"""What the commands share that train many models on parts of one corpus: its reading, settings, results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

import typer

from topicml.article import Corpus, Problem
from topicml.cli.terminal import print_json, say
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.article import TargetType
    from topicml.metrics.names import Measure
    from topicml.training.settings import TrainingSettings


Target = Annotated[
    Literal["multiclass", "multilabel"] | None,
    typer.Option(
        "--target",
        help="One label an article, or any number; by default as the data has it.",
        show_default=False,
    ),
]
Measured = Annotated[
    Literal["macro_f1", "micro_f1", "accuracy"],
    typer.Option("--measure", help="What gains and losses are of."),
]


class Result(Protocol):
    """What a command prints: as text for people, or as values that JSON can hold."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""


def read_labelled(
    data: Sequence[Path],
    reading: ReadOptions,
    *,
    label_mapping: Path | None,
    skip_bad_rows: bool,
    target: str | None,
) -> Corpus:
    """Read labelled articles under a label mapping."""
    from topicml.cli.label_mapping import mapped
    from topicml.reading.readers import read_corpus

    corpus = read_corpus(*data, options=reading, labelled=True, skip_bad_rows=skip_bad_rows)
    multilabel = None if target is None else target == "multilabel"
    return mapped(corpus, label_mapping, multilabel=multilabel)[0]


def unsearched(
    corpus: Corpus, *, target: TargetType | None, measure: Measure = "macro_f1", random_state: int
) -> TrainingSettings:
    """Return settings without a search, which would take many times as long for each of many models."""
    from topicml.training.settings import TrainingSettings

    return TrainingSettings(
        target_type=target or ("multilabel" if corpus.multilabel else None),
        search="none",
        measure=measure,
        random_state=random_state,
    )


def print_result(
    found: Result, problems: Sequence[Problem], *, notes: Iterable[str] = (), as_json: bool
) -> None:
    """Print a result on stdout, and on stderr what was left out and what a person should know."""
    from topicml.cli.reports import print_problems

    print_problems(problems)
    for note in notes:
        say(f"note: {escaped(note)}")
    if as_json:
        print_json(found.to_dict())
    else:
        print(found)
