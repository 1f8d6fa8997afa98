"""``topicml compare``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, RandomState, SkipBadRows
from topicml.cli.terminal import counted, escaped, print_json, print_table, say
from topicml.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.comparing import Comparison, Difference

__all__ = ["compare"]

_NAMES = {"macro_f1": "macro-F1", "accuracy": "accuracy", "micro_f1": "micro-F1"}


class Measure(StrEnum):
    """What the verdict is about."""

    macro_f1 = "macro_f1"
    accuracy = "accuracy"
    micro_f1 = "micro_f1"


def compare(
    model_a: Annotated[Path, typer.Argument(metavar="A", help="The folder of one model, the old one say.")],
    model_b: Annotated[Path, typer.Argument(metavar="B", help="The folder of the other.")],
    data: Data,
    *,
    reading: ReadOptions,
    measure: Annotated[Measure, typer.Option(help="What the verdict is about.")] = Measure.macro_f1,
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit with 1 if B is worse than A beyond chance.")
    ] = False,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    as_json: Json = False,
) -> None:
    """Tell whether model B is better or worse than A on labelled articles that neither was trained on.

    Exit status: 0 done, 1 B is worse (with --fail-if-worse) or data or models cannot be used, 2 wrong usage.
    """
    from topicml.cli.label_mapping import mapped
    from topicml.cli.reports import print_problems
    from topicml.comparing import compare as compare_models
    from topicml.predict import load_model
    from topicml.readers import read_corpus

    a, b = load_model(model_a), load_model(model_b)
    corpus = read_corpus(*data, options=reading, labelled=True, skip_bad_rows=skip_bad_rows)
    corpus, _ = mapped(corpus, label_mapping, multilabel=a.multilabel)
    found = compare_models(a, b, corpus.articles, measure=measure.value, random_state=random_state)
    print_problems(corpus.problems)
    for note in found.notes:
        say(f"note: {escaped(note)}")
    if as_json:
        print_json(found.to_dict())
    else:
        _print_comparison(found)
    if fail_if_worse and found.verdict == "worse":
        say(f"B is worse than A in {_NAMES[found.measure]}")
        raise typer.Exit(1)


def _print_comparison(found: Comparison) -> None:
    print(f"B beside A on {counted(found.n, 'article')}, by {_NAMES[found.measure]}: {found.verdict}")
    _print_differences("measure", {_NAMES[name]: found.differences[name] for name in _NAMES})
    print()
    _print_differences("F1 of label", dict(sorted(found.labels.items(), key=lambda item: item[1].difference)))
    print()
    test = found.mcnemar
    print(f"only A is right: {test.only_a}, only B: {test.only_b}")
    print(f"McNemar's test: p = {test.p_value:.3g} ({test.method})")
    print(f"different labels: {counted(len(found.disagreements), 'article')} (listed with --json)")
    least = found.minimum_detectable
    shown = (
        "no difference of accuracy" if least is None else f"a difference of accuracy of {least:.3f} or more"
    )
    print(f"could have been shown, four times in five: {shown}")


def _print_differences(head: str, differences: Mapping[str, Difference]) -> None:
    table = [[head, "A", "B", "B - A", "95 % interval", "p"]]
    for name, found in differences.items():
        low, high = found.interval
        figures = [
            f"{found.a:.3f}",
            f"{found.b:.3f}",
            f"{found.difference:+.3f}",
            f"{low:+.3f} to {high:+.3f}",
        ]
        table.append([name, *figures, f"{found.p_value:.3f}" if found.p_value >= 0.001 else "< 0.001"])
    print_table(table, right=[False, True, True, True, True, True])
