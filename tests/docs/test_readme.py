"""What the README says to type works when it is typed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A place like the repository's root, to write into, with every third article of its corpus."""
    path = tmp_path_factory.mktemp("readme")
    articles = (ROOT / "data/world_desk.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (path / "data").mkdir()
    (path / "data/world_desk.jsonl").write_text("".join(articles[::3]), encoding="utf-8")
    (path / "demo").mkdir()
    return path


@pytest.mark.xdist_group("readme")
def test_python(folder):
    assert len(blocks("python")) == 3
    script = "\n".join(blocks("python"))
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "Peacekeeping" in run.stdout


@pytest.mark.xdist_group("readme")
def test_commands(folder):
    commands = next(block for block in blocks("sh") if "topicml train" in block)
    script = f'set -e\ntopicml() {{ "{sys.executable}" -m topicml "$@"; }}\n{commands}'
    run = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count('"probabilities"') == len((folder / "demo/recent.jsonl").read_text().splitlines())
