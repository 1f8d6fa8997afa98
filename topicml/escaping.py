"""Text that may hold anything, as one line that steers no terminal."""

from __future__ import annotations


def escaped(text: str) -> str:
    r"""Return text on one line, with control characters and invisible ones written as escapes.

    Examples
    --------
    >>> escaped("two\nlines")
    'two\\nlines'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
