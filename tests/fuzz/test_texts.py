"""Any text, and any command line."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.command_line import in_process

COMMANDS = ["train", "predict", "explain", "evaluate", "check", "labels", "split", "errors", "show", "export"]
OPTIONS = [
    "--text",
    "--model",
    "--json",
    "--out",
    "--top-k",
    "--by",
    "--jobs",
    "--help",
    "--encoding",
    "--format",
]
VALUES = ["-1", "0", "1e9", "NaN", "-", "./-", "utf-8", "csv", "jsonl"]
PARTS = st.sampled_from(OPTIONS + VALUES) | st.text(st.characters(exclude_characters="\0/"), max_size=5)
NOISE = st.lists(st.sampled_from(["cup", "rain'-", "\u0301", "\u200b", "\u0130", "\u4e2d"])).map(" ".join)
TEXTS = st.text() | st.text(st.characters(exclude_categories=())) | NOISE


@given(texts=st.lists(TEXTS, max_size=5))
def test_texts(base_classifier, texts):
    """Each has probabilities that add up, alone as among others, and an explanation."""
    probabilities = base_classifier.predict_proba(texts)
    assert np.isfinite(probabilities).all()
    assert np.allclose(probabilities.sum(1), 1)
    for text, row in zip(texts, probabilities, strict=True):
        assert (base_classifier.predict_proba([text])[0] == row).all()
        base_classifier.explain(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    command=st.sampled_from(COMMANDS),
    rest=st.lists(PARTS, max_size=5),
)
def test_command_lines(tmp_path, command, rest):
    """A command line has an answer, or an error in words; no traceback, which would be raised here."""
    run = in_process(command, *(part.encode("utf-8", "ignore").decode() for part in rest), cwd=tmp_path)
    assert run.returncode in (0, 1, 2, 3)
    assert run.returncode == 0 or run.stderr or run.stdout
