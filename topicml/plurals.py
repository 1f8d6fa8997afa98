"""Numbers with their nouns, for messages."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in the plural where it is one.

    >>> counted(1, "row"), counted(2, "row"), counted(2, "story", "stories")
    ('1 row', '2 rows', '2 stories')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {plural or f'{noun}s'}"
