"""Code points sorted into classes: what makes a word, what stands alone, what separates.

The classes are a property of the model's feature format, so they are a table that ships with the
package and not whatever Unicode version the running Python happens to know: a model trained under
one Python sees the same tokens under the next. `derive_classes` is the rule the table was made by;
``python -m topicml.model.characters`` prints it, and a test compares the shipped table with it.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

SEPARATOR = 0
"""Ends a token: blanks, punctuation, symbols, controls."""
WORD = 1
"""Part of a word: letters, digits, underscore, and the combining marks that Indic and Arabic words need."""
ALONE = 2
"""A character of a script written without spaces: each is a token of its own."""
ALONE_MARK = 3
"""A combining mark of such a script: it belongs to the token before it."""

_SCRIPTS_WITHOUT_SPACES = (
    "CJK UNIFIED IDEOGRAPH",
    "CJK COMPATIBILITY IDEOGRAPH",
    "IDEOGRAPHIC",
    "HIRAGANA",
    "KATAKANA",
    "COMBINING KATAKANA-HIRAGANA",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
)


@cache
def code_point_classes() -> NDArray[np.uint8]:
    """Return the class of every code point, shape (0x110000,).

    Examples
    --------
    >>> classes = code_point_classes()
    >>> [int(classes[ord(character)]) for character in "a_ .中"]
    [1, 1, 0, 0, 2]
    """
    runs = np.array(
        (files("topicml.model") / "code_points.txt").read_text("ascii").split(), np.uint32
    ).reshape(-1, 2)
    return np.repeat(runs[:, 1].astype(np.uint8), np.diff(runs[:, 0], append=sys.maxunicode + 1))


def derive_classes() -> NDArray[np.uint8]:
    """Work the classes out from the Unicode database of the running Python (half a second)."""
    return np.fromiter((_class_of(chr(code)) for code in range(sys.maxunicode + 1)), np.uint8)


def _class_of(character: str) -> int:
    mark = unicodedata.category(character)[0] == "M"
    if not (mark or character.isalnum() or character == "_"):
        return SEPARATOR
    # Digits of those scripts make numbers, which are words like any other.
    if unicodedata.name(character, "").startswith(_SCRIPTS_WITHOUT_SPACES) and not character.isdigit():
        return ALONE_MARK if mark else ALONE
    return WORD


if __name__ == "__main__":
    derived = derive_classes()
    for first in np.flatnonzero(np.diff(derived, prepend=255)):
        print(first, derived[first])  # noqa: T201  (this is how the shipped table is written)
