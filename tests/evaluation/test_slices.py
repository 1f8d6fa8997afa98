from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.fields import slice_values
from topicml.evaluation.slices import score_slices


def slices(values, truth=None):
    n = len(values)
    truth = np.ones((n, 1), bool) if truth is None else truth
    return score_slices(
        values,
        truth,
        np.ones((n, 1), bool),
        np.ones(n, bool),
        groups=np.arange(n),
        n_resamples=5,
        random_state=0,
    )


@settings(max_examples=40)  # each measures up to thirty slices
@given(st.lists(st.text(max_size=3), min_size=1, max_size=30))
def test_every_article_is_in_one_slice(values):
    parts = slices(values)
    assert sum(part.n for part in parts) == len(values)
    assert {part.value for part in parts} == set(values)


def test_beyond_fifty_values_the_rarer_ones_are_together():
    values = [f"{k:02}" for k in range(60)] + [f"{k:02}" for k in range(50)]
    *own, others = slices(values)
    assert [part.value for part in own] == [f"{k:02}" for k in range(50)]
    assert {part.n for part in own} == {2}
    assert (others.value, others.n) == (None, 10)


def test_each_slice_is_measured_by_itself():
    truth = np.array([[True], [True], [False], [True]])
    parts = slices(["a", "b", "b", "a"], truth)
    assert [part.measures["accuracy"].value for part in parts] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("date", "year", "month"),
    [
        ("2024-03-31", "2024", "2024-03"),
        (" 20240331 ", "2024", "2024-03"),
        ("2024-W01-1", "2024", "2024-01"),
        ("2024-12-31T23:30:00-05:00", "2024", "2024-12"),
        ("0987-01-02", "0987", "0987-01"),
        ("31/03/2024", "", ""),
        ("2024", "", ""),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_dates_are_sliced_as_they_are_written(date, year, month):
    article = [Article("Rain", date=date)]
    assert (slice_values(article, "year"), slice_values(article, "month")) == ([year], [month])


@pytest.mark.parametrize(
    ("characters", "band"),
    [
        (0, "under 50"),
        (49, "under 50"),
        (50, "50 to 99"),
        (9_999, "5,000 to 9,999"),
        (10_000, "10,000 or more"),
    ],
)
def test_bands_of_length_have_no_gap(characters, band):
    assert slice_values([Article("x" * characters)], "length") == [band]


def test_bands_of_length_are_in_order():
    values = slice_values([Article("x" * length) for length in (20_000, 70, 600, 10)], "length")
    assert [part.value for part in slices(values)] == ["under 50", "50 to 99", "500 to 999", "10,000 or more"]


def test_a_column_of_the_data_comes_before_what_would_be_worked_out():
    articles = [Article("Rain", date="2024-01-01", metadata={"year": "1066"}), Article("Snow")]
    assert slice_values(articles, "year") == ["1066", ""]


def test_to_dict_is_plain():
    [part] = slices(["a", "a"])
    assert part.to_dict() == {
        "value": "a",
        "n": 2,
        "n_stories": 2,
        **dict.fromkeys(["accuracy", "micro_f1", "macro_f1", "coverage"], 1.0),
        "intervals": {name: [1.0, 1.0] for name in ("accuracy", "micro_f1", "macro_f1", "coverage")},
    }
