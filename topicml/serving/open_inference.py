"""The Open Inference Protocol (version 2): tensors of texts in, tensors of labels and probabilities out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from topicml.article import Article
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import Prediction
from topicml.serving.bodies import check_count, parsed
from topicml.serving.problems import RequestError

_INPUTS = ("text", "title")
_OUTPUTS = ("label", "reason", "assigned", "probabilities", "classes")


@dataclass(frozen=True, slots=True)
class InferRequest:
    """Articles to predict, the outputs to give, and the client's id of the request."""

    articles: tuple[Article, ...]
    outputs: tuple[str, ...]
    id: str | None


def model_metadata(name: str, classifier: FittedClassifier) -> dict[str, Any]:
    """Return what goes into a model and what comes out."""
    n_classes = len(classifier.classes_)
    return {
        "name": name,
        "versions": [classifier.fingerprint],
        "platform": "topicml",
        "inputs": [{"name": each, "datatype": "BYTES", "shape": [-1]} for each in _INPUTS],
        "outputs": [
            {"name": output, "datatype": datatype, "shape": shape}
            for output, datatype, shape in zip(
                _OUTPUTS,
                ("BYTES", "BYTES", "BOOL", "FP64", "BYTES"),
                ([-1], [-1], [-1, n_classes], [-1, n_classes], [n_classes]),
                strict=True,
            )
        ],
    }


def infer_request(body: bytes, *, max_articles: int) -> InferRequest:
    """Read a request: the input ``text``, and ``title`` if there are titles."""
    value = parsed(body)
    if not isinstance(value, dict) or not isinstance(value.get("inputs"), list):
        raise RequestError(422, "expected an object with a list of inputs", field="inputs")
    tensors = dict(_tensor(item, f"inputs[{k}]", max_articles) for k, item in enumerate(value["inputs"]))
    if "text" not in tensors:
        raise RequestError(422, "expected an input of the name text, found none", field="inputs")
    texts = tensors["text"]
    titles = tensors.get("title", [""] * len(texts))
    if len(titles) != len(texts):
        told = f"expected as many titles as texts, found {len(titles)} and {len(texts)}"
        raise RequestError(422, told, field="inputs")
    key = value.get("id")
    if not isinstance(key, str | None):
        raise RequestError(422, "expected text in quotation marks", field="id")
    articles = tuple(Article(text, title=title) for text, title in zip(texts, titles, strict=True))
    return InferRequest(articles, _asked_outputs(value.get("outputs")), key)


def infer_answer(
    asked: InferRequest, name: str, classifier: FittedClassifier, predictions: Sequence[Prediction]
) -> dict[str, Any]:
    """Return the outputs that were asked for, all by default; an article without a label has an empty one."""
    described = {each["name"]: each for each in model_metadata(name, classifier)["outputs"]}
    data = {
        "label": [found.label or "" for found in predictions],
        "reason": [found.reason or "" for found in predictions],
        "assigned": [label in found.labels for found in predictions for label in found.classes],
        "probabilities": [p for found in predictions for p in found.class_probabilities],
        "classes": list(classifier.classes_),
    }
    outputs = [
        {
            **described[output],
            "shape": [len(predictions) if n == -1 else n for n in described[output]["shape"]],
            "data": data[output],
        }
        for output in asked.outputs or described
    ]
    key = {} if asked.id is None else {"id": asked.id}
    return {"model_name": name, "model_version": classifier.fingerprint, **key, "outputs": outputs}


def _tensor(value: object, place: str, max_articles: int) -> tuple[str, list[str]]:
    """Return the name and the texts of an input of BYTES, which are strings in JSON."""
    if not isinstance(value, dict):
        raise RequestError(422, "expected an input with name, shape, datatype and data", field=place)
    name, data, shape = value.get("name"), value.get("data"), value.get("shape")
    if name not in _INPUTS:
        raise RequestError(422, f"expected one of the names {', '.join(_INPUTS)}", field=f"{place}.name")
    if value.get("datatype") != "BYTES":
        raise RequestError(422, "expected BYTES", field=f"{place}.datatype")
    if not isinstance(data, list):
        raise RequestError(422, "expected a list of texts", field=f"{place}.data")
    check_count(len(data), max_articles)
    if shape not in ([len(data)], [len(data), 1]):
        raise RequestError(422, f"expected [{len(data)}], the number of texts", field=f"{place}.shape")
    wrong = next((k for k, text in enumerate(data) if not isinstance(text, str)), None)
    if wrong is not None:
        raise RequestError(422, "expected text in quotation marks", field=f"{place}.data[{wrong}]")
    return name, data


def _asked_outputs(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    names = [str(item.get("name")) if isinstance(item, dict) else "" for item in items]
    for k, name in enumerate(names):
        if name not in _OUTPUTS:
            told = f"expected the name of an output: {', '.join(_OUTPUTS)}"
            raise RequestError(422, told, field=f"outputs[{k}]")
    return tuple(names)
