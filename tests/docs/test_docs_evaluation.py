"""What docs/evaluation.md says to type in a shell works when it is typed; its Python runs as a doctest."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/evaluation.md"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Work in a place like the repository's root, to write into."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)


def test_commands():
    [commands] = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = f'set -e\ntopicml() {{ "{sys.executable}" -m topicml "$@"; }}\n{commands}'
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "B beside A on 101 articles, by macro-F1: better\n" in run.stdout
