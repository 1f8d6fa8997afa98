"""The order of the package: what a module may import, and how long it may be."""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter

import pytest

from tests.support import SOURCES, TREES

GROUND = (
    "elementary",
    "version",
    "exceptions",
    "arguments",
    "formatting",
    "parallel",
    "files",
    "locking",
    "frames",
    "steps",
    "article",
)
FOLDERS = (  # each imports itself and what stands above it
    *GROUND,
    "metrics",
    "displays",
    "reading",
    "pages",
    "model",
    "shipped",
    "predict",
    "batch",
    "corpus",
    "training",
    "evaluation",
    "lifecycle",
    "interop",
    "serving",
    "cli",
    "__main__",
)
LIGHT = (*GROUND, "reading", "model", "shipped", "predict", "batch")
DOORS = {"__init__", "predict", "batch.__init__"}  # whose names are imported from elsewhere
MAX_LINES = 500


def imported(tree):
    """Yield the full name of each module that the import statements in a tree may import."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, "imports are written in full"
            yield statement.module
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


def own_imports(module):
    """Return the modules of the package that a module imports: for type checkers and in functions, too."""
    named = {name.removeprefix("topicml.") for name in imported(TREES[module])}
    return {own for own in SOURCES if own in named or own.removesuffix(".__init__") in named} - {module}


def folder_of(module):
    """Return where a module stands in the order: its folder, or the module itself."""
    return module.split(".")[0]


def statements_at_import(tree):
    """Yield the statements that run when a module is imported, those of functions left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        yield from statements_at_import(node)


def foreign(module):
    """Return the packages that importing a module imports."""
    names = {name.split(".")[0] for node in statements_at_import(TREES[module]) for name in imported(node)}
    return names - sys.stdlib_module_names - {"topicml"}


def test_every_module_has_its_place():
    assert {folder_of(module) for module in SOURCES} - {"__init__"} <= set(FOLDERS)


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder in map(folder_of, SOURCES)])
def test_a_folder_imports_itself_and_what_stands_above_it(folder):
    below = FOLDERS[FOLDERS.index(folder) + 1 :]
    modules = [module for module in SOURCES if folder_of(module) == folder]
    assert [(m, own) for m in modules for own in sorted(own_imports(m)) if folder_of(own) in below] == []


@pytest.mark.parametrize(("one", "other"), [("training", "evaluation"), ("batch", "corpus")])
def test_neighbours_that_do_not_know_each_other(one, other):
    pairs = [(m, own) for m in SOURCES for own in own_imports(m)]
    assert [pair for pair in pairs if {folder_of(module) for module in pair} == {one, other}] == []


def test_no_circle_of_files():
    graph = {module: own_imports(module) - {"__init__"} for module in SOURCES if module != "__init__"}
    TopologicalSorter(graph).prepare()  # raises CycleError


@pytest.mark.parametrize("folder", LIGHT)
def test_what_serves_predictions_imports_numpy_alone(folder):
    found = {module: foreign(module) for module in SOURCES if folder_of(module) == folder}
    assert {module: names for module, names in found.items() if not names <= {"numpy"}} == {}


def test_the_package_itself_imports_no_module_of_its_own():
    names = [name for node in statements_at_import(TREES["__init__"]) for name in imported(node)]
    assert not [name for name in names if name.startswith("topicml")]


def test_a_name_is_imported_from_where_it_is_defined():
    """A second door to a name is a second name for it."""
    wrong = []
    for module, tree in TREES.items():
        for statement in ast.walk(tree):
            if not isinstance(statement, ast.ImportFrom):
                continue
            source = statement.module.removeprefix("topicml.")
            if source in SOURCES and source not in DOORS:
                defined = set(definitions(TREES[source]))
                wrong += [(module, source, a.name) for a in statement.names if a.name not in defined]
    assert wrong == []


def definitions(tree):
    """Yield the names that a module defines itself, at its top level."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (name.id for t in targets if t for name in ast.walk(t) if isinstance(name, ast.Name))


def test_a_folder_is_no_door():
    """Besides its docstring the ``__init__`` of a folder holds nothing, so that names have one home."""
    inits = {m for m in SOURCES if m.endswith("__init__")} - DOORS
    assert {module for module in inits if len(TREES[module].body) != 1} == set()


def test_no_module_is_long():
    lengths = {m: len(path.read_text(encoding="utf-8").splitlines()) for m, path in SOURCES.items()}
    assert {module: n for module, n in lengths.items() if n > MAX_LINES} == {}
