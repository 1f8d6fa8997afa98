"""The table of faults names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_each_fault_has_its_test():
    rows = re.findall(r"`([\w/]+\.py)::(\w+)`", (_ROOT / "docs/faults.md").read_text(encoding="utf-8"))
    assert len(rows) > 30
    for file, name in rows:
        assert f"def {name}(" in (_ROOT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{name}"
