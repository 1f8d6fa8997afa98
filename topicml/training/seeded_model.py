"""Training without a labelled article: seed words and an archive.

Articles that the seed words single out are taken for labelled ones, and the archive is learned from as
`topicml.training.semi_supervised` does it. Nothing is measured, because there is nothing to measure on: there
are no scores, no promises, and the probabilities are scaled by a rule of thumb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.near_duplicates import sketch
from topicml.corpus.seen_articles import fingerprints_of
from topicml.displays.tables import html_view, table_of_rows
from topicml.elementary import exp
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted
from topicml.model.calibration import Calibration, sigmoid
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import TextInput, as_texts
from topicml.model.record import RecordedSection, RecordedSeedWords, TrainingRecord
from topicml.training.archive import given_shares, words_alone
from topicml.training.familiar_words import learn_familiarity
from topicml.training.record import record_of_archive
from topicml.training.seed_learning import Archive, Learned, count_archive, learn_each, learn_one
from topicml.training.seed_report import SeedReport, report_seed_words
from topicml.training.seed_words import SeedWords
from topicml.training.settings import TrainingSettings

SEED_STEPS = ("counting terms", "learning from the archive", "writing the report")
"""The steps of training on seed words, as they are reported."""

_FEWEST = 20  # articles of an archive
_N_FOLDS = 5
_SCALED_ON = 20_000  # articles; more would not move the scale of the probabilities
_SLOPES = (-4.0, 5.0)  # natural logarithms of the least and the greatest
_OFFSETS = (-30.0, 30.0)
_HALVINGS = 30
_TIMES = 10  # as long is found by how much to scale several labels an article
_NEEDS_LABELS = ("abstain_precision", "min_precision", "max_size")


@dataclass(frozen=True, eq=False, slots=True)
class UnmeasuredResult:
    """A classifier that was trained without a labelled article, and what there is to look at.

    Parameters
    ----------
    classifier : FittedClassifier
        It predicts as any other. Its probabilities are not measured.
    settings : TrainingSettings
        Those that it was trained with.
    notes : tuple of str
        Remarks for the reader about the seed words.
    record : TrainingRecord
        What the classifier keeps on record about its training.
    seed_report : SeedReport
        Which words were found, what they single out, and which articles to look at.
    """

    classifier: FittedClassifier
    settings: TrainingSettings
    notes: tuple[str, ...]
    record: TrainingRecord
    seed_report: SeedReport

    def __repr__(self) -> str:
        return f"UnmeasuredResult({self.classifier!r}, not measured)"

    def _repr_html_(self) -> str:
        head = [repr(self.classifier), *self.seed_report.sentences(), *self.notes]
        sections = self.seed_report.sections
        words = [
            {"section": one.label, "word": word.word, "articles": word.n_articles, "remark": word.remark}
            for one in sections
            for word in one.words
        ]
        given = [
            {"section": one.label, "articles singled out": one.n_singled_out, "articles given": one.n_given}
            for one in sections
        ]
        return html_view(head, table_of_rows("Seed words", words), table_of_rows("Sections", given))


def train_on_words(
    unlabelled: Iterable[TextInput],
    seed_words: Mapping[str, Any] | SeedWords,
    settings: TrainingSettings,
    *,
    recorded: Mapping[str, Any] | None = None,
    label_shares: Mapping[str, float] | None = None,
    n_jobs: int = -1,
    report: Callable[[str], None] = lambda _: None,
) -> UnmeasuredResult:
    """Train a classifier on an archive and seed words, see `topicml.train`.

    `report` is called with the name of each step as it begins.
    """
    seeds = SeedWords.of(seed_words)
    articles = _with_text(unlabelled)
    _check(settings, len(articles))
    settings = replace(words_alone(settings), search="none")
    multilabel = settings.target_type == "multilabel"
    shares = None
    if label_shares is not None:
        shares = np.array(given_shares(label_shares, seeds.labels, multilabel=multilabel))
    report(SEED_STEPS[0])
    archive = count_archive(articles, seeds, settings, n_jobs=n_jobs)
    report(SEED_STEPS[1])
    learn = learn_each if multilabel else learn_one
    learned = learn(archive, shares, settings)
    report(SEED_STEPS[2])
    record = record_of_archive(articles, settings, archive.notes).updated(recorded or {})
    record = replace(record, measured=False, seed_words=_on_record(seeds, learned))
    classifier = _classifier(archive, learned, settings, record)
    found = report_seed_words(archive, articles, learned, classifier.calibration.apply(learned.scores))
    return UnmeasuredResult(classifier, settings, archive.notes, record, found)


def _with_text(unlabelled: Iterable[TextInput]) -> list[Article]:
    given = list(unlabelled)
    return [
        article if isinstance(article, Article) else Article(text)
        for article, text in zip(given, as_texts(given), strict=True)
        if text.strip()
    ]


def _check(settings: TrainingSettings, n_articles: int) -> None:
    for name in _NEEDS_LABELS:
        if getattr(settings, name):
            raise TopicmlValueError(
                f"{name} needs labelled articles to measure on; seed words measure nothing"
            )
    if n_articles < _FEWEST:
        raise CorpusError(
            f"seed words need an archive of {_FEWEST} articles or more, found "
            f"{counted(n_articles, 'article')} with text"
        )


def _on_record(seeds: SeedWords, learned: Learned) -> RecordedSeedWords:
    sections = {
        one.label: RecordedSection(one.words, one.against, share)
        for one, share in zip(seeds.sections, learned.start.shares.tolist(), strict=True)
    }
    return RecordedSeedWords(sections, learned.start.shares_of, learned.agreement)


def _classifier(
    archive: Archive, learned: Learned, settings: TrainingSettings, record: TrainingRecord
) -> FittedClassifier:
    multilabel = settings.target_type == "multilabel"
    labels = archive.found.seeds.labels
    calibration, threshold = _scaled(learned, multilabel=multilabel)
    return FittedClassifier(
        classes_=labels,
        target_type="multilabel" if multilabel else "multiclass",
        vectorizer=archive.vectorizer,
        coefficients=learned.coefficients,
        intercept=learned.intercept,
        calibration=calibration,
        thresholds=np.full(len(labels), threshold),
        familiarity=learn_familiarity(
            archive.texts,
            np.arange(len(archive.texts)) % _N_FOLDS,
            min_token_length=settings.features.min_token_length,
            random_state=settings.random_state,
        ),
        fingerprints=fingerprints_of(sketch([])) if settings.fingerprints else None,  # of labelled articles
        provenance=record.to_dict(),
    )


def _scaled(learned: Learned, *, multilabel: bool) -> tuple[Calibration, float]:
    """Scale probabilities so that those of the sections given are, on average, the share of agreement.

    Agreement is that of the model with the seed words, on articles that they single out and where learning
    did not start. It is no measure of being right, but where words err more than the model it is below that.
    With several labels an article, all probabilities add up to as many sections as are given. Also returned
    is the probability from which a section is given then.
    """
    n_rows, n_sections = learned.scores.shape
    most = _SCALED_ON // (_TIMES if multilabel else 1)
    rows = np.linspace(0, n_rows - 1, min(n_rows, most)).round().astype(np.int64)
    scores = learned.scores[rows]

    def calibration(log_slope: float) -> Calibration:
        slope = float(exp(log_slope))
        offset = _offset(slope * scores, float((scores > 0).mean())) if multilabel else 0.0
        return Calibration(np.full(n_sections, slope), np.full(n_sections, offset), multilabel)

    def is_too_unsure(log_slope: float) -> bool:
        probabilities = calibration(log_slope).apply(scores)
        given = probabilities[scores > 0] if multilabel else probabilities.max(axis=1)
        return float(given.mean()) < learned.agreement

    found = calibration(_border(is_too_unsure, *_SLOPES))
    return found, float(sigmoid(found.offset[:1])[0]) if multilabel else 0.5


def _offset(logits: NDArray[np.float64], share: float) -> float:
    """Return what lets probabilities have a mean."""
    return _border(lambda offset: float(sigmoid(logits + offset).mean()) < share, *_OFFSETS)


def _border(is_below: Callable[[float], bool], low: float, high: float) -> float:
    """Return the number up to which something holds, by halving."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low
