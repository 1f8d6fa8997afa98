"""Check what `make dist` built: what the wheel holds, and that it predicts where it is installed.

The wheel was made from the source distribution, so that works, too.
"""

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

_NEEDED = {
    "topicml/py.typed",
    "topicml/shipped/world_desk.jsonl",
    "topicml/shipped/world-desk/model.json",
}
_FOLDERS = {"topicml", "dist-info"}
_TEXT = "Blue helmets patrolled the ceasefire line."


def main() -> None:
    """Check the one wheel in the folder named by the first argument."""
    [wheel] = Path(sys.argv[1]).resolve().glob("*.whl")
    check_contents(wheel)
    with tempfile.TemporaryDirectory() as folder:
        check_light(Path(folder) / "light", wheel)
        check_whole(Path(folder) / "whole", wheel)
    sys.stdout.write(f"{wheel.name}: {wheel.stat().st_size / 1e6:.2f} MB, installs and predicts\n")


def check_contents(wheel: Path) -> None:
    """Stop if the wheel lacks what ships, or holds anything but the package."""
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    if missing := _NEEDED - names:
        raise SystemExit(f"expected in the wheel, not found: {', '.join(sorted(missing))}")
    if other := {name for name in names if name.split("/")[0].rpartition(".")[2] not in _FOLDERS}:
        raise SystemExit(f"not expected in the wheel: {', '.join(sorted(other))}")


def check_light(place: Path, wheel: Path) -> None:
    """Predict in Python beside NumPy alone."""
    python = _installed(place, "numpy")
    _run(python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel))
    _run(python, "-c", f"import topicml; assert topicml.load_model().predict({_TEXT!r}).labels")


def check_whole(place: Path, wheel: Path) -> None:
    """Predict on the command line, with all that the wheel asks for."""
    python = _installed(place, str(wheel))
    _run(python, "-m", "pip", "check")
    command = str(python.with_name("topicml"))
    _run(command, "predict", "--model", "world-desk", "--text", _TEXT)


def _installed(place: Path, *packages: str) -> Path:
    """Return the Python of a new environment with some packages."""
    venv.create(place, with_pip=True)
    python = next(place.glob("[bS]*/python*"))
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return python


def _run(*command: str | Path) -> None:
    """Run a command outside of the checkout, so that what is installed answers."""
    subprocess.run(command, check=True, cwd=tempfile.gettempdir())  # noqa: S603  (commands are our own)


if __name__ == "__main__":
    main()
