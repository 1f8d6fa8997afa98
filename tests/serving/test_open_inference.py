"""The Open Inference Protocol as a platform speaks it."""

from __future__ import annotations

import pytest

from topicml.article import Article

TEXTS = ["A late goal won the football match.", "qqq"]


def tensor(data, name="text", datatype="BYTES", shape=None):
    return {"name": name, "datatype": datatype, "shape": shape or [len(data)], "data": data}


def test_server_and_model_say_what_they_are(service, base_classifier):
    assert service.ask("/v2").json["name"] == "topicml"
    assert service.ask("/v2/health/live").json == {"live": True}
    assert service.ask("/v2/health/ready").json == {"ready": True}
    assert service.ask("/v2/models/base/ready").json == {"name": "base", "ready": True}
    model = service.ask("/v2/models/base").json
    assert model["versions"] == [base_classifier.fingerprint]
    assert model["outputs"][3] == {"name": "probabilities", "datatype": "FP64", "shape": [-1, 3]}


def test_texts_in_tensors_out(service, base_classifier):
    answer = service.ask("/v2/models/base/infer", {"id": "7", "inputs": [tensor(TEXTS)]}).json
    found = {each["name"]: each for each in answer["outputs"]}
    expected = base_classifier.predict(TEXTS)
    assert (answer["id"], answer["model_version"]) == ("7", base_classifier.fingerprint)
    assert found["label"]["data"] == ["sport", ""]
    assert found["reason"]["data"] == ["", "no_known_terms"]
    assert found["probabilities"]["shape"] == [2, 3]
    assert found["probabilities"]["data"] == expected.probabilities.ravel().tolist()
    assert found["assigned"]["data"] == expected.assigned.ravel().tolist()
    assert found["classes"]["data"] == list(base_classifier.classes_)


def test_titles_and_outputs_by_name(service, multilabel_classifier):
    body = {
        "inputs": [tensor(["Rain fell."], shape=[1, 1]), tensor(["Cup final"], "title")],
        "outputs": [{"name": "probabilities"}],
    }
    (output,) = service.ask("/v2/models/desk/infer", body).json["outputs"]
    expected = multilabel_classifier.predict(Article("Rain fell.", title="Cup final"))
    assert output["data"] == list(expected.class_probabilities)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [3]}, "inputs[0]"),
        ({"inputs": [tensor(["a"], "body")]}, "inputs[0].name"),
        ({"inputs": [tensor(["a"], datatype="FP32")]}, "inputs[0].datatype"),
        ({"inputs": [tensor("a")]}, "inputs[0].data"),
        ({"inputs": [tensor(["a"], shape=[2])]}, "inputs[0].shape"),
        ({"inputs": [tensor(["a", 1])]}, "inputs[0].data[1]"),
        ({"inputs": [tensor(["a"]), tensor(["a", "b"], "title")]}, "inputs"),
        ({"inputs": [tensor(["a"])], "id": 1}, "id"),
        ({"inputs": [tensor(["a"])], "outputs": [{"name": "score"}]}, "outputs[0]"),
        ({"inputs": [tensor(["a"])], "outputs": {}}, "outputs[0]"),
    ],
)
def test_a_wrong_request_names_the_field(service, body, field):
    answer = service.ask("/v2/models/base/infer", body)
    assert (answer.status, answer.json["field"]) == (422, field)
    assert answer.json["error"] == answer.json["detail"]
