"""The command line as a caller meets it: its exit status, and what it writes where."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from topicml.cli.app import main
from topicml.model.persistence import save_model
from topicml.training.model_card import model_card
from topicml.training.train import train

_ROOT = Path(__file__).parents[2]
_UNWANTED = ("TOPICML_MODEL", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONIOENCODING", "PYTHONUTF8")


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


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    changed = {**plain, "PYTHONPATH": str(_ROOT), "TERM": "xterm", "COLUMNS": "80", **changes}
    return {name: value for name, value in changed.items() if value is not None}


def _run(command: Sequence[str | Path | bytes], *, stdin=b"", env=None, cwd=None, encoding="utf-8") -> Run:
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


@pytest.fixture(scope="session")
def topicml():
    """Return a function that runs ``topicml`` within this process, as if in its own, and returns its `Run`.

    A variable of `env` that is None is taken out of the environment.
    """

    def topicml(*args, stdin=b"", env=None, cwd=None) -> Run:
        with _place(args, _environment(env or {}), cwd), _global_state_kept(), _streams(stdin) as outputs:
            with pytest.raises(SystemExit) as end:
                main()
            return Run(end.value.code, *map(_written, outputs))

    return topicml


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
    handlers, level, broken_pipe = root.handlers[:], root.level, signal.getsignal(signal.SIGPIPE)
    root.handlers.clear()  # pytest's own, with which the command would set up none
    try:
        with warnings.catch_warnings():
            yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
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


@pytest.fixture(scope="session")
def process():
    """Return a function that runs ``python -m topicml`` in a process of its own and returns its `Run`.

    For what only a process has: start-up, encodings of streams, what it reads of the environment at once.
    A variable of `env` that is None is taken out of the environment; `python` holds options of Python.
    """

    def process(*args, python=(), **how) -> Run:
        return _run([sys.executable, *python, "-m", "topicml", *args], **how)

    return process


@pytest.fixture(scope="session")
def shell():
    """Return a function that runs a bash script, in which ``topicml`` is the command, with arguments."""
    start = f'topicml() {{ "{sys.executable}" -m topicml "$@"; }}\n'
    return lambda script, *args, **how: _run(["bash", "-c", start + script, "bash", *args], **how)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file of bytes, text or rows, and returns its path."""

    def write(name: str, content: bytes | str | Sequence[Mapping[str, object]]) -> Path:
        if not isinstance(content, bytes | str):
            content = "".join(json.dumps(row) + "\n" for row in content)
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / name

    return write


@pytest.fixture(scope="session")
def relabelled(base_articles):
    """Return a function that gives the base articles other labels, those of sport, economy and weather."""

    def relabelled(*labels: str) -> list[dict[str, str]]:
        renamed = dict(zip(("sport", "economy", "weather"), labels, strict=True))
        return [{"text": article.text, "label": renamed[article.labels[0]]} for article in base_articles]

    return relabelled


@pytest.fixture(scope="session")
def model_of(base_articles, tmp_path_factory):
    """Return a function that gives the folder of a model of other labels; each is trained once a run."""
    made: dict[tuple[str, ...], Path] = {}

    def model_of(*labels: str) -> Path:
        if labels not in made:
            renamed = dict(zip(("sport", "economy", "weather"), labels, strict=True))
            articles = [replace(article, labels=(renamed[article.labels[0]],)) for article in base_articles]
            classifier = train(articles, n_jobs=1).classifier
            made[labels] = tmp_path_factory.mktemp("models") / "relabelled"
            save_model(classifier, made[labels], card=model_card(classifier))
        return made[labels]

    return model_of


@pytest.fixture(params=["empty model.json", "changed model.json", "cut array", "no array", "no model.json"])
def damaged_model(request, base_model_path, tmp_path):
    """A model that is no longer whole, in one way after the other."""
    folder = shutil.copytree(base_model_path, tmp_path / "damaged")
    description, array = folder / "model.json", next(folder.glob("coef.*.npy"))
    match request.param:
        case "empty model.json":
            description.write_bytes(b"")
        case "changed model.json":
            description.write_bytes(description.read_bytes().replace(b'"sport"', b'"spurt"'))
        case "cut array":
            array.write_bytes(array.read_bytes()[:-100])
        case "no array":
            array.unlink()
        case "no model.json":
            description.unlink()
    return folder
