"""The prediction module in fresh interpreters: what it imports, and which model it takes."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import topicml
from topicml import predict
from topicml.exceptions import ModelFormatError
from topicml.model.persistence import save_classifier

PACKAGE = Path(topicml.__file__).parent
ONLY_FOR_TRAINING = ("sklearn", "scipy", "joblib", "pandas", "polars", "typer", "rich", "click")


def fresh(program, *, root=PACKAGE.parent, **environment):
    """Run a program in a fresh interpreter, and return the JSON that it prints."""
    without = {name: value for name, value in os.environ.items() if name != "TOPICML_MODEL"}
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**without, "PYTHONPATH": str(root), **environment},
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def copy_of_the_package(folder):
    """A package without the model that may ship with it."""
    without_models = shutil.ignore_patterns("shipped", "__pycache__")
    return Path(shutil.copytree(PACKAGE, folder / "topicml", ignore=without_models))


@pytest.mark.parametrize(
    "use",
    [
        "import topicml.predict",
        "import topicml.predict as p; p.predict('Heavy rain'); p.predict(['Cup final', 'Über 雨'])",
        "from topicml.predict import load_model; list(load_model(verify=True).predict_iter(['a', '']))",
        "from topicml import load_model, Prediction, Article; load_model().predict_proba([Article('Rain')])",
    ],
)
def test_takes_numpy_and_the_standard_library_only(base_model_path, use):
    program = f"{use}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    modules = fresh(program, TOPICML_MODEL=str(base_model_path))
    assert {name.partition(".")[0] for name in modules}.isdisjoint(ONLY_FOR_TRAINING)
    others = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    assert others <= {"numpy", "topicml", "__main__", *other_modules_of_a_bare_interpreter()}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_get_what_one_gets(base_model_path, method):
    """A lock, a pool or a file position taken over from the parent would show in a child that was forked."""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    program = f"""
import json, multiprocessing
from topicml.predict import load_model
if __name__ == "__main__":
    texts = ["Heavy rain tonight", "Cup final", "", "\\ud800 qwertz"] * 20_000  # several chunks: threads
    model = load_model()
    expected = model.predict(texts)
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        answers = pool.map(model.predict, [texts[:8]] * 4)
    assert all(answer == expected[:8] for answer in answers)
    print(json.dumps([answer.label for answer in expected[:4]]))
"""
    labels = fresh(program, TOPICML_MODEL=str(base_model_path))
    assert labels == ["weather", "sport", None, None]


def other_modules_of_a_bare_interpreter():
    program = "import json, sys, numpy; print(json.dumps(sorted(sys.modules)))"
    return {name.partition(".")[0] for name in fresh(program)}


class TestWhichModel:
    @pytest.fixture(autouse=True)
    def no_model_named(self, monkeypatch):
        monkeypatch.delenv("TOPICML_MODEL", raising=False)

    def test_a_named_folder(self, base_model_path, base_classifier):
        for path in (base_model_path, str(base_model_path)):
            assert predict.load_model(path).predict("Cup final") == base_classifier.predict("Cup final")

    def test_the_environment_names_one(self, base_model_path, base_classifier, monkeypatch):
        monkeypatch.setenv("TOPICML_MODEL", str(base_model_path))
        assert predict.default_model_path() == base_model_path
        assert predict.load_model().classes_ == base_classifier.classes_
        assert predict.predict("Cup final") == base_classifier.predict("Cup final")
        assert predict.predict(["Cup final", ""]) == base_classifier.predict(["Cup final", ""])
        assert predict.predict(iter(["Cup final"]), n_jobs=1) == base_classifier.predict(["Cup final"])

    def test_an_argument_goes_before_the_environment(self, base_model_path, monkeypatch, tmp_path):
        monkeypatch.setenv("TOPICML_MODEL", str(tmp_path / "none"))
        assert predict.load_model(base_model_path).target_type == "multiclass"

    def test_the_environment_may_change_while_running(
        self, base_model_path, multilabel_classifier, monkeypatch, tmp_path
    ):
        save_classifier(multilabel_classifier, tmp_path)
        for folder, n_labels in ((base_model_path, 1), (tmp_path, 2)):
            monkeypatch.setenv("TOPICML_MODEL", str(folder))
            assert len(predict.predict("Rain stopped the cup final in the first half.").labels) == n_labels

    @pytest.mark.parametrize("home", ["shipped", "../models"])
    def test_else_the_one_that_ships(self, base_model_path, tmp_path, home):
        package = copy_of_the_package(tmp_path)
        shutil.copytree(base_model_path, package / home / "world-desk")
        program = "import json, topicml.predict as p; print(json.dumps(p.predict('Cup final').label))"
        assert fresh(program, root=tmp_path) == "sport"


class TestNoModel:
    @pytest.mark.parametrize("value", [None, ""])
    def test_without_any_the_message_says_what_to_do(self, tmp_path, value):
        copy_of_the_package(tmp_path)
        program = (
            "import json; from topicml.predict import predict\n"
            "from topicml.exceptions import ModelFormatError\n"
            "try: predict('Rain')\n"
            "except ModelFormatError as error: print(json.dumps(str(error)))\n"
        )
        environment = {} if value is None else {"TOPICML_MODEL": value}
        message = fresh(program, root=tmp_path, **environment)
        assert message.startswith("no model")
        assert "TOPICML_MODEL" in message

    def test_a_missing_folder_is_named(self, tmp_path):
        with pytest.raises(ModelFormatError, match=f"no model at {tmp_path}/none: expected a folder"):
            predict.load_model(tmp_path / "none")

    def test_a_missing_folder_of_the_environment_is_named(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TOPICML_MODEL", str(tmp_path / "none"))
        with pytest.raises(ModelFormatError, match=f"no model at {tmp_path}/none: expected a folder"):
            predict.predict("Rain")


def test_verify_compares_the_golden_scores(base_model_path):
    assert predict.load_model(base_model_path, verify=True).classes_ == ("economy", "sport", "weather")
