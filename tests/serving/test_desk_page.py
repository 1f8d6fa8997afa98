"""The page at /desk, in Debian's Chromium: a person who labels from the keyboard."""

from __future__ import annotations

import json

import pytest

from tests.support import made_up
from topicml.lifecycle.decision_files import read_decisions
from topicml.model.persistence import save_classifier

HOSTILE = "<img src=x onerror=\"document.title='run'\">"


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "archive.jsonl"
    rows = [
        {"id": f"a{k}", "title": f"{HOSTILE} {k}", "text": article.text}
        for k, article in enumerate(made_up(30))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def opened(chromium):
    """Return a function that opens the desk as a person; at the end nothing was complained of."""
    contexts, complaints = [], []

    def opened(service, name="Ana", *, width=1280):
        context = chromium.new_context(viewport={"width": width, "height": 800}, service_workers="block")
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.goto(f"{service.address}/desk")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        page.locator("#article:visible").wait_for()
        return page

    opened.complaints = complaints
    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def press(page, key):
    """Press a key, and return the title that shows when the article has changed."""
    before = page.locator("#title").inner_text()
    page.keyboard.press(key)
    page.wait_for_function("before => document.getElementById('title').innerText !== before", arg=before)
    return page.locator("#title").inner_text()


@pytest.fixture
def service(serving, archive, tmp_path):
    args = (archive, "--labels", "art,chess,sport", "--out", tmp_path / "decisions.jsonl")
    with serving(*args, command="desk") as found:
        yield found


def test_label_undo_and_skip_from_the_keyboard(opened, service, tmp_path):
    page = opened(service)
    first = page.locator("#title").inner_text()
    press(page, "1")
    assert press(page, "u") == first
    page.keyboard.press("n")
    page.keyboard.type("a doubt 2")
    page.keyboard.press("Escape")
    press(page, "2")
    press(page, "s")
    press(page, "0")
    rows = [json.loads(line) for line in (tmp_path / "decisions.jsonl").read_text().splitlines()]
    assert [(row["accept"], row["answer"], row["annotator"]) for row in rows] == [
        (["chess"], "accept", "Ana"),
        ([], "ignore", "Ana"),
        ([], "accept", "Ana"),
    ]
    assert (rows[0]["title"], rows[0]["note"]) == (first, "a doubt 2")
    assert page.title() == "Label desk - topicml"


def test_the_name_is_kept_when_the_page_is_loaded_again(opened, service):
    page = opened(service)
    title = page.locator("#title").inner_text()
    page.reload()
    page.locator("#article:visible").wait_for()
    assert page.locator("#title").inner_text() == title
    assert page.locator("#who-name").inner_text() == "Ana"


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(opened, service, width):
    page = opened(service, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_decision_that_cannot_be_saved_is_told_and_the_article_stays(opened, service, tmp_path):
    page = opened(service)
    title = page.locator("#title").inner_text()
    (tmp_path / "decisions.jsonl").rename(tmp_path / "moved.jsonl")
    page.keyboard.press("1")
    page.locator("#error:visible").wait_for()
    assert "the decision was not saved" in page.locator("#error").inner_text()
    assert page.locator("#title").inner_text() == title
    (tmp_path / "moved.jsonl").rename(tmp_path / "decisions.jsonl")
    press(page, "1")
    assert page.locator("#error").is_hidden()
    assert len(read_decisions(tmp_path / "decisions.jsonl")) == 1
    opened.complaints[:] = [told for told in opened.complaints if "503" not in told]


def test_several_labels_by_search_and_the_guess(opened, serving, multilabel_classifier, tmp_path):
    save_classifier(multilabel_classifier, tmp_path / "model")
    rows = [{"text": f"{word} for all, and much more of it."} for word in ("Money", "Rain", "Goals")]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "decisions.jsonl"
    labels = ",".join(f"topic {k}" for k in range(12))
    args = (tmp_path / "a.jsonl", "--model", tmp_path / "model", "--labels", labels, "--out", out)
    with serving(*args, command="desk") as service:
        page = opened(service)
        page.locator("#guess").get_by_text("The model's guess").wait_for()
        for label in ("topic 7", "topic 11"):
            page.keyboard.press("/")
            page.keyboard.type(label)
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
        assert page.locator("#labels [aria-pressed=true]").count() == 2
        text = page.locator("#text").inner_text()
        page.keyboard.press("Enter")
        page.wait_for_function("before => document.getElementById('text').innerText !== before", arg=text)
    [decision] = read_decisions(out)
    assert (set(decision.labels), decision.text) == ({"topic 7", "topic 11"}, text)
