"""Ways to run the command line, and the corpora and models that its commands are given."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.command_line import Run, in_process, started
from topicml.model.persistence import save_classifier
from topicml.training.model_card import model_card
from topicml.training.train import train


@pytest.fixture(scope="session")
def topicml():
    """Return a function that runs ``topicml`` within this process and returns its `Run`."""
    return in_process


@pytest.fixture(scope="session")
def process():
    """Return a function that runs ``python -m topicml`` in a process of its own and returns its `Run`.

    For what only a process has: start-up, encodings of streams, what it reads of the environment at once.
    A variable of `env` that is None is taken out of the environment; `python` holds options of Python.
    """

    def process(*args, python=(), **how) -> Run:
        return started([sys.executable, *python, "-m", "topicml", *args], **how)

    return process


@pytest.fixture(scope="session")
def shell():
    """Return a function that runs a bash script, in which ``topicml`` is the command, with arguments."""
    start = f'topicml() {{ "{sys.executable}" -m topicml "$@"; }}\n'
    return lambda script, *args, **how: started(["bash", "-c", start + script, "bash", *args], **how)


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
            save_classifier(classifier, made[labels], card=model_card(classifier))
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
