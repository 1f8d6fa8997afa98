"""Exports of annotation tools as decisions, one object of JSON at a time.

The forms are as the tools' documentation and code say:

- Label Studio, JSON: https://labelstud.io/guide/task_format (``annotations`` with ``result``; those that
  were skipped have ``was_cancelled``). JSON-MIN: the task's data, then the choices under the name of
  each control, a text for one choice and ``{"choices": [...]}`` for several, then ``annotator`` and times
  (https://github.com/HumanSignal/label-studio-converter, ``convert_to_json_min``). The ``id`` at the top is
  the tool's own in both.
- Prodigy: https://prodi.gy/docs/api-interfaces (``answer`` is accept, reject or ignore; ``accept`` lists the
  chosen options; a binary task has one ``label``).
- doccano: ``label`` lists the labels, and metadata stand beside it (``ExportedExample`` in
  https://github.com/doccano/doccano, ``backend/data_export/models.py``); versions before 1.3 wrote
  ``labels`` and ``meta``. An empty list says that nobody has labelled the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from topicml.exceptions import CorpusError
from topicml.formatting import listed
from topicml.lifecycle.decisions import ARTICLE_ID, Decision, DecisionFormat
from topicml.reading.cells import Cell, cell_labels, cell_text
from topicml.reading.columns import DEFAULT_OPTIONS, find_columns

_Object: TypeAlias = Mapping[str, Cell]

_CONTROL = "label"  # the name of the choices in the labelling interface that the documentation shows
_OF_A_MIN_EXPORT = ("annotator", "annotation_id", "lead_time")
_OF_PRODIGY = ("answer", "_input_hash", "_task_hash", "options")
_ANSWERS = ("accept", "reject", "ignore")
_SKIPPED = Decision("skip")


def tool_of(found: _Object) -> DecisionFormat | None:
    """Return the tool whose export holds such an object; None if it may be anybody's.

    >>> tool_of({"text": "Rain", "label": "weather", "answer": "accept"})
    'prodigy'
    """
    if "accept" in found and "answer" in found:  # also from the label desk, which adds the annotator
        return "prodigy"
    if isinstance(found.get("data"), dict) or any(key in found for key in _OF_A_MIN_EXPORT):
        return "label-studio"
    if any(key in found for key in _OF_PRODIGY):
        return "prodigy"
    labels = found.get("label", found.get("labels"))
    return "doccano" if isinstance(labels, list) and "decision" not in found else None


def decisions_of(found: _Object, tool: DecisionFormat, origin: str) -> Iterator[Decision]:
    """Yield the decisions in an object of a tool's export, one for each annotation.

    >>> [decision] = decisions_of({"text": "Rain", "label": ["weather"], "id": "7"}, "doccano", "a.jsonl:1")
    >>> decision.action, decision.labels, decision.id
    ('label', ('weather',), None)
    """
    yield from _READERS[tool](found, origin)


def _of_label_studio(found: _Object, origin: str) -> Iterator[Decision]:
    data = found.get("data")
    if not isinstance(data, dict):
        control = _control_of(found)
        labels = _labels(found[control], control) if control else ()
        yield _about(found, Decision("label", labels, origin=origin), own_id=False)
        return
    annotations = _objects(found.get("annotations", found.get("completions")))
    done = [one for one in annotations if not (_is_true(one, "was_cancelled") or _is_true(one, "skipped"))]
    for annotation in done:
        chosen = _chosen(_objects(annotation.get("result")))
        yield _about(data, Decision("label", chosen, origin=origin))
    if not done:
        yield _about(data, Decision("skip", origin=origin))


def _control_of(found: _Object) -> str | None:
    """Return the key of a JSON-MIN export that holds the choices: a control's stands before the annotator."""
    if _CONTROL in found:
        return _CONTROL
    keys = list(found)
    end = min((keys.index(key) for key in _OF_A_MIN_EXPORT if key in found), default=len(keys))
    begin = keys.index("id") + 1 if "id" in keys[:end] else end
    if end - begin > 1:
        raise CorpusError(_several_controls(keys[begin:end]))
    return keys[begin] if begin < end else None


def _chosen(results: Iterable[_Object]) -> tuple[str, ...]:
    """Return the choices of one annotation, which may be made in several steps."""
    choices = [one for one in results if one.get("type") == "choices"]
    controls = dict.fromkeys(cell_text(one.get("from_name")) for one in choices)
    if len(controls) > 1 and _CONTROL not in controls:
        raise CorpusError(_several_controls(controls))
    control = _CONTROL if _CONTROL in controls else next(iter(controls), "")
    taken = [one.get("value") for one in choices if cell_text(one.get("from_name")) == control]
    return tuple(dict.fromkeys(label for value in taken for label in _labels(value, control)))


def _several_controls(names: Iterable[str]) -> str:
    return (
        f"expected one control with choices, found {listed(list(map(repr, names)), 5)}; "
        f"name the one with the labels {_CONTROL!r}"
    )


def _of_prodigy(found: _Object, origin: str) -> Iterator[Decision]:
    answer = found.get("answer")
    if answer not in (None, *_ANSWERS):
        raise CorpusError(f"expected accept, reject or ignore as the answer, found {cell_text(answer)!r}")
    if answer in (None, "ignore"):
        decision = _SKIPPED
    elif "accept" in found:
        accepted = _labels(found["accept"], "accept")
        decision = Decision("label", accepted) if answer == "accept" else _SKIPPED
    elif "label" in found:  # a binary task: whether this label applies
        label = _labels(found["label"], "label")
        decision = Decision("add", label) if answer == "accept" else Decision("remove", removed=label)
    else:
        raise CorpusError("expected a list under 'accept' or a label under 'label', found neither")
    yield _about(found, replace(decision, origin=origin))


def _of_doccano(found: _Object, origin: str) -> Iterator[Decision]:
    name = "label" if "label" in found else "labels"
    if name not in found and "annotations" in found:
        raise CorpusError(
            "expected labels as text, found the numbers of labels; export as JSONL with text labels"
        )
    labels = _labels(found.get(name), name)
    decision = Decision("label", labels) if labels else _SKIPPED
    yield _about(found, replace(decision, origin=origin), own_id=False)


_READERS: Mapping[str, Callable[[_Object, str], Iterator[Decision]]] = MappingProxyType(
    {"label-studio": _of_label_studio, "prodigy": _of_prodigy, "doccano": _of_doccano}
)


def _about(found: _Object, decision: Decision, *, own_id: bool = True) -> Decision:
    """Add which article it is: by our id, by the data's own where it is not the tool's, and by its text."""
    names = find_columns(list(found), DEFAULT_OPTIONS, required=()).names
    own = names.get("id") if own_id else None
    meta = found.get("meta")
    held: _Object = meta if isinstance(meta, dict) else {}
    id_ = found.get(ARTICLE_ID, held.get(ARTICLE_ID, found.get(own) if own else held.get("id")))
    text, title = (cell_text(found.get(names.get(role, ""))) for role in ("text", "title"))
    return replace(decision, id=cell_text(id_) or None, title=title, text=text)


def _labels(cell: Cell, name: str) -> tuple[str, ...]:
    """Return the labels of a cell; a text is one label, whatever it spells."""
    return cell_labels([cell] if isinstance(cell, str) else cell, name) or ()


def _objects(cell: Cell) -> list[dict[str, Cell]]:
    return [one for one in cell if isinstance(one, dict)] if isinstance(cell, list) else []


def _is_true(found: _Object, name: str) -> bool:
    return found.get(name) is True
