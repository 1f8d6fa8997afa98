from __future__ import annotations

import os

import pytest

from notebooks.refresh import alike
from notebooks.tutorial import TUTORIAL, lasting, refreshed


@pytest.mark.skipif(os.name == "nt", reason="the tutorial is typed in bash, with slashes in its paths")
def test_the_tutorial_shows_what_its_commands_print(tmp_path):
    kept = TUTORIAL.read_text(encoding="utf-8")
    printed = refreshed(kept, tmp_path)
    assert alike(lasting(kept), lasting(printed)), "make notebooks writes down what they print now"
