"""How long one answer takes: with a loaded model, from loading on, and from the start of a process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.by_set import SetResult
from benchmarks.contenders import Contender, Model, ratio_columns, with_ratios
from benchmarks.markdown import print_section
from benchmarks.stopwatch import alternated_medians

__all__ = ["print_answer_tables"]

_N_PREDICTIONS = 1000
_AT_A_TIME = 50  # predictions before the next contender's turn: fewer would measure each other's cold caches
_N_STARTS = 5
_LONGEST_ARGUMENT = 20_000  # characters: Linux takes no argument of more than 128 KiB


def print_answer_tables(result: SetResult, contenders: Sequence[Contender], *, repeats: int) -> None:
    """Measure single answers by the saved models of one data set, and print the tables."""
    with_model = [contender for contender in contenders if contender.name in result.saved]
    _print_single_predictions(result, with_model)
    _print_starts(result, with_model, repeats=max(repeats, _N_STARTS))


def _print_single_predictions(result: SetResult, contenders: Sequence[Contender]) -> None:
    models = {contender.name: contender.load(result.saved[contender.name]) for contender in contenders}
    spent = _single_predictions(models, result.data_set.test_texts())
    rows = (("median", 50), ("99th percentile", 99))
    columns = [contender.name for contender in contenders]
    print_section(
        f"One article by a loaded model, ms (less is better), {result.data_set.name}",
        (f"of {_N_PREDICTIONS:,} single predictions", *columns, *ratio_columns(columns)),
        [
            (
                row,
                *with_ratios(
                    {name: float(np.percentile(ms, percent)) for name, ms in spent.items()}, columns
                ),
            )
            for row, percent in rows
        ],
    )


def _single_predictions(models: dict[str, Model], texts: Sequence[str]) -> dict[str, list[float]]:
    """Predict test articles one by one; return each contender's milliseconds for each."""
    articles = list(islice(cycle(texts), _N_PREDICTIONS))
    spent: dict[str, list[float]] = {name: [] for name in models}
    for model in models.values():
        _milliseconds(model, articles[:_AT_A_TIME])  # warms up
    for first in range(0, _N_PREDICTIONS, _AT_A_TIME):
        for name, model in models.items():
            spent[name] += _milliseconds(model, articles[first : first + _AT_A_TIME])
    return spent


def _milliseconds(model: Model, texts: Sequence[str]) -> list[float]:
    spent = []
    for text in texts:
        begin = perf_counter()
        model.predict_one(text)
        spent.append(1000 * (perf_counter() - begin))
    return spent


def _print_starts(result: SetResult, contenders: Sequence[Contender], *, repeats: int) -> None:
    text = _typical(result.data_set.test_texts())
    saved = [(contender, result.saved[contender.name]) for contender in contenders]
    starts = [_starting(contender.first_answer(path, text)) for contender, path in saved]
    loads = [_loading(contender, path) for contender, path in saved]
    rows = (("process start to first answer", starts), ("loading the model in a warm process", loads))
    names = [contender.name for contender in contenders]
    print_section(
        f"Start and loading, ms (less is better), {result.data_set.name}",
        (f"median of {repeats}", *names, *ratio_columns(names)),
        [(row, *with_ratios(_medians(names, works, repeats=repeats), names)) for row, works in rows],
        note="A start is `python -m topicml predict --text`, or a script of four lines that imports what it "
        "needs, loads the model and prints one answer; the files are in the page cache.",
    )


def _medians(
    names: Sequence[str], works: Sequence[Callable[[], object]], *, repeats: int
) -> dict[str, float]:
    for work in works:
        work()  # warms up: byte code, page cache
    seconds = alternated_medians(works, repeats=repeats)
    return {name: 1000 * spent for name, spent in zip(names, seconds, strict=True)}


def _typical(texts: Sequence[str]) -> str:
    """Return the text of median length, as a command line can carry it."""
    text = sorted(texts, key=len)[len(texts) // 2]
    return text.replace("\0", " ")[:_LONGEST_ARGUMENT]


def _starting(command: Sequence[str]) -> Callable[[], object]:
    def start() -> None:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{command[:3]} ended with status {done.returncode}:\n{done.stderr}")

    return start


def _loading(contender: Contender, path: Path) -> Callable[[], object]:
    return lambda: contender.load(path)
