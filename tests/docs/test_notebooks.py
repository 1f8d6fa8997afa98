"""The notebooks run from top to bottom, show what they were kept with, and define nothing."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import tempfile
from copy import deepcopy
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
LOGIC = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.For, ast.While, ast.If, ast.IfExp, ast.Match, ast.Try, ast.With, ast.BoolOp, ast.NamedExpr),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)

every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def load_refresh():
    """Load notebooks/refresh.py, which lies in no package."""
    spec = importlib.util.spec_from_file_location("refresh", FOLDER / "refresh.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


refresh = load_refresh()


def kept(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in kept(path).cells if cell.cell_type == "code"]


def all_text(path):
    """Return all that a notebook shows, and what it says of itself, without its pictures."""
    shown = [text for _, output in refresh.shown(kept(path)) for text in output.values()]
    return "\n".join([*shown, str(kept(path).metadata)])


def differences(one, other):
    """Return what two notebooks show that is not alike, with the cells."""
    pairs = zip(refresh.shown(one), refresh.shown(other), strict=True)
    return [
        (cell, kind, output[kind], again.get(kind))
        for (cell, output), (same_cell, again) in pairs
        for kind in output
        if cell != same_cell or not refresh.alike(output[kind], again.get(kind, ""))
    ]


def test_they_are_read_in_this_order():
    assert [path.stem for path in PATHS] == [
        "01_data_and_labels",
        "02_train_and_evaluate",
        "03_errors_thresholds_abstention",
        "04_compare_and_retrain",
        "05_few_labels",
    ]


@every_notebook
def test_it_shows_what_it_was_kept_with(path):
    """Where this fails, `make notebooks` writes what is shown now; look at the difference first."""
    assert differences(refresh.executed(path), kept(path)) == []


@every_notebook
def test_it_defines_no_logic(path):
    for cell in code_cells(path):
        source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))
        found = [type(node).__name__ for node in ast.walk(ast.parse(source)) if isinstance(node, LOGIC)]
        assert found == [], cell.id


@every_notebook
def test_it_ran_from_top_to_bottom_without_a_warning(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {output.get("name", output.output_type) for cell in cells for output in cell.outputs}
    assert kinds <= {"stdout", "execute_result"}


@every_notebook
def test_it_says_nothing_of_the_machine(path):
    text = all_text(path)
    places = {str(FOLDER.parent), str(Path.home()), sys.prefix, tempfile.gettempdir(), "/tmp/", "/home/"}
    assert not [place for place in places - {"/"} if place in text]
    assert not [name for name in ("numpy", "scikit-learn", "scipy", "topicml") if version(name) in text]
    assert not re.search(r"0x[0-9a-f]{6}|\d seconds|\d s\b", text)


@every_notebook
def test_its_figures_are_rounded(path):
    """The last digits of a number are another machine's own: what shows them is no table but a dump."""
    assert re.findall(r"\d\.\d{6,}", all_text(path)) == []


@every_notebook
def test_its_cells_keep_names_that_are_given_by_hand(path):
    names = [cell.id for cell in kept(path).cells]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)
    assert not any(cell.metadata for cell in kept(path).cells)


@every_notebook
def test_it_keeps_what_a_reader_sees(path):
    shown = list(refresh.shown(kept(path)))
    assert len(shown) >= len(code_cells(path)) - 1
    assert any("a picture" in output.values() for _, output in shown) or path == PATHS[0]


@pytest.mark.parametrize("kind", ["stream", "execute_result"])
def test_a_figure_that_has_changed_is_seen(kind):
    notebook = kept(PATHS[1])
    changed = deepcopy(notebook)
    output = next(o for cell in changed.cells for o in cell.get("outputs", ()) if o.output_type == kind)
    if kind == "stream":
        output.text = output.text.replace("0.", "1.", 1)
    else:
        output.data["text/html"] = output.data["text/html"].replace("0.", "1.", 1)
    assert differences(changed, notebook) != []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("+0.031 (0.010 to 0.052)", "+0.032 (0.010 to 0.051)", True),
        ("+0.031", "+0.033", False),
        ("+0.031", "-0.031", False),
        ("0.9", "1.0", True),
        ("0.90", "0.9", False),
        ("77 % of 24", "78 % of 24", True),
        ("77 % of 24", "77 % of 25", False),
        ("macro F1 0.5", "micro F1 0.5", False),
    ],
)
def test_numbers_are_alike_within_one_unit_of_the_last_digit(one, other, alike):
    assert refresh.alike(one, other) is alike


def test_a_picture_that_has_changed_is_not():
    notebook = kept(PATHS[1])
    changed = deepcopy(notebook)
    drawn = [
        o.data for cell in changed.cells for o in cell.get("outputs", ()) if "image/png" in o.get("data", ())
    ]
    drawn[0]["image/png"] = drawn[-1]["image/png"]
    assert differences(changed, notebook) == []
