"""Whether an archive helps is found out on labelled articles held out, and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import made_up
from tests.training.seeded import EVEN
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.metrics.resampling import Estimate
from topicml.model.persistence import load_classifier
from topicml.model.record import TrainingRecord
from topicml.training.archive import ArchiveReport, given_shares
from topicml.training.saving import save_model
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

LABELLED = [replace(article, labels=(section,)) for article, section in zip(*EVEN, strict=True)]
ARCHIVE = [article.text for article in LABELLED[24:]]


@pytest.fixture(scope="module")
def result():
    return train(LABELLED[:24], unlabelled=ARCHIVE, n_jobs=1)


def test_an_archive_that_helps_is_used_and_said_so(result):
    assert result.archive.used
    assert result.archive.n_articles == len(ARCHIVE)
    assert result.archive.gain.value > result.archive.standard_error
    sentence = result.archive.sentence()
    assert sentence.startswith("96 unlabelled articles were used: on labelled articles held out, accuracy is")
    assert sentence in result.notes


def test_the_model_knows_words_that_only_the_archive_has(result):
    alone = train(LABELLED[:24], n_jobs=1)
    assert len(alone.scores.labels) == len(result.scores.labels) == 3
    assert result.scores.n == 24
    right = [
        np.mean(
            [
                found.labels == one.labels
                for found, one in zip(model.classifier.predict(LABELLED), LABELLED, strict=True)
            ]
        )
        for model in (alone, result)
    ]
    assert right[1] > right[0]


def test_what_was_done_is_on_record_and_on_the_card(result, tmp_path):
    save_model(result, tmp_path / "m")
    assert ", learned from 96 unlabelled articles, too.\n" in (tmp_path / "m" / "MODEL_CARD.md").read_text(
        "utf-8"
    )
    record = TrainingRecord.read(load_classifier(tmp_path / "m").provenance)
    assert record.archive == result.record.archive
    assert record.archive.used
    assert record.archive.interval == result.archive.gain.interval
    assert result.archive.sentence() in (tmp_path / "m" / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_same_articles_give_the_same_model_whatever_the_number_of_processes(result):
    again = train(LABELLED[:24], unlabelled=ARCHIVE, n_jobs=2)
    assert again.classifier.fingerprint == result.classifier.fingerprint


def test_labels_of_the_archive_are_not_looked_at(result):
    lying = [replace(article, labels=("chess",)) for article in LABELLED[24:]]
    again = train(LABELLED[:24], unlabelled=lying, n_jobs=1)
    assert again.classifier.fingerprint == result.classifier.fingerprint


def test_a_model_without_use_for_the_archive_is_the_one_of_the_labelled_articles_alone():
    foreign = [f"La situation du quartier {k} reste difficile selon le maire" for k in range(40)]
    found = train(LABELLED[:24], unlabelled=foreign, n_jobs=1)
    alone = train(LABELLED[:24], n_jobs=1)
    assert not found.archive.used
    assert "were not used" in found.archive.sentence()
    assert (found.classifier.coefficients.values == alone.classifier.coefficients.values).all()
    assert (found.probabilities == alone.probabilities).all()


def test_noise_is_not_used():
    rng = np.random.default_rng(0)
    words = [word for article in LABELLED for word in article.text.split()]
    noise = [" ".join(rng.permutation(words)[:14]) for _ in range(60)]
    labelled = made_up(90)
    known = [article.text for article in labelled]
    mixed = [" ".join(rng.permutation(" ".join(known).split())[:20]) for _ in range(60)]
    found = train(labelled, unlabelled=[*mixed, *noise[:5]], n_jobs=1)
    assert not found.archive.used
    assert "is not" not in found.archive.sentence()


def test_several_labels_an_article():
    labelled = [*LABELLED[:24], replace(LABELLED[0], text=LABELLED[0].text + " again", labels=())]
    found = train(labelled, unlabelled=ARCHIVE, n_jobs=1)
    assert found.classifier.multilabel
    assert found.archive.measure == "macro_f1"
    assert found.archive.sentence() in found.notes


def test_a_promise_rests_on_articles_held_out_without_the_archives_knowledge_of_them(result):
    settings = TrainingSettings(abstain_precision=0.5, allow_unkept=True)
    found = train(LABELLED[:24], unlabelled=ARCHIVE, settings=settings, n_jobs=1)
    assert found.scores.n == 24
    assert found.scores_with_promises is not None
    assert found.archive.used == result.archive.used


def test_shares_that_are_given_are_used_and_recorded():
    shares = {"art": 1, "chess": 1, "sport": 1}
    found = train(LABELLED[:24], unlabelled=ARCHIVE, label_shares=shares, n_jobs=1)
    assert found.archive.shares == "given"
    assert found.record.archive.label_shares == shares


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"art": 1, "sports": 1}, r"a share for each label and for no other: check 'sport', 'sports'"),
        ({"art": 0, "sport": 1}, "finite and above 0"),
        ({"art": float("nan"), "sport": 1}, "finite and above 0"),
        ({"art": "half", "sport": 1}, "must be a number"),
    ],
)
def test_impossible_shares_are_refused(shares, message):
    with pytest.raises((TopicmlValueError, TopicmlTypeError), match=message):
        given_shares(shares, ["art", "sport"], multilabel=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unlabelled": "late goal"}, "found one text: put it into a list"),
        ({"label_shares": {"art": 1}}, "label_shares are those of unlabelled articles"),
    ],
)
def test_an_archive_that_is_none_is_named(options, message):
    with pytest.raises(TopicmlTypeError, match=message):
        train(LABELLED[:24], **options)


def test_of_several_labels_shares_do_not_sum_to_1_and_none_is_above_it():
    assert given_shares({"art": 0.7, "sport": 0.9}, ["art", "sport"], multilabel=True) == (0.7, 0.9)
    assert given_shares({"Cafe\u0301": 1, "tech": 3}, ["Caf\u00e9", "tech"], multilabel=False) == (0.25, 0.75)
    with pytest.raises(TopicmlValueError, match="above 0 and at most 1"):
        given_shares({"art": 3, "sport": 1}, ["art", "sport"], multilabel=True)


def test_a_report_says_what_was_compared():
    report = ArchiveReport(
        used=False,
        n_articles=2000,
        without=0.9,
        with_archive=0.85,
        gain=Estimate(-0.05, (-0.1, 0.01)),
        standard_error=0.02,
    )
    assert report.sentence() == (
        "2,000 unlabelled articles were not used: on labelled articles held out, accuracy is 0.850 with them "
        "and 0.900 without (-0.050, 95% interval -0.100 to +0.010; standard error 0.020)"
    )
