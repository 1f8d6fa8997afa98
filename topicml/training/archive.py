"""Whether an archive of unlabelled articles helps, and how: found out on labelled articles held out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from topicml.arguments import number
from topicml.article import canonical
from topicml.corpus.stratification import assign_folds
from topicml.corpus.targets import Targets
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted, listed
from topicml.metrics.names import MEASURES, Measure
from topicml.metrics.paired import drawn_scores
from topicml.metrics.resampling import Estimate
from topicml.metrics.scores import quick_score
from topicml.model.feature_settings import FeatureSettings
from topicml.model.record import RecordedArchive
from topicml.model.sparse import SparseRows
from topicml.parallel import end_with, in_joblib
from topicml.training.crossfit import NO_ROWS, CrossFit, TrainingData, fit_parts, fit_uses
from topicml.training.seed_words import SeedWords, find_words, started_sections
from topicml.training.semi_supervised import ArchiveUse, Seeded, SharesOf, Starter
from topicml.training.settings import TrainingSettings
from topicml.training.tuning import held_out_decisions
from topicml.training.unlabelled import usable_articles
from topicml.training.vocabulary import candidate_terms

_MOST_UNLABELLED = 5_000  # looked at while a use is chosen: more take longer, and choose alike
_MOST_LABELLED = 5_000
_FEW, _MANY = 200, 1_000  # labelled articles, from which on fewer folds and one round of them are enough
_ONE_STEP = (1.0,)  # of growth, which orders uses as two steps do, in half the time
_STARTERS: Mapping[Starter, str] = {
    "EM": "naive Bayes by EM",
    "both": "naive Bayes by EM and the labelled articles alone",
    "plain": "the labelled articles alone",
}
_SHARES: Mapping[SharesOf, str] = {
    "labelled": "those of the labelled articles",
    "counted": "those of the answers of a model of the labelled articles",
    "between": "between those of the labelled articles and those of a model's answers",
    "given": "given",
}
_LISTED = 5

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What was done with an archive of unlabelled articles, and why.

    Parameters
    ----------
    used : bool
    n_articles : int
        Unlabelled articles that could be learned from.
    starter : str or None
        What spread the labels over the archive.
    shares : str or None
        Where the share of each label in the archive comes from, in words.
    measure : {"accuracy", "micro_f1", "macro_f1"}
    without, with_archive : float or None
        The measure on labelled articles held out; None where nothing was compared.
    gain : Estimate or None
        Their difference, with its 95% interval.
    standard_error : float or None
        Of the gain. The archive is used where the gain is larger.
    objection : str or None
        Why nothing was compared.
    label_shares : mapping of str to float, optional
        The shares that the caller gave.
    """

    used: bool
    n_articles: int
    starter: str | None = None
    shares: str | None = None
    measure: Measure = "accuracy"
    without: float | None = None
    with_archive: float | None = None
    gain: Estimate | None = None
    standard_error: float | None = None
    objection: str | None = None
    label_shares: Mapping[str, float] | None = None

    def record(self) -> RecordedArchive:
        """Return what a model records of it."""
        return RecordedArchive(
            used=self.used,
            n_articles=self.n_articles,
            starter=self.starter,
            shares=self.shares,
            measure=self.measure,
            without=self.without,
            with_archive=self.with_archive,
            interval=self.gain.interval if self.gain else None,
            label_shares=self.label_shares,
        )

    def sentence(self) -> str:
        """Say what was done, with figures."""
        archive = counted(self.n_articles, "unlabelled article")
        if self.objection is not None:
            return f"the unlabelled articles were not used: {self.objection}"
        done = "were used" if self.used else "were not used"
        if self.gain is None:
            return f"{archive} {done}"
        gain = f"{self.gain.value_text('+.3f')}, 95% interval {self.gain.interval_text('+.3f')}"
        return (
            f"{archive} {done}: on labelled articles held out, {MEASURES[self.measure]} is "
            f"{self.with_archive:.3f} with them and {self.without:.3f} without ({gain}; standard error "
            f"{self.standard_error:.3f})"
        )


