from __future__ import annotations

import re
from pathlib import Path

from topicml import __version__

_ROOT = Path(__file__).parents[2]


def _only(pattern: str, file: str) -> tuple[str, ...]:
    """Return what the groups of a pattern match at its first place in a file of the repository."""
    found = re.search(pattern, (_ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    return found.groups() if found else ()


def test_changelog_and_citation_name_this_version_and_one_day():
    in_changelog = _only(r"^## (\S+), (\d{4}-\d\d-\d\d)$", "CHANGELOG.md")
    assert in_changelog == _only(r"^version: (.+)\ndate-released: (.+)$", "CITATION.cff")
    assert in_changelog[0] == __version__
