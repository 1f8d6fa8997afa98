"""The model card: what a model records, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topicml.formatting import counted, escaped, listed, size_text
from topicml.metrics.names import MEASURES
from topicml.model.classifier import FittedClassifier
from topicml.model.feature_settings import FeatureSettings
from topicml.model.record import (
    Retraining,
    RowCounts,
    TrainingRecord,
    TriedSettings,
)
from topicml.training.card_scores import (
    calibration_lines,
    cell,
    promise_lines,
    score_lines,
    seed_word_lines,
    unmeasured_lines,
)
from topicml.training.settings import TrainingSettings

_LISTED_TRIALS = 20
_LISTED_LABELS = 5
_FINGERPRINT = 12
_LIMIT_LINES = (
    "The scores hold for articles like those that the model was trained on, not for other times, places",
    "or languages. A text without a known word is left to a person.",
)
_UNMEASURED_LIMIT_LINES = ("A text without a known word is left to a person.",)
_FAMILIARITY_LINES = ("So is a text in another language, and noise.",)


def describe(classifier: FittedClassifier) -> dict[str, Any]:
    """Return the facts about a model, as values that JSON can hold."""
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
    """Return a model's card in Markdown: which model it is, its scores, its limits, its data and settings.

    What the record of training lacks, as in models of older versions, is left out.

    Raises
    ------
    ModelFormatError
        If an entry of the record is damaged; the message names it.
    """
    record = TrainingRecord.read(classifier.provenance)
    measured = record.scores_out_of_fold is not None
    known = measured or record.measured is False
    lines = [
        "# Model card",
        "",
        *_identity_lines(classifier, record),
        "",
        *(_result_lines(record) if measured else unmeasured_lines(record)),
        *seed_word_lines(record.seed_words),
        "## Limits",
        "",
        *(_LIMIT_LINES if record.measured is not False else _UNMEASURED_LIMIT_LINES),
        *(_FAMILIARITY_LINES if classifier.familiarity else ()),
        "",
        *(_origin_lines(record, multilabel=classifier.multilabel) if known else ()),
    ]
    return "\n".join(lines)


def _identity_lines(classifier: FittedClassifier, record: TrainingRecord) -> list[str]:
    n_classes, n_terms = len(classifier.classes_), len(classifier.vectorizer)
    kind = f"any number of {n_classes} labels" if classifier.multilabel else f"one of {n_classes} labels"
    facts = [f"Fingerprint `{classifier.fingerprint}`"]
    if record.n_articles is not None:
        facts.append(trained_on(record))
    facts += [f"dated {record.dates[0]} to {record.dates[1]}"] if record.dates else []
    facts += [f"made on {record.created}"] if record.created else []
    if also := learned_from(record):
        facts.append(also)
    return [
        f"Gives an article {kind}.",
        f"{', '.join(facts)}.",
        "",
        f"It knows {n_terms:,} terms ({_terms(classifier.vectorizer.settings)}) and has a linear function",
        f"for each label. Terms and weights take {size_text(_n_bytes(classifier))}.",
    ]


def trained_on(record: TrainingRecord) -> str:
    """Say on how many articles a model was trained, and whether they had labels."""
    without = " without a label, by seed words" if record.measured is False else ""
    return f"trained on {counted(record.n_articles or 0, 'article')}{without}"


def learned_from(record: TrainingRecord) -> str:
    """Say from how many unlabelled articles a model of labelled ones learned, too, if from any."""
    archive = record.archive
    if archive is None or not archive.used:
        return ""
    return f"learned from {counted(archive.n_articles, 'unlabelled article')}, too"


def _result_lines(record: TrainingRecord) -> list[str]:
    return [
        *score_lines(record),
        *calibration_lines(record.calibration),
        *promise_lines(record.promises),
    ]


def _origin_lines(record: TrainingRecord, *, multilabel: bool) -> list[str]:
    rare = rare_label_note(record.rare_labels, multilabel=multilabel, n_listed=len(record.rare_labels))
    return [*_data_lines(record, rare), *_settings_lines(record)]


def settings_told(settings: TrainingSettings, n_terms: int, n_tried: int) -> str:
    """Say in a line what a model was trained with, and from how many settings that was chosen."""
    weights = {"balanced": ", rare labels weighted up", "by label": ", labels weighted"}.get(
        settings.solver.weighting or "", ""
    )
    told = f"{n_terms:,} terms ({_terms(settings.features)}), C = {settings.solver.C:g}{weights}"
    return f"{told}; the best of {n_tried} tried" if n_tried else told


def rare_label_note(
    rare: Mapping[str, int], *, multilabel: bool, n_listed: int = _LISTED_LABELS
) -> str | None:
    """Say which labels had few articles, the fewest first; None if none had. So many of them are named."""
    if not rare:
        return None
    ranked = sorted(rare.items(), key=lambda item: item[1])
    told = listed((f"{cell(label)} ({count})" for label, count in ranked), n_listed)
    few = f"{counted(len(rare), 'label')} with fewer than 10 articles: {told}"
    tuned = "too few to tune separately; " if multilabel else ""
    return f"{few}; {tuned}treat their scores with caution"


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
    data = f"; fingerprint `{record.data_sha256[:16]}`" if record.data_sha256 else ""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items()))
    return [
        "## Data",
        "",
        *([f"- {counted(record.n_articles, 'article')}{data}"] if record.n_articles is not None else []),
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
    if rows.dropped_labels:
        lines.append(f"- labels left out because they have too few articles: {rows.dropped_labels}")
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
        f"- retrained to replace the model `{retraining.replaced[:_FINGERPRINT]}`: "
        f"{MEASURES[compared.measure]} {found.a:.3f} -> {found.b:.3f} (difference "
        f"{found.difference:+.3f}, 95% interval {low:+.3f} to {high:+.3f}) on "
        f"{counted(compared.n, 'article')} held out"
    ]


def _settings_lines(record: TrainingRecord) -> list[str]:
    if record.settings is None:
        return []
    settings = TrainingSettings.recorded(record.settings)
    given = ", ".join(f"{label} {weight:g}" for label, weight in settings.solver.weights)
    weights = "balanced, so that rare labels count more" if settings.solver.class_weight else "none"
    chosen_by = "" if record.measured is False else f"chosen by {MEASURES[settings.measure]}; "
    return [
        "## Settings",
        "",
        f"- at most {settings.max_terms:,} terms{_pruned(settings.pruned_to)}, C = {settings.solver.C:g}, "
        f"class weights: {given or weights}",
        f"- title weight {settings.features.title_weight}, words of "
        f"{counted(settings.features.min_token_length, 'character')} or more",
        f"- {chosen_by}seed {settings.random_state}",
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
    """Return the table of tried settings: the last stage first, and in each stage the best first."""
    found = [(trial, value) for trial in tried if (value := trial.value(settings.measure)) is not None]
    if not found:  # nothing was tried, or by another measure: a retrained model may use another
        return []
    ranked = sorted(found, key=lambda pair: (-pair[0].stage, -pair[1]))
    chosen = _chosen(ranked[0][0].stage, settings)
    rows = [_trial_row(trial, value, chosen) for trial, value in ranked[:_LISTED_TRIALS]]
    count = f"{len(found)} settings were tried"
    shown = f", of which the best {_LISTED_TRIALS} are shown" if len(found) > _LISTED_TRIALS else ""
    return [
        f"{count} on articles held out{shown}. Stages with more articles come first.",
        "Of settings within half a standard error of the best, the simplest is chosen. `model.json` has all",
        'that were tried, under "tried".',
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
    solver = {"C": settings.solver.C, "class_weight": settings.solver.weighting}
    terms = {"max_terms": settings.max_terms, "pruned_to": settings.pruned_to}
    return {"stage": last, **settings.features.content(), **terms, **solver}


def _tried_range(bounds: tuple[int, int] | None) -> str:
    return "none" if bounds is None else _range(bounds[0], bounds[1])
