"""What docs/retraining.md says to type works when it is typed."""

from __future__ import annotations


def test_commands(typed):
    *_, retrained, undone = typed("retraining.md")
    assert "\ndemo/desk replaced: " in retrained.stdout
    assert " (macro F1 " in retrained.stdout
    assert undone.stdout.startswith("restored the previous model (")
