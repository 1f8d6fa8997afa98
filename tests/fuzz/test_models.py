"""Damaged and forged models: the old answers, other answers in order, or an error that names the file."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import random
import shutil
import time
from contextlib import suppress
from functools import reduce
from operator import getitem
from pathlib import Path

import numpy as np
import pytest

from topicml.exceptions import ModelFormatError, TopicmlError
from topicml.model.folder import _sealed, stored_fingerprint
from topicml.model.persistence import load_classifier, save_classifier
from topicml.training.model_card import describe, model_card

SECONDS = float(os.environ.get("TOPICML_FUZZ_SECONDS", "0"))
"""How long each attack goes on; without it, each is made so many times."""
TEXTS = ["The cup final in heavy rain", "", "zyzzyva", "Ελλάδα 中国 İstanbul"]
VALUES = (
    *(
        None,
        True,
        0,
        -1,
        1,
        0.5,
        1e308,
        -1e308,
        1e-320,
        10**400,
        -(1 << 63),
        "",
        "x",
        "\ud800",
        "../model.json",
    ),
    *([], [1], ["a"], [[]], [None] * 3, [1e308] * 3, [0.0] * 3, ["a", "b", "c"], {}, {"a": 1}, {"file": "x"}),
)


def rounds(n):
    """Yield a source of chance so many times, or for as long as is asked for; each round is another one."""
    end, seed = time.monotonic() + SECONDS, 0
    while seed < n or time.monotonic() < end:
        yield random.Random(seed)
        seed += 1


@pytest.fixture(params=["base_classifier", "multilabel_classifier"])
def folder(request, tmp_path):
    """A model to be damaged."""
    model = request.getfixturevalue(request.param)
    save_classifier(model, tmp_path / "model", card="A card.")
    return tmp_path / "model"


def places(value, place=()):
    """Yield the place of every entry of a value of JSON."""
    if place:
        yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*place, key))


def answers_in_order(folder):
    """The model is refused, or does all that a model does; return its answers if it does."""
    try:
        model = load_classifier(folder)
    except ModelFormatError as error:
        assert str(folder) in str(error)
        return None
    probabilities = model.predict_proba(TEXTS)
    assert np.isfinite(probabilities).all()
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    for use in (
        lambda: model.predict(TEXTS),
        lambda: model.explain(TEXTS[0]),
        lambda: model.top_terms(model.classes_[0]),
        lambda: model.label_codes(model.classes_),
        lambda: model_card(model),
        lambda: describe(model),
        lambda: load_classifier(folder, verify=True),
    ):
        with suppress(TopicmlError):
            use()
    return probabilities.tolist()


def sample(cases, n):
    """Return every case where chance goes on for long, else so many of them."""
    return cases if SECONDS else random.Random(0).sample(cases, n)


def test_files_that_were_cut_off(folder):
    """At each percent of each file."""
    before = answers_in_order(folder)
    files = sorted(folder.iterdir())
    for file, percent in sample([(file, percent) for file in files for percent in range(100)], 60):
        data = file.read_bytes()
        os.truncate(file, len(data) * percent // 100)
        found = answers_in_order(folder)
        told_apart = file.suffix != ".md" and not file.stem.startswith("fingerprints")
        assert found == (None if told_apart else before)
        file.write_bytes(data)


@pytest.mark.parametrize("sealed", [False, True])
def test_each_byte_of_the_description(folder, sealed):
    """Each is another one; also with the checksum made right again, where it still is JSON."""
    before, data = answers_in_order(folder), (folder / "model.json").read_bytes()
    for place in sample(range(len(data)), 100):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        if sealed:
            with suppress(ValueError, KeyError, TypeError, RecursionError):
                content = json.loads(flipped)
                del content["sha256"]
                flipped = _sealed(content)
        (folder / "model.json").write_bytes(flipped)
        found = answers_in_order(folder)
        assert sealed or found in (before, None)


def test_bits_that_flipped(folder):
    before = answers_in_order(folder)
    for chance in rounds(200):
        file = chance.choice(sorted(folder.glob("*.[jn][sp]*")))
        data = bytearray(file.read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        saved = file.read_bytes()
        file.write_bytes(data)
        assert answers_in_order(folder) in (before, None)
        file.write_bytes(saved)


def test_values_that_were_forged(folder):
    content = json.loads((folder / "model.json").read_bytes())
    del content["sha256"]
    every = list(places(content))
    for chance in rounds(300):
        forged = copy.deepcopy(content)
        *outer, last = chance.choice(every)
        holder = reduce(getitem, outer, forged)
        if chance.random() < 0.1:
            del holder[last]
        else:
            holder[last] = chance.choice(VALUES)
        if chance.random() < 0.5:
            with suppress(KeyError, TypeError, AttributeError):  # where there is something to make one of
                forged["fingerprint"] = stored_fingerprint(forged)
        data = _sealed(forged).replace(b"Infinity", b"1e999")
        (folder / "model.json").write_bytes(data)
        answers_in_order(folder)


def test_arrays_that_were_forged(folder):
    for chance in rounds(150):
        attacked = Path(shutil.copytree(folder, folder.with_name("attacked"), dirs_exist_ok=True))
        content = json.loads((attacked / "model.json").read_bytes())
        del content["sha256"]
        names = sorted(content["arrays"])
        name, other = chance.choice(names), chance.choice(names)
        data = bytearray((attacked / content["arrays"][other]["file"]).read_bytes())
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        digest = hashlib.sha256(data).hexdigest()
        entry = {**content["arrays"][other], "file": f"{name}.{digest[:12]}.npy", "sha256": digest}
        (attacked / entry["file"]).write_bytes(data)
        content["arrays"][name] = entry
        (attacked / "model.json").write_bytes(_sealed(content))
        answers_in_order(attacked)
        shutil.rmtree(attacked)
