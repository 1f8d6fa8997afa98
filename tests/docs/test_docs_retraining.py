"""What docs/retraining.md says to type works when it is typed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/retraining.md"


def test_commands(tmp_path):
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "demo").mkdir()
    [commands] = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = f'set -e\ntopicml() {{ "{sys.executable}" -m topicml "$@"; }}\n{commands}'
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "\ndemo/desk replaced: macro-F1 " in run.stdout
    assert "\ndemo/desk is again the model that was replaced, " in run.stdout
