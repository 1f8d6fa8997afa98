from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests.support import MADE_UP_LABELS, contents, fingerprint_in, made_up
from topicml.article import Article
from topicml.corpus.label_mapping import LabelMapping
from topicml.corpus.seen_articles import seen_in_training
from topicml.exceptions import (
    CorpusError,
    ModelFormatError,
    TopicmlError,
    TopicmlTypeError,
    UnkeptPromiseError,
)
from topicml.lifecycle.previous_models import bring_back
from topicml.lifecycle.retraining import retrain
from topicml.model.feature_settings import FeatureSettings
from topicml.model.persistence import load_classifier, save_classifier
from topicml.model.record import ArchiveSource, TrainingRecord, TriedSettings
from topicml.reading.columns import ReadOptions
from topicml.training.model_card import model_card
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

SETTINGS = TrainingSettings(
    features=FeatureSettings((1, 1)),
    max_terms=500,
    n_folds=2,
    search="light",
    measure="accuracy",
    random_state=3,
)


OLD, NEW = made_up(120), made_up(90, seed=1, year=2024)


@pytest.fixture(scope="module")
def old():
    return train(OLD, settings=SETTINGS, n_jobs=1).classifier


@pytest.fixture
def folder(old, tmp_path):
    save_classifier(old, tmp_path / "model", card="The old card.")
    return tmp_path / "model"


@pytest.fixture(scope="module")
def retrained(old, tmp_path_factory):
    """A folder whose model was trained anew, and the result of that."""
    folder = tmp_path_factory.mktemp("retrained") / "model"
    save_classifier(old, folder)
    steps = []
    result = retrain(folder, [*OLD, *NEW], n_jobs=1, progress=steps.append)
    return folder, result, steps


class TestReplaced:
    def test_the_new_model_is_in_the_folder_and_the_old_one_beside_it(self, retrained, old):
        folder, result, _ = retrained
        assert result.replaced
        assert result.comparison.verdict != "worse"
        assert result.fingerprint == fingerprint_in(folder)
        assert result.previous.parent == folder.parent
        assert load_classifier(result.previous).provenance["data_sha256"] == old.provenance["data_sha256"]

    def test_it_was_compared_on_the_latest_articles_and_then_trained_on_all(self, retrained):
        folder, result, steps = retrained
        assert (result.comparison.n, result.n_trained, len(steps)) == (42, 210, 8)
        assert result.rule == "by time: articles dated 2024-02-21 or later are for testing"
        assert seen_in_training(load_classifier(folder), [*OLD, *NEW]).all()

    def test_it_is_the_model_that_training_on_all_gives(self, retrained, old):
        folder, _, _ = retrained
        settings = TrainingSettings.recorded(old.provenance["settings"])
        plain = train([*OLD, *NEW], settings=replace(settings, search="none"), n_jobs=1).classifier
        found = load_classifier(folder)
        assert np.asarray(found.coef).tobytes() == plain.coef.tobytes()
        assert found.provenance["data_sha256"] == plain.provenance["data_sha256"]

    def test_the_same_again_is_the_same_model_byte_for_byte(self, retrained, old, tmp_path):
        save_classifier(old, tmp_path / "model")
        retrain(tmp_path / "model", [*OLD, *NEW], n_jobs=1)
        assert contents(tmp_path / "model") == contents(retrained[0])

    def test_its_card_says_what_it_replaced_and_how_both_did(self, retrained, old):
        folder, result, _ = retrained
        card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
        [line] = [line for line in card.splitlines() if line.startswith("- retrained")]
        found = result.comparison.differences["accuracy"]
        assert f"retrained to replace the model `{fingerprint_in(result.previous)[:12]}`: accuracy " in line
        assert f" {found.a:.3f} -> {found.b:.3f} (difference {found.difference:+.3f}, " in line
        assert line.endswith(") on 42 articles held out")
        assert "- trained anew" not in model_card(old)

    def test_settings_are_kept_and_the_comparison_is_on_record(self, retrained, old):
        folder, result, _ = retrained
        origin = load_classifier(folder).provenance
        assert origin["settings"] == {**origin["settings"], "max_terms": 500, "measure": "accuracy"}
        assert origin["settings_given"] == json.loads(json.dumps(old.provenance["settings_given"]))
        record = origin["retraining"]
        assert record.keys() == {"replaced", "rule", "comparison"}
        assert record["comparison"]["verdict"] == result.comparison.verdict
        assert record["comparison"]["measure"] == "accuracy"

    def test_json_can_hold_the_result(self, retrained):
        held = retrained[1].to_dict()
        assert json.loads(json.dumps(held)) == held
        assert (held["replaced"], held["n_trained"]) == (True, 210)

    def test_the_next_time_compares_on_what_is_new_by_then(self, retrained):
        with pytest.raises(CorpusError, match="0 of 210 articles are new"):
            retrain(retrained[0], [*OLD, *NEW], n_jobs=1)


