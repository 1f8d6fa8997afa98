"""The model card: what a model records, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from topicml.formatting import counted, escaped, listed, size_text
from topicml.metrics.names import MEASURES, SCORES
from topicml.metrics.resampling import Estimate
from topicml.model.classifier import FittedClassifier
from topicml.model.feature_settings import FeatureSettings
from topicml.model.record import (
    CalibrationErrors,
    RecordedScores,
    RecordedThreshold,
    Retraining,
    RowCounts,
    TrainingRecord,
    TriedSettings,
)
from topicml.training.calibration import calibration_rows
from topicml.training.settings import TrainingSettings

_LISTED_TRIALS = 20
_FINGERPRINT = 12
_FAMILIARITY_LINES = (
    "Nor is one of whose words too few stand in the training articles, as in another language or in noise.",
)
_PROMISED_LINES = (
    "They are of answering every article, as if nothing were promised.",
)  # else 0.874 would be read as the precision of a label that is promised at 0.9
_SEARCHED_LINES = (
    "Settings were chosen on the same articles, which makes the scores of the best a little too high.",
)
_OVER_PARTS_LINES = (
    "Over parts: the lowest and the highest threshold chosen without one part of the articles,",
    "before a promise for the label raised it.",
    "",
)


def describe(classifier: FittedClassifier) -> dict[str, Any]:
    """Return what is known about a model, as values that JSON can hold."""
    return {
        "fingerprint": classifier.fingerprint,
        "dates": classifier.provenance.get("dates"),
        "created": classifier.provenance.get("created"),
        "target_type": classifier.target_type,
        "classes": list(classifier.classes_),
        "n_terms": len(classifier.vectorizer),
        "coef_dtype": classifier.coefficients.dtype,
        "min_confidence": classifier.min_confidence,
        "min_label_confidence": dict(classifier.min_label_confidence),
        "provenance": dict(classifier.provenance),
    }


def model_card(classifier: FittedClassifier) -> str:
    """Return a model's card in Markdown: what it is for, its data, its scores, its limits.

    What the record of training does not hold, such as that of an older version, is not told.

    Raises
    ------
    ModelFormatError
        If an entry of the record is damaged; the message names it.
    """
    n_classes = len(classifier.classes_)
    kind = f"any number of {n_classes} labels" if classifier.multilabel else f"one label of {n_classes}"
    lines = [
        "# Model card",
        "",
        f"Assigns {kind} to an article, from {len(classifier.vectorizer):,}",
        f"terms ({_terms(classifier.vectorizer.settings)}), by a linear function for each label.",
        f"Terms and weights take {size_text(_n_bytes(classifier))}.",
        "",
        *_record_lines(TrainingRecord.read(classifier.provenance), multilabel=classifier.multilabel),
        "## Limits",
        "",
        "It knows the words of its training articles and nothing else. Articles of another time, place or",
        "language than those are outside of what the scores promise. A text without a known term is not",
        "answered.",
        *(_FAMILIARITY_LINES if classifier.familiarity else ()),
        "",
    ]
    return "\n".join(lines)


def _record_lines(record: TrainingRecord, *, multilabel: bool) -> list[str]:
    if record.scores_out_of_fold is None:
        return []
    searched = _SEARCHED_LINES if record.tried else ()
    promised = _PROMISED_LINES if record.promises else ()
    return [
        *_data_lines(record, rare_label_note(record.rare_labels, multilabel=multilabel)),
        *_settings_lines(record),
        *_score_lines(record.scores_out_of_fold, record.thresholds or {}, remarks=(*searched, *promised)),
        *_calibration_lines(record.calibration),
        *_promise_lines(record.promises),
    ]


def settings_told(settings: TrainingSettings, n_terms: int, n_tried: int) -> str:
    """Say in a line what a model was trained with, and from how many settings that was chosen."""
    told = (
        f"{n_terms:,} terms ({_terms(settings.features)}), "
        f"C = {settings.solver.C:g}, class weights: {settings.solver.class_weight or 'none'}"
    )
    return f"{told}; chosen in {counted(n_tried, 'trial')}, see MODEL_CARD.md" if n_tried else told


def rare_label_note(rare: Mapping[str, int], *, multilabel: bool, n_listed: int | None = None) -> str | None:
    """Say which labels had few articles, the fewest first, and what was done; None if none had.

    So many of them are named; by default all.
    """
    if not rare:
        return None
    ranked = sorted(rare.items(), key=lambda item: item[1])
    named = [f"{_cell(label)} ({count})" for label, count in ranked]
    told = listed(named, n_listed or len(named), more=" and {} more")
    done = "they are learned and calibrated as the others are"
    if multilabel:
        done = "they share one calibration curve with all labels and one threshold among them"
    return f"labels with fewer than 10 articles: {told}; {done}; their scores say little"


def _terms(settings: FeatureSettings) -> str:
    """Say what the terms are.

    >>> _terms(FeatureSettings())
    'words and pairs of neighbouring words'
    >>> _terms(FeatureSettings(ngram_range=(1, 3), char_ngram_range=(3, 5)))
    'words, runs of up to 3 words, and pieces of words, 3 to 5 characters'
    """
    kinds = []
    if settings.ngram_range is not None:
        low, high = settings.ngram_range
        runs = "pairs of neighbouring words" if high == 2 else f"runs of up to {high} words"
        if low > 1:
            kinds.append(runs if high == 2 else f"runs of {_range(low, high)} words")
        else:
            kinds += ["words"] if high == 1 else ["words", runs]
    if settings.char_ngram_range is not None:
        kinds.append(f"pieces of words, {_range(*settings.char_ngram_range)} characters")
    if len(kinds) < 3:
        return " and ".join(kinds)
    return f"{', '.join(kinds[:-1])}, and {kinds[-1]}"


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _n_bytes(classifier: FittedClassifier) -> int:
    vectorizer, coefficients = classifier.vectorizer, classifier.coefficients
    terms = (vectorizer.hashes, vectorizer.idf, vectorizer.terms.lengths, vectorizer.terms.blob)
    scale = 0 if coefficients.scale is None else coefficients.scale.nbytes
    return sum(array.nbytes for array in terms) + coefficients.values.nbytes + scale


def _data_lines(record: TrainingRecord, rare: str | None) -> list[str]:
    told = [note for note in record.notes if note not in record.promises]
    data = [f"{record.n_articles} articles"] if record.n_articles is not None else []
    data += [f"fingerprint `{record.data_sha256[:16]}`"] if record.data_sha256 else []
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items()))
    return [
        "## Data",
        "",
        *([f"- {', '.join(data)}"] if data else []),
        *_row_lines(record.rows),
        *_replacement_lines(record.retraining),
        *([f"- {rare}"] if rare else []),
        *[f"- note: {escaped(note)}" for note in told],
        *([f"- trained with {versions}"] if versions else []),
        "",
    ]


def _row_lines(rows: RowCounts | None) -> list[str]:
    """Say which rows were left out and why, and which repeat others."""
    if rows is None:
        return []
    lines = [
        f"- {name}: {', '.join(f'{count} x {kind}' for kind, count in kinds.items())}"
        for name, kinds in (("left out", rows.left_out), ("noted", rows.noted))
        if kinds
    ]
    if rows.copies:
        repeated = counted(rows.copied_texts, "text")
        lines.append(f"- copies of {repeated}: {rows.copies}, held out together with the originals")
    return lines


def _replacement_lines(retraining: Retraining | None) -> list[str]:
    """Say which model one replaced, and what both scored on articles that neither had seen, in one line.

    The model compared was trained without those articles; the one that is described learned from them, too.
    """
    if retraining is None or retraining.comparison is None:
        return []
    compared = retraining.comparison
    found = compared.differences[compared.measure]
    low, high = found.interval
    return [
        f"- trained anew, in place of the model `{retraining.replaced[:_FINGERPRINT]}`: "
        f"{MEASURES[compared.measure]} {found.a:.3f} -> {found.b:.3f} (difference "
        f"{found.difference:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}) on "
        f"{counted(compared.n, 'article')} held out"
    ]


def _settings_lines(record: TrainingRecord) -> list[str]:
    if record.settings is None:
        return []
    settings = TrainingSettings.recorded(record.settings)
    weights = "as rare labels are rare (balanced)" if settings.solver.class_weight else "none"
    return [
        "## Settings",
        "",
        f"- at most {settings.max_terms:,} terms{_pruned(settings.pruned_to)}, C = {settings.solver.C:g}, "
        f"class weights: {weights}",
        f"- title weight {settings.features.title_weight}, words of "
        f"{counted(settings.features.min_token_length, 'character')} or more",
        f"- chosen by {MEASURES[settings.measure]}; seed {settings.random_state}",
        "",
        *_trial_lines(record.tried or (), settings),
    ]


def _pruned(pruned_to: int | None) -> str:
    """Say to how many terms a first fit was pruned, where it was.

    >>> _pruned(2000)
    ', pruned to 2,000'
    """
    return f", pruned to {pruned_to:,}" if pruned_to else ""


def _trial_lines(tried: Sequence[TriedSettings], settings: TrainingSettings) -> list[str]:
    """Return the table of what was tried: the last stage first, and of each stage the best first."""
    found = [(trial, value) for trial in tried if (value := trial.value(settings.measure)) is not None]
    if not found:  # nothing was tried, or by another measure: a model trained anew may go by a new one
        return []
    ranked = sorted(found, key=lambda pair: (-pair[0].stage, -pair[1]))
    chosen = _chosen(ranked[0][0].stage, settings)
    rows = [_trial_row(trial, value, chosen) for trial, value in ranked[:_LISTED_TRIALS]]
    count = f"{len(found)} settings were tried"
    shown = f", of which the best {_LISTED_TRIALS} are shown" if len(found) > _LISTED_TRIALS else ""
    return [
        f"{count} on articles held out{shown}. Stages with more articles come first.",
        "Of settings within half a standard error of the best, the simplest is chosen. `model.json` holds",
        'all that was tried, under "tried".',
        "",
        "| stage | words | characters | title weight | terms | C | class weights | held out "
        f"| {MEASURES[settings.measure]} | chosen |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _trial_row(trial: TriedSettings, value: float, chosen: Mapping[str, Any]) -> str:
    is_chosen = all(getattr(trial, name) == setting for name, setting in chosen.items())
    return (
        f"| {trial.stage} | {_tried_range(trial.ngram_range)} | {_tried_range(trial.char_ngram_range)} | "
        f"{trial.title_weight} | {trial.max_terms:,}{_pruned(trial.pruned_to)} | {trial.C:g} | "
        f"{trial.class_weight or 'none'} | {trial.n_held_out} | {value:.3f} | {'yes' if is_chosen else ''} |"
    )


def _chosen(last: int, settings: TrainingSettings) -> dict[str, Any]:
    """Return what the trial of the last stage has that the model has; a size to keep may leave none such."""
    solver = {"C": settings.solver.C, "class_weight": settings.solver.class_weight}
    terms = {"max_terms": settings.max_terms, "pruned_to": settings.pruned_to}
    return {"stage": last, **asdict(settings.features), **terms, **solver}


def _tried_range(bounds: tuple[int, int] | None) -> str:
    return "none" if bounds is None else _range(bounds[0], bounds[1])


def _score_lines(
    scores: RecordedScores, thresholds: Mapping[str, RecordedThreshold], *, remarks: Sequence[str]
) -> list[str]:
    labels = [
        f"| {_cell(label)} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} | "
        f"{_threshold_cells(thresholds.get(label))}{s.support} |"
        for label, s in scores.labels.items()
    ]
    header = "| label | precision | recall | F1 | articles |"
    if thresholds:
        header = "| label | precision | recall | F1 | threshold | over parts | articles |"
    return [
        "## Scores",
        "",
        "Out of fold: every article was scored by a model that had not seen it, nor a copy of it, and by",
        "calibration and thresholds that were chosen without its part of the data.",
        *remarks,
        "",
        *["| measure | value | 95 % interval |", "|---|---|---|", *_overall_rows(scores), ""],
        *[header, "|---" * (header.count("|") - 1) + "|", *labels, ""],
        *(_OVER_PARTS_LINES if thresholds else ()),
    ]


def _overall_rows(scores: RecordedScores) -> list[str]:
    found = {MEASURES[key]: Estimate(getattr(scores, key), scores.intervals.get(key)) for key in SCORES}
    return [f"| {name} | {one.value_text()} | {one.interval_text()} |" for name, one in found.items()]


def _threshold_cells(found: RecordedThreshold | None) -> str:
    """Return a label's threshold, and what it was without one or the other part of the articles."""
    if found is None:
        return ""
    low, high = found.range
    return f"{found.threshold:.3f} | {low:.3f} to {high:.3f} | "


def _calibration_lines(errors: CalibrationErrors | None) -> list[str]:
    if errors is None:
        return []
    return [
        "Probabilities were calibrated; each part of the articles by curves that were fitted on the others:",
        "",
        "| | before calibration | after |",
        "|---|---|---|",
        *[f"| {' | '.join(cells)} |" for cells in calibration_rows(errors.before, errors.after)],
        "",
    ]


def _promise_lines(promises: Sequence[str]) -> list[str]:
    if not promises:
        return []
    return ["## Promises", "", *[f"- {escaped(note)}" for note in promises], ""]


def _cell(label: str) -> str:
    r"""Return a label that stays in one cell of one line.

    >>> _cell("a|b\nc")
    'a\\|b c'
    """
    return escaped(" ".join(label.replace("|", "\\|").split()))
