"""Training, predicting, size on disk and quality, for each data set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from joblib.externals.loky import get_reusable_executor
from sklearn.metrics import accuracy_score, f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from benchmarks.contenders import COLUMNS, Contender, Model, ratio_columns, with_ratios
from benchmarks.data_sets import DataSet
from benchmarks.markdown import number, print_section
from benchmarks.stopwatch import alternated_medians, timed
from topicml import Evaluation, evaluate, load_model

__all__ = ["SetResult", "measure_set", "print_set_tables"]

_MEASURES = {True: ("micro_f1", "macro_f1"), False: ("accuracy", "macro_f1")}
_SHOWN = {"accuracy": "accuracy", "micro_f1": "micro F1", "macro_f1": "macro F1"}


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
    n_diverged : mapping of str to int
        Trainings that came to nothing, of those contenders that had such.
    """

    data_set: DataSet
    scores: dict[str, dict[str, float]]
    evaluation: Evaluation
    train_seconds: dict[str, float]
    documents_per_second: dict[str, float]
    megabytes: dict[str, float]
    saved: dict[str, Path]
    n_diverged: dict[str, int]


@dataclass(slots=True)
class _Trainings:
    """A contender's trainings on one data set, as they are done."""

    seconds: list[float] = field(default_factory=list)
    model: Model | None = None
    n_diverged: int = 0


def measure_set(
    data_set: DataSet,
    contenders: Sequence[Contender],
    folder: Path,
    *,
    repeats: int,
    trainings: int | None = None,
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
    trainings : int, optional
        Times that training is done, if not as often.
    """
    print(f"{data_set.name}: {len(data_set.train)} + {len(data_set.test)} articles", file=sys.stderr)
    trained = _train(data_set, contenders, repeats=trainings or repeats)
    models = {name: done.model for name, done in trained.items() if done.model is not None}
    texts = data_set.test_texts()
    answers = {name: model.predict(texts) for name, model in models.items()}  # also warms up
    seconds = alternated_medians([_predicting(model, texts) for model in models.values()], repeats=repeats)
    saved = {name: folder / name for name in models}
    for name, model in models.items():
        model.save(saved[name])
    return SetResult(
        data_set,
        _scores(data_set, answers),
        evaluate(load_model(saved["topicml"]), data_set.test),
        {name: median(trained[name].seconds) for name in models},
        {name: len(texts) / spent for name, spent in zip(models, seconds, strict=True)},
        {name: _size(path) / 1e6 for name, path in saved.items()},
        saved,
        {name: done.n_diverged for name, done in trained.items() if done.n_diverged},
    )


def print_set_tables(results: Sequence[SetResult]) -> None:
    """Print what was measured, one table for each measurement."""
    _print_sets(results)
    _print_quality(results)
    header = ("set", *COLUMNS, *ratio_columns())
    print_section(
        "Training, seconds (less is better)",
        header,
        [(result.data_set.name, *with_ratios(result.train_seconds)) for result in results],
        note="topicml's seconds include out-of-fold scores (it trains once more for each fold), calibrated "
        "probabilities and the start of its worker processes; the others' are one plain fit."
        + _divergence_note(results),
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


def _train(data_set: DataSet, contenders: Sequence[Contender], *, repeats: int) -> dict[str, _Trainings]:
    """Train every contender in turn, some times over."""
    trainings = {contender.name: _Trainings() for contender in contenders}
    for _ in range(repeats):
        for contender in contenders:
            _stop_workers()
            _train_once(contender, data_set, trainings[contender.name])
    return trainings


def _train_once(contender: Contender, data_set: DataSet, done: _Trainings) -> None:
    def train() -> None:
        done.model = contender.train(data_set.train, multilabel=data_set.multilabel)

    try:
        done.seconds.append(timed(train))
    except FloatingPointError as error:
        done.n_diverged += 1
        print(f"{data_set.name}: {contender.name}: {error}", file=sys.stderr)


def _divergence_note(results: Sequence[SetResult]) -> str:
    return "".join(
        f" {name} diverged in {count} of its trainings on {result.data_set.name}, which are left out."
        for result in results
        for name, count in result.n_diverged.items()
    )


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
    """Score label sets; macro F1 is over the labels that occur in the truth or among the answers."""
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
        ("set", "measure", "topicml", "95% interval", *COLUMNS[1:], *ratio_columns()),
        [_quality_row(result, measure) for result in results for measure in result.scores],
        left=2,
        note="The interval is topicml's, by bootstrap over the test articles, copies of one drawn together. "
        "All are scored by scikit-learn's metrics; macro F1 is the mean over the labels that occur.",
    )


def _quality_row(result: SetResult, measure: str) -> list[str]:
    values = result.scores[measure]
    low, high = result.evaluation.scores.intervals[measure]
    scores = [f"{values[name]:.4f}" if name in values else number(None) for name in COLUMNS]
    ratios = with_ratios(values)[len(COLUMNS) :]
    interval = f"{low:.4f} to {high:.4f}"
    return [result.data_set.name, _SHOWN[measure], scores[0], interval, *scores[1:], *ratios]
