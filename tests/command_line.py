"""The command line as a caller meets it: its exit status, and what it writes where."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from topicml.cli.app import main

_ROOT = Path(__file__).parents[1]
_UNWANTED = ("TOPICML_MODEL", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONIOENCODING", "PYTHONUTF8")
BOUND = 60
"""Seconds until a thing that is waited for is given up."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def rows(self) -> list[dict]:
        """Its standard output as JSON Lines; a line that is not JSON is an error here."""
        return [json.loads(line) for line in self.stdout.splitlines()]


def in_process(*args: str | Path, stdin: bytes = b"", env=None, cwd: Path | None = None) -> Run:
    """Run ``topicml`` within this process as if in its own; a variable of `env` that is None is taken out."""
    with _place(args, _environment(env or {}), cwd), _global_state_kept(), _streams(stdin) as outputs:
        with pytest.raises(SystemExit) as end:
            main()
        return Run(end.value.code, *map(_written, outputs))


def started(
    command: Sequence[str | Path], *, stdin=b"", env=None, cwd: Path | None = None, encoding="utf-8"
) -> Run:
    """Run a command in a process of its own, in which ``topicml`` can be imported."""
    done = subprocess.run(
        command,
        input=stdin,
        env=_environment(env or {}),
        cwd=cwd,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return Run(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, and fail where that takes too long."""
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def is_running(pid: int) -> bool:
    """Return whether there is such a process on Linux, and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def on_terminal(*args: str | Path, columns: int = 80) -> list[str]:
    """Run ``topicml`` with a terminal as its standard output, and return the lines that are shown there."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    command = [sys.executable, "-m", "topicml", *map(os.fspath, args)]
    env = _environment({"COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"})
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=env) as process:
        os.close(theirs)
        shown = b"".join(_until_closed(ours))
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode("utf-8").splitlines()


def _until_closed(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # how Linux says that the other side is closed
        while part := os.read(terminal, 1 << 16):
            yield part


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    changed = {**plain, "PYTHONPATH": str(_ROOT), "TERM": "xterm", "COLUMNS": "80", **changes}
    return {name: value for name, value in changed.items() if value is not None}


@contextmanager
def _place(args: Sequence[str | Path], env: Mapping[str, str], cwd: Path | None) -> Iterator[None]:
    """Set arguments, environment and working folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["topicml", *map(os.fspath, args)])
        for name in os.environ.keys() - env:
            patch.delenv(name)
        for name, value in env.items():
            patch.setenv(name, value)
        if cwd is not None:
            patch.chdir(cwd)
        yield


@contextmanager
def _global_state_kept() -> Iterator[None]:
    """Take back what a process may do to itself because it ends afterwards."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    broken_pipe = signal.getsignal(signal.SIGPIPE) if hasattr(signal, "SIGPIPE") else None  # not on Windows
    root.handlers.clear()  # pytest's own, with which the command would set up none
    try:
        with warnings.catch_warnings():
            yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        if broken_pipe is not None:
            signal.signal(signal.SIGPIPE, broken_pipe)
        sys.excepthook = hook


@contextmanager
def _streams(stdin: bytes) -> Iterator[tuple[TextIOWrapper, TextIOWrapper]]:
    """Give standard streams that have a file each, input from a pipe, and return the two outputs."""
    read, write = os.pipe()
    with os.fdopen(write, "wb") as sink:
        sink.write(stdin)
    with ExitStack() as stack:
        source = stack.enter_context(os.fdopen(read, encoding="utf-8"))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        out, err = (
            TextIOWrapper(stack.enter_context(TemporaryFile()), "utf-8", errors)
            for errors in ("strict", "backslashreplace")
        )
        for name, stream in {"stdin": source, "stdout": out, "stderr": err}.items():
            patch.setattr(sys, name, stream)
        yield out, err


def _written(stream: TextIOWrapper) -> str:
    stream.flush()
    stream.buffer.seek(0)
    return stream.buffer.read().decode("utf-8")
