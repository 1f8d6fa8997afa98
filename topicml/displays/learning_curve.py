"""What more labelled articles bring, as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from topicml.displays.display import Display, Frame, data_frame
from topicml.displays.drawing import AGAINST, FAINT, FOR, axes_of, draw_estimates
from topicml.metrics.names import MEASURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from topicml.lifecycle.learning_curve import LearningCurve


@dataclass(frozen=True, slots=True, repr=False)
class LearningCurveDisplay(Display):
    """The score by the number of articles trained on; that of twice as many is a guess.

    Parameters
    ----------
    curve : LearningCurve
    """

    curve: LearningCurve

    def frame(self) -> Frame:
        """Return a row for each point.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            The columns of `topicml.LearningCurve.rows`.
        """
        rows = self.curve.rows()
        return data_frame(list(rows[0]), [list(row.values()) for row in rows])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve; each doubling of the articles is as wide.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default in a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        ax = axes_of(ax, width=5.6, height=4)
        sizes = [point.n_train for point in self.curve.points]
        scores = [point.scores[self.curve.measure] for point in self.curve.points]
        ax.plot(sizes, [score.value for score in scores], color=FOR, linewidth=1)
        draw_estimates(ax, sizes, scores)
        guess = self.curve.guess
        if guess is not None:
            sizes.append(2 * sizes[-1])
            ax.plot(sizes[-2:], [scores[-1].value, guess.value], color=FAINT, linewidth=1, linestyle="--")
            draw_estimates(ax, sizes[-1:], [guess], colour=AGAINST)
            ax.annotate(
                "a guess", (sizes[-1], guess.low), (4, -4), textcoords="offset points", ha="right", va="top"
            )
        ax.set_xscale("log", base=2)
        ax.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
        ax.set(xlabel="articles trained on", ylabel=MEASURES[self.curve.measure])
        return ax
