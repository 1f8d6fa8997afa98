from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from itertools import count

import pytest

from topicml.exceptions import CorpusError, TopicmlError
from topicml.parallel import in_processes


@dataclass(frozen=True)
class Doubling:
    """Doubles numbers; a negative one is an error, and zero the end of the process."""

    fails: bool = False

    def start(self):
        if self.fails:
            raise CorpusError("no model here")
        return self.double

    @staticmethod
    def double(number: int) -> tuple[int, int]:
        if number < 0:
            raise CorpusError(f"negative: {number}")
        if number == 0:
            os._exit(1)
        return 2 * number, os.getpid()


class InterruptedOnTheWay:
    """Becomes `Doubling` where it arrives, where Ctrl-C comes before the process has begun."""

    def __reduce__(self):
        return interrupted, ()


def interrupted() -> Doubling:
    os.kill(os.getpid(), signal.SIGINT)
    return Doubling()


def test_one_job_works_here_and_takes_items_as_they_are_asked_for():
    taken = count(1)
    results = in_processes(Doubling(), taken, jobs=1)
    assert next(results) == (2, os.getpid())
    assert next(taken) == 2


def test_several_work_elsewhere_in_order_and_hold_few_items():
    taken = iter(range(1, 1000))
    results = in_processes(Doubling(), taken, jobs=2)
    doubled, processes = zip(*[next(results) for _ in range(20)], strict=True)
    assert doubled == tuple(range(2, 42, 2))
    assert os.getpid() not in processes
    assert 21 <= next(taken) <= 24
    results.close()


def test_before_a_pause_all_results_are_given():
    given = []

    def items():
        for number in range(1, 7):
            yield number
            if number % 2 == 0:
                assert given == [2 * done for done in range(1, number + 1)]

    for doubled, _ in in_processes(Doubling(), items(), jobs=2, pauses=lambda number: number % 2 == 0):
        given.append(doubled)
    assert given[-1] == 12


@pytest.mark.parametrize("jobs", [1, 2])
def test_errors_come_through(jobs):
    with pytest.raises(CorpusError, match="negative: -1"):
        list(in_processes(Doubling(), [1, -1, 2], jobs=jobs))
    with pytest.raises(CorpusError, match="no model here"):
        list(in_processes(Doubling(fails=True), [1], jobs=jobs))


def test_a_process_that_is_gone_is_an_error_and_not_a_wait():
    with pytest.raises(TopicmlError, match=r"ended too early; .*--jobs"):
        list(in_processes(Doubling(), [1, 0, 2, 3], jobs=2))


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are POSIX")
def test_an_interrupt_does_not_reach_a_process_that_is_being_started():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert [doubled for doubled, _ in in_processes(InterruptedOnTheWay(), [1, 2], jobs=2)] == [2, 4]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
