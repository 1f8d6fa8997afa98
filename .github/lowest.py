"""Print the lowest versions that pyproject.toml allows, one a line, as constraints for pip."""

import sys
import tomllib
from itertools import chain
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
extras = project["project"]["optional-dependencies"].values()
groups = project["dependency-groups"].values()
for requirement in chain(project["project"]["dependencies"], *extras, *groups):
    if isinstance(requirement, dict):
        continue  # it includes another group, which is listed by itself
    name, lower_bound, version = requirement.partition(">=")
    if not lower_bound:
        raise SystemExit(f"expected a lower bound, found {requirement!r}")
    sys.stdout.write(f"{name}=={version}\n")
