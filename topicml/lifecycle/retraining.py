"""Training a new model with an old one's settings, which replaces it unless the new one is worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from topicml.article import Article
from topicml.corpus.label_mapping import LabelMapping
from topicml.displays.tables import html_view
from topicml.evaluation.comparison import Comparison, compare
from topicml.exceptions import CorpusError, TopicmlError, UnkeptPromiseError
from topicml.formatting import counted, listed
from topicml.lifecycle.holding_out import Grouped, HeldOut, hold_out, hold_out_file
from topicml.lifecycle.previous_models import check_replaceable, replace_model
from topicml.metrics.scores import Scores
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import TextInput, as_articles
from topicml.model.persistence import load_classifier
from topicml.model.record import ArchiveSource, RecordedComparison, Retraining, TrainingRecord
from topicml.model.record_values import read_as
from topicml.reading.columns import ReadOptions
from topicml.reading.readers import read_corpus
from topicml.steps import Steps
from topicml.training.model_card import model_card
from topicml.training.seed_words import SeedWords
from topicml.training.settings import TrainingSettings
from topicml.training.train import TrainingResult, train
from topicml.training.unlabelled import without_copies

_KEEPING = ("worse", "no verdict")


@dataclass(frozen=True, eq=False, slots=True)
class RetrainingResult:
    """The outcome of retraining a model.

    Parameters
    ----------
    replaced : bool
        Whether the new model took the old one's place. It did not if it is worse beyond chance, or if too few
        test articles are new to both models for a comparison.
    comparison : Comparison
        The old model (A) against a new one (B) on articles that neither was trained on.
    rule : str
        How these articles were chosen, in words.
    classifier : FittedClassifier
        The new model. If it replaced the old one, it was also trained on the articles held out, with the
        same settings as the one compared.
    scores : Scores
        Its out-of-fold scores.
    n_trained : int
        Articles that it was trained on.
    fingerprint : str
        Fingerprint of the model that is in the folder now.
    previous : Path, optional
        The folder that holds the old model, if it was replaced.
    notes : tuple of str
        Remarks for the reader about the articles and the choices made.
    """

    replaced: bool
    comparison: Comparison
    rule: str
    classifier: FittedClassifier
    scores: Scores
    n_trained: int
    fingerprint: str
    previous: Path | None
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        done = "replaced the old model" if self.replaced else "kept the old model"
        return f"RetrainingResult({done}: {self.comparison!r}, fingerprint {self.fingerprint[:12]})"

    def _repr_html_(self) -> str:
        done = "The new model replaced the old one." if self.replaced else "The old model was kept."
        notes = [note for note in self.notes if note not in self.comparison.notes]
        return f"<div>{html_view([done, *notes])}{self.comparison._repr_html_()}</div>"

    def to_dict(self) -> dict[str, Any]:
        """Return the result, without the classifier, as values that JSON can hold."""
        return {
            "replaced": self.replaced,
            "verdict": self.comparison.verdict,
            "fingerprint": self.fingerprint,
            "previous": None if self.previous is None else str(self.previous),
            "rule": self.rule,
            "n_trained": self.n_trained,
            "comparison": self.comparison.to_dict(),
            "scores": self.scores.to_dict(),
            "notes": list(self.notes),
        }


def retrain(  # noqa: PLR0913  (data, how it was read, and how to work, each with its default)
    folder: str | Path,
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    test: Iterable[Article] | None = None,
    unlabelled: Iterable[TextInput] | None = None,
    tune: bool = False,
    reading: ReadOptions | None = None,
    archive_source: ArchiveSource | None = None,
    label_mapping: LabelMapping | None = None,
    drop_labels: bool = False,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
    verbose: bool = False,
) -> RetrainingResult:
    """Train a new model with the settings of the old one, and replace it unless the new one is worse.

    A new model is trained without some articles that the old one has not seen, and both are compared on
    these by the measure that the settings name (`holding_out`, `topicml.compare`). Unless it is
    worse beyond chance, or the two cannot be compared, a model is trained on all articles with the same
    settings and saved in the old one's place, which is kept beside it (`topicml.lifecycle.previous_models`).

    Parameters
    ----------
    folder : str or Path
        The model's folder.
    articles : iterable of Article, or of texts
        All articles for the new model to learn from, old ones included. All labelled.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    test : iterable of Article, optional
        To compare on, instead of a share of `articles`. Those that the old model saw are left out, and
        copies of test articles are not trained on.
    unlabelled : iterable of Article, or of texts, optional
        An archive to learn from, too, as for `topicml.train`. By default, if the old model had one, its files
        are read again; ``[]`` does without. Copies of the articles that the models are compared on are left
        out.
    tune : bool, default=False
        Search again for settings, as widely as ``search="full"`` does, from those first given.
    reading : ReadOptions, optional
        How the articles were read, for the record; by default as the old model's were.
    archive_source : ArchiveSource, optional
        Where unlabelled articles came from, for the record; by default as for the old model.
    label_mapping : LabelMapping, optional
        How to rename the labels of articles and test; by default as for the old model.
    drop_labels : bool, default=False
        Let the new model do without labels of the old one that the articles do not have. By default this
        is an error: most often the old articles were forgotten.
    n_jobs : int, default=-1
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with the name of each step as it begins.
    verbose : bool, default=False
        Print the steps on stderr as they begin.

    Returns
    -------
    RetrainingResult

    Raises
    ------
    CorpusError
        If there is nothing to learn from, or nothing to compare on, or the articles lack labels of the
        old model.
    NothingNewError
        If too few articles are new to the model; it is a CorpusError. The model in the folder stays.
    ModelFormatError
        If there is no model, or it is damaged.
    TopicmlError
        If the model does not record its settings, or something cannot be written. The model in the
        folder stays as it was.
    TopicmlTypeError
        If one of the articles is not an Article.
    TopicmlValueError
        If old and new model cannot be compared, or the settings on record are not of this topicml.
    UnkeptPromiseError
        If the new model cannot keep a promise of the old one. The model in the folder stays as it was.
    """
    check_replaceable(folder)
    old = load_classifier(folder)
    record = TrainingRecord.read(old.provenance)
    settings = replace(_settings(record, folder, tune=tune), target_type=old.target_type)
    mapping = LabelMapping.recorded(record.label_mapping) if label_mapping is None else label_mapping
    reading = ReadOptions.recorded(record.reading) if reading is None else reading
    source = record.archive_source if archive_source is None else archive_source
    archive = list(_archive(source, reading, folder) if unlabelled is None else unlabelled)
    held_out = _held_out(old, as_articles(articles, labels), test, mapping, settings.random_state)
    learn = partial(
        _trained,
        unlabelled=without_copies(archive, held_out.test.stories.sketches, n_jobs=n_jobs) or None,
        label_shares=record.archive.label_shares if record.archive else None,
        seed_words=None if record.seed_words is None else SeedWords.recorded(record.seed_words),
        n_jobs=n_jobs,
        report=Steps.of(progress, verbose=verbose),
    )
    if not drop_labels:
        _check_labels(old, held_out.learnable.articles, settings.min_articles, folder)
    new = _to_compare(held_out, settings, learn, folder)
    comparison = _compared(old, new.classifier, held_out.test, settings)
    previous = None
    if comparison.verdict not in _KEEPING:
        searched = new.record if tune else record  # what chose the settings, which may be an older search
        recorded = TrainingRecord(
            settings_given=searched.settings_given,
            tried=searched.tried,
            reading=reading.to_record(),
            label_mapping=mapping.to_record(),
            archive_source=source if archive else None,
            retraining=_on_record(old.fingerprint, held_out.rule, comparison),
        )
        promised = settings.abstain_precision, settings.min_precision
        with _promises_of(folder):
            new = _on_all(new, held_out, promised, recorded.known(), learn)
        card = model_card(new.classifier)
        previous = replace_model(new.classifier, folder, replaced=old.fingerprint, card=card)
    return RetrainingResult(
        replaced=previous is not None,
        comparison=comparison,
        rule=held_out.rule,
        classifier=new.classifier,
        scores=new.scores,
        n_trained=new.record.n_articles or 0,
        fingerprint=(old if previous is None else new.classifier).fingerprint,
        previous=previous,
        notes=(*held_out.notes, *new.notes, *comparison.notes),
    )


def _settings(record: TrainingRecord, folder: str | Path, *, tune: bool) -> TrainingSettings:
    """Return the settings of the old model: those that were chosen, or to search again, those given."""
    settings = record.settings_given or record.settings if tune else record.settings
    if settings is None:
        raise TopicmlError(
            f"{folder}: the model does not record its settings, so it cannot be retrained; train a new one "
            "with topicml.train (topicml train)"
        )
    return replace(TrainingSettings.recorded(settings), search="full" if tune else "none")


def _archive(source: ArchiveSource | None, reading: ReadOptions, folder: str | Path) -> Sequence[Article]:
    """Read the unlabelled articles that the old model learned from, if they were read from files."""
    if source is None or not source.files:
        return ()
    if missing := [file for file in source.files if not Path(file).exists()]:
        raise CorpusError(
            f"{folder}: the model learned from unlabelled articles, too, and {listed(missing, 5)} is not "
            "there: name the archive with unlabelled (--unlabelled), or do without with unlabelled=[] "
            "(--without-unlabelled)"
        )
    return read_corpus(*source.files, options=reading.without_labels())


def _held_out(
    old: FittedClassifier,
    articles: Sequence[Article],
    test: Iterable[Article] | None,
    mapping: LabelMapping,
    random_state: int,
) -> HeldOut:
    """Map the articles' labels as for the old model, and hold out articles to compare on."""
    mapped = mapping.apply(articles, multilabel=old.multilabel)
    if test is None:
        found = hold_out(old, mapped.articles, random_state=random_state)
    else:
        test_articles = mapping.apply(as_articles(test), multilabel=old.multilabel).articles
        found = hold_out_file(old, mapped.articles, test_articles)
    if not mapped.left_out:
        return found
    left_out = counted(len(mapped.left_out), "article")
    note = f"{left_out} left out: the label mapping drops all of their labels"
    return replace(found, notes=(note, *found.notes))


