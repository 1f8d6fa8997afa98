from __future__ import annotations

import logging
import re

import pytest

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
