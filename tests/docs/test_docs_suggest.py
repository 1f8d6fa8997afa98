"""What docs/suggest.md says to type in a shell works when it is typed; its Python runs as a doctest."""

from __future__ import annotations


def test_commands(typed):
    _, suggested, drawn = typed("suggest.md")
    assert suggested.stdout.startswith("20 articles to label next, of ")
    assert suggested.stderr.endswith("20 articles in todo.csv\n")
    assert drawn.stderr.endswith("100 articles in to_measure.csv\n")