def _check_labels(
    old: FittedClassifier, articles: Sequence[Article], min_articles: int, folder: str | Path
) -> None:
    """Refuse articles of which the new model would not learn all labels of the old one."""
    counts = Counter(label for article in articles for label in set(article.labels or ()))
    lost = [label for label in old.classes_ if counts[label] < min_articles]
    if lost:
        few = f"fewer than {min_articles} articles" if min_articles > 1 else "no article"
        raise CorpusError(
            f"{folder}: the new model would lose {counted(len(lost), 'label')} of the old one, with {few} to "
            f"learn from: {listed(map(repr, lost), 5)}; give the old articles together with the new ones, or "
            "pass drop_labels=True (--drop-labels) to let these labels go"
        )


def _compared(
    old: FittedClassifier, new: FittedClassifier, test: Grouped, settings: TrainingSettings
) -> Comparison:
    return compare(
        old,
        new,
        test.articles,
        measure=settings.measure,
        random_state=settings.random_state,
        sketches=test.stories.sketches,
    )


def _trained(
    articles: Grouped,
    settings: TrainingSettings,
    recorded: Mapping[str, Any] | None = None,
    *,
    unlabelled: Sequence[str] | None,
    label_shares: Mapping[str, float] | None,
    seed_words: SeedWords | None,
    n_jobs: int,
    report: Steps,
) -> TrainingResult:
    return train(
        articles.articles,
        settings=settings,
        recorded=recorded,
        stories=articles.stories,
        unlabelled=unlabelled,
        label_shares=label_shares if unlabelled else None,
        seed_words=seed_words if unlabelled else None,
        n_jobs=n_jobs,
        progress=report,
    )


