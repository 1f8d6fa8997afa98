"""The page as a browser shows it: whole, sortable, and alone in the world."""

from __future__ import annotations

import pytest

CELLS = """
Array.from(document.querySelectorAll('#labels table')[0].tBodies[0].rows, row => row.cells[%d].textContent)
"""


@pytest.fixture
def shown(browser, page):
    """The browser with the page."""
    browser.open(page)
    return browser


def sort(shown, column):
    """Click on the heading of a column of the labels, and return what the column then holds."""
    shown.run(f"document.querySelectorAll('#labels th button')[{column}].click()")
    return shown.run(CELLS % column)


def numbers(cells):
    return [None if cell == "–" else float(cell) for cell in cells]


def test_it_renders(shown, hostile_evaluation):
    assert shown.run("document.querySelector('h1').getBoundingClientRect().height") > 0
    widths = shown.run("Array.from(document.querySelectorAll('figure svg'), svg => svg.getBBox().width)")
    assert len(widths) == 3
    assert min(widths) > 100
    assert len(shown.run(CELLS % 0)) == len(hostile_evaluation.labels)
    assert shown.complaints() == []


def test_nothing_is_asked_for_but_the_file(shown, page):
    assert shown.requested() == [page.as_uri()]


def test_what_is_in_an_article_is_not_run(shown):
    assert shown.run("document.title").startswith("Of <script>")


def test_a_script_that_gets_in_is_not_run_and_a_picture_not_loaded(browser, page, tmp_path):
    """Were the escaping to fail, the page's policy would still hold."""
    changed = tmp_path / "changed.html"
    intruder = "<script>document.title = 'run'</script><img src='https://example.org/a.png'>"
    changed.write_text(page.read_text("utf-8").replace("<main>", f"<main>{intruder}"), "utf-8")
    browser.open(changed)
    assert browser.run("document.title") != "run"
    assert len(browser.complaints()) == 2
    assert all("Content Security Policy" in told for told in browser.complaints())


def test_a_click_sorts_words(shown):
    up, down = sort(shown, 0), sort(shown, 0)
    assert len(up) == 5
    assert up == down[::-1]
    assert up[1:] == ["art", "economy", "sport", "weather"]
    assert shown.run("document.querySelector('#labels th').ariaSort") == "descending"


def test_a_click_sorts_numbers_and_what_is_none_comes_last(shown):
    """As words, 10 would come before 9, and a dash before both."""
    headings = shown.run("Array.from(document.querySelectorAll('#labels th'), head => head.textContent)")
    precision = headings.index("precision")
    down, up = numbers(sort(shown, precision)), numbers(sort(shown, precision))
    known = sorted(value for value in up if value is not None)
    nothing = [None] * (len(up) - len(known))
    assert nothing
    assert up == known + nothing
    assert down == known[::-1] + nothing
    counts = numbers(sort(shown, precision + 2))
    assert counts == sorted(counts, reverse=True)


def test_rows_stay_whole_when_sorted(shown):
    rows = "Array.from(document.querySelectorAll('#labels table')[0].tBodies[0].rows, row => row.textContent)"
    before = shown.run(rows)
    sort(shown, 1)
    sort(shown, 1)
    assert sorted(shown.run(rows)) == sorted(before)


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_the_page_is_as_wide_as_the_screen(browser, page, width):
    browser.open(page, width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_ground_follow_the_reader(browser, page, scheme):
    browser.open(page)
    browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    ground = browser.run("getComputedStyle(document.body).backgroundColor")
    drawn = browser.run("getComputedStyle(document.querySelector('figure svg text')).fill")
    text = browser.run("getComputedStyle(document.body).color")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert drawn == text != ground
    browser.ask("Emulation.setEmulatedMedia", features=[])


def test_on_paper_nothing_is_cut_off(browser, page):
    browser.open(page, width=700)
    browser.ask("Emulation.setEmulatedMedia", media="print")
    assert browser.run("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    assert browser.run("document.querySelector('nav').offsetHeight") == 0
    browser.ask("Emulation.setEmulatedMedia", media="")
