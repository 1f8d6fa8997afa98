"""What measures are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from topicml.metrics.ranking import PRECISION_AT, TOP_K

if TYPE_CHECKING:
    pass


Measure = Literal["macro_f1", "micro_f1", "accuracy"]


ComparedMeasure = Literal["macro_f1", "accuracy", "micro_f1"]


MEASURES: Mapping[str, str] = MappingProxyType(
    {"accuracy": "accuracy", "micro_f1": "micro F1", "macro_f1": "macro F1", "ece": "calibration error"}
)
"""The scores that have an interval, and what people call them."""


MEASURE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **MEASURES,
        **{
            f"{mean}_{measure}": f"{mean} {name}"
            for measure, name in (("f1", "F1"), ("precision", "precision"), ("recall", "recall"))
            for mean in ("micro", "macro", "weighted")
        },
        "coverage": "answered",
        "answered_accuracy": "accuracy of what is answered",
        "log_loss": "log loss",
        "brier": "Brier score",
        "hamming_loss": "Hamming loss",
        **{f"top_{k}_accuracy": f"top-{k} accuracy" for k in TOP_K},
        **{f"precision_at_{k}": f"precision at {k}" for k in PRECISION_AT},
        "label_ranking_average_precision": "ranking precision of labels",
        "macro_average_precision": "macro average precision",
    }
)
"""The measures of an evaluation, and what people call them."""


NAMES: Mapping[str, str] = MappingProxyType(
    {"macro_f1": "macro-F1", "accuracy": "accuracy", "micro_f1": "micro-F1"}
)
"""The measures that models are compared by, and what people call them."""
