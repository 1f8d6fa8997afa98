"""What the page of the label desk asks for, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from topicml.serving.bodies import parsed
from topicml.serving.problems import RequestError

_LONGEST_NAME = 80
_LONGEST_NOTE = 2_000
_MOST_LABELS = 1_000
_WHO = ("annotator", "session")
_WHAT = ("position", "labels", "note")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and what that person has decided; `labels` is None where the article is skipped."""

    annotator: str
    session: str
    position: int = -1
    labels: tuple[str, ...] | None = None
    note: str = ""


async def asked_for(request: Request, *, decision: bool = False) -> Asked:
    """Read a request. JSON must be declared as such, which pages of other hosts cannot do unasked."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RequestError(415, "expected the header Content-Type: application/json")
    value = parsed(await request.body())
    if not isinstance(value, dict):
        raise RequestError(422, "expected an object with annotator and session")
    known = (*_WHO, *(_WHAT if decision else ()))
    for name in value:
        if name not in known:
            raise RequestError(422, f"unknown field; known fields are {', '.join(known)}", field=name[:60])
    annotator = _text(value, "annotator", _LONGEST_NAME).strip()
    session = _text(value, "session", _LONGEST_NAME)
    if not annotator or not session:
        raise RequestError(422, "expected a name, found none", field="session" if annotator else "annotator")
    if not annotator.isprintable():
        raise RequestError(422, "expected a name without control characters", field="annotator")
    if not decision:
        return Asked(annotator, session)
    note = _text(value, "note", _LONGEST_NOTE).strip()
    return Asked(annotator, session, _position(value), _labels(value), note)


def _text(value: Mapping[str, Any], name: str, longest: int) -> str:
    text = value.get(name, "")
    if not isinstance(text, str):
        raise RequestError(422, "expected text in quotation marks", field=name)
    if len(text) > longest:
        raise RequestError(422, f"expected at most {longest:,} characters, found {len(text):,}", field=name)
    return text


def _position(value: Mapping[str, Any]) -> int:
    position = value.get("position")
    if not isinstance(position, int) or isinstance(position, bool):
        raise RequestError(422, "expected the position of an article as a whole number", field="position")
    return position


def _labels(value: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "labels" not in value:
        raise RequestError(422, "expected a list of labels, or null to skip the article", field="labels")
    labels = value["labels"]
    if labels is None:
        return None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise RequestError(422, "expected a list of labels, or null to skip the article", field="labels")
    if len(labels) > _MOST_LABELS:
        raise RequestError(422, f"expected at most {_MOST_LABELS:,} labels", field="labels")
    return tuple(labels)
