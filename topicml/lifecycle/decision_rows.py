"""Rows that a person has filled, and the rules for their columns ``label`` and ``decision``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from topicml.exceptions import CorpusError
from topicml.formatting import shortened
from topicml.lifecycle.decisions import ACTIONS, Action, Decision

_Said: TypeAlias = "tuple[Action, tuple[str, ...], tuple[str, ...]]"
"""An action, the labels to give, and the labels to take away."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A row that a person has filled: its article and its cells."""

    id: str | None
    title: str
    text: str
    origin: str
    label: tuple[str, ...] | None
    words: tuple[str, ...] | None  # in the column "decision": one of the actions, or labels
    guess: tuple[str, ...] | None
    cells: Mapping[str, str]  # the others, by name

    @property
    def is_suspect(self) -> bool:
        """Whether the row is about a label that is probably wrong."""
        return "given" in self.cells and "suggested" in self.cells

    def decision(self) -> Decision:
        """Return the decision in the row."""
        action, labels, removed = self._said()
        place = self.cells.get("place", "")
        return Decision(action, labels, removed, self.id, self.title, self.text, place, self.origin)

    def _said(self) -> _Said:
        word = self.words[0].lower() if self.words and len(self.words) == 1 else None
        action = next((one for one in ACTIONS if one == word), None)
        if action is None:
            return self._named()
        if action == "skip":
            return "skip", (), ()
        return self._of_suspect(action) if self.is_suspect else self._of_task(action)

    def _named(self) -> _Said:
        """Return the decision of a row that names labels, in either column, or says nothing."""
        labels = self.label if self.words is None else self.words
        if labels is None:
            return "skip", (), ()
        if self.label is not None and set(self.label) != set(labels):
            raise CorpusError(f"the label is {_shown(self.label)}, but the decision is {_shown(labels)}")
        given = self._cell("given")
        if self.is_suspect:
            return ("replace", labels, given) if given else ("add", labels, ())
        return "label", labels, ()

    def _of_suspect(self, action: Action) -> _Said:
        if action == "keep":
            return "keep", (), ()
        given = self._cell("given")
        if action in ("remove", "replace"):
            _refuse_none(given, action, "given")
        if action == "remove":
            return "remove", (), given
        labels = self.label or self._cell("suggested")
        _refuse_none(labels, action, "suggested")
        return action, labels, given if action == "replace" else ()

    def _of_task(self, action: Action) -> _Said:
        if action == "keep":
            return self._kept()
        labels = self.label or ()
        if self.label is None or action != "label":
            _refuse_none(labels, action, "label")
        if action == "remove":
            return "remove", (), labels
        return "add" if action == "add" else "label", labels, ()

    def _kept(self) -> _Said:
        """Return the decision "keep": the guess is right; without a guess, the article's labels are."""
        if self.guess is None:
            return ("keep", (), ()) if self.label is None else ("label", self.label, ())
        if self.label is not None and set(self.label) != set(self.guess):
            guess, label = _shown(self.guess), _shown(self.label)
            raise CorpusError(f"the decision keeps the guess {guess}, but the label is {label}")
        return "label", self.guess, ()

    def _cell(self, name: str) -> tuple[str, ...]:
        text = self.cells.get(name, "").strip()
        return (text,) if text else ()


def _refuse_none(labels: tuple[str, ...], action: Action, column: str) -> None:
    if not labels:
        raise CorpusError(f"the decision {action!r} needs a label in the column {column!r}, found none")


def _shown(labels: tuple[str, ...]) -> str:
    return shortened(", ".join(map(repr, labels)) or "no label", 60)
