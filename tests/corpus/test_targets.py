from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.targets import encode_labels, encode_targets, label_notes
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.training.settings import TrainingSettings
from topicml.training.train import train


def labelled(*labels):
    """One article for each argument: a label, or a tuple of them."""
    return [
        Article(f"text {i}", labels=(each,) if isinstance(each, str) else each, origin=f"a.csv:{i + 2}")
        for i, each in enumerate(labels)
    ]


class TestClasses:
    def test_are_sorted_as_text(self):
        targets = encode_targets(labelled("b", "9", "B", "10", "é"))
        assert targets.classes_ == ("10", "9", "B", "b", "é")

    def test_matrix_says_who_bears_what(self):
        targets = encode_targets(labelled("sport", "art", ("art", "sport"), ()))
        assert targets.classes_ == ("art", "sport")
        assert targets.Y.tolist() == [[False, True], [True, False], [True, True], [False, False]]
        assert targets.Y.dtype == np.bool_

    @given(st.lists(st.lists(st.text(max_size=3), max_size=3, unique=True), min_size=1, max_size=8))
    def test_matrix_reads_back_as_the_labels(self, label_lists):
        articles = labelled(*map(tuple, label_lists), ("x",))
        targets = encode_targets(articles, target_type="multilabel")
        read_back = [{targets.classes_[k] for k in np.flatnonzero(row)} for row in targets.Y]
        assert read_back == [set(article.labels) for article in articles]

    def test_labels_that_differ_by_case_are_kept_apart_and_noted(self):
        targets = encode_targets(labelled("Sport", "sport", "sport", "art", "STRASSE", "straße"))
        assert targets.classes_ == ("STRASSE", "Sport", "art", "sport", "straße")
        assert targets.notes == (
            "labels that differ only by case are kept apart: 'STRASSE' (1), 'straße' (1); "
            "'Sport' (1), 'sport' (2)",
        )

    def test_plain_labels_need_no_note(self):
        assert encode_targets(labelled("sport", "art")).notes == ()


class TestTargetType:
    def test_one_label_each_is_multiclass(self):
        assert encode_targets(labelled("sport", "art")).target_type == "multiclass"

    @pytest.mark.parametrize("other", [("art", "sport"), ()], ids=["two labels", "no label"])
    def test_any_other_number_makes_it_multilabel(self, other):
        targets = encode_targets(labelled("sport", "art", other))
        assert targets.target_type == "multilabel"
        assert targets.Y[2].sum() == len(other)

    def test_can_be_stated(self):
        assert encode_targets(labelled("sport", "art"), target_type="multilabel").target_type == "multilabel"

    def test_other_names_are_refused(self):
        with pytest.raises(TopicmlValueError, match="'multiclass' or 'multilabel', found 'binary'"):
            encode_targets(labelled("sport", "art"), target_type="binary")

    @pytest.mark.parametrize("other", [("art", "sport"), ()], ids=["two labels", "no label"])
    def test_multiclass_names_the_article_that_has_not_one_label(self, other):
        with pytest.raises(CorpusError, match=r"a\.csv:4 has the labels \[.*exactly one"):
            encode_targets(labelled("sport", "art", other), target_type="multiclass")

    def test_one_label_written_twice_is_one_label(self):
        """Regression (a repeated label counted twice): it made a multiclass corpus multilabel."""
        targets = encode_targets(labelled("sport", "art", ("art", "art")))
        assert targets.target_type == "multiclass"


class TestRefusedCorpora:
    def test_a_single_label_has_nothing_to_be_told_from(self):
        with pytest.raises(CorpusError, match=r"two labels or more, found \['sport'\]"):
            encode_targets(labelled("sport", "sport"))

    def test_a_single_label_of_a_multilabel_corpus_is_told_from_none(self):
        targets = encode_targets(labelled("sport", ()))
        assert targets.classes_ == ("sport",)
        assert targets.Y.tolist() == [[True], [False]]

    def test_no_label_at_all(self):
        with pytest.raises(CorpusError, match=r"two labels or more, found \[\]"):
            encode_targets(labelled((), ()))

    def test_unlabelled_articles_are_counted_and_placed(self):
        articles = [
            *labelled("sport", "art"),
            Article("x", origin="b.csv:9"),
            Article("y", origin="b.csv:10"),
        ]
        with pytest.raises(CorpusError, match=r"2 articles without a label, the first at b\.csv:9"):
            encode_targets(articles)

    def test_an_unlabelled_article_without_origin_is_named_by_its_id(self):
        with pytest.raises(CorpusError, match="1 article without a label, the first at n-17"):
            encode_targets([*labelled("sport", "art"), Article("x", id="n-17")])


class TestDeclaredLabels:
    def test_an_unknown_label_is_named_with_its_count(self):
        with pytest.raises(CorpusError, match=r"'arts' \(2 articles\), 'sprot' \(1 article\)"):
            encode_targets(labelled("sport", "art", "sprot", "arts", "arts"), labels=["art", "sport"])

    def test_an_absent_label_is_noted_and_left_out(self):
        targets = encode_targets(labelled("sport", "art"), labels=("weather", "sport", "art"))
        assert targets.classes_ == ("art", "sport")
        assert targets.notes == ("1 allowed label without an article, so left out of the model: 'weather'",)

    def test_their_order_does_not_matter(self):
        assert encode_targets(labelled("sport", "art"), labels=("sport", "art")).classes_ == ("art", "sport")

    def test_an_absent_label_changes_no_score(self, base_articles):
        labels = ("sport", "economy", "weather")
        plain = train(base_articles, settings=TrainingSettings(labels=labels), n_jobs=1)
        absent = train(base_articles, settings=TrainingSettings(labels=("aaa", *labels, "zzz")), n_jobs=1)
        assert absent.scores == plain.scores
        assert absent.probabilities.tobytes() == plain.probabilities.tobytes()
        assert len(absent.notes) == 1


def test_encode_labels_passes_over_other_labels():
    assert encode_labels(labelled(("sport", "art"), "art", ()), ["sport"]).tolist() == [
        [True],
        [False],
        [False],
    ]


def test_encode_labels_takes_unlabelled_articles():
    assert encode_labels([Article("x")], ["sport"]).tolist() == [[False]]


@pytest.mark.parametrize("other", ["sport\u200b", "\ufeffsport", "sp\u00adort", "ｓｐｏｒｔ"])
def test_labels_that_look_the_same_are_noted(other):
    [note] = label_notes({"sport": 2, other: 1}, 3)
    assert note.startswith("labels that look the same are kept apart: ")
    assert ascii(other) in note


def test_entities_of_html_are_seen_through():
    [note] = label_notes({"Arts & Stage": 2, "Arts &amp;amp; Stage": 1}, 3)
    assert "look the same" in note


def test_a_label_that_every_article_has_is_noted_among_others_only():
    assert label_notes({"sport": 3}, 3) == []
    [note] = label_notes({"news": 3, "sport": 1}, 3)
    assert note.startswith("every article has the label 'news'")
