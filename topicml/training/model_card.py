"""The model card: what a model records, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topicml.formatting import counted, escaped, listed, size_text
from topicml.metrics.names import MEASURES
from topicml.model.classifier import FittedClassifier
from topicml.model.feature_settings import FeatureSettings
from topicml.training.calibration import calibration_rows
from topicml.training.record import RECORD

_LISTED_TRIALS = 20


_FAMILIARITY_LINES = (
    "Nor is one of whose words too few stand in the training articles, as in another language or in noise.",
)

_PROMISED_LINES = (
    "They are of answering every article, as if nothing were promised.",
)  # else 0.874 would be read as the precision of a label that is promised at 0.9

_SEARCHED_LINES = (
    "Settings were chosen on the same articles, which makes the scores of the best a little too high.",
)


def describe(classifier: FittedClassifier) -> dict[str, Any]:
    """Return what is known about a model, as values that JSON can hold."""
    return {
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
    """
    origin = classifier.provenance
    n_classes = len(classifier.classes_)
    kind = f"any number of {n_classes} labels" if classifier.multilabel else f"one label of {n_classes}"
    lines = [
        "# Model card",
        "",
        f"Assigns {kind} to an article, from {len(classifier.vectorizer):,}",
        f"terms ({_terms(classifier.vectorizer.settings)}), by a linear function for each label.",
        f"Terms and weights take {size_text(_n_bytes(classifier))}.",
        "",
    ]
    if "scores_out_of_fold" in origin:
        lines += [
            *_data_lines(origin, rare_label_note(classifier)),
            *_settings_lines(origin.get("settings", {}), origin.get("tried", [])),
            *_score_lines(
                origin["scores_out_of_fold"],
                origin.get("thresholds") or {},
                remarks=(
                    *(_SEARCHED_LINES if origin.get("tried") else ()),
                    *(_PROMISED_LINES if origin.get("promises") else ()),
                ),
            ),
            *_calibration_lines(origin.get("calibration")),
            *_promise_lines(origin.get("promises", [])),
        ]
    lines += [
        "## Limits",
        "",
        "It knows the words of its training articles and nothing else. Articles of another time, place or",
        "language than those are outside of what the scores promise. A text without a known term is not",
        "answered.",
        *(_FAMILIARITY_LINES if classifier.familiarity else ()),
        "",
    ]
    return "\n".join(lines)


def settings_told(classifier: FittedClassifier) -> str:
    """Say in a line what a model was trained with, and from how many settings that was chosen."""
    settings, n_tried = classifier.provenance["settings"], len(classifier.provenance["tried"])
    told = (
        f"{len(classifier.vectorizer):,} terms ({_terms(classifier.vectorizer.settings)}), "
        f"C = {settings['solver']['C']:g}, class weights: {settings['solver']['class_weight'] or 'none'}"
    )
    return f"{told}; chosen in {counted(n_tried, 'trial')}, see MODEL_CARD.md" if n_tried else told


def rare_label_note(classifier: FittedClassifier, *, n_listed: int | None = None) -> str | None:
    """Say which labels had few articles, the fewest first, and what was done; None if none had.

    Parameters
    ----------
    classifier : FittedClassifier
    n_listed : int, optional
        Labels to name; by default all.
    """
    rare: Mapping[str, int] = classifier.provenance.get("rare_labels") or {}
    if not rare:
        return None
    ranked = sorted(rare.items(), key=lambda item: item[1])
    told = (f"{_cell(label)} ({count})" for label, count in ranked)
    named = listed(told, n_listed or len(ranked), more=" and {} more")
    done = "they are learned and calibrated as the others are"
    if classifier.multilabel:
        done = "they share one calibration curve with all labels and one threshold among them"
    return f"labels with fewer than 10 articles: {named}; {done}; their scores say little"


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


def _data_lines(origin: Any, rare: str | None) -> list[str]:  # noqa: ANN401  (read from JSON)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(origin["versions"].items()))
    told = [note for note in origin["notes"] if note not in origin.get("promises", [])]
    return [
        "## Data",
        "",
        f"- {origin['n_articles']} articles, fingerprint `{origin['data_sha256'][:16]}`",
        *_row_lines(origin.get("rows")),
        *replacement_lines(origin, MEASURES),
        *([f"- {rare}"] if rare else []),
        *[f"- note: {escaped(note)}" for note in told],
        f"- trained with {versions}",
        "",
    ]


def _row_lines(rows: Any) -> list[str]:  # noqa: ANN401  (read from JSON)
    """Say which rows were left out and why, and which repeat others."""
    if not rows:
        return []
    lines = [
        f"- {name}: {', '.join(f'{count} x {kind}' for kind, count in kinds.items())}"
        for name, kinds in (("left out", rows["left_out"]), ("noted", rows["noted"]))
        if kinds
    ]
    if rows["copies"]:
        repeated = counted(rows["copied_texts"], "text")
        lines.append(f"- copies of {repeated}: {rows['copies']}, held out together with the originals")
    return lines


def _settings_lines(settings: Any, tried: Sequence[Any]) -> list[str]:  # noqa: ANN401  (read from JSON)
    if not settings:
        return []
    solver = settings["solver"]
    weights = "as rare labels are rare (balanced)" if solver["class_weight"] else "none"
    lines = [
        "## Settings",
        "",
        f"- at most {settings['max_terms']:,} terms{_pruned(settings)}, C = {solver['C']:g}, "
        f"class weights: {weights}",
        f"- title weight {settings['features']['title_weight']}, words of "
        f"{counted(settings['features']['min_token_length'], 'character')} or more",
        f"- chosen by {MEASURES[settings['measure']]}; seed {settings['random_state']}",
        "",
    ]
    return lines + _trial_lines(tried, settings)


