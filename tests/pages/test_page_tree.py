from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import CorpusError
from topicml.pages import page_tree
from topicml.pages.page_tree import block_lines, contents, n_elements, one_line, parse_page, read_head


@pytest.mark.parametrize("text", ["", " \n", "<!-- nothing -->", "<?xml version='1.0'?>"])
def test_nothing_is_refused(text):
    with pytest.raises(CorpusError, match="the page is empty"):
        parse_page(text)


@pytest.mark.parametrize("tag", ["<div>", "<b><i>", "<table><tr><td>", "<ul><li>"])
def test_what_is_nested_without_end_is_refused(tag):
    """Extraction that takes hours, or breaks the stack, on pages of a few hundred kilobytes."""
    with pytest.raises(CorpusError, match="nested deeper"):
        parse_page(tag * 100_000 + "<p>Rain")


def test_a_few_hundred_tags_left_open_are_no_fault():
    assert list(block_lines(parse_page("<b>" * 300 + "Rain"))) == ["Rain"]


def test_more_elements_than_any_page_has_are_refused():
    with pytest.raises(CorpusError, match="at most 50,000 elements, found 60,00"):
        parse_page("<p>x" * 60_000)


def test_more_text_than_any_page_has_is_refused():
    with pytest.raises(CorpusError, match="at most 12,000,000 characters"):
        parse_page("x" * (page_tree.MAX_CHARACTERS + 1))


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(CorpusError, match="expected text, found other bytes"):
        parse_page("".join(map(chr, range(1, 256))) * 10)


def test_entities_of_the_page_s_own_are_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><p>&b;&b;&b; Rain</p>'
    assert len(contents(parse_page(bomb))) < 100


def test_entities_of_html_are():
    assert contents(parse_page("<p>Caf&eacute; &amp; t&#233;&#146;s</p>")) == "Café & té’s"


def test_lines_are_blocks_without_what_is_no_text():
    html = (
        "<html><head><title>No</title></head><body><nav>No</nav><script>no()</script><h1>Yes</h1>and"
        "<div>a <b>bold</b> word<p>in</p>out</div>tail<br>end<style>no</style></body></html>"
    )
    assert list(block_lines(parse_page(html))) == ["Yes", "and", "a bold word", "in", "out", "tail", "end"]


def test_elements_are_counted():
    assert n_elements(parse_page("<html><head></head><body><p>a<p>b</body></html>")) == 5


@given(st.text(max_size=300))
def test_any_text_is_parsed_or_refused(text):
    try:
        lines = list(block_lines(parse_page(text)))
    except CorpusError:
        return
    assert all(line == one_line(line) for line in lines)


def test_a_head():
    html = (
        '<html lang="en"><head><title>Ferry | Daily</title>'
        '<link rel="Canonical" href=" https://x.example/1 ">'
        '<META PROPERTY="OG:Title" CONTENT="Ferry"><meta name="a" content=""><meta name="b" content="1">'
        '<meta name="b" content="2"><meta property="og:url" content="https://x.example/2"></head>'
        "<body><h1>Ferry <i>returns</i></h1></body></html>"
    )
    head = read_head(parse_page(html), "https://x.example/3")
    assert head.metas == (("og:title", "Ferry"), ("b", "1"), ("b", "2"), ("og:url", "https://x.example/2"))
    assert head.titles == ("Ferry", "Ferry returns", "Ferry | Daily")
    assert head.urls == ("https://x.example/1", "https://x.example/2", "https://x.example/3")
    assert (head.language, head.meta("c", "b"), head.meta("c")) == ("en", "1", "")


def test_several_headlines_are_those_of_several_stories():
    assert read_head(parse_page("<h1>One</h1><h1>Two</h1>")).titles == ()


def attributes(number: int, form: str) -> str:
    return "<p" + "".join(form.format(i, i) for i in range(number)) + ">Rain</p>"


@pytest.mark.parametrize(
    "form", [" a{}", " a{}=1", " a{}='>'", ' a{}="<b>"', "/a{}", ' a{}="1"b{}=2', " a{} = <"]
)
@pytest.mark.parametrize(
    "before", ["", '<script>if (a<b && c="\'") x</script>', "<!-- <p ' -->", "<p a='x'b=\"y\"c>"]
)
def test_attributes_are_counted_before_they_are_parsed(before, form):
    """A page of 1 MB with 100,000 of them took more than 45 seconds."""
    with pytest.raises(CorpusError, match="at most 1,000 attributes in a tag"):
        parse_page(before + attributes(100_000, form))
    with pytest.raises(CorpusError, match="at most 1,000 attributes in a tag"):
        parse_page(before + attributes(1_001, form).replace("<p", "<script", 1))
    parse_page(before + attributes(400, form))


def test_words_in_scripts_and_texts_are_no_attributes():
    words = " word" * 5_000
    for text in (
        f"<script>if (a<b{words})</script>",
        f"a < b{words}",
        f"<!-- <p{words} -->",
        f"<title><b{words}</title>",
    ):
        assert "Rain" in "".join(parse_page(f"{text}<p>Rain").itertext())


@given(st.text(alphabet="<>\"'=/ap!- \n", max_size=200))
def test_any_short_text_has_few_attributes(text):
    parse_page(f"Rain {text}")
