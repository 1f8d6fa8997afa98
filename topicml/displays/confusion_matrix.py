"""Which labels are confused, as a picture for five labels as for ninety."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topicml.displays.display import Display
from topicml.displays.drawing import AGAINST, FAINT, FOR, axes_of, rgba, shown
from topicml.exceptions import TopicmlValueError
from topicml.frames import Backend, Frame, data_frame
from topicml.metrics.names import NONE_GIVEN, ONE_TOO_MANY

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_OTHERS = "(other labels)"
_LARGEST, _SMALLEST, _ALL = 0.7, 0.27, 7.0  # inches: of a cell at the most and at the least, of all cells
_MARGIN = 2.4  # inches that the names of labels take
_LEAST_FONT, _FONT = 5.0, 9.0  # points
_MUCH = 0.2  # share of a row that is full orange where nothing is worse
_DIGIT = 0.62  # width of a digit by the size of its font


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class ConfusionMatrixDisplay(Display):
    """How many articles of each label were given which label.

    The shade is the share of a row, so of the articles with that label. Right is blue, wrong is orange, and
    small shares of wrong ones are made visible. Labels that are confused stand together: they are ordered by
    hierarchical clustering with optimal leaf ordering (Bar-Joseph, Gifford and Jaakkola 2001,
    doi:10.1093/bioinformatics/17.suppl_1.S22).

    Parameters
    ----------
    labels : tuple of str
    counts : ndarray of int64, shape (n_labels + 1, n_labels + 1)
        Articles by true label (row) and given label (column). The last column is for articles that were
        given no (wrong) label; the last row, where there may be several labels, for those that have all of
        theirs and one too many.
    support : ndarray of int64, shape (n_labels + 1,)
        Articles of each row; of the last one all articles.
    complete : bool
        Whether each article counts once, as for a multiclass model; in a multilabel one an article counts
        for each pair of a label that it was not given and a wrong one.

    Examples
    --------
    >>> counts = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 0]])
    >>> display = ConfusionMatrixDisplay(("sport", "art"), counts, np.array([10, 10, 20]), complete=True)
    >>> display.frame().shape
    (4, 4)
    >>> display.plot().get_xlabel()
    'given'
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]
    support: NDArray[np.int64]
    complete: bool

    def frame(self, backend: Backend = "polars") -> Frame:
        """Return a row for each pair of a true and a given label that occurs, the diagonal included.

        The columns: ``true`` and ``given``, missing where there is none, ``articles``, and ``share`` of the
        articles with the true label.
        """
        names, counts, shares = [*self.labels, None], self.counts.tolist(), self._shares().tolist()
        rows = [
            {
                "true": names[true],
                "given": names[given],
                "articles": counts[true][given],
                "share": shares[true][given],
            }
            for true, given in np.argwhere(self.counts).tolist()
        ]
        return data_frame(["true", "given", "articles", "share"], rows, backend)

    def plot(self, ax: Axes | None = None, *, max_labels: int = 30) -> Axes:
        """Draw the matrix.

        If there are more labels than `max_labels`, those with the most frequent confusions are drawn. Their
        rows are whole: one column counts all other labels. Less than 1 is a `TopicmlValueError`.
        """
        if max_labels < 1:
            raise TopicmlValueError(f"max_labels must be 1 or more, found {max_labels}")
        chosen = self._ordered(self._most_confused(max_labels))
        rows, columns, counts, support = self._part(chosen)
        cell = min(_LARGEST, max(_SMALLEST, _ALL / max(counts.shape)))
        height, width = (cell * n + _MARGIN for n in counts.shape)
        own = ax is None
        ax = axes_of(ax, width=width, height=height)
        if not own:
            box = ax.get_window_extent()
            cell = min(box.width / counts.shape[1], box.height / counts.shape[0]) / ax.figure.dpi
        _draw_cells(ax, counts, support, n_labels=len(chosen), font=_font(counts, cell))
        _name_axes(ax, rows, columns)
        some = len(chosen) < len(self.labels)
        which = f"the {len(chosen)} most confused of {len(self.labels)} labels" if some else "all labels"
        ax.set_title(f"Confusions ({which})\nblue: right, orange: wrong", loc="left")
        return ax

    def _shares(self) -> NDArray[np.float64]:
        shares: NDArray[np.float64] = self.counts / np.maximum(self.support, 1)[:, None]
        return shares

    def _most_confused(self, n: int) -> list[int]:
        """Return the labels of the most frequent confusions, n at most."""
        if len(self.labels) <= n:
            return list(range(len(self.labels)))
        wrong = self.counts.copy()
        np.fill_diagonal(wrong, 0)
        pairs = np.argsort(-wrong, axis=None, kind="stable")[: np.count_nonzero(wrong)]
        found = dict.fromkeys(np.column_stack(np.unravel_index(pairs, wrong.shape)).ravel().tolist())
        found.pop(len(self.labels), None)
        return sorted(list(found)[:n]) or list(range(n))

    def _ordered(self, chosen: list[int]) -> list[int]:
        """Return labels in an order that puts confused ones next to each other."""
        if len(chosen) < 3:
            return chosen
        from scipy.cluster.hierarchy import leaves_list, linkage
        from scipy.spatial.distance import squareform

        shares = self._shares()[chosen][:, chosen]
        alike = shares + shares.T
        np.fill_diagonal(alike, 0)
        apart = 1 - alike / max(alike.max(), np.finfo(np.float64).tiny)
        np.fill_diagonal(apart, 0)
        tree = linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
        return [chosen[k] for k in leaves_list(tree).tolist()]

    def _part(self, chosen: list[int]) -> tuple[list[str], list[str], NDArray[np.int64], NDArray[np.int64]]:
        """Return names of rows and columns and the counts of some labels, and of all others as one."""
        names = [shown(self.labels[k]) for k in chosen]
        last = len(self.labels)
        others = np.setdiff1d(np.arange(last), chosen)
        rows = np.array([*chosen, last])
        blocks = [self.counts[rows][:, chosen]]
        columns = list(names)
        for name, wanted in ((_OTHERS, others), (NONE_GIVEN, np.array([last]))):
            summed = self.counts[rows][:, wanted].sum(axis=1, keepdims=True)
            if summed.any():
                blocks.append(summed)
                columns.append(name)
        counts, support = np.hstack(blocks), self.support[rows]
        if counts[-1].any():
            return [*names, ONE_TOO_MANY], columns, counts, support
        return names, columns, counts[:-1], support[:-1]


