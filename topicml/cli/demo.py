"""``topicml demo``."""

from __future__ import annotations

__all__ = ["demo"]


def demo() -> None:
    """Train on the articles that ship with topicml, print scores, and predict unseen ones."""
