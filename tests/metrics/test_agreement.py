"""Cohen's kappa, against scikit-learn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from topicml.metrics.agreement import cohen_kappa

ANSWERS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30)


@given(ANSWERS)
def test_kappa_is_that_of_scikit_learn(pairs):
    first, second = zip(*pairs, strict=True)
    found = cohen_kappa(first, second)
    if len({*first, *second}) == 1:
        assert found.interval is None
    else:
        assert found.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


def test_more_answers_make_the_interval_narrower():
    few = cohen_kappa("aabbab" * 3, "aabbba" * 3)
    many = cohen_kappa("aabbab" * 30, "aabbba" * 30)
    assert few.low < many.low < many.value < many.high < few.high


@pytest.mark.parametrize(("first", "second"), [([], []), ("aaa", "aaa")])
def test_without_two_different_answers_there_is_none(first, second):
    assert cohen_kappa(first, second).interval is None
