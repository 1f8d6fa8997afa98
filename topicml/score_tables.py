"""Scores as tables: once, for the terminal and the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from topicml.formatting import escaped, table_lines
from topicml.model_card import MEASURES

if TYPE_CHECKING:  # scores import this module
    from topicml.metrics import Scores


def overall_lines(scores: Scores) -> list[str]:
    """Return a line for each measure with its interval, under a header."""
    rows = [["measure", "value", "95 % interval"]]
    for measure, name in MEASURES.items():
        low, high = scores.intervals[measure]
        rows.append([name, f"{getattr(scores, measure):.3f}", f"{low:.3f} to {high:.3f}"])
    return table_lines(rows, right=[False, True, True])


def label_score_lines(scores: Scores) -> list[str]:
    """Return a line for each label, the weakest first, under a header."""
    rows = [["label", "precision", "recall", "F1", "articles"]]
    for label, found in sorted(scores.labels.items(), key=lambda item: item[1].f1):
        figures = [f"{found.precision:.3f}", f"{found.recall:.3f}", f"{found.f1:.3f}"]
        rows.append([escaped(label), *figures, str(found.support)])
    return table_lines(rows, right=[False, True, True, True, True])