def _pruned(entry: Any) -> str:  # noqa: ANN401  (read from JSON)
    """Say to how many terms a first fit was pruned, where it was.

    >>> _pruned({"pruned_to": 2000})
    ', pruned to 2,000'
    """
    return f", pruned to {entry['pruned_to']:,}" if entry.get("pruned_to") else ""


def _trial_lines(tried: Sequence[Any], settings: Any) -> list[str]:  # noqa: ANN401  (read from JSON)
    """Return the table of what was tried: the last stage first, and of each stage the best first."""
    measure = settings["measure"]
    tried = [trial for trial in tried if measure in trial]  # a model trained anew may go by another measure
    if not tried:
        return []
    ranked = sorted(tried, key=lambda trial: (-trial["stage"], -trial[measure]))
    last = ranked[0]["stage"]
    rows = [
        f"| {trial['stage']} | {_tried_range(trial['ngram_range'])} | "
        f"{_tried_range(trial['char_ngram_range'])} | {trial['title_weight']} | "
        f"{trial['max_terms']:,}{_pruned(trial)} | "
        f"{trial['C']:g} | {trial['class_weight'] or 'none'} | {trial['n_held_out']} | "
        f"{trial[measure]:.3f} | {'yes' if _is_chosen(trial, last, settings) else ''} |"
        for trial in ranked[:_LISTED_TRIALS]
    ]
    count = f"{len(tried)} settings were tried"
    shown = f", of which the best {_LISTED_TRIALS} are shown" if len(tried) > _LISTED_TRIALS else ""
    return [
        f"{count} on articles held out{shown}. Stages with more articles come first.",
        "Of settings within half a standard error of the best, the simplest is chosen. `model.json` holds",
        'all that was tried, under "tried".',
        "",
        "| stage | words | characters | title weight | terms | C | class weights | held out "
        f"| {MEASURES[measure]} | chosen |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _is_chosen(trial: Any, last: int, settings: Any) -> bool:  # noqa: ANN401  (read from JSON)
    """Tell whether a trial of the last stage is what the model has; a size to keep may have changed that."""
    chosen = {**settings["features"], **settings["solver"], **settings}
    return trial["stage"] == last and all(
        trial[name] == chosen[name] for name in trial.keys() & chosen.keys()
    )


def _tried_range(bounds: Sequence[int] | None) -> str:
    return "none" if bounds is None else _range(bounds[0], bounds[1])


def _score_lines(
    scores: Any,  # noqa: ANN401  (read from JSON)
    thresholds: Mapping[str, Any],
    *,
    remarks: Sequence[str],
) -> list[str]:
    overall = []
    for key, name in MEASURES.items():
        low, high = scores["intervals"][key]
        overall.append(f"| {name} | {scores[key]:.3f} | {low:.3f} to {high:.3f} |")
    labels = [
        f"| {_cell(label)} | {s['precision']:.3f} | {s['recall']:.3f} | {s['f1']:.3f} | "
        f"{_threshold_cells(thresholds.get(label))}{s['support']} |"
        for label, s in scores["labels"].items()
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
        *["| measure | value | 95 % interval |", "|---|---|---|", *overall, ""],
        *[header, "|---" * (header.count("|") - 1) + "|", *labels, ""],
        *(
            [
                "Over parts: the lowest and the highest threshold chosen without one part of the articles,",
                "before a promise for the label raised it.",
                "",
            ]
            if thresholds
            else []
        ),
    ]


def _threshold_cells(found: Any) -> str:  # noqa: ANN401  (read from JSON)
    """Return a label's threshold, and what it was without one or the other part of the articles."""
    if not found:
        return ""
    low, high = found["range"]
    return f"{found['threshold']:.3f} | {low:.3f} to {high:.3f} | "


def _calibration_lines(report: Any) -> list[str]:  # noqa: ANN401  (read from JSON)
    if not report:
        return []
    return [
        "Probabilities were calibrated; each part of the articles by curves that were fitted on the others:",
        "",
        "| | before calibration | after |",
        "|---|---|---|",
        *[f"| {' | '.join(cells)} |" for cells in calibration_rows(report)],
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


_SHOWN = 12


def replacement_lines(provenance: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Say which model one replaced, and what both scored on articles that neither had seen, in one line.

    The model compared was trained without those articles; the one that is described learned from them, too.

    Parameters
    ----------
    provenance : mapping of str to object
        Of a model.
    names : mapping of str to str
        What people call the measures.

    Returns
    -------
    list of str
        A line of Markdown, or none if the model replaced no other.
    """
    record = provenance.get(RECORD)
    if not record:
        return []
    compared = record["comparison"]
    found = compared["differences"][compared["measure"]]
    low, high = found["interval"]
    return [
        f"- trained anew, in place of the model `{record['replaced'][:_SHOWN]}`: "
        f"{names[compared['measure']]} {found['a']:.3f} -> {found['b']:.3f} (difference "
        f"{found['difference']:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}) on "
        f"{counted(compared['n'], 'article')} held out"
    ]
