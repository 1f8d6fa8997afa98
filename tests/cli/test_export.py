from __future__ import annotations

from dataclasses import replace

import joblib
import numpy as np
import pytest

from topicml.model.persistence import save_classifier


@pytest.fixture
def titled_model(base_classifier, tmp_path):
    """A folder with a model that an ONNX graph cannot be."""
    vectorizer = base_classifier.vectorizer
    titled = replace(vectorizer, settings=replace(vectorizer.settings, title_weight=3))
    save_classifier(replace(base_classifier, vectorizer=titled), tmp_path / "titled")
    return tmp_path / "titled"


def test_a_pipeline_is_written_with_a_warning(topicml, base_model_path, tmp_path):
    """Who loads a pickle lets its writer run code, which a name like .joblib does not say."""
    out = tmp_path / "a.joblib"
    run = topicml("export", base_model_path, "--to", "sklearn", "--out", out)
    assert (run.returncode, run.stdout) == (0, "")
    assert "note: a pickle runs code when it is loaded" in run.stderr
    assert run.stderr.endswith(f"written: {out}\n")
    assert joblib.load(out).predict(["Cup final"]).tolist() == ["sport"]


def test_json_names_the_file_and_overwriting_is_announced(topicml, base_model_path, tmp_path):
    out = tmp_path / "a.joblib"
    out.touch()
    run = topicml("export", "--model", base_model_path, "--to", "sklearn", "--out", out, "--json")
    assert run.rows == [{"model": str(base_model_path), "format": "sklearn", "path": str(out)}]
    again = topicml("export", base_model_path, "--to", "sklearn", "--out", out)
    assert again.stderr.endswith(f"overwritten: {out}\n")


def test_a_graph_is_written(topicml, base_model_path, tmp_path):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    out = tmp_path / "a.onnx"
    run = topicml("export", base_model_path, "--to", "onnx", "--out", out)
    assert (run.returncode, run.stdout) == (0, "")
    assert "ONNX Runtime" in run.stderr
    session = runtime.InferenceSession(out)
    assert session.run(["label"], {"text": np.array(["Cup final"], object)})[0].tolist() == ["sport"]


def test_what_cannot_be_exported_is_one_line_and_writes_nothing(topicml, titled_model, tmp_path):
    out = tmp_path / "a.onnx"
    out.write_text("the old one")
    run = topicml("export", titled_model, "--to", "onnx", "--out", out)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: title_weight is 3")
    assert run.stderr.count("\n") == 1
    assert out.read_text() == "the old one"


def test_a_place_that_cannot_be_written_to_is_one_line(topicml, base_model_path, tmp_path):
    run = topicml("export", base_model_path, "--to", "sklearn", "--out", tmp_path / "none" / "a.joblib")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: cannot write ")
    assert run.stderr.count("\n") == 1


def test_a_damaged_model_exits_with_1(topicml, damaged_model, tmp_path):
    run = topicml("export", damaged_model, "--to", "sklearn", "--out", tmp_path / "a.joblib")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"error: {damaged_model}/")
