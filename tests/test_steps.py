from __future__ import annotations

import logging
import re

import pytest

import topicml
from tests.support import made_up
from topicml.steps import Steps


@pytest.fixture
def work():
    """Return some work with a step, of which a part has a step, too."""

    def part(progress):
        Steps.of(progress, verbose=False)("part")

    def whole(progress=None, *, verbose=False):
        steps = Steps.of(progress, verbose=verbose)
        steps("whole")
        part(steps)

    return whole


def test_steps_go_to_the_callers_function_once(work):
    told = []
    work(told.append)
    assert told == ["whole", "part"]


def test_steps_go_to_the_log_once(work, caplog):
    with caplog.at_level(logging.INFO, logger="topicml"):
        work()
    assert [(record.name, record.message) for record in caplog.records] == [
        ("topicml", "whole"),
        ("topicml", "part"),
    ]


def test_steps_go_to_stderr_with_the_time_where_it_is_asked_for(work, capsys):
    work(verbose=True)
    assert re.fullmatch(r" +\d+\.\d s  whole\n +\d+\.\d s  part\n", capsys.readouterr().err)


def test_nothing_is_printed_unless_it_is_asked_for(work, capsys):
    work()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["train", "suspect_labels", "learning_curve", "backtest"])
def test_whatever_trains_tells_its_steps_where_it_is_asked_for(name, capsys):
    quick = topicml.TrainingSettings(search="none", n_folds=2)
    getattr(topicml, name)(made_up(60), settings=quick, n_jobs=1, verbose=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.search(r"^ +\d+\.\d s  (fitting|training|model)", shown.err, re.MULTILINE)
