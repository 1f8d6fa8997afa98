"""The prediction module in fresh interpreters: what it imports, and which model it takes."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import topicml
from topicml import predict
from topicml.exceptions import ModelFormatError
from topicml.model.persistence import save_classifier
from topicml.shipped import shipped_model

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
    def no_model_named(self, monkeypatch, tmp_path):
        monkeypatch.delenv("TOPICML_MODEL", raising=False)
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")

    def test_a_named_folder(self, base_model_path, base_classifier):
        for path in (base_model_path, str(base_model_path)):
            assert predict.load_model(path).predict("Cup final") == base_classifier.predict("Cup final")

    def test_the_environment_names_one(self, base_model_path, base_classifier, monkeypatch):
        monkeypatch.setenv("TOPICML_MODEL", str(base_model_path))
        assert predict.resolve_model(None) == base_model_path
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
        save_classifier(multilabel_classifier, tmp_path / "other")
        for folder, n_labels in ((base_model_path, 1), (tmp_path / "other", 2)):
            monkeypatch.setenv("TOPICML_MODEL", str(folder))
            assert len(predict.predict("Rain stopped the cup final in the first half.").labels) == n_labels

    def test_else_the_one_that_training_put_there(self, base_model_path, base_classifier):
        shutil.copytree(base_model_path, "model")
        assert predict.resolve_model(None) == Path("model")
        assert predict.predict("Cup final") == base_classifier.predict("Cup final")

    def test_the_environment_goes_before_it(self, base_model_path, monkeypatch):
        shutil.copytree(base_model_path, "model")
        monkeypatch.setenv("TOPICML_MODEL", "desk")
        assert predict.resolve_model(None) == Path("desk")

    def test_the_demo_model_never_answers_unasked(self):
        with pytest.raises(ModelFormatError, match=r"no model: name its folder .*--model world-desk"):
            predict.predict("Rain")

    def test_the_demo_model_by_its_name(self):
        assert predict.resolve_model("world-desk") == shipped_model()
        assert "shipped demo model world-desk" in repr(predict.load_model("world-desk"))

    def test_a_folder_of_that_name_goes_before_the_demo_model(self, base_model_path):
        shutil.copytree(base_model_path, "world-desk")
        assert predict.resolve_model("world-desk") == Path("world-desk")
        assert "demo" not in repr(predict.load_model("world-desk"))

    @pytest.mark.parametrize("home", ["shipped", "../models"])
    def test_loading_without_a_name_gives_the_demo_model(self, base_model_path, tmp_path, home):
        package = copy_of_the_package(tmp_path)
        shutil.copytree(base_model_path, package / home / "world-desk")
        program = "import json, topicml; print(json.dumps(repr(topicml.load_model())))"
        assert fresh(program, root=tmp_path).endswith("; shipped demo model world-desk)")

    def test_always_label_reaches_the_model(self, multilabel_classifier, monkeypatch, tmp_path):
        strict = replace(multilabel_classifier, thresholds=np.full(3, 1.1))
        save_classifier(strict, tmp_path / "strict")
        monkeypatch.setenv("TOPICML_MODEL", str(tmp_path / "strict"))
        labels = [predict.predict("Cup final", always_label=always).labels for always in (False, True)]
        assert labels == [(), ("sport",)]


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
        assert all(way in message for way in ("TOPICML_MODEL", "--model FOLDER", "topicml train"))

    def test_a_missing_folder_is_named(self, tmp_path):
        with pytest.raises(ModelFormatError, match=f"no model at {tmp_path}/none: expected a folder"):
            predict.load_model(tmp_path / "none")

    def test_a_missing_folder_of_the_environment_is_named(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TOPICML_MODEL", str(tmp_path / "none"))
        with pytest.raises(ModelFormatError, match=f"no model at {tmp_path}/none: expected a folder"):
            predict.predict("Rain")


def test_verify_compares_the_golden_scores(base_model_path):
    assert predict.load_model(base_model_path, verify=True).classes_ == ("economy", "sport", "weather")
