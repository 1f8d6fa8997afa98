"""A drawing as SVG that stands within a page: in the page's colours, with nothing to load."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, cast

from topicml.displays.drawing import import_matplotlib

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


def svg_of(plot: Callable[[], Axes]) -> str:
    """Return a drawing as an ``svg`` element.

    What is black in it takes the colour of the text around it, and its ground is clear, so that it
    reads on dark pages and on light ones. The user's settings of matplotlib play no part, so the same
    results are the same bytes.

    Parameters
    ----------
    plot : callable
        Draws, and returns the axes.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
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
    """Return the ``svg`` element of a document without what only a file of its own needs."""
    element = _NOT_OF_PAGES.sub("", document).strip()
    element = _TAG.sub(_tag_of_page, element)
    return element.replace("<svg ", f"<svg {_INHERITED} ", 1)


def _tag_of_page(tag: re.Match[str]) -> str:
    text = tag[0]
    for pattern, replacement in _IN_TAGS:
        text = pattern.sub(replacement, text)
    return text
