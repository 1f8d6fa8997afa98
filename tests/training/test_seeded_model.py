"""Training without a labelled article."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.training.seeded import EVEN, SEEDS
from topicml.article import Article
from topicml.evaluation.evaluate import evaluate
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.model.persistence import load_classifier
from topicml.model.record import TrainingRecord
from topicml.training.saving import save_model
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

_ARTICLES, _SECTIONS = EVEN


@pytest.fixture(scope="module")
def result():
    return train(unlabelled=_ARTICLES, seed_words=SEEDS, n_jobs=1)


def test_it_predicts_as_any_other_model(result):
    assert result.classifier.classes_ == ("art", "chess", "sport")
    assert result.classifier.predict("goalkeeper and referee in the stadium").label == "sport"


def test_nothing_is_measured(result):
    record = TrainingRecord.read(result.classifier.provenance)
    assert (record.measured, record.scores_out_of_fold, record.calibration) == (False, None, None)
    assert record.n_articles == len(_ARTICLES)
    assert len(result.classifier.fingerprints) == 0
    assert not hasattr(result, "scores")


def test_the_seed_words_are_on_record(result):
    record = TrainingRecord.read(json.loads(json.dumps(result.classifier.provenance)))
    assert record.seed_words is not None
    assert {label: [*own.words] for label, own in record.seed_words.sections.items()} == SEEDS
    assert sum(own.share for own in record.seed_words.sections.values()) == pytest.approx(1)


def test_probabilities_are_as_high_as_words_and_model_agree(result):
    best = [prediction.probability for prediction in result.classifier.predict(_ARTICLES)]
    assert np.mean(best) == pytest.approx(result.record.seed_words.agreement, abs=0.01)


def test_a_saved_model_says_that_it_is_not_measured(result, tmp_path):
    save_model(result, tmp_path / "model")
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Not measured: the model was trained without a labelled article." in card
    assert "| sport | match, striker |" in card
    assert "The scores hold" not in card
    assert load_classifier(tmp_path / "model").fingerprint == result.classifier.fingerprint


def test_labels_at_hand_give_an_honest_figure(result):
    labelled = [Article(article.text, labels=(section,)) for article, section in zip(*EVEN, strict=True)]
    evaluation = evaluate(result, labelled)
    assert evaluation.n == len(_ARTICLES)
    assert evaluation.n_seen == 0  # no article was learned from with its label


def test_labels_of_the_archive_are_not_looked_at(result):
    labelled = [Article(article.text, labels=("sport",), id=article.id) for article in _ARTICLES]
    again = train(unlabelled=labelled, seed_words=SEEDS, n_jobs=1)
    assert again.classifier.fingerprint == result.classifier.fingerprint


def test_training_is_the_same_each_time_and_takes_any_iterable(result):
    again = train(unlabelled=iter([article.text for article in _ARTICLES]), seed_words=SEEDS, n_jobs=2)
    assert again.classifier.fingerprint == result.classifier.fingerprint


def test_articles_without_text_are_left_out(result):
    again = train(unlabelled=[Article(""), *_ARTICLES, Article("  ")], seed_words=SEEDS, n_jobs=1)
    assert again.classifier.fingerprint == result.classifier.fingerprint


def _with_labels(rows):
    return [Article(f"{_ARTICLES[row].text} number{row}", labels=(_SECTIONS[row],)) for row in rows]


def test_seed_words_beside_labelled_articles_count_their_articles_as_labelled():
    few = _with_labels(row for label in SEEDS for row in np.flatnonzero(np.array(_SECTIONS) == label)[:4])
    found = train(few, unlabelled=_ARTICLES[40:], seed_words=SEEDS, n_jobs=1)
    assert found.scores.n == len(few)
    assert any("that the seed words single out count as labelled" in note for note in found.notes)
    assert found.record.measured is None
    assert found.record.seed_words.sections.keys() == SEEDS.keys()
    assert found.classifier.predict("goalkeeper and referee in the stadium").label == "sport"


def test_beside_labelled_articles_each_section_needs_one():
    few = [article for article in _with_labels(range(30)) if article.labels != ("chess",)]
    with pytest.raises(CorpusError, match="no labelled article is in the section 'chess'"):
        train(few, unlabelled=_ARTICLES[40:], seed_words=SEEDS, n_jobs=1)


def test_beside_labelled_articles_seed_words_need_an_archive():
    with pytest.raises(TopicmlTypeError, match="seed words need unlabelled articles"):
        train(_with_labels(range(30)), seed_words=SEEDS, n_jobs=1)


def test_words_beside_articles_of_several_labels_take_part_in_the_model():
    settings = TrainingSettings(target_type="multilabel")
    few = _with_labels(range(24))
    with_words, without = (
        train(few, unlabelled=_ARTICLES[24:], seed_words=seeds, settings=settings, n_jobs=1)
        for seeds in (SEEDS, None)
    )
    assert with_words.archive.used
    sport = with_words.classifier.classes_.index("sport")
    of_match = [one.classifier.decision_function(["match"])[0, sport] for one in (with_words, without)]
    assert of_match[0] > of_match[1]


def test_several_labels_an_article():
    settings = TrainingSettings(target_type="multilabel")
    found = train(unlabelled=_ARTICLES, seed_words=SEEDS, settings=settings, n_jobs=1)
    assert found.classifier.multilabel
    both = "a match in the museum: the striker and the painting"
    assert {*found.classifier.predict(both).labels} == {"art", "sport"}


def test_shares_may_be_given():
    shares = {"art": 1, "chess": 1, "sport": 2}
    found = train(unlabelled=_ARTICLES, seed_words=SEEDS, label_shares=shares, n_jobs=1)
    assert found.record.seed_words.shares_of == "given"
    assert found.record.seed_words.sections["sport"].share == 0.5


def test_more_can_be_recorded_and_notes_are():
    seeds = {**SEEDS, "sport": ["match", "absent"]}
    found = train(unlabelled=_ARTICLES, seed_words=seeds, recorded={"author": "desk"}, n_jobs=1)
    assert found.classifier.provenance["author"] == "desk"
    assert found.notes == ("seed_words: no article has 'absent' (sport)",)
    assert found.record.notes == found.notes


@pytest.mark.parametrize(
    "asked", [{"abstain_precision": 0.9}, {"min_precision": {"sport": 0.9}}, {"max_size": 100_000}]
)
def test_what_needs_labels_is_refused(asked):
    with pytest.raises(TopicmlValueError, match=f"{next(iter(asked))} needs labelled articles"):
        train(unlabelled=_ARTICLES, seed_words=SEEDS, settings=TrainingSettings(**asked), n_jobs=1)


def test_a_small_archive_is_refused():
    with pytest.raises(CorpusError, match="an archive of 20 articles or more, found 19 articles with text"):
        train(unlabelled=[*_ARTICLES[:19], ""], seed_words=SEEDS, n_jobs=1)


@pytest.mark.parametrize("given", [{}, {"unlabelled": _ARTICLES}, {"seed_words": SEEDS}])
def test_training_on_nothing_is_refused(given):
    with pytest.raises(TopicmlTypeError, match="labelled articles, or unlabelled ones and seed words"):
        train(**given)
