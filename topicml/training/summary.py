"""The scores of a training in a few sentences and one table."""

from __future__ import annotations

from collections.abc import Iterator

from topicml.formatting import counted, shortened
from topicml.metrics.names import MEASURES
from topicml.metrics.scores import Scores
from topicml.metrics.wording import calibration_text, share_text
from topicml.training.promises import ScoresWithPromises
from topicml.training.train import TrainingResult

_NOTHING = "–"  # the precision of a label that is never given
_LABEL_CELLS = 24  # the numbers beside it take the rest of 80


def summary_lines(result: TrainingResult) -> list[str]:
    """Return the main scores in words; each article was scored by a model trained without it."""
    scores, multilabel = result.scores, result.classifier.multilabel
    kind = "any number of labels each" if multilabel else "one label each"
    measured = f"{counted(scores.n, 'article')}, {counted(len(scores.labels), 'label')}, {kind}"
    lines = [
        f"{measured}, scored by models that had not seen them",
        *_right_texts(scores),
        _f1_text(scores, multilabel=multilabel),
        calibration_text(scores.estimate("ece")),
    ]
    if result.scores_with_promises is not None:
        lines += _promised_texts(result.scores_with_promises, multilabel=multilabel)
    return lines


def label_rows(result: TrainingResult) -> list[list[str]]:
    """Return a row for each label, weakest first, below a header.

    Precision and recall with promises kept are beside those without; they leave no room for intervals, which
    the model card has.
    """
    scores, promised = result.scores, result.scores_with_promises
    columns = [scores.labels] if promised is None else [scores.labels, promised.scores.labels]
    beside = ["promised"] * (len(columns) - 1)
    never = {promise.label for promise in result.record.min_precision if not promise.kept}
    interval_head = ["95% interval"] if promised is None else []
    rows = [["label", "precision", *beside, "recall", *beside, "F1", *interval_head, "articles"]]
    for label, found in sorted(scores.labels.items(), key=lambda item: item[1].f1):
        figures = [column[label].precision for column in columns]
        figures += [column[label].recall for column in columns]
        shown = [f"{figure:.3f}" for figure in (*figures, found.f1)]
        if label in never:
            shown[1] = _NOTHING
        interval = [scores.label_f1(label).interval_text()] if promised is None else []
        rows.append([shortened(label, _LABEL_CELLS), *shown, *interval, f"{found.support:,}"])
    return rows


def _right_texts(scores: Scores) -> Iterator[str]:
    if scores.precision_at_1 is None:
        yield share_text(scores.estimate("accuracy"), scores.n, "have the right label")
        return
    yield share_text(scores.estimate("precision_at_1"), scores.n, "have the first label right")
    yield share_text(scores.estimate("accuracy"), scores.n, "have all labels right")


def _f1_text(scores: Scores, *, multilabel: bool) -> str:
    names = ("macro_f1", "micro_f1") if multilabel else ("macro_f1",)
    return ", ".join(f"{MEASURES[name]} {scores.estimate(name)}" for name in names)


def _promised_texts(promised: ScoresWithPromises, *, multilabel: bool) -> Iterator[str]:
    n = promised.scores.n
    right = "the first label right" if multilabel else "the right label"
    answered = share_text(promised.answered, n, "get a label")
    yield f"with promises, {answered}; without promises, {round(promised.answered_without.value * n):,} do"
    n_answered = round(promised.answered.value * n)
    if n_answered:
        rightly = share_text(promised.precision, n_answered, f"have {right}", noun="such article")
        yield f"with promises, {rightly}"
    yield f"with promises, {_f1_text(promised.scores, multilabel=multilabel)}"
