"""Plain text files: one article a line, or one saved page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from topicml.article import Article, Problem
from topicml.columns import ReadOptions, Row
from topicml.decoding import BadLine, Line
from topicml.json_lines import read_json_lines
from topicml.text_page import is_breadcrumb, parse_text_page


def read_lines(lines: Iterable[Line], path: str, _options: ReadOptions) -> Iterator[Row | Problem]:
    r"""Read one article a line, a blank line included: outputs stay beside their inputs.

    Examples
    --------
    >>> [row.article.text for row in read_lines(["Rain\x0b\r\n", "\n"], "a.txt", ReadOptions())]
    ['Rain\x0b', '']
    """
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
        else:
            text = line.removesuffix("\n").removesuffix("\r")
            yield Row(Article(text, origin=f"{path}:{number}"), path, number)


def read_page(lines: Iterable[Line], path: str, _options: ReadOptions) -> Iterator[Row | Problem]:
    """Read one saved page; an empty file holds none."""
    content: list[str] = []
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
            return
        content.append(line)
    if content:
        yield Row(replace(parse_text_page("".join(content)), origin=path), path)


def read_text(lines: Iterable[Line], path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read a saved page if the first line that is not blank is a breadcrumb, else one article a line."""
    first, lines = _peek(lines)
    reader = read_page if is_breadcrumb(first) else read_lines
    yield from reader(lines, path, options)


def read_stream(lines: Iterable[Line], path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read JSON Lines if the first line that is not blank begins with ``{``, else one article a line."""
    first, lines = _peek(lines)
    reader = read_json_lines if first.startswith("{") else read_lines
    yield from reader(lines, path, options)


def _peek(lines: Iterable[Line]) -> tuple[str, Iterable[Line]]:
    """Return the first line that is not blank, stripped, and all lines."""
    lines = iter(lines)
    seen: list[Line] = []
    for line in lines:
        seen.append(line)
        text = line.text if isinstance(line, BadLine) else line
        if text.strip():
            return text.strip(), chain(seen, lines)
    return "", seen
