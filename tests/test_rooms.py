"""The order of the package: what a module may import, and how long it may be."""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import topicml

PACKAGE = Path(topicml.__file__).parent

ROOMS = {  # each imports from itself and from those above it
    "ground": ("exceptions", "escaping", "plurals", "byte_sizes", "text_tables", "article", "excerpts"),
    "reading": (
        "decoding",
        "cells",
        "columns",
        "text_files",
        "csv_records",
        "delimited",
        "json_lines",
        "parquet",
        "page_furniture",
        "text_page",
        "folders",
        "readers",
        "output_files",
        "live_lines",
        "label_mapping",
        "label_review",
    ),
    "pages": ("pages",),
    "features": (
        "characters",
        "text",
        "feature_settings",
        "pieces",
        "threads",
        "sparse_rows",
        "term_index",
        "occurrences",
        "locations",
        "spans",
        "vectorizer",
    ),
    "serving": (
        "calibration",
        "prediction",
        "inputs",
        "familiarity",
        "classifier",
        "model_folder",
        "persistence",
        "saving",
        "previous_models",
        "shipped",
        "predict",
        "highlighting",
        "html_text",
        "explanation_html",
        "explanation",
        "replacement",
        "model_card",
        "prediction_rows",
        "row_writers",
        "answers",
        "processes",
        "resuming",
        "parquet_output",
        "batch",
        "folder_jobs",
    ),
    "training": (
        "vocabulary",
        "familiar_words",
        "term_strings",
        "stop_words",
        "scipy_rows",
        "selection",
        "linear_model",
        "folds",
        "sketches",
        "near_duplicates",
        "seen_articles",
        "label_conflicts",
        "leaks",
        "targets",
        "thresholds",
        "abstention",
        "settings",
        "resampling",
        "decision_measures",
        "probability_measures",
        "ranking_measures",
        "confusion",
        "score_tables",
        "metrics",
        "calibration_report",
        "crossfit",
        "decision_rule",
        "corpus_fingerprint",
        "tuning",
        "instants",
        "fields",
        "slicing",
        "evaluation_tables",
        "evaluation_html",
        "displays",
        "evaluation_result",
        "evaluation",
        "stratification",
        "split_rules",
        "splitting",
        "split_files",
        "paired_tests",
        "disagreements",
        "comparison_tables",
        "comparing",
        "size_budget",
        "candidate_terms",
        "training_record",
        "training",
        "holding_out",
        "retraining",
        "score_draws",
        "mistakes",
        "confident_learning",
        "suspects",
        "ageing",
        "timeline",
        "backtests",
        "backtesting",
        "curves",
        "power_law",
        "nested_parts",
        "learning_curves",
        "target_forms",
        "estimator",
        "onnx_graph",
        "exporting_onnx",
        "exporting",
    ),
    "reporting": ("report",),
    "outside": ("cli", "__main__"),
}
ROOM_OF = {module: room for room, modules in ROOMS.items() for module in modules}
SOURCES = {  # by name without "topicml."
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
MODULES = [module for module in SOURCES if module != "__init__"]
LIGHT = [module for module in MODULES if ROOM_OF.get(module) in ("ground", "reading", "features", "serving")]
MAX_LINES = 350


def room_of(module):
    """Return the room of a module, for one of a subpackage that of the subpackage."""
    return ROOM_OF.get(module.split(".")[0])


def tree(module):
    """Return the module without what is there for type checkers only."""
    parsed = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    for node in ast.walk(parsed):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return parsed


def imported(node):
    """Yield the full name of each module that the import statements in a tree may import."""
    for statement in ast.walk(node):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, "imports are written in full"
            yield statement.module
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)


def own_imports(module):
    """Return the modules of the package that a module imports, also inside its functions."""
    return {name.removeprefix("topicml.") for name in imported(tree(module))} & set(MODULES)


def third_party_imports(module):
    """Return the packages that importing a module imports: those of its top level."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    top = [node for node in ast.walk(without(tree(module), functions)) if isinstance(node, ast.stmt)]
    packages = {name.split(".")[0] for node in top for name in imported(node)}
    return packages - sys.stdlib_module_names - {"topicml"}


def without(node, kinds):
    """Return the tree with the bodies of some kinds of statements emptied."""
    for inner in ast.walk(node):
        if isinstance(inner, kinds):
            inner.body = []
    return node


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_room(module):
    assert room_of(module) is not None


def test_no_module_has_two_rooms():
    assert len(ROOM_OF) == sum(map(len, ROOMS.values()))


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module)])
def test_no_module_imports_from_a_later_room(module):
    order = list(ROOMS)
    placed = {other for other in own_imports(module) if room_of(other)}
    assert {o for o in placed if order.index(room_of(o)) > order.index(room_of(module))} == set()


def test_no_import_cycle():
    TopologicalSorter({module: own_imports(module) for module in MODULES}).prepare()  # raises CycleError


@pytest.mark.parametrize("module", LIGHT)
def test_rooms_that_serve_import_numpy_alone(module):
    assert third_party_imports(module) <= {"numpy"}


def test_the_package_itself_imports_no_module():
    top = [node for node in tree("__init__").body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert not [name for node in top for name in imported(node) if name.startswith("topicml")]


@pytest.mark.parametrize("module", [*MODULES, "__init__"])
def test_a_module_is_short(module):
    assert len(SOURCES[module].read_text(encoding="utf-8").splitlines()) <= MAX_LINES
