"""Pages written for these tests, and how they are put into tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from topicml.pages.one_page import SavedPage, read_page
from topicml.pages.page_tree import parse_page, read_head
from topicml.pages.section_signals import read_signals
from topicml.pages.structured_data import read_nodes

STORY = (
    "The ferry that links the two banks of the river returned to its berth on Monday after a year away.",
    "By Tuesday the water had risen so far that the captain asked for a second rope from the old storehouse.",
    "The first crossing is planned for Friday, when the school on the far bank opens its doors again.",
)


@pytest.fixture(scope="session")
def saved() -> Path:
    """A folder of pages, in folders named after their sections, with a front page and a feed."""
    return Path(__file__).parent / "saved"


@pytest.fixture(scope="session")
def read():
    """Return a function that reads a page of text or bytes, and returns what comes of it."""

    def read(html: str | bytes, *options, **known):
        data = html if isinstance(html, bytes) else html.encode()
        return read_page(SavedPage(data, "a.html", "a.html", **known), *options)

    return read


@pytest.fixture(scope="session")
def story_page():
    """Return a function that makes a page of what stands in its head and around its story."""

    def story_page(*, head: str = "", before: str = "", after: str = "", story=STORY) -> str:
        paragraphs = "".join(f"<p>{line}</p>" for line in story)
        body = f"{before}<article><h1>Ferry returns</h1>{paragraphs}{after}</article>"
        return f"<html><head><title>Ferry returns</title>{head}</head><body>{body}</body></html>"

    return story_page


@pytest.fixture(scope="session")
def signals():
    """Return a function that gives each source's labels on a page."""

    def signals(html: str, *, url: str | None = None, **given):
        tree = parse_page(html)
        found = read_signals(tree, read_head(tree, url), read_nodes(tree), given)
        return {signal.source: signal.labels for signal in found}

    return signals


@pytest.fixture(scope="session")
def story() -> str:
    """The text of the story."""
    return "\n".join(STORY)
