"""F1 of each label, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topicml.displays.display import Display
from topicml.displays.drawing import FAINT, axes_of, draw_estimates, shown
from topicml.frames import Backend, Frame, data_frame
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_ROW = 0.2  # inches


@dataclass(frozen=True, slots=True, repr=False)
class LabelScoresDisplay(Display):
    """F1 of each label with its interval, the weakest first.

    Parameters
    ----------
    labels : mapping of str to LabelMeasures
    macro_f1 : Estimate
        Their mean, drawn as a dashed line.
    """

    labels: Mapping[str, LabelMeasures]
    macro_f1: Estimate

    def _ranked(self) -> list[tuple[str, LabelMeasures]]:
        return sorted(self.labels.items(), key=lambda item: item[1].f1.value)

    def frame(self, backend: Backend = "polars") -> Frame:
        """Return a row for each label, the weakest first.

        The columns: ``label``, ``articles`` with it; ``f1``, ``precision`` and ``recall``, each also
        with ``_low`` and ``_high``.
        """
        rows = [
            {
                "label": label,
                "articles": own.support,
                **own.f1.named("f1"),
                **own.precision.named("precision"),
                **own.recall.named("recall"),
            }
            for label, own in self._ranked()
        ]
        measures = [f"{name}{end}" for name in ("f1", "precision", "recall") for end in ("", "_low", "_high")]
        return data_frame(["label", "articles", *measures], rows, backend)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a line for each label, named with the number of its articles."""
        ranked = self._ranked()
        ax = axes_of(ax, width=6, height=_ROW * len(ranked) + 0.8)
        ax.axvline(self.macro_f1.value, color=FAINT, linewidth=1, linestyle="--")
        draw_estimates(ax, range(len(ranked)), [own.f1 for _, own in ranked], across=True)
        names = [f"{shown(label)}  ({own.support})" for label, own in ranked]
        ax.set_yticks(range(len(ranked)), names, parse_math=False)
        ax.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.4)
        ax.tick_params(axis="y", length=0)
        ax.set(xlim=(-0.01, 1.01), ylim=(len(ranked) - 0.4, -0.6), xlabel="F1")
        title = f"F1 of each label (and its articles)\ndashed: macro F1\n{self.macro_f1}"
        ax.set_title(title, loc="left")
        return ax
