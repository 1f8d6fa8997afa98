"""The record of how a model came to be: named, written, read and checked here alone.

`FittedClassifier.provenance` is the mapping that is stored; `TrainingRecord.read` gives it types. Its entries
came with the versions, so one that an older model lacks is None or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from topicml.model.record_values import WHERE_KNOWN, kinds_of, read_fields, refuse, written

Interval = tuple[float, float]
_Measure = Literal["accuracy", "micro_f1", "macro_f1"]


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Which rows were used, which were left out or noted and why, and which repeat or contradict others.

    Dropped labels are those with fewer articles than the settings ask for, None if there are none.
    """

    used: int
    left_out: Mapping[str, int]
    noted: Mapping[str, int]
    copies: int
    copied_texts: int
    conflicts: int
    dropped_labels: int | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True)
class TriedSettings:
    """Settings that were tried, and how they scored by the measure that chose among them."""

    stage: int
    n_held_out: int
    max_terms: int
    C: float
    n_articles: int | None = None
    ngram_range: tuple[int, int] | None = None
    char_ngram_range: tuple[int, int] | None = None
    title_weight: int = 1
    min_token_length: int = 2
    sublinear_tf: bool = True
    fold_dotted_i: bool | None = field(default=None, metadata=WHERE_KNOWN)
    pruned_to: int | None = None
    class_weight: str | None = None
    accuracy: float | None = field(default=None, metadata=WHERE_KNOWN)
    micro_f1: float | None = field(default=None, metadata=WHERE_KNOWN)
    macro_f1: float | None = field(default=None, metadata=WHERE_KNOWN)

    def value(self, measure: _Measure) -> float | None:
        """Return the score by a measure; None if another measure chose among these settings."""
        found: float | None = getattr(self, measure)
        return found


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well a label was found out of fold, among so many articles that have it."""

    precision: float
    recall: float
    f1: float
    support: int
    intervals: Mapping[str, Interval] | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True)
class RecordedScores:
    """Scores out of fold, with 95% intervals by the names of the measures that have one."""

    n: int
    accuracy: float
    micro_f1: float
    macro_f1: float
    ece: float
    intervals: Mapping[str, Interval]
    labels: Mapping[str, LabelScore]
    precision_at_1: float | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True)
class ProbabilityErrors:
    """How far probabilities are from the truth.

    Parameters
    ----------
    ece : float
        Expected calibration error, see `topicml.metrics.probabilities.calibration_tally`.
    brier : float
        Brier score (Brier 1950, "Verification of Forecasts Expressed in Terms of Probability"): the mean
        squared distance from the outcomes; of a row's sum for multiclass (0 to 2), of every decision
        for multilabel (0 to 1).
    intervals : mapping of str to (float, float)
        95% bootstrap interval of both.
    """

    ece: float
    brier: float
    intervals: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class CalibrationErrors:
    """Errors of probabilities before and after calibration, on the same articles."""

    before: ProbabilityErrors
    after: ProbabilityErrors


@dataclass(frozen=True, slots=True)
class RecordedThreshold:
    """A label's threshold, and the lowest and the highest without one part of the articles."""

    threshold: float
    range: Interval


@dataclass(frozen=True, slots=True)
class Abstention:
    """A promise of precision, and its cost.

    Parameters
    ----------
    promised : float
        Precision of the articles that are answered.
    min_confidence : float
        Best probability from which an article is answered; 2, which none reaches, if the promise cannot be
        kept and training was told to go on.
    kept : float
        Share of the articles that is answered.
    precision, lower_bound : float
        Of the answers, out of fold, and its one-sided 95% bound; 0 if none are kept.
    """

    promised: float
    min_confidence: float
    kept: float
    precision: float
    lower_bound: float


@dataclass(frozen=True, slots=True)
class RecordedLabelPromise:
    """The same for one label, which so many articles would get without the promise."""

    label: str
    n_given: int
    promised: float
    min_confidence: float
    kept: float
    precision: float
    lower_bound: float


