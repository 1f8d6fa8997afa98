"""Where the corpus and the model that ship with topicml are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped_model() -> Path:
    """Return the folder of the model made from the shipped corpus.

    In a wheel it lies inside the package; in a checkout it is ``models/world-desk``.
    """
    return _first(_PACKAGE / "shipped" / "world-desk", _PACKAGE.parent / "models" / "world-desk")


def shipped_corpus() -> Path:
    """Return the file of labelled articles; in a checkout it is ``data/world_desk.jsonl``."""
    return _first(_PACKAGE / "shipped" / "world_desk.jsonl", _PACKAGE.parent / "data" / "world_desk.jsonl")


def _first(in_wheel: Path, in_checkout: Path) -> Path:
    return in_wheel if in_wheel.exists() else in_checkout