class TestKept:
    def test_a_worse_model_is_refused_and_the_old_one_untouched(self, folder):
        before = contents(folder)
        bad = made_up(90, seed=1, year=2022, wrong=0.9)
        result = retrain(folder, [*bad, *bad, *made_up(60, seed=2, year=2024)], n_jobs=1)
        assert (result.replaced, result.previous, result.comparison.verdict) == (False, None, "worse")
        assert contents(folder) == before
        assert [path.name for path in folder.parent.iterdir()] == ["model"]
        assert result.fingerprint == fingerprint_in(folder)
        assert result.comparison.differences["accuracy"].difference < 0

    @pytest.mark.parametrize("articles", [[], [Article("Rain")], OLD])
    def test_data_that_cannot_be_used_leave_it_untouched(self, folder, articles):
        before = contents(folder)
        with pytest.raises(CorpusError):
            retrain(folder, articles, n_jobs=1)
        assert contents(folder) == before
        assert [path.name for path in folder.parent.iterdir()] == ["model"]

    def test_what_is_no_article_is_an_error(self, folder):
        with pytest.raises(TopicmlTypeError, match="expected an Article at position 0"):
            retrain(folder, ["Rain"], n_jobs=1)

    def test_an_article_without_labels_is_an_error(self, folder):
        with pytest.raises(CorpusError, match="label"):
            retrain(folder, [*OLD, *NEW, Article("Rain tonight", date="2023-01-01")], n_jobs=1)

    def test_an_article_of_several_labels_is_an_error_for_a_model_of_one(self, folder):
        both = Article("Rain stops play", labels=("sport", "art"), date="2024-01-01")
        with pytest.raises(CorpusError, match="multilabel"):
            retrain(folder, [*OLD, *NEW, both], n_jobs=1)


class TestLostLabels:
    """Regression (new articles given alone): the new model knew their labels only, and nothing was said."""

    NEW_ALONE = tuple(article for article in NEW if article.labels != ("chess",))

    def test_a_label_without_articles_stops_it(self, folder):
        before = contents(folder)
        with pytest.raises(
            CorpusError, match="would lose 1 label of the old one, with no article to learn from: 'chess'"
        ):
            retrain(folder, self.NEW_ALONE, n_jobs=1)
        assert contents(folder) == before

    def test_it_may_go_where_the_caller_says_so(self, folder):
        result = retrain(folder, self.NEW_ALONE, drop_labels=True, n_jobs=1)
        assert result.classifier.classes_ == ("art", "sport")

    def test_a_label_with_too_few_articles_is_lost_too(self, old, tmp_path):
        settings = {**old.provenance["settings"], "min_articles": 8}
        save_classifier(replace(old, provenance={**old.provenance, "settings": settings}), tmp_path / "model")
        few = [article for article in NEW if article.labels == ("chess",)][:7]
        with pytest.raises(CorpusError, match="with fewer than 8 articles to learn from: 'chess'"):
            retrain(tmp_path / "model", [*self.NEW_ALONE, *few], n_jobs=1)


def test_rare_labels_are_left_out_again(old, tmp_path):
    settings = {**old.provenance["settings"], "min_articles": 5}
    save_classifier(replace(old, provenance={**old.provenance, "settings": settings}), tmp_path / "model")
    rare = [Article(f"A curling stone, number {k}", labels=("curling",), date="2023-01-01") for k in range(4)]
    result = retrain(tmp_path / "model", [*OLD, *NEW, *rare], n_jobs=1)
    assert (result.replaced, result.n_trained) == (True, 210)
    assert result.classifier.classes_ == MADE_UP_LABELS
    assert any("1 label with fewer than 5 articles ('curling' (4))" in note for note in result.notes)


class TestPromises:
    """Seventy articles on sport can guarantee 0.96, and the fifty-six that are not held out 0.95."""

    @pytest.fixture
    def promising(self, old, tmp_path):
        def promising(precision):
            settings = {**old.provenance["settings"], "min_precision": [["sport", precision]]}
            model = replace(old, provenance={**old.provenance, "settings": settings})
            save_classifier(model, tmp_path / "model")
            return tmp_path / "model"

        return promising

    def test_one_that_all_articles_can_guarantee_is_kept(self, promising):
        """Regression: with the highest promise that there is, every retraining would fail."""
        result = retrain(promising(0.96), [*OLD, *NEW], n_jobs=1)
        [promise] = TrainingRecord.read(result.classifier.provenance).min_precision
        assert (result.replaced, promise.promised) == (True, 0.96)
        assert promise.kept > 0

    @pytest.mark.parametrize("test", [None, made_up(60, seed=5)], ids=["held out", "given"])
    def test_one_that_cannot_be_kept_is_an_error_and_the_old_model_stays(self, promising, test):
        folder = promising(0.99)
        before = contents(folder)
        with pytest.raises(UnkeptPromiseError, match=r"model stays as it was, .* that can is 0\.9"):
            retrain(folder, [*OLD, *NEW], test=test, n_jobs=1)
        assert contents(folder) == before


