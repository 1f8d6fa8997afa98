"""Run tests with the lowest and the newest versions that pyproject.toml allows, in an environment for each.

They are the tests of models, old ones included, of reading, and of all that needs an extra.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).parents[1]
_TOOLS = ("hypothesis", "pandas", "pyarrow", "pytest")
_TESTS = ("model", "reading", "pages", "batch", "displays", "evaluation/report", "interop")


def main() -> int:
    """Run them with the one, then with the other; return the exit status of the first that fails."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    lowest = [requirement.replace(">=", "==") for requirement in newest]
    return next(filter(None, map(_tested, (lowest, newest))), 0)


def _tested(requirements: Sequence[str]) -> int:
    """Run the tests with these requirements and return the exit status."""
    sys.stdout.write(f"{', '.join(requirements)}\n")
    sys.stdout.flush()
    with TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "Scripts" if os.name == "nt" else "bin", "python")
        for install in (["--upgrade", "pip>=25.1"], [*requirements, *_TOOLS]):
            subprocess.run([python, "-m", "pip", "install", "--quiet", *install], check=True)
        # Old versions warn of what is new, and new ones of what is old; that is for `make test`.
        options = ["-q", "-p", "no:cacheprovider", "-o", "filterwarnings=default"]
        options += ["-o", "addopts=--import-mode=importlib"]
        tests = [f"tests/{name}" for name in _TESTS]
        return subprocess.run([python, "-m", "pytest", *options, *tests], cwd=_ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
