"""Models that are replaced while they are served."""

from __future__ import annotations

import json
import shutil
import threading

import pytest

from tests.command_line import wait_until
from topicml.exceptions import ModelFormatError, TopicmlValueError
from topicml.lifecycle.previous_models import replace_model
from topicml.model.folder import MODEL_JSON
from topicml.model.persistence import save_classifier
from topicml.serving.models import ServedModel, named_models

ONE = {"text": "A late goal won the match."}


@pytest.fixture
def folder(base_model_path, tmp_path):
    """A copy of the base model that may be changed."""
    return shutil.copytree(base_model_path, tmp_path / "desk")


def test_a_name_or_the_folders_own(tmp_path):
    assert named_models(["sport=a/b", str(tmp_path)]) == {"sport": "a/b", tmp_path.name: str(tmp_path)}


def test_a_folder_whose_name_has_an_equals_sign(tmp_path):
    (tmp_path / "a=b").mkdir()
    with pytest.raises(TopicmlValueError, match="write NAME="):
        named_models([str(tmp_path / "a=b")])


def test_two_models_of_one_name():
    with pytest.raises(TopicmlValueError, match="two models have the name desk"):
        named_models(["a/desk", "b/desk"])


def test_what_is_no_model_is_refused_at_the_start(tmp_path):
    with pytest.raises(ModelFormatError, match="no model at"):
        ServedModel("desk", tmp_path / "nothing")


def test_a_model_that_was_saved_in_its_place_answers(folder, multilabel_classifier):
    served = ServedModel("desk", folder)
    assert not served.is_behind()
    save_classifier(multilabel_classifier, folder)
    assert served.is_behind()
    assert served.refresh() == "loaded"
    assert served.classifier.fingerprint == multilabel_classifier.fingerprint
    assert not served.is_behind()


def test_the_same_model_again_is_no_news(folder, base_classifier):
    served = ServedModel("desk", folder)
    (folder / MODEL_JSON).touch()
    assert served.refresh() is None
    assert served.classifier.fingerprint == base_classifier.fingerprint


@pytest.mark.parametrize("damage", ["gone", "cut", "array"])
def test_what_cannot_be_loaded_is_told_once_and_tried_again(
    folder, base_model_path, base_classifier, damage, caplog
):
    served = ServedModel("desk", folder)
    if damage == "gone":
        shutil.rmtree(folder)
    elif damage == "cut":
        (folder / MODEL_JSON).write_text("{")
    else:
        next(folder.glob("coef.*.npy")).unlink()
        (folder / MODEL_JSON).touch()
    assert served.is_behind()
    assert (served.refresh(), served.refresh()) == ("failed", None)
    assert [record.message for record in caplog.records if "not loaded" in record.message] != []
    assert served.classifier.fingerprint == base_classifier.fingerprint
    shutil.copytree(base_model_path, folder, dirs_exist_ok=True)
    assert served.is_behind()
    assert served.refresh() is None
    assert not served.is_behind()


def test_a_model_is_replaced_and_brought_back_under_requests_without_a_failed_one(
    serving, folder, base_classifier, multilabel_classifier
):
    """Each answer is whole, and of the model that it names."""
    labels = {each.fingerprint: len(each.classes_) for each in (base_classifier, multilabel_classifier)}
    first, second = base_classifier.fingerprint, multilabel_classifier.fingerprint
    assert len(labels) == 2
    with serving(folder) as service:
        seen, done = [], threading.Event()

        def ask():
            connection = service.connection()
            while not done.is_set():
                connection.request("POST", "/v1/predict", json.dumps([ONE] * 3))
                answer = connection.getresponse()
                found = json.loads(answer.read())
                seen.append((answer.status, *{each["fingerprint"] for each in found}))
            connection.close()

        clients = [threading.Thread(target=ask) for _ in range(3)]
        for client in clients:
            client.start()
        try:
            replace_model(multilabel_classifier, folder, replaced=first)
            wait_until(lambda: (200, second) in seen)
            save_classifier(base_classifier, folder)
            wait_until(lambda: seen[-1] == (200, first))
        finally:
            done.set()
            for client in clients:
                client.join()
        assert set(seen) == {(200, first), (200, second)}


def test_a_model_that_vanishes_goes_on_answering(serving, folder, base_classifier):
    with serving(folder) as service:
        shutil.rmtree(folder)
        told = json.loads(service.line("not loaded"))
        assert (told["level"], told["model"]) == ("error", "desk")
        assert service.ask("/v1/predict", ONE).json["fingerprint"] == base_classifier.fingerprint
        assert service.ask("/health/ready").status == 200
        metrics = service.ask("/metrics").body.decode()
        assert 'topicml_model_loads_total{model="desk",outcome="failed"} 1.0' in metrics