class TestGivenTest:
    def test_it_decides_and_is_never_trained_on(self, folder):
        test = made_up(60, seed=5)
        result = retrain(folder, [*OLD, *NEW, *test[:20]], test=test, n_jobs=1)
        assert (result.replaced, result.comparison.n, result.n_trained) == (True, 60, 210)
        assert result.rule == "the test articles that were given"
        assert "20 articles not trained on: copies of test articles" in result.notes
        again = retrain(folder, [*OLD, *NEW, *test[:20]], test=test, n_jobs=1)
        assert again.comparison.n == 60

    def test_no_verdict_keeps_the_old_model(self, folder):
        """Variants of training articles are too much alike to test on, but too little to be their copies."""
        before = contents(folder)
        words = [f"word{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(60)]
        variants = [" ".join([*words[:52], *(f"{word}{x}" for word in words[52:])]) for x in "pq"]
        learned, tested = (Article(text, labels=("art",)) for text in variants)
        result = retrain(folder, [*OLD, *NEW, learned], test=[tested, *made_up(4, seed=5)], n_jobs=1)
        assert result.comparison.verdict == "no verdict"
        assert result.comparison.n_in_training["B"] == 1
        assert (result.replaced, result.previous) == (False, None)
        assert contents(folder) == before
        assert result.fingerprint == fingerprint_in(folder)

    def test_a_model_without_fingerprints_needs_one(self, old, tmp_path):
        save_classifier(replace(old, fingerprints=None), tmp_path / "model")
        with pytest.raises(CorpusError, match="keeps no fingerprints"):
            retrain(tmp_path / "model", [*OLD, *NEW], n_jobs=1)
        result = retrain(tmp_path / "model", [*OLD, *NEW], test=made_up(60, seed=5), n_jobs=1)
        assert result.replaced
        assert any("whether it was trained on the test articles is unknown" in note for note in result.notes)


class TestRecords:
    MAPPING = LabelMapping({"draughts": "chess"}, frozenset({"home"}))

    def renamed(self, articles):
        return [
            replace(article, labels=("draughts",)) if article.labels == ("chess",) else article
            for article in articles
        ]

    def test_labels_are_mapped_as_they_were(self, old, tmp_path):
        reading = ReadOptions(label_column="desk").to_record()
        provenance = {**old.provenance, "reading": reading, "label_mapping": self.MAPPING.to_record()}
        save_classifier(replace(old, provenance=provenance), tmp_path / "model")
        home = Article("Welcome", labels=("home",), date="2024-01-01")
        result = retrain(tmp_path / "model", [*self.renamed([*OLD, *NEW]), home], n_jobs=1)
        assert result.classifier.classes_ == MADE_UP_LABELS
        assert "1 article left out: the label mapping drops all of their labels" in result.notes
        origin = load_classifier(tmp_path / "model").provenance
        assert LabelMapping.recorded(origin["label_mapping"]) == self.MAPPING
        assert ReadOptions.recorded(origin["reading"]).label_column == "desk"

    def test_another_mapping_and_reading_take_their_place(self, folder):
        reading = ReadOptions(text_column="story")
        retrain(folder, self.renamed([*OLD, *NEW]), label_mapping=self.MAPPING, reading=reading, n_jobs=1)
        origin = load_classifier(folder).provenance
        assert LabelMapping.recorded(origin["label_mapping"]) == self.MAPPING
        assert ReadOptions.recorded(origin["reading"]) == reading

    def test_a_new_label_is_learned_and_noted(self, folder):
        go = [replace(article, labels=("go",), text=f"{article.text} stones board") for article in NEW[::3]]
        result = retrain(folder, [*OLD, *NEW[1::3], *NEW[2::3], *go], n_jobs=1)
        assert "go" in load_classifier(folder).classes_
        assert "labels that only model B knows: go" in result.notes

    @pytest.mark.parametrize(
        ("provenance", "told"),
        [
            ({}, "does not record its settings"),
            ({"settings": None}, "does not record its settings"),
            ({"settings": 3}, "record: settings: expected a mapping, found 3"),
        ],
    )
    def test_a_model_that_records_no_settings_is_an_error(self, old, tmp_path, provenance, told):
        save_classifier(replace(old, provenance=provenance), tmp_path / "model")
        with pytest.raises(TopicmlError, match=told):
            retrain(tmp_path / "model", [*OLD, *NEW], n_jobs=1)

    def test_no_model_is_an_error(self, tmp_path):
        with pytest.raises(ModelFormatError, match=r"no model at .*: expected a folder"):
            retrain(tmp_path / "model", OLD, n_jobs=1)
        assert not (tmp_path / "model").exists()


class TestTune:
    def test_the_search_starts_from_what_was_given_and_not_from_what_it_chose(self, old, tmp_path):
        """Regression (what a search chose taken for a wish): the second search could choose nothing."""
        chosen = {**old.provenance["settings"], "max_terms": 77, "search": "full"}
        given = {**old.provenance["settings_given"], "max_terms": 100_000}
        provenance = {**old.provenance, "settings": chosen, "settings_given": given}
        save_classifier(replace(old, provenance=provenance), tmp_path / "model")
        result = retrain(tmp_path / "model", [*OLD, *NEW, *made_up(90, seed=7)], tune=True, n_jobs=1)
        origin = result.classifier.provenance
        assert origin["settings"]["max_terms"] != 77
        assert len({trial["max_terms"] for trial in origin["tried"]}) > 1
        assert origin["settings_given"]["max_terms"] == 100_000

    def test_without_it_what_was_tried_before_stays_on_record(self, old, tmp_path):
        tried = TriedSettings(stage=1, n_held_out=9, max_terms=77, C=0.3, accuracy=0.5)
        record = replace(TrainingRecord.read(old.provenance), tried=(tried,))
        save_classifier(replace(old, provenance=record.to_dict()), tmp_path / "model")
        retrain(tmp_path / "model", [*OLD, *NEW], n_jobs=1)
        assert TrainingRecord.read(load_classifier(tmp_path / "model").provenance).tried == (tried,)


def test_what_was_replaced_can_be_brought_back(folder):
    before = contents(folder)
    retrain(folder, [*OLD, *NEW], n_jobs=1)
    bring_back(folder)
    assert contents(folder) == before


@pytest.fixture(scope="module")
def with_archive(tmp_path_factory):
    """A model that learned from a file of unlabelled articles, and the file."""
    base = tmp_path_factory.mktemp("archive")
    texts = [article.text for article in made_up(120, seed=2)]
    (base / "archive.txt").write_text("\n".join(texts), encoding="utf-8")
    record = TrainingRecord(archive_source=ArchiveSource((str(base / "archive.txt"),)))
    model = train(OLD[:60], settings=SETTINGS, unlabelled=texts, recorded=record.known(), n_jobs=1)
    save_classifier(model.classifier, base / "model")
    return base / "model", base / "archive.txt"


class TestArchive:
    """Unlabelled articles that the old model learned from are learned from again."""

    @pytest.fixture
    def copied(self, with_archive, tmp_path):
        shutil.copytree(with_archive[0], tmp_path / "model")
        return tmp_path / "model"

    def test_its_files_are_read_again(self, copied, with_archive):
        assert retrain(copied, [*OLD, *NEW], n_jobs=1).replaced
        record = TrainingRecord.read(load_classifier(copied).provenance)
        assert record.archive.n_articles == 120
        assert record.archive_source.files == (str(with_archive[1]),)

    def test_articles_given_take_their_place_and_none_is_an_answer(self, copied):
        assert retrain(copied, [*OLD, *NEW], unlabelled=[], n_jobs=1).replaced
        record = TrainingRecord.read(load_classifier(copied).provenance)
        assert record.archive is None
        assert record.archive_source is None

    def test_copies_of_the_articles_compared_on_are_left_out(self, copied):
        archive = [article.text for article in (*made_up(120, seed=2), *NEW)]
        result = retrain(copied, [*OLD, *NEW], unlabelled=archive, n_jobs=1)
        assert result.replaced
        assert TrainingRecord.read(load_classifier(copied).provenance).archive.n_articles == 120

    def test_an_archive_that_is_gone_is_named(self, tmp_path):
        record = TrainingRecord(archive_source=ArchiveSource((str(tmp_path / "gone.txt"),)))
        model = train(OLD[:60], settings=SETTINGS, recorded=record.known(), n_jobs=1)
        save_classifier(model.classifier, tmp_path / "model")
        with pytest.raises(CorpusError, match=r"gone\.txt is not there: name the archive"):
            retrain(tmp_path / "model", [*OLD, *NEW], n_jobs=1)


def test_models_of_several_labels(multilabel_articles, tmp_path):
    save_classifier(train(multilabel_articles, n_jobs=1).classifier, tmp_path / "model")
    rng = np.random.default_rng(0)
    texts = [article.text.split() for article in multilabel_articles]
    new = [
        replace(article, text=" ".join(rng.permutation([*words, f"day{k}"])))
        for k, (article, words) in enumerate(zip(multilabel_articles, texts, strict=True))
    ]
    result = retrain(tmp_path / "model", [*multilabel_articles, *new], n_jobs=1)
    assert result.classifier.target_type == "multilabel"
