"""Two models side by side, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from topicml.cli.terminal import counted, print_table
from topicml.comparing import Comparison, Difference
from topicml.disagreements import Disagreement

__all__ = ["NAMES", "print_comparison"]

NAMES: Mapping[str, str] = MappingProxyType(
    {"macro_f1": "macro-F1", "accuracy": "accuracy", "micro_f1": "micro-F1"}
)
"""The measures that models are compared by, and what people call them."""

_LISTED = 10


def print_comparison(found: Comparison) -> None:
    """Print the verdict, the differences of measures and labels, and what could have been shown."""
    print(f"B beside A on {counted(found.n, 'article')}, by {NAMES[found.measure]}: {found.verdict}")
    _print_differences("measure", {NAMES[name]: found.differences[name] for name in NAMES})
    print()
    _print_differences("F1 of label", dict(sorted(found.labels.items(), key=lambda item: item[1].difference)))
    print()
    test = found.mcnemar
    print(f"only A is right: {test.only_a}, only B: {test.only_b}")
    print(f"McNemar's test: p = {test.p_value:.3g} ({test.method})")
    least = found.minimum_detectable
    shown = (
        "no difference of accuracy" if least is None else f"a difference of accuracy of {least:.3f} or more"
    )
    print(f"could have been shown, four times in five: {shown}")
    _print_disagreements(found.disagreements)


def _print_disagreements(disagreements: Sequence[Disagreement]) -> None:
    """Print the first articles to which the models give different labels, first those where one is right."""
    n = counted(len(disagreements), "article")
    more = f", of which {_LISTED} follow (all with --json)" if len(disagreements) > _LISTED else ""
    print(f"different labels: {n}{more}")
    if not disagreements:
        return
    ranked = sorted(disagreements, key=lambda found: found.truth not in (found.a, found.b))
    rows = [["article", "labels", "A", "B"]]
    for found in ranked[:_LISTED]:
        labels = (", ".join(given) or "none" for given in (found.truth, found.a, found.b))
        rows.append([found.id or str(found.position), *labels])
    print_table(rows, right=[False] * 4)


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
