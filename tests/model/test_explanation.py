"""Explanations add up, point at the right words, and say so in text, JSON and HTML."""

from __future__ import annotations

import json
import math
import pickle
import re
from dataclasses import FrozenInstanceError, replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.model.explanation import Explanation, stretches
from topicml.model.feature_settings import FeatureSettings
from topicml.model.sparse import Coefficients
from topicml.model.tokens import normalize
from topicml.model.words import WordEvidence
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

FEATURES = {
    "words": FeatureSettings(),
    "titles": FeatureSettings(title_weight=3),
    "pieces": FeatureSettings(ngram_range=None, char_ngram_range=(2, 4)),
    "both": FeatureSettings(char_ngram_range=(3, 5), title_weight=2),
}
WORDS = [
    "Rain",
    "cup",
    "\ufb01nal",
    "foot\u200bball",
    "bank",
    "the",
    "qqq",
    "\u96e8",
    ".",
    "\n",
    "\x1e",
    "e\u0301",
]
TEXT = st.one_of(
    st.lists(st.sampled_from(WORDS)).map(" ".join), st.text(st.characters(exclude_categories=[]))
)
ARTICLE = st.builds(Article, TEXT, title=TEXT)
HIGHLIGHTED = "heavy rain tonight"
SPANS = st.tuples(st.integers(0, 17), st.integers(1, 18)).filter(lambda span: span[0] < span[1])
EVIDENCE = st.builds(
    WordEvidence,
    st.sampled_from(["a", "b", "c"]),
    st.floats(-1, 1),
    st.lists(SPANS, min_size=1, max_size=3).map(tuple),
)
ATTACK = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> &amp; </mark>"
TAGS = {"div", "b", "mark", "span", "bdi"}
HTML_TEXT = st.text(
    st.one_of(st.sampled_from("<>&\"'/ \n"), st.characters(exclude_categories=[])), max_size=30
)


@pytest.fixture(scope="module", params=FEATURES.values(), ids=FEATURES)
def any_classifier(request, base_articles):
    """A classifier of each kind of features."""
    return train(base_articles, settings=TrainingSettings(features=request.param), n_jobs=1).classifier


@pytest.fixture(scope="module")
def binary_classifier(base_articles):
    return train(
        [article for article in base_articles if article.labels != ("weather",)], n_jobs=1
    ).classifier


def total(explanation, found=None):
    found = explanation.words if found is None else found
    return explanation.intercept + math.fsum(own.contribution for own in found)


class TestContributions:
    @given(text=st.one_of(TEXT, ARTICLE), k=st.integers(0, 2))
    @example(text=Article("the final", title="Cup final"), k=1)
    def test_they_add_up_to_the_score(self, any_classifier, text, k):
        explanation = any_classifier.explain(text, any_classifier.classes_[k])
        score = any_classifier.decision_function(text)[0, k]
        assert total(explanation) == pytest.approx(score, abs=1e-9)
        assert total(explanation, explanation.evidence) == pytest.approx(score, abs=1e-9)
        assert explanation.score == score
        assert explanation.probability == any_classifier.predict_proba(text)[0, k]

    @given(text=TEXT, top=st.integers(1, 5))
    def test_what_is_named_and_the_rest_add_up_to_the_score(self, any_classifier, text, top):
        explanation = any_classifier.explain(text, top=top)
        named = [*explanation.supporting, *explanation.opposing]
        assert total(explanation, named) + explanation.rest == pytest.approx(explanation.score, abs=1e-9)
        told = json.loads(json.dumps(explanation.to_dict()))
        terms = sum(found["contribution"] for found in told["terms"]) + told["other_terms"]
        for added in (sum(found["contribution"] for found in told["words"]), terms):
            assert told["intercept"] + added == pytest.approx(told["score"], abs=1e-9)

    def test_each_label_of_a_multilabel_model_has_its_own(self, multilabel_classifier):
        text = "Rain stopped the cup final"
        scores = multilabel_classifier.decision_function(text)[0]
        for label, score in zip(multilabel_classifier.classes_, scores, strict=True):
            explanation = multilabel_classifier.explain(text, label)
            assert (explanation.label, explanation.score) == (label, score)
            assert total(explanation) == pytest.approx(score, abs=1e-9)

    def test_of_two_labels_one_gains_what_the_other_loses(self, binary_classifier):
        text = "The bank praised the football coach"
        economy, sport = (binary_classifier.explain(text, label) for label in ("economy", "sport"))
        gained = {found.term: found.contribution for found in economy.evidence}
        lost = {found.term: -found.contribution for found in sport.evidence}
        assert gained == pytest.approx(lost)
        assert gained["bank"] > 0 > gained["football"]
        assert economy.intercept == pytest.approx(-sport.intercept)

    def test_words_of_a_title_count_more(self, base_articles):
        settings = TrainingSettings(features=FeatureSettings(title_weight=5))
        model = train(base_articles, settings=settings, n_jobs=1).classifier
        titled = model.explain(Article("bank rate", title="Cup"), "sport").supporting[0]
        plain = model.explain("Cup\nbank rate", "sport").supporting[0]
        assert (titled.word, titled.spans) == (plain.word, plain.spans) == ("Cup", ((0, 3),))
        assert titled.contribution > plain.contribution

    def test_the_default_label_is_the_most_probable_one(self, classifier):
        text = "Heavy rain and snow tonight"
        assert classifier.explain(text).label == next(iter(classifier.predict(text).probabilities))


