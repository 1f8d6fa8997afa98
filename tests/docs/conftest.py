"""What the pages of the documentation say to type, typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.command_line import Run, in_process, started

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def typed(tmp_path):
    """Return a function that runs the commands of a page at a place like the repository's root."""
    (tmp_path / "data").symlink_to(_ROOT / "data")
    (tmp_path / "demo").mkdir()

    def typed(page: str) -> list[Run]:
        text = (_ROOT / "docs" / page).read_text(encoding="utf-8")
        [commands] = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        return [_run(command, tmp_path) for command in commands.splitlines()]

    return typed


def _run(command: str, place: Path) -> Run:
    name, *args = shlex.split(command)
    run = in_process(*args, cwd=place) if name == "topicml" else started(["bash", "-c", command], cwd=place)
    assert run.returncode == 0, (command, run)
    return run
