from __future__ import annotations

import numpy as np
import pytest

from topicml.exceptions import TopicmlValueError, UnkeptPromiseError
from topicml.training.abstention import NEVER
from topicml.training.promises import (
    Answers,
    Decided,
    Promise,
    check_known,
    find_promises,
    is_hopeless,
    refuse_unkept,
    score_with_promises,
)
from topicml.training.settings import TrainingSettings


@pytest.fixture
def decided():
    """Two labels that are as probable as they are frequent, given from 0.3."""
    rng = np.random.default_rng(0)
    probabilities = rng.random((2000, 2))
    Y = rng.random((2000, 2)) < probabilities
    return Decided(probabilities, probabilities > 0.3, Y, np.ones(2000, bool), np.arange(2000) % 3)


def promised(decided, **how):
    return find_promises(decided, ("a", "b"), TrainingSettings(**how))


def test_each_promise_is_kept_by_the_answers_of_its_label(decided):
    for promise in promised(decided, min_precision={"b": 0.9, "a": 0.8}):
        k = "ab".index(promise.label)
        kept = decided.given[:, k] & (decided.probabilities[:, k] >= promise.abstention.min_confidence)
        assert promise.n_given == decided.given[:, k].sum()
        assert decided.Y[kept, k].mean() == pytest.approx(promise.abstention.precision)
        assert promise.abstention.lower_bound >= promise.abstention.promised
        assert " articles that would get it, " in promise.note


def test_all_that_cannot_be_kept_is_refused_at_once_with_what_can(decided):
    found = promised(decided, abstain_precision=0.9999, min_precision={"a": 0.9999, "b": 0.5})
    with pytest.raises(UnkeptPromiseError, match=r"99.99% precision cannot be guaranteed for all") as error:
        refuse_unkept(found)
    assert set(error.value.highest) == {None, "a"}
    message = str(error.value)
    assert f"use --abstain-precision {error.value.highest[None]:g}" in message
    assert f"use --min-precision 'a={error.value.highest['a']:g}'" in message
    assert "--allow-unkept" in message


def test_the_highest_that_is_named_is_not_refused(decided):
    [unkept] = promised(decided, min_precision={"a": 0.9999})
    refuse_unkept(promised(decided, min_precision={"a": unkept.highest}))


def test_a_label_that_is_never_given_has_no_promise_to_keep(decided):
    decided.given[:, 0] = False
    [promise] = promised(decided, min_precision={"a": 0.5})
    assert (promise.n_given, promise.abstention.min_confidence, promise.highest) == (0, NEVER, None)
    with pytest.raises(UnkeptPromiseError, match="no lower precision can: leave out --min-precision"):
        refuse_unkept([promise])


def test_a_label_that_no_article_has_is_named():
    with pytest.raises(TopicmlValueError, match="no article has: 'c'; expected any of 'a', 'b'"):
        check_known(("a", "b"), [("a", 0.5), ("c", 0.5)])


class TestHopeless:
    """0.95 takes 52 right answers."""

    @pytest.mark.parametrize(("n", "hopeless"), [(51, True), (52, False)])
    def test_a_label_with_too_few_articles(self, n, hopeless):
        Y = np.arange(200)[:, None] < [n, 200]
        settings = TrainingSettings(min_precision={"a": 0.95})
        assert is_hopeless(Y, ("a", "b"), settings) == hopeless

    def test_too_few_articles_for_a_promise_of_all(self):
        assert is_hopeless(np.ones((51, 1), bool), ("a",), TrainingSettings(abstain_precision=0.95))

    def test_what_is_allowed_is_not(self):
        settings = TrainingSettings(min_precision={"a": 0.95}, allow_unkept=True)
        assert not is_hopeless(np.ones((5, 1), bool), ("a",), settings)


class TestUnderPromises:
    def given(self, overall, bars, *, multilabel):
        probabilities = np.array([[0.9, 0.6], [0.7, 0.6], [0.3, 0.6]])
        given = probabilities >= 0.5
        if not multilabel:
            given = np.eye(2, dtype=bool)[[0, 0, 1]]
        decided = Decided(probabilities, given, given, np.ones(3, bool), np.zeros(3, np.int64))
        return decided.given_under(overall, np.array(bars), multilabel=multilabel).astype(int).tolist()

    @pytest.mark.parametrize(
        ("overall", "bars", "expected"),
        [
            (0.0, [0.0, 0.0], [[1, 0], [1, 0], [0, 1]]),
            (0.8, [0.0, 0.0], [[1, 0], [0, 0], [0, 0]]),
            (0.0, [0.8, 0.0], [[1, 0], [0, 0], [0, 1]]),
            (0.0, [NEVER, 0.0], [[0, 0], [0, 0], [0, 1]]),
        ],
    )
    def test_one_label_each(self, overall, bars, expected):
        assert self.given(overall, bars, multilabel=False) == expected

    @pytest.mark.parametrize(
        ("overall", "bars", "expected"),
        [
            (0.0, [0.0, 0.0], [[1, 1], [1, 1], [0, 1]]),
            (0.8, [0.0, 0.0], [[1, 1], [0, 0], [0, 0]]),
            (0.0, [0.8, 0.0], [[1, 1], [0, 1], [0, 1]]),  # its threshold is raised
            (0.0, [NEVER, 0.0], [[0, 0], [0, 0], [0, 1]]),  # a person gets what would have the label
        ],
    )
    def test_several_labels(self, overall, bars, expected):
        assert self.given(overall, bars, multilabel=True) == expected

    def test_precision_is_that_of_what_is_answered(self, decided):
        promises = promised(decided, abstain_precision=0.9)
        how = {"multilabel": True, "groups": np.arange(2000), "random_state": 0}
        found = score_with_promises(decided, promises, ("a", "b"), **how)
        confidence, right, _ = decided.answers()
        kept = confidence >= promises[0].abstention.min_confidence
        assert found.answered.value == pytest.approx(kept.mean())
        assert found.precision.value == pytest.approx(right[kept].mean())
        assert found.answered.low < found.answered.value < found.answered.high
        assert found.answered_without.value == pytest.approx(decided.given.any(axis=1).mean())
        assert found.answered_without.value > found.answered.value


def test_notes_are_short():
    every = Answers(np.ones(400), np.ones(400, bool), np.zeros(400, np.int64))
    label = "A label of many words that somebody wrote in full, and some more words"
    assert len(Promise.of(every, 0.5, label=label).note) <= 300
