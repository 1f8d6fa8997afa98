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


@dataclass(frozen=True, slots=True, repr=False)
class ReliabilityDisplay(Display):
    """What probabilities promise beside what came true (a reliability diagram).

    On the line, seven in ten of the decisions of probability 0.7 come true; below it the model is too sure,
    above it not sure enough.

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

        The columns: ``decisions``, their mean ``probability``, the ``share`` that came true, ``share_low``
        and ``share_high``.
        """
        rows = [
            {"decisions": part.n, "probability": part.probability, **part.share.named("share")}
            for part in self.bins
        ]
        return data_frame(["decisions", "probability", "share", "share_low", "share_high"], rows, backend)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the bins with their intervals."""
        ax = axes_of(ax, width=4.6, height=4.2)
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle="--")
        draw_estimates(ax, [part.probability for part in self.bins], [part.share for part in self.bins])
        ax.set(xlim=(0, 1.01), ylim=(0, 1.01), xlabel="probability", ylabel="share that came true")
        ax.set_title(f"calibration error {self.ece}", loc="left")
        return ax