@dataclass(frozen=True, eq=False, slots=True)
class ArchiveChoice:
    """What training goes on with: the archive is among the data if it is used, and the settings suit that.

    Notes are remarks for the reader; `use` is None if the archive is not used.
    """

    report: ArchiveReport
    data: TrainingData
    settings: TrainingSettings
    use: ArchiveUse | None
    notes: tuple[str, ...]


def words_alone(settings: TrainingSettings) -> TrainingSettings:
    """Return settings whose terms are single words, unless the caller chose others.

    With few labels, pairs of words and pieces of words cost accuracy: measured on all open sets.
    """
    features = settings.features
    if replace(features, fold_dotted_i=False) != FeatureSettings():
        return settings
    return replace(settings, features=replace(features, ngram_range=(1, 1)))


def given_shares(
    shares: Mapping[str, float], classes: Sequence[str], *, multilabel: bool
) -> tuple[float, ...]:
    """Return the given share of each class; of one label an article, their sum becomes 1.

    >>> given_shares({"sport": 3, "art": 1}, ["art", "sport"], multilabel=False)
    (0.25, 0.75)
    """
    shares = {canonical(label): share for label, share in shares.items()}
    unlike = sorted(set(shares).symmetric_difference(classes))
    if unlike:
        raise TopicmlValueError(
            "label_shares must have a share for each label and for no other: check "
            f"{listed(map(repr, unlike), _LISTED)}"
        )
    values = [number("label_shares", shares[label]) for label in classes]
    highest = 1.0 if multilabel else sys.float_info.max
    if not all(0 < value <= highest for value in values):
        expected = "above 0 and at most 1" if multilabel else "finite and above 0"
        raise TopicmlValueError(f"label_shares must be {expected}, found {dict(shares)}")
    return tuple(values) if multilabel else tuple(value / sum(values) for value in values)


def choose_archive(
    data: TrainingData,
    texts: Sequence[str],
    plain: TrainingSettings,
    with_archive: TrainingSettings,
    *,
    fingerprints: NDArray[np.uint64],
    label_shares: Mapping[str, float] | None = None,
    seeds: SeedWords | None = None,
    n_jobs: int = -1,
) -> ArchiveChoice:
    """Decide whether a model learns from unlabelled texts, too, and how.

    Training with and without them is compared, each by its settings, on labelled articles held out.
    Fingerprints are those of the labelled articles, whose copies are left out. The articles that seed words
    single out count as labelled where the archive is used.
    """
    targets, shares = data.targets, None
    if label_shares is not None:
        shares = given_shares(label_shares, targets.classes_, multilabel=targets.multilabel)
    found = usable_articles(texts, data, fingerprints, plain.features, n_jobs=n_jobs)
    report = ArchiveReport(used=False, n_articles=len(found.texts), objection=found.objection)
    use, seed_notes = None, tuple[str, ...]()
    if report.objection is None:
        starts, seed_notes = _starts(found.texts, seeds, targets, with_archive.features, n_jobs)
        full = replace(data, archive=found.texts, starts=starts, seeds=seeds)
        report, use = _compared(full, plain, with_archive, shares, n_jobs)
    report = replace(report, label_shares=label_shares and dict(label_shares))
    notes = (*found.notes, *seed_notes, report.sentence())
    if use is None:
        return ArchiveChoice(report, data, plain, None, notes)
    return ArchiveChoice(report, full, with_archive, use, notes)


