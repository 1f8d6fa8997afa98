"""What docs/relabel.md says to type in a shell works when it is typed; its Python runs as a doctest."""

from __future__ import annotations


def test_commands(typed):
    *_, run = typed("relabel.md")
    assert run.stdout == "1 article decided: 1 unchanged; 39 decisions left open\n"
    assert run.stderr == "40 articles in corrected.jsonl\n"