class TestSpans:
    @given(text=st.one_of(TEXT, ARTICLE))
    @example(text="Foot\u200bball \ufb01nal, FINAL")
    @example(text=Article("the \ufb01nal", title="Cup\x1e final"))
    def test_they_hold_the_letters_of_their_term(self, any_classifier, text):
        explanation = any_classifier.explain(text)
        for found in explanation.evidence:
            assert found.spans
            assert list(found.spans) == sorted(found.spans)
            for start, end in found.spans:
                assert 0 <= start < end <= len(explanation.text)
                words = [normalize(word) for word in re.split(r"\W+", normalize(explanation.text[start:end]))]
                term = found.term.replace("…", "").split()
                assert all(any(part in word for word in words) for part in term)

    def test_they_are_those_of_the_text_as_it_was(self, base_classifier):
        text = "Foot\u200bball: the \ufb01nal, at last. FINAL!"
        [final] = [found for found in base_classifier.explain(text).evidence if found.term == "final"]
        [football] = [found for found in base_classifier.explain(text).evidence if found.term == "football"]
        assert [text[start:end] for start, end in final.spans] == ["\ufb01nal", "FINAL"]
        assert [text[start:end] for start, end in football.spans] == ["Foot\u200bball"]

    def test_a_run_of_words_reaches_from_the_first_to_the_last(self, base_classifier):
        text = "Heavy \u2013 rain"
        [pair] = [found for found in base_classifier.explain(text).evidence if found.term == "heavy rain"]
        assert pair.spans == ((0, len(text)),)

    def test_those_of_an_article_refer_to_title_and_text(self, base_classifier):
        article = Article("in the league", title="Cup \ufb01nal")
        explanation = base_classifier.explain(article)
        assert explanation.text == article.full_text
        [league] = [found for found in explanation.evidence if found.term == "league"]
        assert [explanation.text[start:end] for start, end in league.spans] == ["league"]


class TestTop:
    @pytest.mark.parametrize("top", [1, 3, 10_000])
    def test_it_bounds_what_is_named_not_what_is_kept(self, base_classifier, top):
        text = "Rain stopped the cup final; the bank cut rates and shares rose"
        whole, explanation = (
            base_classifier.explain(text, "sport"),
            base_classifier.explain(text, "sport", top=top),
        )
        assert (explanation.words, explanation.evidence) == (whole.words, whole.evidence)
        signs = [found.contribution > 0 for found in explanation.words if found.contribution]
        assert len(explanation.supporting) == min(top, sum(signs))
        assert len(explanation.opposing) == min(top, len(signs) - sum(signs))

    def test_the_strongest_come_first(self, base_classifier):
        explanation = base_classifier.explain("Rain stopped the cup final; the bank cut rates", "sport")
        terms = [found.contribution for found in explanation.evidence]
        added = [found.contribution for found in explanation.words]
        assert terms == sorted(terms, reverse=True)
        assert added == sorted(added, key=abs, reverse=True)
        assert explanation.supporting[0].contribution == max(added) > 0
        assert explanation.opposing[0].contribution == min(added) < 0

    @pytest.mark.parametrize("top", [0, -1])
    def test_less_than_one_is_refused(self, base_classifier, top):
        with pytest.raises(TopicmlValueError, match=f"top must be 1 or more, found {top}"):
            base_classifier.explain("Rain", top=top)


