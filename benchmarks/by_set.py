"""Training, predicting, size on disk and quality, for each data set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from joblib.externals.loky import get_reusable_executor
from sklearn.metrics import accuracy_score, f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from benchmarks.contenders import COLUMNS, RATIO_COLUMNS, Contender, Model, with_ratios
from benchmarks.data_sets import DataSet
from benchmarks.markdown import number, print_section
from benchmarks.stopwatch import alternated_medians
from topicml import Evaluation, evaluate, load_model

__all__ = ["SetResult", "measure_set", "print_set_tables"]

_MEASURES = {True: ("micro_f1", "macro_f1"), False: ("accuracy", "macro_f1")}
_SHOWN = {"accuracy": "accuracy", "micro_f1": "micro-F1", "macro_f1": "macro-F1"}


@dataclass(frozen=True, slots=True)
class SetResult:
    """What was measured on one data set; each mapping is by the contender's name.

    Parameters
    ----------
    data_set : DataSet
    scores : mapping of str to (mapping of str to float)
        By measure, then by contender.
    evaluation : Evaluation
        topicml's own, for the intervals.
    train_seconds : mapping of str to float
    documents_per_second : mapping of str to float
        In prediction of the test part.
    megabytes : mapping of str to float
        On disk.
    saved : mapping of str to Path
        Where the models are.
    """

    data_set: DataSet
    scores: dict[str, dict[str, float]]
    evaluation: Evaluation
    train_seconds: dict[str, float]
    documents_per_second: dict[str, float]
    megabytes: dict[str, float]
    saved: dict[str, Path]


def measure_set(
    data_set: DataSet, contenders: Sequence[Contender], folder: Path, *, repeats: int
) -> SetResult:
    """Train and measure every contender on one data set.

    Parameters
    ----------
    data_set : DataSet
    contenders : sequence of Contender
    folder : Path
        Where the models are saved.
    repeats : int
        Times that training and prediction are done; medians are reported.
    """
    names = [contender.name for contender in contenders]
    print(f"{data_set.name}: {len(data_set.train)} + {len(data_set.test)} articles", file=sys.stderr)
    train_seconds, models = _train(data_set, contenders, repeats=repeats)
    texts = data_set.test_texts()
    answers = [model.predict(texts) for model in models]  # also warms up
    seconds = alternated_medians([_predicting(model, texts) for model in models], repeats=repeats)
    saved = {name: folder / name for name in names}
    for name, model in zip(names, models, strict=True):
        model.save(saved[name])
    return SetResult(
        data_set,
        _scores(data_set, dict(zip(names, answers, strict=True))),
        evaluate(load_model(saved["topicml"]), data_set.test),
        dict(zip(names, train_seconds, strict=True)),
        {name: len(texts) / spent for name, spent in zip(names, seconds, strict=True)},
        {name: _size(path) / 1e6 for name, path in saved.items()},
        saved,
    )


def print_set_tables(results: Sequence[SetResult]) -> None:
    """Print what was measured, one table for each measurement."""
    _print_sets(results)
    _print_quality(results)
    header = ("set", *COLUMNS, *RATIO_COLUMNS)
    print_section(
        "Training, seconds (less is better)",
        header,
        [(result.data_set.name, *with_ratios(result.train_seconds)) for result in results],
        note="topicml's seconds include out-of-fold scores (it trains once more for each fold), calibrated "
        "probabilities and the start of its worker processes; the others' are one plain fit.",
    )
    print_section(
        "Prediction, documents a second (more is better)",
        header,
        [(result.data_set.name, *with_ratios(result.documents_per_second)) for result in results],
        note="From texts in memory to labels; topicml's answers also hold probabilities.",
    )
    print_section(
        "Model on disk, MB (less is better)",
        header,
        [(result.data_set.name, *with_ratios(result.megabytes)) for result in results],
        note="topicml: its folder; scikit-learn: `joblib.dump` of the pipeline; fastText: its `.bin`.",
    )


def _train(
    data_set: DataSet, contenders: Sequence[Contender], *, repeats: int
) -> tuple[list[float], list[Model]]:
    """Train every contender in turn, some times over; return median seconds and the last models."""
    trained: dict[str, Model] = {}

    def training(contender: Contender) -> Callable[[], None]:
        def train() -> None:
            trained[contender.name] = contender.train(data_set.train, multilabel=data_set.multilabel)

        return train

    seconds = alternated_medians(map(training, contenders), repeats=repeats, before=_stop_workers)
    return seconds, [trained[contender.name] for contender in contenders]


def _stop_workers() -> None:
    """End joblib's idle worker processes, so that each training starts its own as a first one does."""
    get_reusable_executor().shutdown(wait=True)


def _predicting(model: Model, texts: Sequence[str]) -> Callable[[], object]:
    return lambda: model.predict(texts)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _scores(data_set: DataSet, answers: dict[str, list[tuple[str, ...]]]) -> dict[str, dict[str, float]]:
    """Score every contender by scikit-learn's metrics, so that nobody is measured by a ruler of its own."""
    measures = _MEASURES[data_set.multilabel]
    scored = {name: _score(data_set, found) for name, found in answers.items()}
    return {measure: {name: scores[measure] for name, scores in scored.items()} for measure in measures}


def _score(data_set: DataSet, found: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """Score label sets; macro-F1 is over the labels that occur in the truth or among the answers."""
    truth = [article.labels or () for article in data_set.test]
    binarizer = MultiLabelBinarizer().fit([*truth, *found])
    right, given = binarizer.transform(truth), binarizer.transform(found)
    return {
        "accuracy": float(accuracy_score(right, given)),
        "micro_f1": float(f1_score(right, given, average="micro", zero_division=0)),
        "macro_f1": float(f1_score(right, given, average="macro", zero_division=0)),
    }


def _print_sets(results: Sequence[SetResult]) -> None:
    sets = [result.data_set for result in results]
    print_section(
        "Data",
        ("set", "labels an article", "labels", "articles to train", "MB of text", "articles to test"),
        [
            (
                data_set.name,
                "any number" if data_set.multilabel else "one",
                str(len({label for article in data_set.train for label in article.labels or ()})),
                f"{len(data_set.train):,}",
                number(data_set.megabytes),
                f"{len(data_set.test):,}",
            )
            for data_set in sets
        ],
        left=2,
    )


def _print_quality(results: Sequence[SetResult]) -> None:
    print_section(
        "Quality on the test part (more is better)",
        ("set", "measure", "topicml", "95 % interval", *COLUMNS[1:], *RATIO_COLUMNS),
        [_quality_row(result, measure) for result in results for measure in result.scores],
        left=2,
        note="The interval is topicml's, by bootstrap over the test articles, copies of one drawn together.",
    )


def _quality_row(result: SetResult, measure: str) -> list[str]:
    values = result.scores[measure]
    low, high = result.evaluation.scores.intervals[measure]
    scores = [f"{values[name]:.4f}" if name in values else number(None) for name in COLUMNS]
    ratios = with_ratios(values)[len(COLUMNS) :]
    interval = f"{low:.4f} to {high:.4f}"
    return [result.data_set.name, _SHOWN[measure], scores[0], interval, *scores[1:], *ratios]