@dataclass(frozen=True, slots=True)
class RecordedEstimate:
    """A measure with its 95% interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class RecordedPromisedScores:
    """Scores of a model that leaves articles to a person, and the shares that get a label and a right one."""

    scores: RecordedScores
    answered: RecordedEstimate
    precision: RecordedEstimate
    answered_without: RecordedEstimate
    precision_without: RecordedEstimate


@dataclass(frozen=True, slots=True)
class RecordedDifference:
    """A measure of two models on the same articles."""

    a: float
    b: float
    difference: float
    interval: Interval
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class RecordedSize:
    """A way to store a model, and its score."""

    selected_by: str
    coef_dtype: str
    n_terms: int
    n_bytes: int
    value: float


@dataclass(frozen=True, slots=True)
class RecordedSizeCost:
    """The cost of keeping the model small."""

    max_size: int
    measure: _Measure
    unlimited: RecordedSize
    tried: tuple[RecordedSize, ...]
    chosen: RecordedSize
    difference: RecordedDifference


@dataclass(frozen=True, slots=True)
class RecordedTest:
    """McNemar's test of two models."""

    only_a: int
    only_b: int
    p_value: float
    method: str


@dataclass(frozen=True, slots=True)
class RecordedComparison:
    """A comparison of two models, without what grows with labels and articles."""

    measure: _Measure
    n: int
    differences: Mapping[str, RecordedDifference]
    verdict: str | None = None
    n_stories: int | None = None
    n_differing: int | None = None
    mcnemar: RecordedTest | None = None
    minimum_detectable: float | None = None

    def __post_init__(self) -> None:
        if self.measure not in self.differences:
            refuse("retraining.comparison.differences", f"{self.measure} among them", list(self.differences))


@dataclass(frozen=True, slots=True)
class Retraining:
    """How the model came to replace another: its fingerprint, how articles were held out, what was found."""

    replaced: str
    rule: str | None = None
    comparison: RecordedComparison | None = None


@dataclass(frozen=True, slots=True)
class RecordedSection:
    """A section's seed words, those against it, and its share of the archive where they alone say it."""

    words: tuple[str, ...]
    against: tuple[str, ...]
    share: float | None = None


@dataclass(frozen=True, slots=True)
class RecordedSeedWords:
    """The seed words that a model was trained on.

    Parameters
    ----------
    sections : mapping of str to RecordedSection
    shares_of : str, optional
        Where the shares come from: "votes" of the seed words, "even", the articles with the "words", or
        "given" by the caller.
    agreement : float, optional
        Share of the articles with a section's words that the model puts there. Probabilities are scaled by
        it, where no labelled article is.
    """

    sections: Mapping[str, RecordedSection]
    shares_of: str | None = None
    agreement: float | None = None


