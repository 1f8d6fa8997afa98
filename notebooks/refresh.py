"""Run the notebooks from top to bottom and write down what they show."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

_FOLDER = Path(__file__).parent
_TIMEOUT = 300  # seconds that a cell may take

_ROUNDED = re.compile(r"\d+\.\d+|\d+(?= ?%)")

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""What a notebook says of its kernel: the same on every machine."""


def notebook_paths() -> list[Path]:
    """Return the notebooks in the order in which they are read."""
    return sorted(_FOLDER.glob("*.ipynb"))


def executed(path: Path) -> NotebookNode:
    """Return a notebook with what its cells show when they are run now.

    Of the run it keeps nothing else: no times, no version of Python, no paths.

    Parameters
    ----------
    path : Path
        It runs in its own folder.

    Raises
    ------
    CellExecutionError
        If a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook,
        timeout=_TIMEOUT,
        kernel_name="python3",
        resources=place,
        record_timing=False,
        coalesce_streams=True,  # else where a stream is cut is chance
    ).execute()
    notebook.metadata = nbformat.from_dict(_METADATA)
    return notebook


def shown(notebook: NotebookNode) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the id of each cell that shows something, and what, by kind.

    Of pictures it is told that they are there: fonts and lines differ from one matplotlib to the next.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                yield cell.id, {output.name: output.text}
            else:
                yield cell.id, {kind: _without_picture(kind, data) for kind, data in output.data.items()}


def _without_picture(kind: str, data: str) -> str:
    return "a picture" if kind.startswith("image/") else data


def alike(one: str, other: str) -> bool:
    """Tell whether two texts say the same, shares and scores within one unit of the last digit printed.

    What is rounded may fall to either side where the versions of NumPy differ; counts may not.

    Examples
    --------
    >>> alike("F1 0.912 of 24", "F1 0.913 of 24"), alike("F1 0.912", "F1 0.914"), alike("24", "25")
    (True, False, False)
    """
    if _ROUNDED.sub("#", one) != _ROUNDED.sub("#", other):
        return False
    pairs = zip(_ROUNDED.findall(one), _ROUNDED.findall(other), strict=True)
    return all(_within_one_unit(Decimal(a), Decimal(b)) for a, b in pairs)


def _within_one_unit(a: Decimal, b: Decimal) -> bool:
    unit = Decimal(1).scaleb(int(a.as_tuple().exponent))
    return a.as_tuple().exponent == b.as_tuple().exponent and abs(a - b) <= unit


def main(names: Sequence[str]) -> None:
    """Run the notebooks, or those that are named, and write them."""
    for path in map(Path, names) if names else notebook_paths():
        nbformat.write(executed(path), path)


if __name__ == "__main__":
    main(sys.argv[1:])
