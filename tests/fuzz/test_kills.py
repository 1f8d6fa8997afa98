"""Whole commands killed at any moment: the old result or the new one, and nothing that piles up."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command_line import in_process
from topicml.model.persistence import load_classifier

_ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("TOPICML_FUZZ_SECONDS", "0"))
"""How long each command is killed; without it, once."""
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no such signal")


def run(args, *, limit=None) -> float:
    """Run a command, killed with all that it started when its time is over; return how long it took."""
    begin = time.monotonic()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = {**os.environ, "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "topicml", *map(str, args)]
    with subprocess.Popen(command, env=env, start_new_session=True, **quiet) as process:
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    return time.monotonic() - begin


def killed(args, rounds=1):
    """Run a command again and again, killed at another moment each time; yield after each."""
    whole, end = run(args), time.monotonic() + SECONDS
    chance = random.Random(0)
    while rounds > 0 or time.monotonic() < end:
        run(args, limit=whole * chance.uniform(0.3, 1.0))
        rounds -= 1
        yield


def names(folder) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def corpora(tmp_path, base_articles):
    """Two files of articles, of which the second has more."""
    rows = [
        json.dumps({"text": f"{article.text} {n}", "label": article.labels[0]}) + "\n"
        for n in range(4)
        for article in base_articles
    ]
    for name, most in (("small.jsonl", 48), ("large.jsonl", None)):
        (tmp_path / name).write_text("".join(rows[:most]))
    return tmp_path / "small.jsonl", tmp_path / "large.jsonl"


@pytest.fixture
def work(tmp_path):
    """A folder for what a command makes."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_training(corpora, work):
    models = set()
    for corpus in corpora:
        assert in_process("train", corpus, "--out", work / "model", "--no-tune").returncode == 0
        models.add(load_classifier(work / "model").fingerprint)
    small, large = (["train", corpus, "--out", work / "model", "--no-tune", "-j", "1"] for corpus in corpora)
    whole = names(work)
    for _ in killed(small):
        assert load_classifier(work / "model", verify=True).fingerprint in models
        run(large, limit=0.5)
    assert in_process(*large).returncode == 0
    assert len(names(work)) == len(whole)


def test_retraining_and_undoing(corpora, work):
    small, large = corpora
    assert in_process("train", small, "--out", work / "model", "--no-tune").returncode == 0
    shutil.copytree(work / "model", work.parent / "start")
    for n, _ in enumerate(killed(["retrain", work / "model", large, "-j", "1"])):
        load_classifier(work / "model", verify=True)
        if n % 2:
            run(["retrain", work / "model", "--undo"], limit=0.4)
            load_classifier(work / "model", verify=True)
    assert in_process("retrain", work / "model", large).returncode in (0, 3)
    load_classifier(work / "model", verify=True)
    assert len([name for name in names(work) if name.endswith("model.json")]) <= 2


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_predicting(base_model_path, corpora, work, name):
    corpus = corpora[1]
    corpus.write_text(corpus.read_text() * 20)
    args = ["predict", corpus, "--model", base_model_path, "--out", work / name]
    assert in_process(*args).returncode == 0
    whole = (work / name).read_bytes()
    for _ in killed(args):
        assert (work / name).read_bytes() == whole
    assert in_process(*args, "--resume").returncode == 0
    assert (work / name).read_bytes() == whole
    assert names(work) == [name]
