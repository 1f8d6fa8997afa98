"""The score by the number of labelled articles, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topicml.displays.display import Display
from topicml.displays.drawing import AGAINST, FAINT, FOR, axes_of, draw_estimates
from topicml.frames import Backend, Frame, data_frame
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, repr=False)
class LearningCurveDisplay(Display):
    """The score by the number of articles trained on; that of twice as many is a guess.

    Parameters
    ----------
    rows : sequence of mapping
        The table: a row for each point, from the fewest articles to the most.
    sizes : sequence of float
        Articles trained on at each.
    scores : sequence of Estimate
        The scores at each.
    guess : Estimate or None
        The score to expect from twice as many articles.
    measure : str
        Its name for people.
    """

    rows: Sequence[Mapping[str, float | None]]
    sizes: Sequence[float]
    scores: Sequence[Estimate]
    guess: Estimate | None
    measure: str

    def frame(self, backend: Backend = "polars") -> Frame:
        """Return a row for each point, with the columns of `topicml.LearningCurve.rows`."""
        return data_frame(list(self.rows[0]), self.rows, backend)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve; each doubling of the articles is as wide."""
        ax = axes_of(ax, width=5.6, height=4)
        sizes = list(self.sizes)
        ax.plot(sizes, [score.value for score in self.scores], color=FOR, linewidth=1)
        draw_estimates(ax, sizes, self.scores)
        if self.guess is not None:
            sizes.append(2 * sizes[-1])
            ends = [self.scores[-1].value, self.guess.value]
            ax.plot(sizes[-2:], ends, color=FAINT, linewidth=1, linestyle="--")
            draw_estimates(ax, sizes[-1:], [self.guess], colour=AGAINST)
            place = (sizes[-1], self.guess.low)
            ax.annotate("a guess", place, (4, -4), textcoords="offset points", ha="right", va="top")
        ax.set_xscale("log", base=2)
        ax.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
        ax.set(xlabel="articles trained on", ylabel=self.measure)
        ax.set_title(f"{self.measure} by number of training articles", loc="left")
        return ax
