"""Whether probabilities mean what they say, as a picture."""

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


_BARS = 0.2  # height of the highest bar
_MANY = 0.3  # share of the highest bar from which on a bar has its number


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
        """Draw the number of probabilities of each bin as a bar at the bottom, high bars with the number."""
        most = max((part.n for part in self.bins), default=1)
        for part in self.bins:
            height = _BARS * part.n / most
            ax.bar(part.probability, height, width=0.02, color=FAINT, alpha=0.35)
            if part.n >= _MANY * most:
                side = "left" if part.probability < 0.5 else "right"
                ax.annotate(
                    f"{part.n:,}",
                    (part.probability, height),
                    (5 if side == "left" else -5, -2),
                    textcoords="offset points",
                    ha=side,
                    va="top",
                    fontsize="x-small",
                )