class TestEdges:
    @pytest.mark.parametrize("text", ["", "qqq zzz", "\u200b", "...", Article("")])
    def test_a_text_without_known_terms_scores_the_intercept(self, classifier, text):
        explanation = classifier.explain(text)
        assert (
            explanation.evidence == explanation.words == explanation.supporting == explanation.opposing == ()
        )
        assert explanation.score == explanation.intercept
        assert explanation.rest == 0
        assert str(explanation).endswith("the model knows no word of this text")
        assert "the model knows no word of this text" in explanation._repr_html_()

    def test_an_unknown_label_is_named_with_the_known_ones(self, base_classifier):
        with pytest.raises(TopicmlValueError, match=r"label 'art'; it knows 'economy', 'sport', 'weather'$"):
            base_classifier.explain("Rain", "art")

    def test_a_misspelt_label_is_answered_with_the_closest_one(self, base_classifier):
        with pytest.raises(TopicmlValueError, match=r"label 'Wether'; did you mean 'weather'\?$"):
            base_classifier.explain("Rain", "Wether")

    @pytest.mark.parametrize(("value", "found"), [(["Rain"], "list"), (b"Rain", "bytes"), (None, "NoneType")])
    def test_what_is_no_text_is_refused(self, base_classifier, value, found):
        with pytest.raises(TopicmlTypeError, match=f"one text or Article to explain, found {found}"):
            base_classifier.explain(value)

    def test_a_text_of_numpy_is_a_text(self, base_classifier):
        explanation = base_classifier.explain(np.str_("Cup final"))
        assert explanation == base_classifier.explain("Cup final")
        assert type(explanation.text) is str

    def test_it_is_a_value(self, base_classifier):
        explanation = base_classifier.explain("Cup final")
        assert pickle.loads(pickle.dumps(explanation)) == explanation
        with pytest.raises(FrozenInstanceError, match="cannot assign to field 'label'"):
            explanation.label = "art"


def test_as_text_for_people():
    words = (
        WordEvidence("cup", 0.5, ((0, 3), (8, 11))),
        WordEvidence("a\x1b[31m", 0.25, ((4, 5),)),
        WordEvidence("rain", -0.125, ((12, 16),)),
        WordEvidence("nil", 0.0, ((6, 7),)),
    )
    explanation = Explanation("cup a b cup rain", "sport\nforged", 0.75, 0.375, -0.25, words, ())
    assert str(explanation).splitlines() == [
        "sport\\nforged: probability 75%, score +0.375",
        "for",
        "  +0.500  cup  (2 times)",
        "  +0.250  a\\x1b[31m",
        "against",
        "  -0.125  rain",
        "rest",
        "  -0.250  where every text starts (the intercept)",
        "  +0.000  1 other",
    ]


def test_why_a_text_is_for_a_person_is_said_in_words(base_classifier):
    lines = str(base_classifier.explain("qqq")).splitlines()
    assert "left to a person: no word of this text is known to the model" in lines


def test_terms_are_there_for_those_who_ask(base_classifier):
    explanation = base_classifier.explain("Heavy rain tonight", "weather")
    named = {found.word for found in explanation.in_terms().words}
    assert named == {found.term for found in explanation.evidence} >= {"heavy", "rain", "heavy rain"}
    assert {found.word for found in explanation.words} != named


class TestTopTerms:
    def test_the_largest_coefficients_come_first(self, classifier):
        for k, label in enumerate(classifier.classes_):
            found = classifier.top_terms(label, 5)
            weights = [weight for _, weight in found]
            assert weights == np.sort(classifier.coef[:, k])[::-1][:5].tolist()
            assert len({term for term, _ in found}) == 5

    def test_they_are_words_of_the_label(self, base_classifier):
        assert "bank" in dict(base_classifier.top_terms("economy", 5))
        assert "rain" in dict(base_classifier.top_terms("weather"))

    def test_none_speaks_against_the_label(self, base_classifier):
        found = base_classifier.top_terms("sport", 1_000_000)
        assert len(found) == (base_classifier.coef[:, 1] > 0).sum() > 20
        assert found[-1][1] > 0

    def test_a_label_without_terms_has_none(self, base_classifier):
        silent = replace(base_classifier, coefficients=Coefficients(np.zeros_like(base_classifier.coef)))
        assert silent.top_terms("sport") == ()

    def test_wrong_arguments_are_refused(self, base_classifier):
        with pytest.raises(TopicmlValueError, match="does not know the label 'art'"):
            base_classifier.top_terms("art")
        with pytest.raises(TopicmlValueError, match="n must be 1 or more, found 0"):
            base_classifier.top_terms("sport", 0)


def explanation_of(*words, text=HIGHLIGHTED):
    return Explanation(text, "weather", 0.5, 0.0, 0.0, words, ())


