"""The same data, settings and versions give the same bytes, whatever the processor and however many work."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.support import PACKAGE, TREES

WORK = """
import json, sys
from pathlib import Path
import numpy as np
import topicml
from topicml import Article, TrainingSettings, evaluate, save_model, train

n_jobs, out = int(sys.argv[1]), Path(sys.argv[2])
rng = np.random.default_rng(0)
stems = [line.split() for line in ("goal match club coach", "rain storm cloud frost", "bank trade tax bond")]
articles = []
for k in range(150):
    kinds = [k % 3, (k + 1) % 3] if k % 4 == 0 else [k % 3]
    words = [*rng.choice(sum((stems[kind] for kind in kinds), []), 7), *rng.choice(sum(stems, []), 4)]
    words += [f"word{n}" for n in rng.integers(60, size=25)]
    articles.append(Article(" ".join(words), labels=tuple(f"label {kind}" for kind in kinds)))
single = [Article(a.text, labels=a.labels[:1]) for a in articles]
for name, corpus in (("several", articles), ("one", single)):
    for search in ("light", "full"):
        promise = 0.7 if name == "one" else None
        settings = TrainingSettings(search=search, n_folds=3, abstain_precision=promise)
        result = train(corpus, settings=settings, n_jobs=n_jobs)
        save_model(result.classifier, out / f"{name}-{search}")
        told = evaluate(result.classifier, corpus, n_resamples=100).to_dict()
        rows = result.classifier.predict_proba(corpus, n_jobs=n_jobs).tolist()
        (out / f"{name}-{search}.json").write_text(json.dumps([told, rows]))
    backwards = [Article(" ".join(reversed(article.text.split()))) for article in corpus]
    for kind, model in (("no model", None), ("a model", result.classifier)):
        chosen = topicml.suggest(backwards, n=20, model=model, n_jobs=n_jobs).to_dict()
        (out / f"{name}-{kind}.json").write_text(json.dumps(chosen))
"""

# What NumPy was built to choose from on this kind of processor, by the names of this version.
DISPATCHED = " ".join(np._core._multiarray_umath.__cpu_dispatch__)
ELSEWHERE = {
    "an older processor": (
        2,
        {"NPY_DISABLE_CPU_FEATURES": DISPATCHED, "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2"},
    ),
    "one core and another order of sets": (
        1,
        {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1"},
    ),
}


def made(folder, n_jobs, environment):
    """Return the bytes of all that training, measuring and predicting write, in a process of their own."""
    program = [sys.executable, "-W", "ignore", "-c", WORK, str(n_jobs), str(folder)]
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), **environment}
    subprocess.run(program, env=env, check=True, capture_output=True)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def made_here(tmp_path_factory):
    environment = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "0"}
    return made(tmp_path_factory.mktemp("here"), 2, environment)


@pytest.mark.xdist_group("same bytes")
@pytest.mark.parametrize("condition", ELSEWHERE)
def test_the_same_bytes_come_from(condition, made_here, tmp_path):
    n_jobs, environment = ELSEWHERE[condition]
    found = made(tmp_path, n_jobs, environment)
    assert found.keys() == made_here.keys()
    assert [name for name in made_here if found[name] != made_here[name]] == []


def test_what_is_compared_are_models_that_tell_labels_apart(made_here):
    """Numbers that are all 0 or 1 would be the same everywhere."""
    told, rows = json.loads(made_here["one-light.json"])
    assert 0.5 < told["accuracy"] <= 1
    assert len({p for row in rows for p in row}) > 300


CHOSEN_BY_THE_PROCESSOR = {
    *(
        "dot",
        "vdot",
        "inner",
        "outer",
        "matmul",
        "tensordot",
        "einsum",
        "linalg",
        "cov",
        "corrcoef",
        "polyfit",
    ),
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "power", "float_power", "cbrt"),
    *("pow", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctanh", "hypot", "geomspace", "logspace"),
    *("partition", "argpartition"),
}
SPARSE = {
    *("training.selection", "training.semi_supervised", "training.label_growth", "metrics.ranking"),
    *("training.seed_report", "lifecycle.clusters"),
}
"""Where ``@`` multiplies scipy's sparse matrices, which add up in one order."""
COMPUTING = [module for module in TREES if not module.startswith("displays.")]  # pictures are not promised


def is_whole(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def chosen_by_the_processor(node, module):
    """Tell whether a piece of code calls what another processor may work out, or order, otherwise."""
    match node:
        case ast.BinOp(op=ast.MatMult()):
            return module not in SPARSE
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return not (is_whole(left) or is_whole(right))
        case ast.Attribute(value=ast.Name(id="np" | "numpy" | "math"), attr=name):
            return name in CHOSEN_BY_THE_PROCESSOR
        case ast.Call(func=ast.Attribute(attr="argsort"), keywords=keywords):
            return not any(k.arg == "kind" and ast.unparse(k.value) == "'stable'" for k in keywords)
        case ast.ImportFrom(module=source, names=names):
            chosen = source == "math" and CHOSEN_BY_THE_PROCESSOR & {name.name for name in names}
            return bool(chosen) or source in (
                "scipy.special",
                "scipy.optimize",
                "scipy.linalg",
                "scipy.stats",
            )
        case _:
            return False


@pytest.mark.parametrize("module", COMPUTING)
def test_no_number_is_left_to_the_processor(module):
    found = [node for node in ast.walk(TREES[module]) if chosen_by_the_processor(node, module)]
    allowed = 1 if module == "elementary" else 0  # the product of whole numbers, which is exact in any order
    assert len(found) <= allowed, [f"line {node.lineno}: {ast.unparse(node)}" for node in found]


@pytest.mark.parametrize(
    "code",
    [
        *("a @ b", "np.dot(a, b)", "np.linalg.norm(a)", "np.exp(a)", "math.log(2)", "a ** -c", "a.argsort()"),
        *("np.argsort(a)", "from scipy.special import ndtri", "from math import log"),
    ],
)
def test_the_rule_sees(code):
    assert any(chosen_by_the_processor(node, "some.module") for node in ast.walk(ast.parse(code)))
