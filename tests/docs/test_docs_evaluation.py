"""What docs/evaluation.md says to type in a shell works when it is typed; its Python runs as a doctest."""

from __future__ import annotations


def test_commands(typed):
    runs = typed("evaluation.md")
    assert runs[-1].stdout.startswith("B is better than A (macro F1, 101 articles)\n")
