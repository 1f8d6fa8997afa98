"""Labelled articles in, a trained classifier and its honest scores out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.label_conflicts import conflict_notes
from topicml.corpus.near_duplicates import Stories
from topicml.corpus.rare_labels import FrequentLabels, keep_frequent_labels
from topicml.corpus.seen_articles import fingerprints_of
from topicml.corpus.stratification import assign_folds, unscored_label_notes
from topicml.corpus.targets import Targets, encode_targets
from topicml.displays.tables import html_view, table_of_rows
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.metrics.names import MEASURES
from topicml.metrics.scores import Scores
from topicml.model.classifier import FittedClassifier
from topicml.model.familiarity import Familiarity
from topicml.model.inputs import TextInput, as_articles, as_texts
from topicml.model.record import TrainingRecord
from topicml.model.sparse import Coefficients
from topicml.model.tokens import undotted
from topicml.reading.conversions import markup_notes
from topicml.reading.corpus import Corpus
from topicml.steps import Steps
from topicml.training.archive import ArchiveReport, choose_archive, words_alone
from topicml.training.calibration import CalibrationReport
from topicml.training.crossfit import CountedData, TrainingData, cross_fit
from topicml.training.decision_rule import choose_rule
from topicml.training.familiar_words import learn_familiarity
from topicml.training.promises import ScoresWithPromises, check_known, is_hopeless
from topicml.training.record import record_of_data, record_of_model
from topicml.training.reference import reference_of
from topicml.training.seed_words import SeedWords
from topicml.training.seeded_model import UnmeasuredResult, train_on_words
from topicml.training.semi_supervised import ArchiveUse
from topicml.training.settings import MANY_ARTICLES, TrainingSettings, as_settings
from topicml.training.size_budget import SizeCost, plan_size
from topicml.training.term_strings import with_strings
from topicml.training.tuning import Trial, search_settings
from topicml.training.vocabulary import candidate_terms

ARCHIVE_STEP = "comparing with and without the unlabelled articles"
"""A step of training where there are any, after the first of the others."""
STEPS = ("counting terms", "fitting", "writing terms down", "calibrating and scoring")
"""The steps of training, as they are reported."""

_FEW = 24  # different articles: the scores of fewer say little


@dataclass(frozen=True, eq=False, slots=True)
class TrainingResult:
    """A trained classifier with its scores and its record.

    Parameters
    ----------
    classifier : FittedClassifier
        Trained on all articles.
    scores : Scores
        Out-of-fold: each article was scored by a model that had not seen it, nor a copy of it. Every
        article is answered, as if nothing were promised.
    calibration_report : CalibrationReport
        How calibration changed the probabilities, out of sample.
    probabilities : ndarray of float64, shape (n_held_out, n_classes)
        Out-of-fold, by calibrations that were fitted without the articles' block of the data, of the
        articles whose fold is not -1.
    folds : ndarray of int64, shape (n_articles,)
        The fold in which each article was held out; -1 for those that never were: articles left out by
        `TrainingSettings.min_articles`, and four fifths of more than 200,000.
    settings : TrainingSettings
        Those that were chosen.
    trials : tuple of Trial
        Settings that were tried on the way there.
    notes : tuple of str
        Remarks for the reader about the data and the choices made.
    record : TrainingRecord
        What the classifier keeps on record about its training.
    size_cost : SizeCost, optional
        What a `TrainingSettings.max_size` cost, if terms had to be left out for it.
    scores_with_promises : ScoresWithPromises, optional
        The same scores when less sure articles are left to a person, if a precision was promised.
    archive : ArchiveReport, optional
        What was done with unlabelled articles, and why, if there were any.
    """

    classifier: FittedClassifier
    scores: Scores
    calibration_report: CalibrationReport
    probabilities: NDArray[np.float64]
    folds: NDArray[np.int64]
    settings: TrainingSettings
    trials: tuple[Trial, ...]
    notes: tuple[str, ...]
    record: TrainingRecord
    size_cost: SizeCost | None = None
    scores_with_promises: ScoresWithPromises | None = None
    archive: ArchiveReport | None = None

    def __repr__(self) -> str:
        return f"TrainingResult({self.classifier!r}, {self.scores!r} out of fold)"

    def _repr_html_(self) -> str:
        head = [repr(self.classifier), "Scores on articles that were held out:", *self.notes]
        overall = [
            {"measure": MEASURES[name], "value": own.value, "95% interval": own.interval_text()}
            for name, own in self.scores.estimates().items()
        ]
        labels = [
            {
                "label": label,
                "precision": own.precision,
                "recall": own.recall,
                "F1": own.f1,
                "95% interval": self.scores.label_f1(label).interval_text(),
                "articles": own.support,
            }
            for label, own in self.scores.labels.items()
        ]
        return html_view(head, table_of_rows("Measures", overall), table_of_rows("Labels", labels))


@dataclass(frozen=True, eq=False, slots=True)
class _Prepared:
    """All that is known before terms are chosen and weights fitted; the record and the notes so far."""

    counted: CountedData
    trials: tuple[Trial, ...]
    familiarity: Familiarity | None
    fingerprints: NDArray[np.uint64] | None
    record: TrainingRecord
    notes: tuple[str, ...]
    kept: NDArray[np.int64]
    n_articles: int
    sources: tuple[str | None, ...]
    archive: ArchiveReport | None = None

    @property
    def folds(self) -> NDArray[np.int64]:
        """Return the fold of each article that was given, -1 for those that were left out."""
        folds = np.full(self.n_articles, -1)
        folds[self.kept] = self.counted.data.folds
        return folds

    @property
    def n_bytes(self) -> int:
        """What it takes in the saved model, beside terms and scores."""
        words = self.familiarity.words.bits.nbytes if self.familiarity else 0
        seen = 0 if self.fingerprints is None else self.fingerprints.nbytes
        return len(json.dumps([self.record.known(), self.notes], indent=1)) + words + seen


@overload
def train(
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    settings: TrainingSettings | None = None,
    recorded: Mapping[str, Any] | None = None,
    stories: Stories | None = None,
    unlabelled: Iterable[TextInput] | None = None,
    seed_words: Mapping[str, Any] | SeedWords | None = None,
    label_shares: Mapping[str, float] | None = None,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
    verbose: bool = False,
    fewest: int = 6,
) -> TrainingResult: ...
@overload
def train(
    *,
    settings: TrainingSettings | None = None,
    recorded: Mapping[str, Any] | None = None,
    unlabelled: Iterable[TextInput],
    seed_words: Mapping[str, Any] | SeedWords,
    label_shares: Mapping[str, float] | None = None,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
    verbose: bool = False,
) -> UnmeasuredResult: ...
def train(  # noqa: PLR0913  (data, settings, what is known already, and how to work)
    articles: Iterable[TextInput] | None = None,
    labels: Iterable[object] | None = None,
    *,
    settings: TrainingSettings | None = None,
    recorded: Mapping[str, Any] | None = None,
    stories: Stories | None = None,
    unlabelled: Iterable[TextInput] | None = None,
    seed_words: Mapping[str, Any] | SeedWords | None = None,
    label_shares: Mapping[str, float] | None = None,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
    verbose: bool = False,
    fewest: int = 6,
) -> TrainingResult | UnmeasuredResult:
    """Train a classifier on labelled articles, and score it on articles that it had not seen.

    Parameters
    ----------
    articles : iterable of Article, or of texts
        A Corpus or a list. All labelled, as from `topicml.read_corpus` with ``labelled=True``. For a Corpus,
        the number of rows left out and the reasons are recorded, too. It may be left out with `seed_words`.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    settings : TrainingSettings, optional
        By default those of ``TrainingSettings()``.
    recorded : mapping, optional
        More to put on record in the model's provenance, as values that JSON can hold.
    stories : Stories, optional
        Which of these articles are copies, if the caller already knows.
    unlabelled : iterable of Article, or of texts, optional
        An archive of articles without labels. The model learns from it, too, where that helps on labelled
        articles held out; `TrainingResult.archive` says whether it did. Labels that they have are ignored.
    seed_words : mapping of str to (list of str or mapping), optional
        A few words for each section: ``{"sport": ["match", "cup final"]}``, or ``{"tech": {"words":
        ["software"], "against": ["film"]}}``. The articles that they single out among the unlabelled ones
        count as labelled. Labelled articles may be left out; nothing is measured then.
    label_shares : mapping of str to float, optional
        The share of each label among the unlabelled articles, if it is known. By default it is estimated.
    n_jobs : int, default=-1
        Processes to use, as in joblib: -1 is one for each core. The result does not depend on it.
    progress : callable, optional
        Called with the name of each step as it begins.
    verbose : bool, default=False
        Print the steps on stderr as they begin.
    fewest : int, default=6
        Different articles that are needed, 2 or more; copies of an article count once.

    Returns
    -------
    TrainingResult
        Without labelled articles an `UnmeasuredResult`.

    Raises
    ------
    CorpusError
        If there are no articles, labels or terms to learn from, or fewer than `fewest` different articles; if
        no article, or nearly all, have the seed words of a section.
    ModelFormatError
        If an entry of `recorded` has the name of another entry of the provenance.
    TopicmlTypeError
        If one of the articles is not an Article, or unlabelled articles are missing or are one text.
    TopicmlValueError
        If no model of these articles is as small as `TrainingSettings.max_size`, or a promise is asked
        for a label that no article has, or `label_shares` or `seed_words` are impossible.
    UnkeptPromiseError
        If a promised precision cannot be guaranteed, unless `TrainingSettings.allow_unkept`; the message
        names the highest that can.
    """
    report = Steps.of(progress, verbose=verbose)
    _check_archive(unlabelled, label_shares)
    if articles is None:
        if unlabelled is None or seed_words is None:
            raise TopicmlTypeError("train needs labelled articles, or unlabelled ones and seed words")
        every = list(unlabelled)
        own = _with_dotted_i(as_settings(settings), every)
        return train_on_words(
            every, seed_words, own, recorded=recorded, label_shares=label_shares, n_jobs=n_jobs, report=report
        )
    seeds = None if seed_words is None else SeedWords.of(seed_words)
    if seeds is not None and unlabelled is None:
        raise TopicmlTypeError("seed words need unlabelled articles, too")
    problems = articles.problems if isinstance(articles, Corpus) else ()
    listed = as_articles(articles, labels)
    given = _with_dotted_i(as_settings(settings), listed)
    kept = keep_frequent_labels(listed, given.min_articles, target_type=given.target_type)
    data, stories = _grouped(kept, given, stories, n_jobs=n_jobs)
    few_notes = _check_enough(stories, fewest)
    hopeless = given.search == "full" and is_hopeless(data.targets.Y, data.targets.classes_, given)
    start = replace(given, search="light") if hopeless else given  # it will end in an error, so soon
    settings, trials = search_settings(data, start, n_jobs=n_jobs, progress=report)
    report(STEPS[0])
    record = record_of_data(kept, stories.groups, problems, given, trials).updated(recorded or {})
    notes = kept.notes + few_notes + conflict_notes(kept.articles, stories.groups)
    notes += markup_notes(kept.articles)
    fingerprints = fingerprints_of(stories.sketches)
    del stories
    archive = None
    if unlabelled is not None:
        report(ARCHIVE_STEP)
        of_archive = list(as_texts(unlabelled))
        with_archive = _with_dotted_i(words_alone(given), of_archive)
        archive = choose_archive(
            data,
            with_archive.features.as_read(of_archive),
            settings,
            with_archive,
            fingerprints=fingerprints,
            label_shares=label_shares,
            seeds=seeds,
            n_jobs=n_jobs,
        )
        data, settings = archive.data, archive.settings
        record = replace(record, seed_words=None if seeds is None else seeds.record())
        notes += archive.notes
    counted, data_notes = _counted(data, settings, notes, archive.use if archive else None, n_jobs=n_jobs)
    familiarity = learn_familiarity(
        data.every_text,
        data.every_fold,
        min_token_length=settings.features.min_token_length,
        random_state=settings.random_state,
    )
    prepared = _Prepared(
        counted,
        trials,
        familiarity,
        fingerprints if given.fingerprints else None,
        record,
        data_notes,
        kept.rows,
        len(listed),
        tuple(article.source for article in kept.articles),
        archive.report if archive else None,
    )
    report(STEPS[1])
    finish = partial(_finished, prepared, n_jobs=n_jobs, report=report)
    return finish(settings) if settings.max_size is None else _within_size(prepared, settings, finish, n_jobs)


def choose_settings(
    articles: Iterable[Article],
    settings: TrainingSettings | None = None,
    *,
    stories: Stories | None = None,
    n_jobs: int = -1,
) -> TrainingSettings:
    """Return the settings that `train` would choose for these articles, with nothing left to search for.

    To train many models alike, such as for a learning curve: searching costs more than training. Errors are
    those of `train`.
    """
    listed = as_articles(articles)
    given = _with_dotted_i(as_settings(settings), listed)
    kept = keep_frequent_labels(listed, given.min_articles, target_type=given.target_type)
    data, _ = _grouped(kept, given, stories, n_jobs=n_jobs)
    chosen, _ = search_settings(data, given, n_jobs=n_jobs)
    return replace(chosen, search="none")


def _check_archive(unlabelled: object, label_shares: object) -> None:
    if isinstance(unlabelled, str | Article):
        raise TopicmlTypeError(
            "unlabelled must be an iterable of articles, found one text: put it into a list"
        )
    if unlabelled is None and label_shares is not None:
        raise TopicmlTypeError("label_shares are those of unlabelled articles: pass these, too")


def _with_dotted_i(settings: TrainingSettings, articles: Sequence[TextInput]) -> TrainingSettings:
    """Fold the dotted capital i of Turkish and Azeri where an article has one; other models do without."""
    if not any(undotted(text) != text for text in as_texts(articles)):
        return settings
    return replace(settings, features=replace(settings.features, fold_dotted_i=True))


def _grouped(
    kept: FrequentLabels, settings: TrainingSettings, stories: Stories | None, *, n_jobs: int
) -> tuple[TrainingData, Stories]:
    """Encode labels, group copies and make folds; the stories that are known are those of all articles."""
    articles = kept.articles
    if not articles:
        raise CorpusError("there are no articles to train on")
    allowed = settings.labels and tuple(label for label in settings.labels if label not in kept.labels)
    targets = encode_targets(articles, target_type=kept.target_type, labels=allowed)
    check_known(targets.classes_, settings.min_precision)
    check_known(targets.classes_, settings.solver.weights, setting="class_weight")
    texts = list(as_texts(articles))
    stories = Stories.of(texts, n_jobs=n_jobs) if stories is None else stories.take(kept.rows)
    folds = _folds(targets, stories.groups, settings)
    titled = any(article.title for article in articles)
    texts = settings.features.as_read(texts)
    return TrainingData(texts, targets, folds, stories.groups, titled), stories


def _check_enough(stories: Stories, fewest: int) -> tuple[str, ...]:
    """Refuse too few different articles; return a warning where scores of so few say little."""
    n, n_all = int(stories.groups.max()) + 1, len(stories.groups)
    if n < fewest:
        copies = f" among {n_all} (copies count once)" if n < n_all else ""
        raise CorpusError(
            f"training needs {fewest} different articles or more, found {n}{copies}: label more articles, or "
            f"train on so few with fewest={n} (in Python)"
        )
    return (f"only {n} different articles: the scores say little about new articles",) if n < _FEW else ()


def _counted(
    data: TrainingData,
    settings: TrainingSettings,
    notes: tuple[str, ...],
    use: ArchiveUse | None,
    *,
    n_jobs: int,
) -> tuple[CountedData, tuple[str, ...]]:
    """Count terms; also return remarks about the data, with the given notes among them."""
    candidates, stop_notes = candidate_terms(data, settings)
    targets = data.targets
    unscored = unscored_label_notes(targets.Y, data.folds, targets.classes_)
    return data.counted(candidates, use=use, n_jobs=n_jobs), targets.notes + unscored + notes + stop_notes


def _within_size(
    prepared: _Prepared, settings: TrainingSettings, finish: Callable[..., TrainingResult], n_jobs: int
) -> TrainingResult:
    """Make models until one is as small as it has to be: the first, but for a poor guess at its record."""
    overhead = None
    while True:
        plan = plan_size(
            prepared.counted, settings, recorded=prepared.n_bytes, overhead=overhead, n_jobs=n_jobs
        )
        result = finish(plan.settings, plan.cost)
        overhead = plan.overhead_found(result.classifier)
        if overhead is None:
            return result


def _finished(
    prepared: _Prepared,
    settings: TrainingSettings,
    cost: SizeCost | None = None,
    *,
    n_jobs: int,
    report: Callable[[str], None],
) -> TrainingResult:
    """Fit what was counted by settings that are chosen, and choose the rule by which it decides."""
    counted, data, targets = prepared.counted, prepared.counted.data, prepared.counted.data.targets
    fit = cross_fit(counted, settings, n_jobs=n_jobs)
    report(STEPS[2])
    vectorizer, rows, collision_notes = with_strings(counted.candidates.restricted(fit.kept), data.every_text)
    report(STEPS[3])
    rule = choose_rule(fit, data, settings)
    notes = prepared.notes + collision_notes + ((cost.note,) if cost else ()) + rule.notes
    archive = prepared.archive.record() if prepared.archive else None
    record = record_of_model(prepared.record, settings, rule, targets, cost, notes, archive)
    classifier = FittedClassifier(
        classes_=targets.classes_,
        target_type=targets.target_type,
        vectorizer=vectorizer,
        coefficients=Coefficients.stored_as(settings.coef_dtype, fit.weights.coef[rows]),
        intercept=fit.weights.intercept,
        calibration=rule.calibration,
        thresholds=rule.thresholds,
        min_confidence=rule.abstention.min_confidence if rule.abstention else 0.0,
        min_label_confidence=rule.min_label_confidence,
        familiarity=prepared.familiarity,
        fingerprints=prepared.fingerprints,
        provenance=record.to_dict(),
    )
    held_out = data.folds >= 0
    reference = reference_of(
        classifier, rule.probabilities, targets.Y[held_out], fit.answerable[held_out], prepared.sources
    )
    return TrainingResult(
        replace(classifier, reference=reference),
        rule.scores,
        rule.calibration_report,
        rule.probabilities,
        prepared.folds,
        settings,
        prepared.trials,
        notes,
        record,
        cost,
        rule.scores_with_promises,
        prepared.archive,
    )


def _folds(targets: Targets, groups: NDArray[np.int64], settings: TrainingSettings) -> NDArray[np.int64]:
    n_groups = int(groups.max()) + 1
    if n_groups < 2:
        raise CorpusError("training needs two different articles or more: all of these have the same text")
    many = len(groups) > MANY_ARTICLES and settings.n_folds is None
    wanted = settings.n_folds or (5 if n_groups < 5000 or many else 3)
    folds = assign_folds(targets.Y, groups, n_folds=min(wanted, n_groups))
    return np.where(folds == folds.max(), 0, -1) if many else folds
