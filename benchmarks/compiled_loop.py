"""The bound: what a plain loop in C++ does with the same bytes on one core."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["megabytes_per_second"]

_SOURCE = Path(__file__).with_name("words_and_pairs.cpp")


def megabytes_per_second(texts: Sequence[str]) -> float | None:
    """Compile the loop and run it on texts; None where there is no compiler."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return None
    with TemporaryDirectory(prefix="topicml-bound-") as folder:
        program, file = Path(folder) / "loop", Path(folder) / "texts"
        subprocess.run([compiler, "-O3", "-march=native", "-o", program, _SOURCE], check=True)
        joined = "".join(f"{text.replace(chr(0), ' ')}\0" for text in texts).encode("ascii", "replace")
        file.write_bytes(joined)
        done = subprocess.run([program, file], check=True, capture_output=True, text=True)
    return len(joined) / 1e6 / float(done.stdout.split()[0])
