"""The Dockerfile, without Docker: what it installs is what the package asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_installs_what_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r'"([a-z-]+>=[\d.]+)"', DOCKERFILE)
    assert set(named) <= {*project["dependencies"], *project["optional-dependencies"]["serve"]}
    assert set(project["optional-dependencies"]["serve"]) <= set(named)


def test_what_is_copied_is_enough_to_build():
    kept = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in kept if not (ROOT / name).exists()] == []
    assert {"topicml", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE"} <= set(kept)


def test_it_does_not_run_as_root():
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