def test_overlapping_terms_worked_by_hand():
    heavy_rain = WordEvidence("heavy rain", 0.5, ((0, 10),))
    rain = WordEvidence("rain", -1.5, ((6, 10),))
    assert [
        (part.text, part.strength, [found.word for found in part.words])
        for part in stretches(explanation_of(heavy_rain, rain))
    ] == [("heavy ", 0.5, ["heavy rain"]), ("rain", -1.0, ["rain", "heavy rain"]), (" tonight", 0.0, [])]


def test_a_term_that_overlaps_itself_lies_there_once():
    again = WordEvidence("rain rain", 1.0, ((0, 9), (5, 14)))
    cut = stretches(explanation_of(again, text="rain rain rain"))
    assert [(part.text, part.strength) for part in cut] == [("rain ", 1.0), ("rain", 1.0), (" rain", 1.0)]


@pytest.mark.parametrize("text", ["", "Rain"])
def test_a_text_without_terms_is_one_plain_stretch(text):
    assert "".join(part.text for part in stretches(explanation_of(text=text))) == text
    assert all(part.strength == 0 for part in stretches(explanation_of(text=text)))


@given(st.lists(EVIDENCE, max_size=6))
def test_stretches_are_the_text_and_know_what_lies_over_them(evidence):
    place = 0
    for part in stretches(explanation_of(*evidence)):
        end = place + len(part.text)
        assert part.text == HIGHLIGHTED[place:end] != ""
        lying = [found for found in evidence if any(s <= place and end <= e for s, e in found.spans)]
        assert sorted(map(repr, part.words)) == sorted(map(repr, lying))
        assert -1 <= part.strength <= 1
        place = end
    assert place == len(HIGHLIGHTED)


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


def explained(text, *words, label="sport"):
    return Explanation(text, label, 0.5, 0.25, 0.0, words, ())


def test_words_are_marked_with_what_they_added(base_classifier):
    read = Reader(base_classifier.explain(Article("rain", title="Cup"), "sport")._repr_html_())
    [(cup, cup_text), (rain, rain_text)] = read.marks
    assert (cup_text, rain_text) == ("Cup", "rain")
    assert cup["title"].startswith("Cup +")
    assert rain["title"].startswith("rain -")
    assert "rgba(22,163,74,0.55)" in cup["style"]
    assert "rgba(220,38,38," in rain["style"]
    assert "border-bottom" in rain["style"]
    assert "border-bottom" not in cup["style"]


@given(text=HTML_TEXT, term=HTML_TEXT, label=HTML_TEXT)
def test_any_text_stays_text(text, term, label):
    """What an article, a term or a label holds must never become markup of the notebook."""
    evidence = [WordEvidence(term, 1.0, ((0, len(text)),))] if text else []
    html = explained(text, *evidence, label=label)._repr_html_()
    html.encode("utf-8")  # which lone surrogates would not survive
    read = Reader(html)
    assert read.tags <= TAGS
    assert read.attributes <= {"style", "title", "dir"}
    assert read.open == []


def test_an_attack_is_shown_as_it_stands():
    evidence = WordEvidence(ATTACK, -1.0, ((0, len(ATTACK)),))
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
    rain = WordEvidence("rain", 1.0, tuple((at, at + 4) for at in range(0, len(text), 5)))
    read = Reader(explained(text, rain)._repr_html_())
    assert "".join(read.texts).count("rain") == 10_000 + 1  # and once in the table
    assert "and 50,000 more characters" in read.texts


def test_a_tooltip_names_the_strongest_few():
    evidence = [WordEvidence(f"term{k}", 1 - k / 10, ((0, 4),)) for k in range(9)]
    [(mark, _)] = Reader(explained("rain", *evidence)._repr_html_()).marks
    assert mark["title"].split("\n")[0] == "term0 +1.000"
    assert mark["title"].split("\n")[-1] == "and 3 more"


def test_weak_stretches_are_left_plain():
    evidence = (WordEvidence("cup", 1.0, ((0, 3),)), WordEvidence("the", 0.01, ((4, 7),)))
    assert [text for _, text in Reader(explained("cup the", *evidence)._repr_html_()).marks] == ["cup"]


def test_bars_for_and_against_have_one_scale():
    evidence = (WordEvidence("cup", 1.0, ((0, 3),)), WordEvidence("rain", -0.25, ((4, 8),)))
    html = explained("cup rain", *evidence)._repr_html_()
    assert re.findall(r"height:.7em;width:([\d.]+)em", html) == ["6.00", "1.50"]


def test_its_representation_is_a_line(base_classifier):
    shown = repr(base_classifier.explain("Heavy rain and snow tonight " * 50, "weather"))
    assert shown.startswith("Explanation('weather', probability=0.")
    assert len(shown) <= 400
