from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_info, threadpool_limits

from topicml.metrics.resampling import (
    Estimate,
    Tally,
    bootstrap_counts,
    corrected_interval,
    percentile_interval,
    resample,
    resampled_sums,
    shifted_interval,
    summed_by_group,
)

DRAWS = arrays(np.float64, st.integers(2, 40), elements=st.floats(-5, 5).map(lambda x: round(x, 2)))


def share(columns, *, swelling=()):
    """The first column's sum over the second's."""
    columns = np.asarray(columns, float)

    def of_sums(sums):
        return {
            "share": np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)
        }

    return Tally(columns, of_sums, swelling)


def blas_threads():
    """How many threads NumPy's libraries may use now."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


class TestIntervals:
    def test_a_bias_of_the_draws_is_taken_twice(self):
        # Draws 0.1 below the value, so the truth is taken to lie 0.1 above.
        draws = np.linspace(0.3, 0.5, 1001)
        assert corrected_interval(0.5, draws) == pytest.approx((0.505, 0.695))

    def test_a_shifted_one_takes_it_once(self):
        draws = np.linspace(0.5, 0.7, 1001)
        assert shifted_interval(0.2, draws) == pytest.approx((0.105, 0.295))

    @given(DRAWS)
    def test_without_bias_both_are_the_percentile_interval(self, half):
        draws = 50 + np.concatenate((half, -half))
        for interval in (corrected_interval, shifted_interval):
            assert interval(50.0, draws) == pytest.approx(percentile_interval(draws))

    @given(arrays(np.float64, st.integers(2, 40), elements=st.floats(0, 1)), st.floats(0, 1))
    def test_that_of_a_share_is_one(self, draws, value):
        for interval in (corrected_interval, shifted_interval):
            low, high = interval(value, draws)
            assert 0 <= low <= high <= 1

    def test_that_of_a_loss_may_be_above_1(self):
        assert corrected_interval(3.0, np.linspace(2, 4, 101)) == pytest.approx((2.05, 3.95))

    def test_of_draws_that_are_all_equal_is_they(self):
        assert corrected_interval(1.0, np.ones(50)) == (1.0, 1.0)


class TestResample:
    def test_the_first_row_is_all_articles(self):
        found = resample([share([[1, 1], [0, 1], [1, 1]])], groups=None, n_resamples=20, random_state=0)
        assert found.drawn["share"].shape == (21,)
        assert found.estimate("share").value == pytest.approx(2 / 3)

    def test_nothing_to_divide_by_is_told_apart_from_0(self):
        nothing = resample([share([[0, 0], [0, 0]])], groups=None, n_resamples=20, random_state=0)
        zero = resample([share([[0, 1], [0, 1]])], groups=None, n_resamples=20, random_state=0)
        assert nothing.estimate("share") == Estimate(0.0, None)
        assert zero.estimate("share") == Estimate(0.0, (0.0, 0.0))

    def test_resamples_without_anything_to_divide_by_say_nothing(self):
        # One article in twenty bears the label, and it was found: a third of the resamples lack it.
        columns = np.zeros((20, 2))
        columns[0] = 1
        assert resample([share(columns)], groups=None, n_resamples=200, random_state=0).estimate(
            "share"
        ) == Estimate(1.0, (1.0, 1.0))

    @given(groups=arrays(np.int64, 12, elements=st.integers(0, 4)), seed=st.integers(0, 5))
    def test_weights_and_sums_are_of_the_same_resamples(self, groups, seed):
        rng = np.random.default_rng(seed)
        columns = np.column_stack((rng.random(12), np.ones(12)))

        def weighted(weights):
            return {"mean": weights @ columns[:, 0] / weights.sum(axis=1)}

        found = resample(
            [share(columns)], groups=groups, n_resamples=15, random_state=seed, weighted=weighted
        )
        np.testing.assert_allclose(found.drawn["mean"], found.drawn["share"])

    def test_several_tallies_are_of_the_same_resamples(self):
        first, second = share(np.ones((9, 2)) * 2), share([[k, 1] for k in range(9)])
        renamed = Tally(second.columns, lambda sums: {"other": second.measures(sums)["share"]})
        together = resample([first, renamed], groups=None, n_resamples=9, random_state=3)
        alone = resample([second], groups=None, n_resamples=9, random_state=3)
        np.testing.assert_allclose(together.drawn["other"], alone.drawn["share"])

    def test_a_measure_of_several_numbers_has_as_many_estimates(self):
        tally = Tally(np.eye(4), lambda sums: {"each": sums / 4})
        estimates = resample([tally], groups=None, n_resamples=30, random_state=0).estimates("each")
        assert [estimate.value for estimate in estimates] == [0.25] * 4


class TestDraws:
    @given(st.integers(1, 30), st.integers(1, 250))
    def test_each_draws_as_many_as_there_are(self, n, n_resamples):
        batches = list(bootstrap_counts(n, n_resamples, 0))
        assert sum(map(len, batches)) == n_resamples
        assert all((batch.sum(axis=1) == n).all() for batch in batches)

    def test_sums_are_those_of_the_draws(self):
        sums = np.random.default_rng(0).random((7, 3))
        drawn = np.concatenate(list(bootstrap_counts(7, 130, 5)))
        np.testing.assert_allclose(resampled_sums(sums, 130, 5), drawn @ sums)

    def test_groups_keep_all_that_their_articles_hold(self):
        statistics = np.arange(8.0).reshape(4, 2)
        assert summed_by_group(statistics, np.array([7, 3, 7, 3])).tolist() == [[8, 10], [4, 6]]


@pytest.mark.parametrize(
    ("estimate", "shown"),
    [(Estimate(0.5, (0.4, 0.62)), "0.500 (0.400 to 0.620)"), (Estimate(0.0, None), "–")],
)
def test_an_estimate_is_shown_with_its_interval(estimate, shown):
    assert str(estimate) == shown


def test_an_estimate_gives_its_numbers_by_name():
    estimate = Estimate(0.5, (0.25, 0.75))
    assert estimate.to_dict() == {"value": 0.5, "low": 0.25, "high": 0.75}
    assert estimate.named("f1") == {"f1": 0.5, "f1_low": 0.25, "f1_high": 0.75}


def test_an_estimate_is_written_in_parts():
    estimate = Estimate(0.5, (-0.25, 0.75))
    assert (estimate.value_text(), estimate.value_text("+.1f")) == ("0.500", "+0.5")
    assert estimate.interval_text() == "-0.250 to 0.750"
    assert estimate.interval_text("+.1f", between="–") == "-0.2–+0.8"


def test_without_an_interval_its_ends_are_no_numbers():
    nothing = Estimate(0.0, None)
    assert np.isnan([nothing.low, nothing.high]).all()
    assert nothing.to_dict() == {"value": 0.0, "low": None, "high": None}
    assert nothing.value_text() == nothing.interval_text() == "–"


class TestThreads:
    def test_products_are_of_one_thread_and_others_keep_theirs(self):
        seen = []

        def weighted(weights):
            seen.append(blas_threads())
            return {"total": weights.sum(axis=1)}

        with threadpool_limits(2, user_api="blas"):
            before = blas_threads()
            resample([share([[1, 1]])], groups=None, n_resamples=5, random_state=0, weighted=weighted)
            assert blas_threads() == before
        assert seen == [{1}, {1}]

    def test_sums_are_the_same_bytes_on_any_number_of_cores(self):
        sums = np.random.default_rng(0).random((3000, 60))
        found = []
        for n_threads in (1, 2):
            with threadpool_limits(n_threads, user_api="blas"):
                found.append(resampled_sums(sums, 200, 0).tobytes())
        assert found[0] == found[1]
