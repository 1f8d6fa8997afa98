"""How a model fits later articles, window by window, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topicml.displays.display import Display
from topicml.displays.drawing import AGAINST, FAINT, axes_of, draw_estimates
from topicml.frames import Backend, Frame, data_frame
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICKS = 6


@dataclass(frozen=True, slots=True, repr=False)
class WatchDisplay(Display):
    """Estimated accuracy and the share left to a person, by window.

    Parameters
    ----------
    rows : sequence of mapping
        The table: a row for each window.
    names : sequence of str
        Of the windows.
    accuracies : sequence of Estimate
        Estimated, with 90% intervals.
    left_to_person : sequence of Estimate
        Shares, with 95% intervals.
    training_accuracy, training_left : float or None
        The same in training, where they were measured.
    measure : str
        What is estimated: accuracy or precision.
    """

    rows: Sequence[Mapping[str, object]]
    names: Sequence[str]
    accuracies: Sequence[Estimate]
    left_to_person: Sequence[Estimate]
    training_accuracy: float | None
    training_left: float | None
    measure: str

    def frame(self, backend: Backend = "polars") -> Frame:
        """Return a row for each window.

        The columns: ``window``; ``n``, the articles; ``left_to_person`` and ``estimated_accuracy``, each also
        with ``_low`` and ``_high``; ``confidence``, ``unknown_words`` and ``new_sources``.
        """
        return data_frame(list(self.rows[0]), self.rows, backend)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both shares with their intervals; dashed lines are those of training."""
        ax = axes_of(ax, width=5.6, height=3.6)
        at = [float(place) for place in range(len(self.names))]
        draw_estimates(ax, at, self.accuracies)
        draw_estimates(ax, at, self.left_to_person, colour=AGAINST)
        for share in (self.training_accuracy, self.training_left):
            if share is not None:
                ax.axhline(share, color=FAINT, linewidth=1, linestyle="--")
        every = max(1, -(-len(at) // _TICKS))
        ax.set_xticks(at[::every], [name.partition(" ")[0] for name in self.names[::every]])
        ax.set(ylim=(0, 1), ylabel="share")
        ax.set_title(f"blue: {self.measure}, estimated; orange: left to a person; dashed: in training")
        return ax
