"""How much more often answers are right if fewer articles are answered, as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topicml.displays.display import Display
from topicml.displays.drawing import FOR, axes_of
from topicml.frames import Backend, Frame, data_frame
from topicml.metrics.probabilities import CoveragePoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_NAMED = (0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True, slots=True, repr=False)
class CoverageDisplay(Display):
    """How precise the answers would be if only the surest articles were answered.

    Parameters
    ----------
    points : tuple of CoveragePoint

    Examples
    --------
    >>> from topicml.metrics.probabilities import CoveragePoint
    >>> from topicml.metrics.resampling import Estimate
    >>> half, whole = Estimate(0.5, (0.4, 0.6)), Estimate(1.0, (1.0, 1.0))
    >>> points = (CoveragePoint(0.8, half, whole), CoveragePoint(0.2, whole, half))
    >>> CoverageDisplay(points).plot().get_xlabel()
    'share of articles answered'
    """

    points: tuple[CoveragePoint, ...]

    def frame(self, backend: Backend = "polars") -> Frame:
        """Return a row for each confidence.

        The columns: ``confidence``; ``coverage`` and ``precision``, each also with ``_low`` and ``_high``.
        """
        columns = [f"{name}{end}" for name in ("coverage", "precision") for end in ("", "_low", "_high")]
        rows = [
            {
                "confidence": point.confidence,
                **point.coverage.named("coverage"),
                **point.precision.named("precision"),
            }
            for point in self.points
        ]
        return data_frame(["confidence", *columns], rows, backend)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve with its interval, and the probability from which articles are answered."""
        ax = axes_of(ax, width=4.6, height=4.2)
        told = [point for point in self.points if point.precision.interval]
        covered = [point.coverage.value for point in told]
        low, high = np.array([point.precision.interval for point in told]).reshape(-1, 2).T
        ax.fill_between(covered, low, high, color=FOR, alpha=0.25, linewidth=0)
        ax.plot(covered, [point.precision.value for point in told], color=FOR, marker="o", markersize=3)
        for wanted in _NAMED if told else ():
            point = min(told, key=lambda found: abs(found.coverage.value - wanted))
            place = (point.coverage.value, point.precision.value)
            digits = 3 if point.confidence > 0.99 else 2
            ax.annotate(
                f"{point.confidence:.{digits}f}",
                place,
                (-4, -6),
                textcoords="offset points",
                ha="right",
                va="top",
                fontsize="small",
            )
        ax.set(xlim=(0, 1.01), ylim=(None, 1.005))
        ax.set(xlabel="share of articles answered", ylabel="share of answers that are right")
        ax.set_title(
            "Right answers by share answered\nsmall figures: answered from this probability", loc="left"
        )
        return ax