def _starts(
    texts: Sequence[str],
    seeds: SeedWords | None,
    targets: Targets,
    features: FeatureSettings,
    n_jobs: int,
) -> tuple[NDArray[np.bool_] | None, tuple[str, ...]]:
    """Return the classes that seed words give some unlabelled articles, and notes on the words."""
    if seeds is None:
        return None, ()
    if unknown := [label for label in seeds.labels if label not in targets.classes_]:
        raise CorpusError(
            f"{seeds.where}: no labelled article is in the section {unknown[0]!r}; label some, or train on "
            "the seed words alone"
        )
    found = find_words(texts, seeds, features, shared=targets.multilabel, n_jobs=n_jobs)
    started = started_sections(found, multilabel=targets.multilabel)
    starts = np.zeros((len(texts), len(targets.classes_)), bool)
    starts[:, [targets.classes_.index(label) for label in seeds.labels]] = started
    n = counted(int(started.any(axis=1).sum()), "unlabelled article")
    return starts, (*found.notes(), f"{n} that the seed words single out count as labelled")


def _compared(
    data: TrainingData,
    plain: TrainingSettings,
    with_archive: TrainingSettings,
    shares: tuple[float, ...] | None,
    n_jobs: int,
) -> tuple[ArchiveReport, ArchiveUse | None]:
    """Try each use of the archive on labelled articles held out, and everything repeated without them.

    The best one is taken if its gain exceeds the standard error of that gain.
    """
    part = _sampled(data)
    rounds = _repeated_folds(part.targets.Y, part.groups, plain.random_state)
    parts = [rows for folds in rounds for rows in folds]
    uses = _uses(shares, multilabel=data.targets.multilabel)
    measure = plain.measure if data.targets.multilabel else "accuracy"
    fits = _fits_without(part, plain, parts, n_jobs), *_fits_with(part, with_archive, uses, parts, n_jobs)
    trial = _best(part, [_decided(part, each, rounds, measure) for each in fits], rounds, measure)
    used = trial.gain.value > trial.standard_error
    report = ArchiveReport(
        used=used,
        n_articles=len(data.archive),
        measure=measure,
        starter=_STARTERS[uses[trial.place].starter],
        shares=_SHARES[uses[trial.place].shares_of],
        without=trial.without,
        with_archive=trial.without + trial.gain.value,
        gain=trial.gain,
        standard_error=trial.standard_error,
    )
    return report, uses[trial.place] if used else None


def _uses(given: tuple[float, ...] | None, *, multilabel: bool) -> list[ArchiveUse]:
    """Return the ways that are compared; where growth starts from no shares, these only bound it."""
    if multilabel:
        return [ArchiveUse("plain", "labelled" if given is None else "given", given)]
    if given is not None:
        return [ArchiveUse(starter, "given", given) for starter in _STARTERS]
    spread: tuple[Starter, ...] = ("EM", "both")
    kinds: tuple[SharesOf, ...] = ("labelled", "between", "counted")
    pairs = product(spread, kinds)
    return [*(ArchiveUse(starter, kind) for starter, kind in pairs), ArchiveUse("plain", "labelled")]


def _sampled(data: TrainingData) -> TrainingData:
    """Return articles to compare on: of very many, some, evenly taken."""
    rows = _evenly(len(data.texts), _MOST_LABELLED)
    part = data.take(rows) if len(rows) < len(data.texts) else data
    unlabelled = _evenly(len(data.archive), _MOST_UNLABELLED).tolist()
    starts = None if data.starts is None else data.starts[unlabelled]
    archive = tuple(data.archive[row] for row in unlabelled)
    return replace(part, archive=archive, starts=starts, seeds=data.seeds)


def _evenly(n: int, most: int) -> Rows:
    return np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)


def _repeated_folds(Y: NDArray[np.bool_], groups: Rows, random_state: int) -> list[list[Rows]]:
    """Return for each round the rows of each fold, copies together; each round deals them by chance."""
    n_folds = min(5 if len(Y) < _FEW else 3, len(np.unique(groups)))
    n_rounds = 2 if len(Y) < _MANY else 1
    rng = np.random.default_rng(random_state)
    rounds = []
    for _ in range(n_rounds):
        order = rng.permutation(len(Y))
        folds = np.empty(len(Y), np.int64)
        folds[order] = assign_folds(Y[order], groups[order], n_folds=n_folds)
        rounds.append([np.flatnonzero(folds == fold) for fold in range(n_folds)])
    return rounds