@dataclass(frozen=True, slots=True)
class RecordedArchive:
    """Whether the model learned from unlabelled articles, too, how, and what they gained on held-out ones.

    Shares are the words for where the share of each label in the archive comes from.
    """

    used: bool
    n_articles: int
    starter: str | None = None
    shares: str | None = None
    measure: str | None = None
    without: float | None = None
    with_archive: float | None = None
    interval: Interval | None = None
    label_shares: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """Where unlabelled articles came from: files, and whether rows without a label among the others, too."""

    files: tuple[str, ...] = ()
    rows_without_label: bool = False


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """The record of how a model came to be.

    Parameters
    ----------
    data_sha256 : str, optional
        `topicml.article.corpus_fingerprint` of the articles that it was trained on.
    n_articles : int, optional
    dates : (str, str), optional
        Days of the first and the last article, of those that have a date in ISO 8601.
    created : str, optional
        The day on which the model was made, where the caller gave it (``SOURCE_DATE_EPOCH``).
    rows : RowCounts, optional
    settings_given, settings : mapping, optional
        Settings that the caller gave, and those that were chosen, for `topicml.TrainingSettings.recorded`.
    tried : tuple of TriedSettings, optional
    versions : mapping of str to str
        Of topicml, Python and the packages that trained.
    scores_out_of_fold : RecordedScores, optional
        Without them the model was not trained by topicml, or in an unknown way.
    scores_with_promises : RecordedPromisedScores, optional
        If something was promised: what articles left to a person make of these scores.
    calibration : CalibrationErrors, optional
    thresholds : mapping of str to RecordedThreshold, optional
        Of a multilabel model.
    rare_labels : mapping of str to int
        Labels of few articles, with their number.
    abstention : Abstention, optional
    min_precision : tuple of RecordedLabelPromise
    promises, notes : tuple of str
        Sentences that a person should know; the promises are among the notes.
    size_cost : RecordedSizeCost, optional
    reading, label_mapping : mapping, optional
        How the articles were read and their labels mapped, for `ReadOptions.recorded` and
        `LabelMapping.recorded`.
    retraining : Retraining, optional
        If the model replaced another one.
    measured : bool, optional
        False for a model whose scores and probabilities no labelled article measured.
    seed_words : RecordedSeedWords, optional
        If the model was trained on seed words.
    archive : RecordedArchive, optional
        If there were unlabelled articles.
    archive_source : ArchiveSource, optional
        Where these came from, if they were read from files.
    others : mapping
        Entries of the maker's own.
    """

    data_sha256: str | None = None
    n_articles: int | None = None
    dates: tuple[str, str] | None = field(default=None, metadata=WHERE_KNOWN)
    created: str | None = field(default=None, metadata=WHERE_KNOWN)
    rows: RowCounts | None = None
    settings_given: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] | None = None
    tried: tuple[TriedSettings, ...] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    scores_out_of_fold: RecordedScores | None = None
    scores_with_promises: RecordedPromisedScores | None = field(default=None, metadata=WHERE_KNOWN)
    calibration: CalibrationErrors | None = None
    thresholds: Mapping[str, RecordedThreshold] | None = None
    rare_labels: Mapping[str, int] = field(default_factory=dict)
    abstention: Abstention | None = None
    min_precision: tuple[RecordedLabelPromise, ...] = ()
    promises: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    size_cost: RecordedSizeCost | None = None
    reading: Mapping[str, Any] | None = field(default=None, metadata=WHERE_KNOWN)
    label_mapping: Mapping[str, Any] | None = field(default=None, metadata=WHERE_KNOWN)
    retraining: Retraining | None = field(default=None, metadata=WHERE_KNOWN)
    measured: bool | None = field(default=None, metadata=WHERE_KNOWN)
    seed_words: RecordedSeedWords | None = field(default=None, metadata=WHERE_KNOWN)
    archive: RecordedArchive | None = field(default=None, metadata=WHERE_KNOWN)
    archive_source: ArchiveSource | None = field(default=None, metadata=WHERE_KNOWN)
    others: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        filled = ", ".join(
            part.name for part in fields(self) if getattr(self, part.name) not in (None, {}, ())
        )
        return f"TrainingRecord({filled})"

    @classmethod
    def read(cls, provenance: Mapping[str, Any]) -> TrainingRecord:
        """Read the record of a model.

        Raises
        ------
        ModelFormatError
            If an entry is of another kind than it should be, or lacks a part; the message names it.

        Examples
        --------
        >>> TrainingRecord.read({"n_articles": 24, "author": "desk"}).others
        {'author': 'desk'}
        """
        own = _entries()
        known = {name: value for name, value in provenance.items() if name in own}
        others = {name: value for name, value in provenance.items() if name not in own}
        return cls(**read_fields(cls, known, ""), others=others)

    def to_dict(self) -> dict[str, Any]:
        """Return all entries as values that JSON can hold, as a model stores them."""
        return {**written(self, _entries()), **self.others}

    def known(self) -> dict[str, Any]:
        """Return the entries that say something, in the same form."""
        unknown = TrainingRecord()
        said = (name for name in _entries() if getattr(self, name) != getattr(unknown, name))
        return {**written(self, said), **self.others}

    def updated(self, entries: Mapping[str, Any]) -> TrainingRecord:
        """Let entries in that form take the place of those that are known."""
        given = TrainingRecord.read(entries)
        own = {name: getattr(given, name) for name in _entries() if name in entries}
        return replace(self, **own, others={**self.others, **given.others})


def _entries() -> tuple[str, ...]:
    return tuple(name for name in kinds_of(TrainingRecord) if name != "others")
