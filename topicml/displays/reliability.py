"""Calibration of probabilities, as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from topicml.displays.display import Display
from topicml.displays.drawing import FAINT, axes_of, draw_estimates
from topicml.frames import Backend, Frame, data_frame
from topicml.metrics.probabilities import ReliabilityBin
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_TENTHS = 10
_BARS = 0.2  # height of the highest bar
_MANY = 0.03  # share of all, from which a bar has its number


@dataclass(frozen=True, slots=True, repr=False)
class ReliabilityDisplay(Display):
    """How often labels are right at each probability (a reliability diagram).

    On the line, labels with a probability of 0.7 are right seven times in ten; below it the model is too
    sure, above it not sure enough. Bars show how many probabilities there are.

    Parameters
    ----------
    bins : tuple of ReliabilityBin
    ece : Estimate
        Expected calibration error, the mean distance from the line.

    Examples
    --------
    >>> from topicml.metrics.probabilities import ReliabilityBin
    >>> bins = (ReliabilityBin(50, 0.4, Estimate(0.5, (0.35, 0.65))),)
    >>> display = ReliabilityDisplay(bins, Estimate(0.1, (0.01, 0.2)))
    >>> display.plot().get_title(loc="left")
    'calibration error 0.100 (0.010 to 0.200)'
    """

    bins: tuple[ReliabilityBin, ...]
    ece: Estimate

    def frame(self, backend: Backend = "polars") -> Frame:
        """Return a row for each bin.

        The columns: ``decisions``, their mean ``probability``, the ``share`` that are right, ``share_low``
        and ``share_high``.
        """
        rows = [
            {"decisions": part.n, "probability": part.probability, **part.share.named("share")}
            for part in self.bins
        ]
        return data_frame(["decisions", "probability", "share", "share_low", "share_high"], rows, backend)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the bins with their intervals and sizes."""
        ax = axes_of(ax, width=4.6, height=4.2)
        self._draw_counts(ax)
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle="--")
        draw_estimates(ax, [part.probability for part in self.bins], [part.share for part in self.bins])
        ax.set(xlim=(0, 1.01), ylim=(0, 1.01), ylabel="share that are right")
        ax.set_xlabel("probability (grey: how many)")
        ax.set_title(f"calibration error {self.ece}", loc="left")
        return ax

    def _draw_counts(self, ax: Axes) -> None:
        """Draw at the bottom how many probabilities are in each tenth, the large counts as numbers."""
        counts = [0] * _TENTHS
        for part in self.bins:
            counts[min(int(part.probability * _TENTHS), _TENTHS - 1)] += part.n
        middles = [(tenth + 0.5) / _TENTHS for tenth in range(_TENTHS)]
        heights = [_BARS * n / max(*counts, 1) for n in counts]
        ax.bar(middles, heights, width=0.9 / _TENTHS, color=FAINT, alpha=0.3)
        for middle, height, n in zip(middles, heights, counts, strict=True):
            if n >= _MANY * sum(counts) > 0:
                ax.text(middle, height, f"{n:,}", ha="center", va="bottom", fontsize="x-small")
