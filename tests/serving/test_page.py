"""The page at /, in Debian's Chromium: what a person sees, by mouse and by keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from topicml.formatting import percent
from topicml.model.persistence import save_classifier

GOAL = "A late goal won the football league match."
HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture
def opened(chromium):
    """Return a function that opens the page of a service; at the end nothing was complained of."""
    contexts, complaints, asked, served = [], [], [], []

    def opened(service, *, width=1280, height=900, scheme="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, service_workers="block"
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        served.append(service.address)
        page.goto(service.address)
        page.locator("#facts dd").first.or_(page.locator("#error:visible")).first.wait_for()
        return page

    opened.complaints = complaints
    yield opened
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("data:", *served))] == []
    assert complaints == []


def sort(page, text, title=""):
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Find its sections").click()
    page.locator("#answer:visible #for li").first.wait_for()


def test_sections_probabilities_and_the_words_that_count(opened, service, base_classifier):
    page = opened(service)
    sort(page, GOAL)
    expected, explained = base_classifier.predict(GOAL), base_classifier.explain(GOAL)
    assert page.locator("#status").inner_text() == "Section: sport"
    assert page.locator("#status").get_attribute("aria-live") == "polite"
    shown = page.locator("#sections button bdi").all_inner_texts()
    assert shown == list(expected.probabilities)
    assert page.locator("#sections button .number").all_inner_texts() == [
        percent(probability) for _, probability in expected.ranked()
    ]
    assert page.locator("#marked").inner_text() == GOAL
    marked = set(page.locator("#marked mark.for").all_inner_texts())
    assert marked <= {GOAL[slice(*span)] for word in explained.words for span in word.spans}
    assert "goal won" in marked
    assert page.locator("#for li bdi").all_inner_texts() == [word.word for word in explained.supporting]
    assert base_classifier.fingerprint in page.locator("#who").inner_text()


def test_everything_from_the_keyboard(opened, service, base_classifier):
    page = opened(service)
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.type(GOAL)
    page.keyboard.press("Control+Enter")
    page.locator("#answer:visible #for li").first.wait_for()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.label") == "weather":
            break
    page.keyboard.press("Enter")
    page.get_by_text("Words that count for weather").wait_for()
    assert page.locator("#sections button[aria-pressed=true] bdi").all_inner_texts() == ["weather"]
    against = [word.word for word in base_classifier.explain(GOAL, "weather").opposing]
    assert page.locator("#against li bdi").all_inner_texts() == against


def test_why_a_person_is_to_look_at_it(opened, service):
    page = opened(service)
    page.get_by_label("Text", exact=True).fill("qqq")
    page.keyboard.press("Control+Enter")
    page.locator(".review").wait_for()
    told = page.locator("#status").inner_text()
    assert "For a person to review" in told
    assert "no word of this text is known to the model" in told


def test_a_file_is_opened_or_dropped(opened, service, tmp_path):
    page = opened(service)
    (tmp_path / "a.txt").write_text(GOAL)
    page.locator("#file").set_input_files(tmp_path / "a.txt")
    page.locator("#answer:visible #for li").first.wait_for()
    assert page.get_by_label("Text", exact=True).input_value() == GOAL
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["Snow fell in the north tonight."], "b.txt"));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }"""
    )
    page.get_by_text("Section: weather").wait_for()
    (tmp_path / "c.bin").write_bytes(b"\0\1\2")
    page.locator("#file").set_input_files(tmp_path / "c.bin")
    page.get_by_text("This is not a text file.").wait_for()


def test_places_are_right_behind_characters_that_javascript_counts_twice(opened, service):
    page = opened(service)
    sort(page, "\U0001f3c6\U0001f3c6 A late goal won the football league match.")
    assert "goal won" in page.locator("#marked mark").all_inner_texts()


def test_nothing_of_a_text_or_a_label_is_run(opened, serving, base_classifier, tmp_path):
    hostile = replace(base_classifier, classes_=(HOSTILE, *base_classifier.classes_[1:]))
    save_classifier(hostile, tmp_path / "desk")
    with serving(tmp_path / "desk") as service:
        page = opened(service)
        sort(page, f"{HOSTILE} {GOAL}", HOSTILE)
        page.locator("#sections button", has_text="onerror").click()
        page.get_by_text("Words that count for <img").wait_for()
        assert page.locator("#marked").inner_text() == f"{HOSTILE}\n{HOSTILE} {GOAL}"
        assert page.title() == "Sort an article - topicml"
        assert page.locator("img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_cut_off_on_a_phone_or_a_desk(opened, service, width, scheme):
    page = opened(service, width=width, scheme=scheme)
    sort(page, f"{GOAL} {'Donaudampfschifffahrtsgesellschaft' * 9}", "Cup")
    page.get_by_text("Model card", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")


def test_each_control_has_a_name(opened, service):
    page = opened(service)
    sort(page, GOAL)
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([hidden]), textarea, select, [role]")]
            .filter((found) => found.checkVisibility())
            .filter((found) => !(found.labels?.length || found.textContent.trim()
                || found.getAttribute("aria-label") || found.getAttribute("aria-labelledby")))
            .map((found) => found.outerHTML)"""
    )
    assert unnamed == []


def test_a_model_is_chosen_by_name(opened, service, multilabel_classifier):
    page = opened(service)
    page.get_by_label("Model", exact=True).select_option("desk")
    page.locator("#facts", has_text=multilabel_classifier.fingerprint).wait_for()
    sort(page, GOAL)
    assert multilabel_classifier.fingerprint in page.locator("#who").inner_text()


def test_the_page_asks_for_a_key_where_one_is_needed(opened, serving, base_model_path, tmp_path):
    (tmp_path / "keys").write_text("s3cret\n")
    with serving(base_model_path, "--api-key-file", tmp_path / "keys") as service:
        page = opened(service)
        page.get_by_label("API key").fill("s3cret")
        page.get_by_label("API key").press("Tab")
        page.locator("#facts dd").first.wait_for()
        sort(page, GOAL)
    opened.complaints.clear()  # Chromium logs each answer with status 401


def test_a_service_that_has_ended_is_told(opened, serving, base_model_path):
    with serving(base_model_path) as service:
        page = opened(service)
    page.get_by_label("Text", exact=True).fill(GOAL)
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").filter(has_text="cannot be reached").wait_for()
    opened.complaints.clear()  # Chromium logs the refused connection


def test_the_routes_for_programs_are_a_page_too(opened, service):
    page = opened(service)
    page.get_by_role("link", name="For programs").click()
    page.get_by_text("/v1/predict").click()
    assert "requestBody" in page.locator("details[open]").inner_text()