def _fits_without(
    part: TrainingData, settings: TrainingSettings, parts: Sequence[Rows], n_jobs: int
) -> list[CrossFit]:
    """Fit models that saw neither the archive nor each of some parts, and score these."""
    labelled = replace(part, archive=(), starts=None)
    terms = candidate_terms(labelled, settings)[0]
    [fits] = fit_parts(labelled.counted(terms, n_jobs=n_jobs), parts, [settings], n_jobs=n_jobs)
    return fits


def _fits_with(
    part: TrainingData,
    settings: TrainingSettings,
    uses: Sequence[ArchiveUse],
    parts: Sequence[Rows],
    n_jobs: int,
) -> list[list[CrossFit]]:
    """Return for each way to use the archive the same, with it."""
    terms = candidate_terms(part, settings)[0]
    X, seeded = terms.weigh(terms.count(part.every_text, n_jobs=n_jobs)), part.seeded(terms)
    tasks = (
        delayed(_in_worker)(os.getpid(), X, part.targets, rows, uses, settings, seeded) for rows in parts
    )
    return [list(fits) for fits in zip(*in_joblib(tasks, n_jobs=n_jobs), strict=True)]


def _in_worker(parent: int, *task: Any) -> list[CrossFit]:  # noqa: ANN401  (what `_fit_uses` takes)
    end_with(parent)
    return _fit_uses(*task)


def _fit_uses(
    X: SparseRows,
    targets: Targets,
    held_out: Rows,
    uses: Sequence[ArchiveUse],
    settings: TrainingSettings,
    seeded: Seeded | None,
) -> list[CrossFit]:
    """Fit without some of the labelled rows in each way, and score these."""
    n_labelled = len(targets.Y)
    rows, unseen = np.setdiff1d(np.arange(n_labelled), held_out), X.take(held_out)
    known = X.take(np.concatenate((rows, np.arange(n_labelled, len(X)))))
    models = fit_uses(known, targets.take(rows), uses, seeded, settings, steps=_ONE_STEP)
    answerable = unseen.indptr[1:] > unseen.indptr[:-1]
    return [CrossFit(NO_ROWS, model, model.scores(unseen), answerable) for model in models]


def _decided(
    part: TrainingData, fits: Sequence[CrossFit], rounds: Sequence[Sequence[Rows]], measure: Measure
) -> NDArray[np.bool_]:
    """Return what articles are given in each round, shape (n_rounds, n_articles, n_classes)."""
    decided = np.zeros((len(rounds), *part.targets.Y.shape), bool)
    waiting = iter(fits)
    for of_round, folds in zip(decided, rounds, strict=True):
        rows = np.concatenate(folds)
        of_folds = [next(waiting) for _ in folds]
        of_round[rows] = held_out_decisions(part.targets.take(rows), of_folds, measure)
    return decided


@dataclass(frozen=True, slots=True)
class _Trial:
    """The best way to use the archive beside none."""

    place: int
    without: float
    gain: Estimate
    standard_error: float


def _best(
    part: TrainingData,
    answers: Sequence[NDArray[np.bool_]],
    rounds: Sequence[Sequence[Rows]],
    measure: Measure,
) -> _Trial:
    """Compare each way with the first one, which is without the archive; means are over the rounds."""
    Y, groups = part.targets.Y, part.groups
    drawn = [
        np.mean([drawn_scores(Y, found, groups=groups).measures[measure] for found in way], axis=0)
        for way in answers
    ]
    gains = [way - drawn[0] for way in drawn[1:]]
    place = int(np.argmax([gain[0] for gain in gains]))
    by_fold = [
        quick_score(Y[rows], found[rows], measure) - quick_score(Y[rows], before[rows], measure)
        for found, before, folds in zip(answers[1 + place], answers[0], rounds, strict=True)
        for rows in folds
    ]
    standard_error = float(np.std(by_fold, ddof=1) / np.sqrt(len(by_fold)))
    return _Trial(place, float(drawn[0][0]), Estimate.of(gains[place]), standard_error)
