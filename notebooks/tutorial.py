"""Type the commands of docs/tutorial.md and write down what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parents[1]
TUTORIAL = _ROOT / "docs" / "tutorial.md"

_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_UNWANTED = ("TOPICML_MODEL", "FORCE_COLOR", "CLICOLOR_FORCE")
_PASSING = re.compile(r"\b\d+(?:\.\d+)? ?k?B\b|\b\d+(?:\.\d+)? s\b|\b[0-9a-f]{12}\b")


def refreshed(text: str, folder: Path) -> str:
    """Return the text with what its commands print now, one after another in an empty folder.

    The text's Python is there as ``classify.py``.
    """
    (folder / "classify.py").write_text("\n".join(_PYTHON.findall(text)), encoding="utf-8")
    return _CONSOLE.sub(lambda block: _typed(block[0], folder), text)


def lasting(text: str) -> str:
    """Return the text without what differs from run to run or between versions: times, sizes, fingerprints.

    >>> lasting("model in model after 2.4 s, 327.8 kB, 0123456789ab")
    'model in model after #, #, #'
    """
    return _PASSING.sub("#", text)


def _typed(block: str, folder: Path) -> str:
    """Return the commands of a block, each followed by what it prints."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{_printed(command[2:], folder)}" for command in commands)


def _printed(command: str, folder: Path) -> str:
    """Return what a command prints on both streams; one that fails is an error."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(  # noqa: S603  (the tutorial's own commands)
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607
        cwd=folder,
        env={**environment, "PATH": path, "PYTHONPATH": str(_ROOT), "COLUMNS": "80"},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if ran.returncode:
        raise SystemExit(f"{command}: exit status {ran.returncode}\n{ran.stdout}")
    return "".join(f"{line.rstrip()}\n" for line in ran.stdout.splitlines())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        kept = TUTORIAL.read_text(encoding="utf-8")
        TUTORIAL.write_text(refreshed(kept, Path(empty)), encoding="utf-8")
