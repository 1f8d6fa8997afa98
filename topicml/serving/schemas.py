"""The shapes of bodies and answers, for /openapi.json."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from topicml.model.predictions import REASON_CODES

_Schema = dict[str, Any]


def _object(required: str, /, **properties: _Schema) -> _Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(items: _Schema) -> _Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: _Schema = {"type": "string"}
_NUMBER: _Schema = {"type": "number"}
_COUNT: _Schema = {"type": "integer", "minimum": 1}
_MAYBE: _Schema = {"type": ["string", "null"]}
_FINGERPRINT: _Schema = {"type": "string", "description": "Which model answered: twelve hexadecimal digits."}
_REASON: _Schema = {
    "enum": list(REASON_CODES),
    "description": "Why a person should review the article; null where the model answers.",
}
_PROBABILITY: _Schema = {"type": "number", "minimum": 0, "maximum": 1}
_EXPLAIN: _Schema = {
    "type": "boolean",
    "default": False,
    "description": "Also say which words spoke for each label.",
}
_TOP_K: _Schema = {**_COUNT, "description": "How many probabilities to give; by default all."}
_TENSOR = _object(
    "name datatype shape", name=_TEXT, datatype=_TEXT, shape=_list({"type": "integer"}), data=_list({})
)
_ARTICLE = {"text": _TEXT, "title": _TEXT, "id": _TEXT}
_WORD = _object(
    "word contribution spans",
    word=_TEXT,
    contribution=_NUMBER,
    spans={
        **_list(_list({"type": "integer"})),
        "description": "Places in the text: first character, last plus one.",
    },
)
_EXPLANATION = {
    "label": _TEXT,
    "probability": _PROBABILITY,
    "score": _NUMBER,
    "intercept": _NUMBER,
    "words": _list(_WORD),
    "terms": _list(_object("term contribution spans", term=_TEXT, contribution=_NUMBER, spans=_list({}))),
    "other_terms": _NUMBER,
    "reason": _REASON,
    "text": {"type": "string", "description": "Title and text, one under the other; spans are places in it."},
}

SCHEMAS: dict[str, _Schema] = {
    "Article": {**_object("text", **_ARTICLE), "additionalProperties": False},
    "ArticleWithOptions": {
        **_object("text", **_ARTICLE, top_k=_TOP_K, explain=_EXPLAIN),
        "additionalProperties": False,
    },
    "ToExplain": {
        **_object("text", **_ARTICLE, label=_TEXT, top={**_COUNT, "default": 10}),
        "additionalProperties": False,
    },
    "Answer": _object(
        "label labels probability probabilities abstained reason known_terms fingerprint",
        id=_TEXT,
        label=_MAYBE,
        labels=_list(_TEXT),
        probability=_PROBABILITY,
        probabilities={
            **_list({"type": "array", "prefixItems": [_TEXT, _PROBABILITY]}),
            "description": "Pairs of label and probability, the most probable first.",
        },
        abstained={"type": "boolean"},
        reason=_REASON,
        known_terms=_PROBABILITY,
        fingerprint=_FINGERPRINT,
        codes=_list(_MAYBE),
        explanations=_list(_ref("Explanation")),
    ),
    "Explanation": _object(" ".join(_EXPLANATION), **_EXPLANATION, id=_TEXT, fingerprint=_FINGERPRINT),
    "InferRequest": _object(
        "inputs", id=_TEXT, inputs=_list(_TENSOR), outputs=_list(_object("name", name=_TEXT))
    ),
    "InferAnswer": _object(
        "model_name model_version outputs",
        model_name=_TEXT,
        model_version=_FINGERPRINT,
        id=_TEXT,
        outputs=_list(_TENSOR),
    ),
    "Problem": _object(
        "type title status detail",
        type=_TEXT,
        title=_TEXT,
        status={"type": "integer"},
        detail={"type": "string", "description": "What was expected, what was found, and what to do."},
        field={"type": "string", "description": "The place in the body or the query, such as [3].text."},
        error=_TEXT,
    ),
}

_ERRORS = {
    400: "The body is no JSON.",
    401: "No known API key.",
    404: "No model of this name.",
    408: "The body did not arrive in time.",
    413: "A longer body, or more articles, than a request may have.",
    422: "A field has a wrong value.",
    429: "Too many requests at once: try again after the seconds in Retry-After.",
    503: "The answer took too long.",
}


_PROBLEM = {"application/problem+json": {"schema": _ref("Problem")}}
ANY_ERROR: dict[int | str, dict[str, Any]] = {"4XX": {"description": "An error.", "content": _PROBLEM}}
"""For routes whose errors are not worth a line each."""


def _operation(summary: str, body: _Schema, answer: _Schema, *query: tuple[str, _Schema]) -> dict[str, Any]:
    """Describe a route whose body FastAPI does not read."""
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in query]
    return {
        "summary": summary,
        **({"parameters": parameters} if parameters else {}),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": answer}}},
            **{str(status): {"description": told, "content": _PROBLEM} for status, told in _ERRORS.items()},
        },
    }


_MODEL = ("model", {"type": "string", "description": "The model's name; by default the first one."})

_NAME = {"name": "name", "in": "path", "required": True, "schema": _TEXT}
_PREDICT = _operation(
    "The sections of one article, or of each article of a list.",
    {"oneOf": [_ref("ArticleWithOptions"), _list(_ref("Article"))]},
    {"oneOf": [_ref("Answer"), _list(_ref("Answer"))]},
    _MODEL,
    ("top_k", _TOP_K),
    ("explain", _EXPLAIN),
)
_EXPLAIN_ONE = _operation(
    "The words of an article that spoke for and against a label, the most probable one by default.",
    _ref("ToExplain"),
    _ref("Explanation"),
    _MODEL,
)
_INFER = _operation(
    "Predictions as tensors (Open Inference Protocol).", _ref("InferRequest"), _ref("InferAnswer")
)


def completed(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application with these shapes, made once."""
    if app.openapi_schema is None:
        spec = get_openapi(title=app.title, version=app.version, routes=app.routes)
        spec["paths"] = {
            "/v1/predict": {"post": _PREDICT},
            "/v1/explain": {"post": _EXPLAIN_ONE},
            **spec["paths"],
            "/v2/models/{name}/infer": {"post": _INFER, "parameters": [_NAME]},
        }
        spec.setdefault("components", {}).setdefault("schemas", {}).update(SCHEMAS)
        spec["components"]["securitySchemes"] = {"ApiKey": {"type": "http", "scheme": "bearer"}}
        spec["security"] = [{}, {"ApiKey": []}]
        app.openapi_schema = spec
    return app.openapi_schema
