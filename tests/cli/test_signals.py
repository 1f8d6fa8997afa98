"""Ctrl-C and SIGTERM end each command, and the processes that it started, in one line."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import BOUND, in_process, is_running, wait_until

_ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="children are looked up in /proc"
)


def children(pid: int) -> list[int]:
    """Return the processes that any thread of a process started, and that run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def started(*args: str | Path, cwd: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "topicml", *map(str, args)]
    env = {**os.environ, "PYTHONPATH": str(_ROOT)}
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=env, cwd=cwd, start_new_session=True, **pipes)


SIGNALS = [(signal.SIGTERM, "ended by SIGTERM\n", 143), (signal.SIGINT, "interrupted\n", 130)]


def ended(process, number) -> tuple[int, str]:
    """Signal a command and all that it started, as a terminal does, and return its status and its words."""
    workers = children(process.pid)
    os.killpg(process.pid, number)
    stderr = process.communicate(timeout=BOUND)[1].decode()
    wait_until(lambda: not any(map(is_running, workers)))
    if Path("/dev/shm").exists():
        assert not [path for path in Path("/dev/shm").iterdir() if f"_{process.pid}_" in path.name]
    return process.returncode, stderr


@pytest.fixture
def working(tmp_path):
    """Return a function that starts a command, and waits until so many processes work for it."""
    processes = []

    def working(*args, n_workers):
        process = started(*args, cwd=tmp_path)
        processes.append(process)
        wait_until(lambda: len(children(process.pid)) >= n_workers or process.poll() is not None)
        return process

    yield working
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def corpus(tmp_path):
    """Articles of many words, so that the work on them is never done before it is ended."""
    chance = random.Random(0)
    rows = [
        {"text": " ".join(f"w{chance.randrange(3000)}" for _ in range(200)), "label": f"label {n % 250}"}
        for n in range(1500)
    ]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "corpus.jsonl"


@pytest.mark.parametrize(("number", "line", "status"), SIGNALS)
def test_a_signal_while_a_command_is_loaded_is_one_line(number, line, status):
    """Regression: an early Ctrl-C ended in a traceback out of whatever was being imported."""
    script = (
        "import os; from topicml.cli.signals import end_at_once; end_at_once(); "
        f"os.kill(os.getpid(), {number:d})"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (status, line)


def test_processes_that_start_take_no_notice_of_signals():
    """Regression: one that was still being imported printed a traceback at Ctrl-C."""
    script = (
        "import signal; from joblib import delayed; from topicml.parallel import in_joblib\n"
        "masks = in_joblib([delayed(signal.pthread_sigmask)(signal.SIG_BLOCK, [])] * 2, n_jobs=2)\n"
        "print([mask >= {signal.SIGINT, signal.SIGTERM} for mask in masks])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[True, True]\n"


@pytest.mark.parametrize(("number", "line", "status"), SIGNALS)
def test_pages(working, tmp_path, number, line, status):
    pages = tmp_path / "pages"
    pages.mkdir()
    page = (
        "<html><head><meta name='section' content='Sport'></head><body>" + "<p>The cup final." * 4000 + "</p>"
    )
    for name in range(300):
        (pages / f"{name}.html").write_text(f"{page}{name}")
    process = working("collect", pages, "--out", tmp_path / "out.jsonl", "--jobs", 3, n_workers=3)
    assert ended(process, number) == (status, line)
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_training(working, corpus, tmp_path):
    process = working("train", corpus, "--out", tmp_path / "model", "--no-tune", "--jobs", 2, n_workers=2)
    assert ended(process, signal.SIGTERM) == (143, "ended by SIGTERM\n")
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.jsonl"]


def test_predictions_can_be_resumed(working, corpus, base_model_path, tmp_path):
    corpus.write_text(corpus.read_text() * 6)
    job = ("predict", corpus, "--model", base_model_path, "--out", tmp_path / "out.csv", "--jobs", "2")
    process = working(*job, n_workers=2)
    status, told = ended(process, signal.SIGTERM)
    assert (status, told.splitlines()[1:]) == (
        143,
        ["interrupted; run the same command with --resume to continue"],
    )
    assert not (tmp_path / "out.csv").exists()
    assert in_process(*job, "--resume").returncode == 0
    assert in_process(*job[:5], tmp_path / "whole.csv").returncode == 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
