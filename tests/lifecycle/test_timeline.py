from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.corpus.fields import parse_instant
from topicml.exceptions import CorpusError
from topicml.lifecycle.timeline import DAY, Timeline, written

DAYS = st.lists(st.integers(0, 400), min_size=2, max_size=60)


def line_of(days, groups=None, *, n_windows=2, **how):
    """A timeline of articles at noon of some days."""
    instants = np.array(days, np.int64) * DAY + DAY // 2
    groups = np.arange(len(days)) if groups is None else np.array(groups)
    return Timeline.cut(instants, groups, n_windows=n_windows, **how)


@given(DAYS, st.integers(2, 6), st.timedeltas(timedelta(hours=1), timedelta(days=60)) | st.none())
def test_every_article_is_before_a_window_or_within_it(days, n_windows, length):
    try:
        line = line_of(days, n_windows=n_windows, length=length)
    except CorpusError:
        return
    assert (np.diff(line.edges) == line.edges[1] - line.edges[0]).all()
    assert line.instants.max() < line.edges[-1]
    for k in range(n_windows):
        inside = (line.instants >= line.edges[k]) & (line.instants < line.edges[k + 1])
        assert (inside == (line.window_of == k)).all()
        assert set(line.before(k)) == set(np.flatnonzero(line.instants < line.edges[k]))
    assert len(line.before(0)) > 0


@given(DAYS, st.lists(st.integers(0, 9), min_size=60, max_size=60), st.integers(2, 5))
def test_no_article_to_test_has_a_copy_that_its_models_were_trained_on(days, groups, n_windows):
    groups = np.array(groups[: len(days)])
    try:
        line = line_of(days, groups, n_windows=n_windows)
    except CorpusError:
        return
    tested = line.to_test()
    for k in range(n_windows):
        of_window = tested[line.window_of[tested] == k]
        assert not set(groups[of_window]) & set(groups[line.before(k)])
        assert len(of_window) + line.n_copied(k) == (line.window_of == k).sum()


def test_windows_hold_the_later_half_and_end_with_the_last_day():
    line = line_of(range(100), n_windows=5)
    assert (line.edge(0), line.edge(5)) == (written(50 * DAY), written(100 * DAY))
    assert line.weeks == pytest.approx(10 / 7)
    assert line.n_windows == 5


def test_history_reaches_back_from_the_window_alone():
    line = line_of(range(20), n_windows=2, length=timedelta(days=5))
    assert line.before(1, timedelta(days=3)).tolist() == [12, 13, 14]
    assert line.before(0, timedelta(days=3)).tolist() == [7, 8, 9]


@pytest.mark.parametrize(("days", "how"), [([3, 3, 3], {}), (range(9), {"length": timedelta(days=5)})])
def test_too_little_time_is_an_error(days, how):
    with pytest.raises(CorpusError, match="no article is left to train on before 2 windows of"):
        line_of(days, **how)


@given(st.datetimes(max_value=datetime(2100, 12, 31)))
def test_instants_are_written_as_they_are_read(moment):
    instant = parse_instant(moment.isoformat())
    assert parse_instant(written(instant)) == instant
