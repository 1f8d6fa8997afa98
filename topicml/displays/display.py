"""What a picture of results can do: be drawn, be a table, and show itself in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from topicml.displays.frames import Frame
from topicml.displays.svg import svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Display(ABC):
    """A picture of results.

    ``plot().figure.savefig("name.png")`` writes it. A notebook shows it as a drawing in the notebook's own
    colours, dark or light.
    """

    __slots__ = ()

    @abstractmethod
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default in a new figure, which no one but the caller holds.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """

    @abstractmethod
    def frame(self) -> Frame:
        """Return what is drawn as a table.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            Of pandas if it is installed.

        Raises
        ------
        MissingExtraError
            If neither is installed.
        """

    def __repr__(self) -> str:
        """Return a line: what a notebook keeps beside the drawing, where all values would be pages."""
        return f"<{type(self).__name__}: plot() draws it, frame() is its table>"

    def _repr_html_(self) -> str:
        return svg_of(self.plot)
