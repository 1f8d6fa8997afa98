from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.model.explanation import Evidence, Explanation

ATTACK = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> &amp; </mark>"
TAGS = {"div", "b", "mark", "span", "bdi"}
HTML_TEXT = st.text(
    st.one_of(st.sampled_from("<>&\"'/ \n"), st.characters(exclude_categories=[])), max_size=30
)


class Reader(HTMLParser):
    """Takes HTML apart as a browser does: its tags, their attributes, the text, the marked text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.marks, self.open, self.texts = set(), set(), [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)
        if tag == "mark":
            self.marks.append([dict(attrs), ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if "mark" in self.open:
            self.marks[-1][1] += data


def explained(text, *evidence, label="sport"):
    return Explanation(text, label, 0.5, 0.25, 0.0, evidence)


def test_words_are_marked_with_what_they_added(base_classifier):
    read = Reader(base_classifier.explain(Article("rain", title="Cup"), "sport")._repr_html_())
    [(cup, cup_text), (rain, rain_text)] = read.marks
    assert (cup_text, rain_text) == ("Cup", "rain")
    assert cup["title"].startswith("cup +")
    assert rain["title"].startswith("rain -")
    assert "rgba(22,163,74,0.55)" in cup["style"]
    assert "rgba(220,38,38," in rain["style"]
    assert "border-bottom" in rain["style"]
    assert "border-bottom" not in cup["style"]


@given(text=HTML_TEXT, term=HTML_TEXT, label=HTML_TEXT)
def test_any_text_stays_text(text, term, label):
    """What an article, a term or a label holds must never become markup of the notebook."""
    evidence = [Evidence(term, 1.0, ((0, len(text)),))] if text else []
    html = explained(text, *evidence, label=label)._repr_html_()
    html.encode("utf-8")  # which lone surrogates would not survive
    read = Reader(html)
    assert read.tags <= TAGS
    assert read.attributes <= {"style", "title", "dir"}
    assert read.open == []


def test_an_attack_is_shown_as_it_stands():
    evidence = Evidence(ATTACK, -1.0, ((0, len(ATTACK)),))
    read = Reader(explained(ATTACK, evidence, label=ATTACK)._repr_html_())
    [(mark, text)] = read.marks
    assert text == ATTACK
    assert mark["title"] == f"{ATTACK} -1.000"
    assert read.tags <= TAGS
    assert read.texts.count(ATTACK) == 3  # label, text, term


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x85", "\u202e", "\u2066", "\ud800"])
def test_what_would_steer_the_page_is_shown_as_a_sign(control):
    html = explained(f"a{control}b")._repr_html_()
    assert control not in html
    assert "a\ufffdb" in html


def test_of_a_long_text_the_beginning_is_shown():
    text = "rain " * 20_000
    rain = Evidence("rain", 1.0, tuple((at, at + 4) for at in range(0, len(text), 5)))
    read = Reader(explained(text, rain)._repr_html_())
    assert "".join(read.texts).count("rain") == 10_000 + 1  # and once in the table
    assert "and 50,000 more characters" in read.texts


def test_a_tooltip_names_the_strongest_few():
    evidence = [Evidence(f"term{k}", 1 - k / 10, ((0, 4),)) for k in range(9)]
    [(mark, _)] = Reader(explained("rain", *evidence)._repr_html_()).marks
    assert mark["title"].split("\n")[0] == "term0 +1.000"
    assert mark["title"].split("\n")[-1] == "and 3 more"


def test_weak_stretches_are_left_plain():
    evidence = (Evidence("cup", 1.0, ((0, 3),)), Evidence("the", 0.01, ((4, 7),)))
    assert [text for _, text in Reader(explained("cup the", *evidence)._repr_html_()).marks] == ["cup"]


def test_bars_for_and_against_have_one_scale():
    evidence = (Evidence("cup", 1.0, ((0, 3),)), Evidence("rain", -0.25, ((4, 8),)))
    html = explained("cup rain", *evidence)._repr_html_()
    assert re.findall(r"height:.7em;width:([\d.]+)em", html) == ["6.00", "1.50"]
