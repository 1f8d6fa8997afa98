"""Two models side by side, as text: once, for the terminal and the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from topicml.disagreements import Disagreement
from topicml.formatting import counted, escaped, table_lines, wrapped
from topicml.metrics.names import NAMES

if TYPE_CHECKING:
    from topicml.comparing import Comparison
    from topicml.metrics.paired import Difference


_LISTED = 10


def comparison_text(found: Comparison) -> str:
    """Return the verdict, the differences of measures and labels, and what could have been shown."""
    by_gain = dict(sorted(found.labels.items(), key=lambda item: item[1].difference))
    test, least = found.mcnemar, found.minimum_detectable
    shown = (
        "no difference of accuracy" if least is None else f"a difference of accuracy of {least:.3f} or more"
    )
    lines = [
        f"B beside A on {counted(found.n, 'article')}, by {NAMES[found.measure]}: {found.verdict}",
        *_difference_lines("measure", {NAMES[name]: found.differences[name] for name in NAMES}),
        "",
        *_difference_lines("F1 of label", by_gain),
        "",
        f"only A is right: {test.only_a}, only B: {test.only_b}",
        f"McNemar's test: p = {test.p_value:.3g} ({test.method})",
        f"could have been shown, four times in five: {shown}",
        *_disagreement_lines(found.disagreements),
    ]
    return "\n".join(lines)


def _difference_lines(head: str, differences: Mapping[str, Difference]) -> list[str]:
    table = [[head, "A", "B", "B - A", "95 % interval", "p"]]
    for name, found in differences.items():
        low, high = found.interval
        figures = [
            f"{found.a:.3f}",
            f"{found.b:.3f}",
            f"{found.difference:+.3f}",
            f"{low:+.3f} to {high:+.3f}",
        ]
        p_value = f"{found.p_value:.3f}" if found.p_value >= 0.001 else "< 0.001"
        table.append([escaped(name), *figures, p_value])
    return table_lines(table, right=[False, True, True, True, True, True])


def _disagreement_lines(disagreements: Sequence[Disagreement]) -> list[str]:
    """Return the first articles to which the models give different labels, first those where one is right."""
    n = counted(len(disagreements), "article")
    more = (
        f", of which {_LISTED} follow (all in disagreements, with --json)"
        if len(disagreements) > _LISTED
        else ""
    )
    head = f"different labels: {n}{more}"
    ranked = sorted(disagreements, key=lambda found: found.truth not in (found.a, found.b))
    lines = [head]
    for found in ranked[:_LISTED]:
        lines.append(escaped(found.id or str(found.position)))
        for name, labels in (("true", found.truth), ("A", found.a), ("B", found.b)):
            told = ", ".join(labels) or "none"
            lines += wrapped(told, indent=f"  {name:4}  ", hanging=" " * 8)
    return lines
