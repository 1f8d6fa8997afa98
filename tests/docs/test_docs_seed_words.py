"""What docs/seed_words.md says to type in a shell works when it is typed; its Python runs as a doctest."""

from __future__ import annotations


def test_commands(typed):
    _, trained, drawn = typed("seed_words.md")
    assert "Not measured: no article has a label." in trained.stdout
    assert "model in desk" in trained.stderr
    assert drawn.stderr.endswith("100 articles in todo.csv\n")
