"""Ctrl-C and SIGTERM end each command, and the processes that it started, in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import BOUND, is_running, wait_until

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


@pytest.fixture
def collecting(tmp_path):
    """A command with many pages to read in three processes, which it has started."""
    pages = tmp_path / "pages"
    pages.mkdir()
    page = (
        "<html><head><meta name='section' content='Sport'></head><body>" + "<p>The cup final." * 4000 + "</p>"
    )
    for number in range(300):
        (pages / f"{number}.html").write_text(f"{page}{number}")
    process = started("collect", pages, "--out", tmp_path / "out.jsonl", "--jobs", 3, cwd=tmp_path)
    wait_until(lambda: len(children(process.pid)) >= 3 or process.poll() is not None)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("number", "line", "status"),
    [(signal.SIGTERM, "ended by SIGTERM\n", 143), (signal.SIGINT, "interrupted\n", 130)],
)
def test_a_signal_ends_the_workers_too(collecting, tmp_path, number, line, status):
    """The signal goes to all of them, as from a terminal or a service manager, while they start."""
    workers = children(collecting.pid)
    os.killpg(collecting.pid, number)
    stderr = collecting.communicate(timeout=BOUND)[1].decode()
    assert (collecting.returncode, stderr) == (status, line)
    wait_until(lambda: not any(map(is_running, workers)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pages"]
    if Path("/dev/shm").exists():
        assert not [path for path in Path("/dev/shm").iterdir() if f"_{collecting.pid}_" in path.name]