def _font(counts: NDArray[np.int64], cell: float) -> float | None:
    """Return the size in which the largest number has room in a cell, None if it would be too small."""
    room = 72 * cell * 0.9
    size = min(_FONT, room / (_DIGIT * len(f"{counts.max():,}")), room / 1.5)
    return size if size >= _LEAST_FONT else None


def _draw_cells(
    ax: Axes, counts: NDArray[np.int64], support: NDArray[np.int64], *, n_labels: int, font: float | None
) -> None:
    from matplotlib.collections import PolyCollection

    shares = counts / np.maximum(support, 1)[:, None]
    right = np.eye(*counts.shape, dtype=np.bool_)
    right[n_labels:] = False
    worst = max(shares[~right].max(initial=0), _MUCH)
    for colour, which, strength in (
        (FOR, right, 0.08 + 0.62 * shares),
        (AGAINST, ~right, 0.06 + 0.72 * np.sqrt(shares / worst)),
    ):
        cells = np.argwhere(which & (counts > 0))
        corners = cells[:, None, ::-1] + np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
        colours = rgba(colour, np.clip(strength[tuple(cells.T)], 0, 1))
        ax.add_collection(PolyCollection(corners.astype(float), facecolors=colours, edgecolors="none"))
    if font is not None:
        for row, column in np.argwhere(counts).tolist():
            middle = (column + 0.5, row + 0.52)
            ax.text(*middle, f"{counts[row, column]:,}", ha="center", va="center", fontsize=font)


def _name_axes(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    ax.set(xlim=(0, len(columns)), ylim=(len(rows), 0), aspect="equal")
    steep = (
        {"rotation": 90} if len(columns) > 6 else {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    )
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns, parse_math=False, **steep)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows, parse_math=False)
    ax.set_xticks(range(1, len(columns)), minor=True)
    ax.set_yticks(range(1, len(rows)), minor=True)
    ax.grid(which="minor", color=FAINT, alpha=0.25, linewidth=0.4)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(FAINT)
    ax.set_xlabel("given")
    ax.set_ylabel("true")
