"""Beside NumPy alone, with none of the other packages, a model predicts and explains."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest

import topicml

_HEAVY = ("joblib", "narwhals", "rich", "scipy", "sklearn", "threadpoolctl", "typer")


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """Return a function that runs a program where only NumPy and this package are installed."""
    place = tmp_path_factory.mktemp("light") / "venv"
    venv.create(place, symlinks=os.name != "nt")
    scheme = {"base": str(place), "platbase": str(place)}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    numpy, package = Path(np.__file__).parent, Path(topicml.__file__).parent
    for folder in (numpy, numpy.with_name("numpy.libs"), package, package.with_name("models")):
        try:
            (packages / folder.name).symlink_to(folder, target_is_directory=True)
        except OSError as refused:
            pytest.skip(f"symbolic links cannot be made here: {refused}")
    python = Path(sysconfig.get_path("scripts", "venv", scheme)) / "python"

    def light(program: str) -> list[str]:
        ran = subprocess.run(
            [python, "-I", "-c", program], cwd=place.parent, check=False, capture_output=True, text=True
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout.splitlines()

    return light


def test_nothing_else_is_installed(light):
    program = f"from importlib.util import find_spec; print([n for n in {_HEAVY} if find_spec(n)])"
    assert light(program) == ["[]"]


def test_the_shipped_model_predicts_as_it_does_here(light):
    text = "Blue helmets patrolled the ceasefire line."
    program = f"import topicml; print(topicml.load_model().predict({text!r}).to_dict())"
    assert light(program) == [str(topicml.load_model().predict(text).to_dict())]


def test_a_prediction_is_explained(light):
    program = """if True:
        import topicml
        explanation = topicml.load_model().explain("Nurses vaccinated children against measles.")
        print(explanation)
    """
    expected = topicml.load_model().explain("Nurses vaccinated children against measles.")
    assert "\n".join(light(program)) == str(expected)


def test_a_file_is_predicted(light, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "Tariffs on steel rose again."}\n', encoding="utf-8")
    program = f"""if True:
        import topicml, topicml.batch
        from pathlib import Path
        place = Path({str(tmp_path)!r})
        files = place / "in.jsonl", place / "out.jsonl"
        print(topicml.batch.predict_file(topicml.load_model(), *files).n_rows)
    """
    assert light(program) == ["1"]


def test_training_says_what_it_needs(light):
    program = """if True:
        import topicml
        try:
            topicml.train
        except topicml.TopicmlError as error:
            print(type(error).__name__, error)
    """
    (line,) = light(program)
    assert line.startswith("MissingExtraError topicml.train needs ")
    assert line.endswith(", which an install without dependencies lacks: pip install topicml")


def test_the_command_says_what_it_needs(light):
    program = """if True:
        try:
            import topicml.cli.app
        except SystemExit as stopped:
            print(stopped)
    """
    lacking = "which an install without dependencies lacks: pip install topicml"
    assert light(program) == [f"error: this command needs typer, {lacking}"]
