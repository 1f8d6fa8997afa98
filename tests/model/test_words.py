"""What terms added is shared among words, so that nothing is lost, and words are whole."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.model.calibration import Calibration
from topicml.model.classifier import FittedClassifier
from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import word_terms
from topicml.model.sparse import Coefficients
from topicml.model.tokens import tokenize
from topicml.model.vectorizer import TermStrings, Vectorizer
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

KINDS = {
    "words": FeatureSettings(ngram_range=(1, 1)),
    "pairs": FeatureSettings(),
    "runs of pairs and more": FeatureSettings(ngram_range=(2, 4), min_token_length=1),
    "characters": FeatureSettings(ngram_range=None, char_ngram_range=(2, 4)),
    "all": FeatureSettings(char_ngram_range=(3, 5), title_weight=3),
}
CHINESE = {
    "sport": ("球队赢得比赛", "比赛结束,球队领先", "冠军球队 cup final", "足球比赛今晚开始"),
    "weather": ("今晚大雨", "大雨和大雪", "明天有雪 snow", "暴雨今晚结束"),
}
BLUE = {"blue": 0.4, "helmets": 0.6, "blue helmets": 0.5}
ANY_TEXT = st.one_of(
    st.lists(
        st.sampled_from(["Heavy", "rain", "cup\u200b", "\ufb01nal", "比赛", "球队", ".", "-", "\n", "qqq"])
    ).map(" ".join),
    st.lists(st.sampled_from("球队比赛今晚大雨, a")).map("".join),
    st.text(st.characters(exclude_categories=[])),
)


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def any_model(request, base_articles):
    """A model of each kind of terms, which knows words and characters of a script without spaces."""
    chinese = [Article(text, labels=(label,)) for label, texts in CHINESE.items() for text in texts]
    settings = TrainingSettings(features=request.param)
    return train([*base_articles, *chinese], settings=settings, n_jobs=1).classifier


def model_of(coefficients):
    """A model of two opposite labels that knows these words and runs of words, and weighs each the same."""
    settings = FeatureSettings(ngram_range=(1, 3), min_token_length=1)
    found = {}
    for term, coefficient in coefficients.items():
        tokens = tokenize([term], min_token_length=1)
        [term_hash] = word_terms(tokens.hashes(), len(tokens.start), settings).tolist()
        found[term_hash] = (term, coefficient)
    hashes = sorted(found)
    vectorizer = Vectorizer(
        settings,
        np.array(hashes, np.uint64),
        np.ones(len(hashes), np.float32),
        TermStrings.pack(found[term_hash][0] for term_hash in hashes),
    )
    values = np.array([[found[term_hash][1], -found[term_hash][1]] for term_hash in hashes], np.float32)
    return FittedClassifier(
        ("a", "b"),
        "multiclass",
        vectorizer,
        Coefficients(values),
        np.zeros(2),
        Calibration(np.ones(2), np.zeros(2), multilabel=False),
        np.zeros(2),
    )


def named(model, text):
    return [found.word for found in model.explain(text, "a").words]


class TestAnyText:
    @given(
        text=st.one_of(ANY_TEXT, st.builds(Article, ANY_TEXT, title=ANY_TEXT)),
        label=st.sampled_from(["sport", "weather"]),
    )
    @example(text=Article("heavy rain, Heavy rain", title="Heavy-rain"), label="weather")
    def test_words_and_intercept_add_up_to_the_score(self, any_model, text, label):
        explanation = any_model.explain(text, label)
        added = sum(found.contribution for found in explanation.words)
        assert added + explanation.intercept == pytest.approx(explanation.score, abs=1e-9)

    @given(text=ANY_TEXT)
    def test_no_place_of_the_text_belongs_to_two_words(self, any_model, text):
        spans = sorted(span for found in any_model.explain(text).words for span in found.spans)
        assert all(start < end for start, end in spans)
        # Characters of a ligature are one place, and may be two tokens.
        assert all(a[1] <= b[0] or a == b for a, b in pairwise(spans))

    @given(text=st.text(st.sampled_from("abcdefghinorst -.'")))
    def test_words_are_whole(self, any_model, text):
        for found in any_model.explain(text).words:
            for start, end in found.spans:
                assert not re.search(r"\w$", text[:start])
                assert not re.match(r"\w", text[end:])

    @given(text=ANY_TEXT)
    def test_every_known_term_lies_in_the_words(self, any_model, text):
        explanation = any_model.explain(text)
        letters = {k for found in explanation.words for span in found.spans for k in range(*span)}
        for term in explanation.evidence:
            assert all({start, end - 1} <= letters for start, end in term.spans)


class TestSharing:
    def test_a_pair_gives_each_of_its_words_half(self):
        model = model_of({"red": 1.0, "red sea": 0.5})
        found = {own.word: own.contribution for own in model.explain("red sea", "a").words}
        assert found == pytest.approx({"red": 1.25 / 2**0.5, "sea": 0.25 / 2**0.5})

    def test_a_place_counts_as_much_as_another(self):
        model = model_of({"sea": 1.0, "red sea": -3.0})
        found = {own.word: own for own in model.explain("red sea, sea", "a").words}
        assert [own.spans for own in found.values()] == [((0, 3),), ((4, 7), (9, 12))]

    def test_words_that_differ_by_case_are_one_row_as_written_first(self):
        [found] = model_of({"rain": 1.0}).explain("RAIN, rain and Ra\u00adin", "a").words
        assert (found.word, found.spans) == ("RAIN", ((0, 4), (6, 10), (15, 20)))
        [hidden] = model_of({"rain": 1.0}).explain("Ra\u00adin", "a").words
        assert hidden.word == "Rain"


class TestPhrases:
    def test_words_that_gain_from_each_other_are_one_phrase(self):
        assert named(model_of(BLUE), "Blue helmets left") == ["Blue helmets"]

    @pytest.mark.parametrize("text", ["blue. helmets", "blue, helmets", "blue (helmets)", "blue  helmets"])
    def test_only_where_they_stand_together(self, text):
        assert sorted(named(model_of(BLUE), text)) == ["blue", "helmets"]

    @pytest.mark.parametrize("text", ["blue-helmets", "blue\nhelmets"])
    def test_a_hyphen_or_the_end_of_a_line_joins(self, text):
        assert named(model_of(BLUE), f"{text} and blue helmets") == [" ".join(text.split())]

    def test_a_word_outside_of_the_phrase_has_its_own_row(self):
        assert named(model_of(BLUE), "blue helmets, blue sky") == ["blue helmets", "blue"]

    @pytest.mark.parametrize(
        "coefficients",
        [
            {"the": 0.01, "sea": 0.6, "the sea": 0.9},  # a mere companion
            {"the": -0.2, "sea": 0.6, "the sea": 0.9},  # speaks the other way
            {"the": 0.5, "sea": 0.6, "the sea": -0.1},  # loses by the other
        ],
    )
    def test_words_that_do_not_gain_stay_apart(self, coefficients):
        assert sorted(named(model_of(coefficients), "the sea")) == ["sea", "the"]

    def test_words_that_are_known_together_only_are_a_phrase(self):
        assert named(model_of({"red sea": 1.0, "boat": 0.5}), "red sea boat") == ["red sea", "boat"]

    def test_what_speaks_against_is_a_phrase_too(self):
        against = {term: -value for term, value in BLUE.items()}
        [found] = model_of(against).explain("blue helmets", "a").words
        assert (found.word, found.contribution < 0) == ("blue helmets", True)

    def test_no_word_belongs_to_two_and_the_strongest_comes_first(self):
        coefficients = {"a": 1.0, "b": 1.0, "c": 1.0, "a b": 0.5, "b c": 0.7}
        assert named(model_of(coefficients), "a b c") == ["b c", "a"]

    def test_three_words_may_be_one(self):
        coefficients = {"world": 1.0, "health": 1.0, "day": 1.0, "world health": 0.2, "world health day": 0.6}
        assert named(model_of(coefficients), "World Health Day") == ["World Health Day"]


class TestScriptsWithoutSpaces:
    def test_a_term_is_shown_as_it_stands(self):
        assert named(model_of({"北京": 1.0, "雨": 0.2}), "在北京下雨") == ["北京", "雨"]

    def test_overlapping_terms_are_one_stretch(self):
        assert named(model_of({"习近": 0.5, "近平": 0.5}), "和习近平。") == ["习近平"]

    def test_a_stretch_is_cut_where_it_says_little(self):
        assert named(model_of({"北京": 1.0, "京大": 0.1, "大雨": 0.8}), "北京大雨") == ["北京", "大雨"]

    def test_and_where_terms_speak_the_other_way(self):
        assert named(model_of({"北京": 1.0, "京大": -0.5}), "北京大") == ["北京", "大"]

    def test_nothing_joins_over_a_sentence_end(self):
        assert sorted(named(model_of({"北京": 1.0}), "北。京")) == ["京", "北"]


class TestTopWords:
    def test_a_word_says_what_a_text_of_it_alone_adds(self, any_model):
        for word, added in any_model.top_words("sport", 5):
            if "…" not in word and any_model.vectorizer.settings.orders:
                [score] = any_model.decision_function([word])[:, any_model.classes_.index("sport")]
                assert added == pytest.approx(score - any_model.intercept[any_model.classes_.index("sport")])

    def test_the_largest_come_first_and_none_speaks_against(self, any_model):
        added = [value for _, value in any_model.top_words("sport", 50)]
        assert added == sorted(added, reverse=True)
        assert added[-1] > 0

    def test_a_phrase_takes_the_place_of_its_words(self):
        model = model_of({"blue": 0.5, "helmets": 0.6, "blue helmets": 0.5, "mine": 0.1})
        assert [word for word, _ in model.top_words("a")] == ["blue helmets", "mine"]

    def test_a_companion_makes_no_phrase(self):
        model = model_of({"the": 0.01, "sea": 0.6, "the sea": 0.9})
        assert [word for word, _ in model.top_words("a")] == ["sea", "the"]

    def test_pieces_are_joined_where_there_are_no_words(self, base_articles):
        settings = TrainingSettings(features=FeatureSettings(ngram_range=None, char_ngram_range=(3, 4)))
        model = train(base_articles, settings=settings, n_jobs=1).classifier
        found = [word for word, _ in model.top_words("weather", 10)]
        assert len(found) == 10
        assert max(len(word.strip("…")) for word in found) > 4

    @pytest.mark.parametrize(
        ("label", "n", "message"), [("art", 1, "label 'art'"), ("sport", 0, "n must be 1")]
    )
    def test_wrong_arguments_are_refused(self, base_classifier, label, n, message):
        with pytest.raises(ValueError, match=message):
            base_classifier.top_words(label, n)
