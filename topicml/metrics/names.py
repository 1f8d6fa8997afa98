"""The measures and their names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Measure = Literal["macro_f1", "micro_f1", "accuracy"]
"""What models are chosen and compared by."""

OVERALL: tuple[Measure, ...] = ("accuracy", "micro_f1", "macro_f1")
SCORES = (*OVERALL, "ece")
"""What training prints, with intervals."""

TOP_K = (2, 3, 5)
PRECISION_AT = (1, 3, 5)

MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": "accuracy",
        **{
            f"{mean}_{measure}": f"{mean} {name}"
            for measure, name in (("f1", "F1"), ("precision", "precision"), ("recall", "recall"))
            for mean in ("micro", "macro", "weighted")
        },
        "coverage": "answered",
        "answered_accuracy": "accuracy of answered articles",
        "log_loss": "log loss",
        "brier": "Brier score",
        "ece": "calibration error",
        "hamming_loss": "Hamming loss",
        **{f"top_{k}_accuracy": f"top-{k} accuracy" for k in TOP_K},
        **{f"precision_at_{k}": f"precision at {k}" for k in PRECISION_AT},
        "label_ranking_average_precision": "label ranking average precision",
        "macro_average_precision": "macro average precision",
    }
)
"""All measures of an evaluation, and what people call them."""

COMPARED: Mapping[Measure, str] = MappingProxyType(
    {name: MEASURES[name] for name in ("macro_f1", "accuracy", "micro_f1")}
)
"""The measures that models are compared by, the most informative first."""

ONE_TOO_MANY, NONE_GIVEN = "(one too many)", "(none given)"
"""Names for the true label where an article got one too many, and for the label where it got none."""