@contextmanager
def _promises_of(folder: str | Path) -> Iterator[None]:
    """Say of a promise that cannot be kept what becomes of the model."""
    try:
        yield
    except UnkeptPromiseError as error:
        raise UnkeptPromiseError(
            f"{folder} stays as it was, because a new model cannot keep its promises: {error} (with topicml "
            "train, which makes a model with other promises)",
            error.highest,
        ) from error


def _to_compare(
    held_out: HeldOut,
    settings: TrainingSettings,
    learn: Callable[[Grouped, TrainingSettings], TrainingResult],
    folder: str | Path,
) -> TrainingResult:
    """Train without the test articles; if the others alone can guarantee less, that is promised meanwhile."""
    try:
        with _promises_of(folder):
            return learn(held_out.train, settings)
    except UnkeptPromiseError as error:
        if held_out.train is held_out.learnable:
            raise
        return learn(held_out.train, settings.promising(error.highest))


def _on_all(
    compared: TrainingResult,
    held_out: HeldOut,
    promised: tuple[float | None, tuple[tuple[str, float], ...]],
    recorded: Mapping[str, Any],
    learn: Callable[[Grouped, TrainingSettings, Mapping[str, Any]], TrainingResult],
) -> TrainingResult:
    """Train on the articles that were held out, too, with the settings of the model that was compared.

    Where none were, that model is the one; but what it records may not make it larger than it may be.
    """
    same = len(held_out.learnable.articles) == len(held_out.train.articles)
    if same and compared.settings.max_size is None:
        record = compared.record.updated(recorded)
        classifier = replace(compared.classifier, provenance=record.to_dict())
        return replace(compared, classifier=classifier, record=record)
    abstain_precision, min_precision = promised
    settings = replace(
        compared.settings,
        search="none",
        abstain_precision=abstain_precision,
        min_precision=min_precision,
    )
    return learn(held_out.learnable, settings, recorded)


def _on_record(fingerprint: str, rule: str, comparison: Comparison) -> Retraining:
    """Return what a model records of replacing another: the comparison without what grows with articles."""
    compared = read_as(RecordedComparison, comparison.to_dict(), "retraining.comparison")
    return Retraining(replaced=fingerprint, rule=rule, comparison=compared)
