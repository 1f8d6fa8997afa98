"""What the README says to type works when it is typed, in an empty folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """The README's commands run in an empty folder, and that folder."""
    folder = tmp_path_factory.mktemp("readme")
    commands = next(block for block in blocks("sh") if "topicml train" in block)
    script = f'set -e\ntopicml() {{ "{sys.executable}" -m topicml "$@"; }}\n{commands}'
    run = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return run, folder


@pytest.mark.xdist_group("readme")
def test_commands(typed):
    run, folder = typed
    assert run.returncode == 0, run.stderr
    rows = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"row"')]
    assert len(rows) == len((folder / "news/recent.jsonl").read_text(encoding="utf-8").splitlines())
    assert "Global health: probability" in run.stdout


@pytest.mark.xdist_group("readme")
def test_python(typed):
    _, folder = typed
    assert len(blocks("python")) == 2
    script = "\n".join(blocks("python"))
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "Trade and economy" in run.stdout.splitlines()[-1]
