"""What makes a word, what stands alone, what separates."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import topicml
from topicml.model.characters import ALONE, ALONE_MARK, SEPARATOR, WORD, code_point_classes, derive_classes

TABLE_VERSION = "14.0.0"  # the Unicode version that the shipped table was made with
same_unicode = pytest.mark.skipif(
    unicodedata.unidata_version != TABLE_VERSION, reason=f"this Python does not hold Unicode {TABLE_VERSION}"
)


@pytest.fixture(scope="module")
def disagreeing():
    """Code points on which table and rule differ, of those that this Python's Unicode has assigned.

    An unassigned one (category Cn) has no name and no category yet, so the rule has nothing to say.
    """
    differing = np.flatnonzero(code_point_classes() != derive_classes())
    return [code for code in differing.tolist() if unicodedata.category(chr(code)) != "Cn"]


@same_unicode
def test_the_shipped_table_follows_the_rule(disagreeing):
    assert disagreeing == []


def test_a_later_unicode_only_adds_characters(disagreeing):
    """What a later Unicode assigns is a separator in the shipped table; nothing else may differ."""
    assert [code for code in disagreeing if code_point_classes()[code] != SEPARATOR] == []


@same_unicode
def test_the_module_prints_the_shipped_table():
    root = Path(topicml.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-m", "topicml.model.characters"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == (files("topicml.model") / "code_points.txt").read_text("ascii").split()


def test_every_code_point_has_a_class():
    classes = code_point_classes()
    assert (classes.shape, classes.dtype) == ((0x110000,), np.uint8)
    assert set(np.unique(classes).tolist()) == {SEPARATOR, WORD, ALONE, ALONE_MARK}


def test_in_ascii_a_word_is_what_regular_expressions_call_one():
    expected = [bool(re.match(r"\w", chr(code))) for code in range(128)]
    assert (code_point_classes()[:128] == WORD).tolist() == expected


@pytest.mark.parametrize(
    "characters",
    [
        pytest.param("aZ09_", id="ASCII"),
        pytest.param("éßİΣя", id="European letters"),
        pytest.param("\u0301\u0327", id="combining accents"),
        pytest.param("चु\u094d\u093c", id="Devanagari with vowel signs, virama and nukta"),
        pytest.param("مٌ", id="Arabic with its marks"),
        pytest.param("한글", id="Hangul, which is written with spaces"),
        pytest.param("๕໕៥၅", id="Thai, Lao, Khmer and Myanmar digits"),
    ],
)
def test_part_of_a_word(characters):
    assert {int(code_point_classes()[ord(character)]) for character in characters} == {WORD}


@pytest.mark.parametrize(
    "characters",
    [
        pytest.param("中\u3400\U00020000\uf900", id="Han, its extensions and compatibility forms"),
        pytest.param("々〆〇", id="ideographic marks"),
        pytest.param("のノー", id="Hiragana and Katakana"),
        pytest.param("ก", id="Thai"),
        pytest.param("ກ", id="Lao"),
        pytest.param("ក", id="Khmer"),
        pytest.param("က", id="Myanmar"),
    ],
)
def test_a_character_of_a_script_without_spaces_stands_alone(characters):
    assert {int(code_point_classes()[ord(character)]) for character in characters} == {ALONE}


@pytest.mark.parametrize("mark", ["\u0e31", "\u0e48", "\u0eb1", "\u17b6", "\u102d", "\u3099"])
def test_a_mark_of_a_script_without_spaces_belongs_to_its_base(mark):
    assert code_point_classes()[ord(mark)] == ALONE_MARK


@pytest.mark.parametrize(
    "characters",
    [
        pytest.param("\0\t\n \u00a0\u3000", id="blanks and NUL"),
        pytest.param(".,;:!?-'’“”…—。、।", id="punctuation"),
        pytest.param("+=$€©☂\U0001f327", id="symbols"),
        pytest.param("\ud800\udfff", id="surrogates"),
        pytest.param("\ue000\uffff\U0010ffff", id="private and no characters"),
    ],
)
def test_separators(characters):
    assert {int(code_point_classes()[ord(character)]) for character in characters} == {SEPARATOR}
