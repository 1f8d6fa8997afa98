"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

__all__ = ["heading", "n_cores"]

_LIBRARIES = ("topicml", "numpy", "scipy", "sklearn", "joblib", "fasttext")  # as they are imported


def n_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def heading(libraries: Sequence[str] = _LIBRARIES) -> str:
    """Return one line that names the machine, the versions and the day, as a Markdown heading."""
    cores = n_cores()
    machine = f"{cores} core{'s' if cores > 1 else ''} of {_cpu_model()}, {_ram()}"
    today = datetime.now(UTC).date().isoformat()
    return f"### {today}: {machine}; Python {platform.python_version()}, {', '.join(_versions(libraries))}"


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _ram() -> str:
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return "unknown RAM"
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{size / 2**30:.0f} GiB RAM"


def _versions(libraries: Sequence[str]) -> list[str]:
    distributions = packages_distributions()
    # A checkout that is not installed has no metadata, yet is what is measured.
    names = [distributions.get(library, [library])[0] for library in libraries]
    return [f"{name} {found}" for name in names if (found := _version(name))]


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
