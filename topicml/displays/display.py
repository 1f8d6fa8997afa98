"""A picture of results: it can be drawn, be a table, and show itself in a notebook."""

from __future__ import annotations

import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, cast

from topicml.displays.drawing import import_matplotlib
from topicml.frames import Backend, Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TAG = re.compile(r"<[^>]*>")  # matplotlib escapes < in texts, so these are tags and nothing else
_NOT_OF_PAGES = re.compile(r"^.*?(?=<svg )|<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", re.DOTALL)
_IN_TAGS = (
    (re.compile(r"#000000\b"), "currentColor"),
    (re.compile(r"font-family: [^;\"]*"), "font-family: inherit"),
    (
        re.compile(r' (?:xmlns(?::xlink)?|version)="[^"]*"|(?<=<g) id="[^"]*"|transform="rotate\(-0 [^"]*"'),
        "",
    ),
)
_INHERITED = 'fill="currentColor" stroke-linejoin="round"'
_SETTINGS = {
    "svg.hashsalt": "topicml",  # names of parts follow from what they are, so two of one name are the same
    "svg.fonttype": "none",  # text stays text: small, found by a search, in a font that the reader has
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
}


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
    def frame(self, backend: Backend = "polars") -> Frame:
        """Return the data of the picture as a table.

        Parameters
        ----------
        backend : {"polars", "pandas", "pyarrow"}, default="polars"

        Returns
        -------
        polars.DataFrame, pandas.DataFrame or pyarrow.Table

        Raises
        ------
        MissingExtraError
            If the backend is not installed.
        """

    def __repr__(self) -> str:
        """Return a line, because all values would fill pages of a notebook."""
        return f"<{type(self).__name__}: plot() draws it, frame() is its table>"

    def _repr_html_(self) -> str:
        return svg_of(self.plot)


def svg_of(plot: Callable[[], Axes]) -> str:
    """Return a drawing as an ``svg`` element.

    Black takes the colour of the text around it, and the ground is clear, so it can be read on dark and on
    light pages. The user's settings of matplotlib are ignored, so the same results give the same bytes.
    """
    with _own_settings(), warnings.catch_warnings():
        # The reader's browser chooses the font, so what matplotlib's own lacks is no matter.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        written = StringIO()
        figure = cast("Figure", plot().figure)
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return _of_page(written.getvalue())


@contextmanager
def _own_settings() -> Iterator[None]:
    mpl = import_matplotlib()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def _of_page(document: str) -> str:
    """Return the ``svg`` element of a document without the parts that only a separate file needs."""
    element = _NOT_OF_PAGES.sub("", document).strip()
    element = _TAG.sub(_tag_of_page, element)
    return element.replace("<svg ", f"<svg {_INHERITED} ", 1)


def _tag_of_page(tag: re.Match[str]) -> str:
    text = tag[0]
    for pattern, replacement in _IN_TAGS:
        text = pattern.sub(replacement, text)
    return text
