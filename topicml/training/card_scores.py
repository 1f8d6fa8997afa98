"""The scores, calibration and promises of a model card."""

from __future__ import annotations

from collections.abc import Sequence

from topicml.formatting import escaped
from topicml.metrics.names import MEASURES, SCORES
from topicml.metrics.resampling import Estimate
from topicml.model.record import (
    CalibrationErrors,
    RecordedEstimate,
    RecordedPromisedScores,
    RecordedScores,
    RecordedSeedWords,
    TrainingRecord,
)
from topicml.training.calibration import calibration_rows

_PROMISED_LINES = (
    "With promises, an article left to a person counts as one without a label. The probability that an",
    "answer needs was chosen on the same articles.",
)
_SEARCHED_LINES = ("Settings were chosen on the same articles, so these scores are slightly too high.",)
_UNMEASURED_LINES = (
    "Not measured: the model was trained without a labelled article. Its probabilities are not measured,",
    "either. `topicml suggest ARCHIVE --to-measure 100` draws articles at random; with their labels,",
    "`topicml evaluate` measures the model.",
)
_SHARES_OF = {"votes": "as the words vote", "even": "even", "words": "with its words", "given": "given"}
_RANGE_LINES = (
    "The range shows how far a threshold moves if one part of the articles is left out, before a promise for",
    "the label raises it.",
    "",
)


def score_lines(record: TrainingRecord) -> list[str]:
    """Return the section on scores."""
    scores, promised = record.scores_out_of_fold, record.scores_with_promises
    if scores is None:
        return []
    return [
        "## Scores",
        "",
        "Each article was scored by a model that had not seen it or a copy of it, with calibration and",
        "thresholds that were chosen without its part of the data.",
        *(_SEARCHED_LINES if record.tried else ()),
        *(_PROMISED_LINES if promised else ()),
        "",
        *_overall_lines(scores, promised),
        "",
        *_label_lines(record, scores),
        "",
        *(_RANGE_LINES if record.thresholds else ()),
    ]


def unmeasured_lines(record: TrainingRecord) -> list[str]:
    """Return the section on scores of a model that no labelled article measured."""
    return ["## Scores", "", *_UNMEASURED_LINES, ""] if record.measured is False else []


def seed_word_lines(seeds: RecordedSeedWords | None) -> list[str]:
    """Return the section on seed words."""
    if seeds is None:
        return []
    header, shares = ["section", "words", "against"], seeds.shares_of is not None
    rows = [
        [cell(label), cell(", ".join(own.words)), cell(", ".join(own.against))]
        + ([f"{own.share or 0:.1%}"] if shares else [])
        for label, own in seeds.sections.items()
    ]
    header += [f"share ({_SHARES_OF.get(seeds.shares_of or '', 'other')})"] if shares else []
    lines = ["## Seed words", "", *_table(header, rows), ""]
    if seeds.agreement is None:
        return lines
    return [
        *lines,
        "The probabilities are scaled so that their mean is the share of articles with a section's words",
        f"that the model puts there: {seeds.agreement:.0%}. It is not the share of right answers.",
        "",
    ]


def calibration_lines(errors: CalibrationErrors | None) -> list[str]:
    """Return the table of errors before and after calibration."""
    if errors is None:
        return []
    rows = calibration_rows(errors.before, errors.after)
    return [
        "Errors of the probabilities (95% interval), each part of the articles calibrated on the others:",
        "",
        *_table(["", "before calibration", "after"], rows),
        "",
    ]


def promise_lines(promises: Sequence[str]) -> list[str]:
    """Return the section on promises."""
    if not promises:
        return []
    return ["## Promises", "", *[f"- {escaped(note)}" for note in promises], ""]


def cell(label: str) -> str:
    r"""Return a label that stays in one cell of one line.

    >>> cell("a|b\nc")
    'a\\|b c'
    """
    return escaped(" ".join(label.replace("|", "\\|").split()))


def _overall_lines(scores: RecordedScores, promised: RecordedPromisedScores | None) -> list[str]:
    columns = [_estimates(scores)]
    header = ["measure", "value", "95% interval"]
    if promised:
        header = ["measure", "without promises", "95% interval", "with promises", "95% interval"]
        columns[0] |= _answered(promised.answered_without, promised.precision_without)
        columns.append(_estimates(promised.scores) | _answered(promised.answered, promised.precision))
    in_all = [name for name in columns[-1] if all(name in column for column in columns)]
    rows = [[name, *(text for column in columns for text in _texts(column[name]))] for name in in_all]
    return _table(header, rows)


def _label_lines(record: TrainingRecord, scores: RecordedScores) -> list[str]:
    promised, thresholds = record.scores_with_promises, record.thresholds or {}
    never = {promise.label for promise in record.min_precision if not promise.kept}
    intervals = {
        label: found.intervals["f1"]
        for label, found in scores.labels.items()
        if found.intervals is not None and "f1" in found.intervals
    }
    header = ["label", "precision", "recall", "F1", *(["95% interval"] if intervals else [])]
    header += ["precision with promises", "recall with promises"] if promised else []
    header += ["threshold", "range"] if thresholds else []
    rows = []
    for label, found in scores.labels.items():
        interval = [Estimate(found.f1, intervals.get(label)).interval_text()] if intervals else []
        kept = promised.scores.labels.get(label) if promised else None
        precision = None if kept is None or label in never else kept.precision
        with_promises = [precision, None if kept is None else kept.recall] if promised else []
        own = thresholds.get(label)
        threshold = [f"{own.threshold:.3f}", f"{own.range[0]:.3f} to {own.range[1]:.3f}"] if own else []
        figures = [*map(_figure, (found.precision, found.recall, found.f1)), *interval]
        rows.append([cell(label), *figures, *map(_figure, with_promises), *threshold, str(found.support)])
    return _table([*header, "articles"], rows)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _estimates(scores: RecordedScores) -> dict[str, Estimate]:
    names = {MEASURES[key]: key for key in SCORES}
    if scores.precision_at_1 is not None:
        names = {"first label right": "precision_at_1", **names}
    return {name: Estimate(getattr(scores, key), scores.intervals.get(key)) for name, key in names.items()}


def _answered(share: RecordedEstimate, precision: RecordedEstimate) -> dict[str, Estimate]:
    return {"articles with a label": _known(share), "of these, first label right": _known(precision)}


def _known(recorded: RecordedEstimate) -> Estimate:
    ends = recorded.low, recorded.high
    return Estimate(recorded.value, None if None in ends else ends)  # type: ignore[arg-type]  # neither is None


def _texts(found: Estimate) -> tuple[str, str]:
    return found.value_text(), found.interval_text()


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]
