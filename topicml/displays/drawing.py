"""Common parts of all pictures: axes, colours, labels and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import MissingExtraError
from topicml.formatting import shortened
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOR, AGAINST, FAINT = "#2f7ed8", "#e8590c", "#8a8a8a"
"""Colours that the colour-blind can distinguish, and that are visible on white and on black."""

_LABEL_CELLS = 26


def axes_of(ax: Axes | None, *, width: float, height: float) -> Axes:
    """Return the axes to draw in: those given, or the only ones of a new figure, in inches.

    The figure is not made by pyplot, which would keep it until it is closed.
    """
    if ax is not None:
        return ax
    import_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").subplots()


def import_matplotlib() -> ModuleType:
    """Return matplotlib, or say which extra installs it."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtraError("pictures need matplotlib: pip install 'topicml[report]'") from error
    return mpl


def shown(label: str) -> str:
    r"""Return a label as a picture has room for it, on one line.

    >>> shown("two\nlines"), shown("Chemical and biological weapons")
    ('two lines', 'Chemical and biological...')
    """
    # Marks take no cells, but room where they pile up.
    return shortened(label, _LABEL_CELLS)[: 2 * _LABEL_CELLS]


def draw_estimates(
    ax: Axes, at: Sequence[float], estimates: Sequence[Estimate], *, across: bool = False, colour: str = FOR
) -> None:
    """Draw values as dots and their intervals as lines through them; values without interval are left out.

    They are at these places of the other axis. With `across`, values go to the right instead of up.
    """
    told = [
        (place, found.value, *found.interval)
        for place, found in zip(at, estimates, strict=True)
        if found.interval
    ]
    if not told:
        return
    place, value, low, high = np.array(told).T
    if across:
        ax.hlines(place, low, high, color=colour, alpha=0.55, linewidth=2.5)
        ax.plot(value, place, "o", color=colour, markersize=4)
    else:
        ax.vlines(place, low, high, color=colour, alpha=0.55, linewidth=2.5)
        ax.plot(place, value, "o", color=colour, markersize=4)


def rgba(colour: str, strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a colour that lets through the more of the ground, the weaker it is; shape (n, 4)."""
    from matplotlib.colors import to_rgb

    return np.column_stack((np.tile(to_rgb(colour), (len(strength), 1)), strength))
