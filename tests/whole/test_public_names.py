from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import topicml
from tests.support import run_python

ROOT = Path(topicml.__file__).parents[1]


@pytest.mark.parametrize("name", topicml.__all__)
def test_every_public_name_resolves(name):
    assert getattr(topicml, name) is getattr(import_module(f"topicml.{topicml._HOMES[name]}"), name)


@pytest.mark.parametrize("name", topicml.__all__)
def test_every_public_name_is_defined_at_its_home(name):
    assert getattr(topicml, name).__module__ == f"topicml.{topicml._HOMES[name]}"


def test_the_two_lists_are_one():
    assert [*topicml._HOMES] == [*sorted(topicml.__all__), "__version__"]
    assert topicml.__all__ == sorted(topicml.__all__)


def test_dir_lists_them():
    assert {*topicml.__all__, "__version__", "batch", "predict"} <= set(dir(topicml))


@pytest.mark.parametrize("name", ["TopicModel", "_hidden", "Train"])
def test_another_name_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=f"module 'topicml' has no attribute '{name}'"):
        getattr(topicml, name)


@pytest.mark.parametrize(
    "name",
    [
        f"{module.__name__}.{name}"
        for module in (topicml, topicml.predict, topicml.batch)
        for name in module.__all__
    ],
)
def test_every_parameter_is_described(name):
    """The reference of the site shows nothing but name and type of a parameter that is not."""
    module, own = name.rsplit(".", 1)
    found = getattr(import_module(module), own)
    documented = [found, *(value for value in vars(found).values() if inspect.isroutine(value))]
    texts = [inspect.getdoc(each) or "" for each in documented]
    assert [
        head for text in texts for head in re.findall(r"^[*\w]+(?:, \w+)* : .*$(?!\n    )", text, re.M)
    ] == []


@pytest.mark.parametrize("name", ["topicml.predict.load_model", "topicml.batch.predict_file"])
def test_importing_the_package_is_enough_for_its_modules(name, tmp_path):
    """``topicml.predict`` was an AttributeError until something else had imported it."""
    assert run_python(["-c", f"import topicml; print({name}.__name__)"], tmp_path).stdout == (
        f"{name.split('.')[-1]}\n"
    )


def test_importing_the_package_imports_nothing_else():
    program = "import sys, topicml; print([m for m in sys.modules if m.startswith(('topicml.', 'numpy'))])"
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == "[]"
