from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.model.prediction import REASONS, Prediction
from topicml.model.predictions import REASON_CODES, Predictions, reasons_of

CLASSES = ("art", "sport", "war")


@st.composite
def made_up(draw: st.DrawFn) -> Predictions:
    """Any answers for up to five articles, ties among probabilities included."""
    n = draw(st.integers(0, 5))
    tenths = st.lists(st.integers(0, 10), min_size=3, max_size=3)
    rows = draw(st.lists(tenths, min_size=n, max_size=n))
    taken = draw(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=n, max_size=n))
    reasons = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    assigned = np.array(taken, bool).reshape(n, 3)
    assigned[np.array(reasons, int) > 0] = False
    return Predictions(
        probabilities=np.array(rows, float).reshape(n, 3) / 10,
        assigned=assigned,
        reasons=np.array(reasons, np.int8),
        known_terms=np.linspace(0, 1, n),
        classes_=CLASSES,
        fingerprint="0123456789ab",
    )


@given(made_up())
def test_items_are_those_of_a_list(predictions):
    listed = list(predictions)
    assert [predictions[i] for i in range(len(predictions))] == listed
    assert [predictions[i] for i in range(-len(predictions), 0)] == listed


@given(made_up(), st.slices(5))
def test_slices_are_those_of_a_list(predictions, rows):
    assert list(predictions[rows]) == list(predictions)[rows]


@given(made_up(), st.lists(st.integers(0, 4), max_size=6))
def test_some_articles_are_taken_by_their_places(predictions, places):
    rows = [place for place in places if place < len(predictions)]
    assert predictions.take(np.array(rows, np.int64)) == [predictions[row] for row in rows]


@given(made_up())
def test_who_abstains_is_known_without_making_predictions(predictions):
    assert predictions.abstained.tolist() == [prediction.abstained for prediction in predictions]


@given(made_up())
def test_equals_a_list_of_the_same_from_both_sides(predictions):
    assert predictions == list(predictions)
    assert list(predictions) == predictions
    assert predictions != [*predictions, "one more"]


@given(made_up())
def test_pickled_they_are_the_same(predictions):
    assert pickle.loads(pickle.dumps(predictions)) == predictions


@given(made_up())
def test_labels_are_those_assigned_the_most_probable_first(predictions):
    for prediction, row, taken in zip(
        predictions, predictions.probabilities, predictions.assigned, strict=True
    ):
        assert set(prediction.labels) == {CLASSES[k] for k in taken.nonzero()[0]}
        assert list(prediction.labels) == sorted(
            prediction.labels, key=lambda label: (-row[CLASSES.index(label)], label)
        )
        assert prediction.probability == row[CLASSES.index(prediction.label or CLASSES[row.argmax()])]


@pytest.mark.parametrize(
    ("code", "abstained"), [(0, False), (1, True), (2, True), (3, True), (4, False)], ids=str
)
def test_a_reason_says_whether_the_model_abstained(code, abstained):
    predictions = Predictions(
        np.array([[0.2, 0.5, 0.3]]),
        np.array([[False, code == 0, False]]),
        np.array([code], np.int8),
        np.array([1.0]),
        CLASSES,
        "0123456789ab",
    )
    assert (predictions[0].reason, predictions[0].abstained) == (REASON_CODES[code], abstained)


def test_each_reason_has_its_words():
    assert set(REASON_CODES) - {None} == set(REASONS)


@pytest.mark.parametrize(
    ("no_known_terms", "unusual", "low", "reason"),
    [
        (False, False, False, None),
        (False, False, True, "low_confidence"),
        (False, True, True, "unusual_language"),
        (True, True, True, "no_known_terms"),
    ],
    ids=str,
)
def test_of_several_reasons_the_one_that_says_most_is_given(no_known_terms, unusual, low, reason):
    codes = reasons_of(
        no_known_terms=np.array([no_known_terms]), unusual=np.array([unusual]), low=np.array([low])
    )
    assert REASON_CODES[codes[0]] == reason


class TestOfAModel:
    def test_many_answers_are_those_of_one_at_a_time(self, base_classifier):
        texts = ["Heavy rain tonight", "", "Cup final", "zzz qqq"]
        assert base_classifier.predict(texts) == [base_classifier.predict(text) for text in texts]

    def test_no_articles_have_no_answers(self, base_classifier):
        assert (len(base_classifier.predict([])), list(base_classifier.predict([]))) == (0, [])

    def test_an_item_is_a_prediction(self, base_classifier):
        assert isinstance(base_classifier.predict(["Cup final"])[0], Prediction)

    def test_an_index_beyond_the_end_is_refused_as_by_a_list(self, base_classifier):
        with pytest.raises(IndexError, match="out of range"):
            base_classifier.predict(["Cup final"])[1]

    def test_a_representation_stays_short(self, base_classifier):
        shown = repr(base_classifier.predict(["Cup final"] * 100))
        assert shown == "Predictions(100 articles: sport; sport; sport; sport; sport; and 95 more)"

    def test_an_article_that_is_left_to_a_person_is_shown_with_the_reason(self, base_classifier):
        assert repr(base_classifier.predict([""])) == "Predictions(1 article: none (no_known_terms))"
