from __future__ import annotations

import pickle
import re
import shutil
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from copy import copy, deepcopy
from dataclasses import replace
from itertools import count, islice
from threading import Barrier
from typing import get_overloads, get_type_hints

import joblib
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.label_mapping import LabelMapping
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.model.calibration import Calibration
from topicml.model.classifier import FittedClassifier
from topicml.model.familiarity import Familiarity, WordSet
from topicml.model.feature_settings import FeatureSettings
from topicml.model.inputs import TextInput
from topicml.model.persistence import load_classifier, save_classifier
from topicml.model.prediction import Prediction
from topicml.model.predictions import Predictions
from topicml.model.sparse import Coefficients
from topicml.model.tokens import tokenize
from topicml.predict import predict
from topicml.training.vocabulary import fit_vectorizer

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=20)
UNKNOWN = "zyzzyva qwertz"


def mixed_texts():
    """Two hundred texts of every kind: known, unknown, empty, long, of other scripts."""
    rng = np.random.default_rng(0)
    words = np.array(
        [
            "rain",
            "cup",
            "final",
            "bank",
            "football",
            "interest",
            "rate",
            "storm",
            "zyzzyva",
            "Über",
            "雨",
            "ﬁnal",
        ]
    )
    texts = [" ".join(rng.choice(words, rng.integers(0, 40))) for _ in range(190)]
    texts += [
        "",
        " \n\t",
        "...",
        "a\0b rain",
        "\ud800 rain",
        "RAIN!",
        "\u200b",
        "雨が降る",
        "rain " * 60_000,
        "é",
    ]
    return [texts[i] for i in rng.permutation(len(texts))]


def bits(predictions):
    return [(p, np.array(p.class_probabilities).tobytes()) for p in predictions]


@pytest.fixture(scope="module")
def many_labels():
    """A classifier of forty labels and random weights."""
    rng = np.random.default_rng(1)
    vectorizer = fit_vectorizer([*mixed_texts(), "Heavy rain tonight"], FeatureSettings(), min_df=1)
    return FittedClassifier(
        classes_=tuple(f"label{k:02}" for k in range(40)),
        target_type="multiclass",
        vectorizer=vectorizer,
        coefficients=Coefficients(rng.normal(size=(len(vectorizer), 40)).astype(np.float32)),
        intercept=rng.normal(size=40),
        calibration=Calibration(np.full(40, 1.5), np.zeros(40), multilabel=False),
        thresholds=np.full(40, 0.5),
    )


@pytest.fixture(scope="module")
def familiar(base_classifier, base_articles):
    """The base classifier, told that a text should know half of its words."""
    words = tokenize([article.text for article in base_articles], min_token_length=2).hashes()
    familiarity = Familiarity(WordSet.of(words), np.array([1]), np.array([0.5]))
    return replace(base_classifier, familiarity=familiarity)


class TestShapes:
    @pytest.mark.parametrize("nothing", [[], (), iter([]), np.array([], dtype=str)])
    def test_no_articles_give_no_answers(self, classifier, nothing):
        assert classifier.predict(nothing) == []

    def test_no_articles_give_no_rows(self, classifier):
        n_classes = len(classifier.classes_)
        assert classifier.predict_proba([]).shape == (0, n_classes)
        assert classifier.decision_function([]).shape == (0, n_classes)

    @pytest.mark.parametrize("one", ["Heavy rain", Article("Heavy rain"), np.str_("Heavy rain")])
    def test_one_article_gives_one_prediction(self, classifier, one):
        assert classifier.predict(one) == classifier.predict(["Heavy rain"])[0]
        assert classifier.predict_proba(one).shape == (1, len(classifier.classes_))

    @pytest.mark.parametrize(
        "kind",
        [
            pytest.param(list, id="list"),
            pytest.param(tuple, id="tuple"),
            pytest.param(iter, id="iterator"),
            pytest.param(np.array, id="array of str"),
            pytest.param(lambda texts: np.array(texts, object), id="array of objects"),
            pytest.param(lambda texts: (text for text in texts), id="generator"),
            pytest.param(deque, id="deque"),
            pytest.param(lambda texts: map(str.upper, texts), id="map"),
            pytest.param(lambda texts: dict.fromkeys(texts).keys(), id="keys"),
            pytest.param(lambda texts: dict(enumerate(texts)).values(), id="values"),
            pytest.param(lambda texts: pl.Series("text", texts), id="polars column"),
            pytest.param(lambda texts: [Article(text) for text in texts], id="articles"),
        ],
    )
    def test_several_articles_are_answered_in_their_order(self, base_classifier, kind):
        texts = ["Heavy rain tonight", "Cup final", "football league", "The bank cut its interest rate"]
        labels = [prediction.label for prediction in base_classifier.predict(kind(texts))]
        assert labels == ["weather", "sport", "sport", "economy"]

    @pytest.mark.parametrize("function", [FittedClassifier.predict, predict])
    def test_type_checkers_are_told_one_from_many(self, function):
        told = [get_type_hints(overload) for overload in get_overloads(function)]
        assert [(hints["X"], hints["return"]) for hints in told] == [
            (TextInput, Prediction),
            (Iterable[TextInput], Predictions),
        ]

    def test_titles_are_read(self, base_classifier):
        article = Article("tonight", title="Cup final")
        assert base_classifier.predict(article) == base_classifier.predict("Cup final\ntonight")

    @pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
    def test_what_is_no_text_is_named_by_its_position(self, classifier, method):
        with pytest.raises(TopicmlTypeError, match="position 1, found None"):
            getattr(classifier, method)(["Rain", None])


class TestAbstention:
    @pytest.mark.parametrize("text", ["", " \n\t ", "...", UNKNOWN, "\0", "\u200b"])
    def test_a_text_without_known_terms_is_not_answered(self, classifier, text):
        prediction = classifier.predict(text)
        assert (prediction.label, prediction.labels) == (None, ())
        assert (prediction.abstained, prediction.reason) == (True, "no_known_terms")
        assert prediction.known_terms == 0.0
        assert np.isfinite(prediction.class_probabilities).all()
        assert prediction.probability == max(prediction.class_probabilities)

    def test_neighbours_of_empty_texts_are_not_touched(self, classifier):
        texts = ["Heavy rain", "Cup final"]
        among = classifier.predict(["", texts[0], "...", "", texts[1], ""])
        assert bits([among[1], among[4]]) == bits(classifier.predict(texts))

    def test_unknown_words_score_the_intercepts(self, classifier):
        scores = classifier.decision_function([UNKNOWN, "vox nihili", ""])
        assert (scores == classifier.intercept).all()

    def test_a_low_probability_goes_to_a_person(self, base_classifier):
        sure = base_classifier.predict("Cup final").probability
        strict = replace(base_classifier, min_confidence=np.nextafter(sure, 2)).predict("Cup final")
        assert (strict.label, strict.labels, strict.reason) == (None, (), "low_confidence")
        assert strict.probability == sure
        just = replace(base_classifier, min_confidence=sure).predict("Cup final")
        assert (just.label, just.abstained, just.reason) == ("sport", False, None)

    def test_a_label_may_need_more_confidence_than_others(self, base_classifier):
        sure = base_classifier.predict("Cup final").probability
        needed = {"sport": np.nextafter(sure, 2)}
        strict = replace(base_classifier, min_label_confidence=needed)
        assert strict.predict("Cup final").reason == "low_confidence"
        assert strict.predict("Heavy rain and strong wind").label == "weather"
        just = replace(base_classifier, min_label_confidence={"sport": sure})
        assert just.predict("Cup final").label == "sport"
        both = replace(base_classifier, min_label_confidence={"sport": 0.0}, min_confidence=1.0)
        assert both.predict("Cup final").reason == "low_confidence"

    def test_a_text_of_unknown_words_goes_to_a_person(self, familiar):
        told = familiar.predict("Cup zyzzyva qwertz vox")
        assert (told.label, told.labels, told.reason) == (None, (), "unusual_language")
        assert told.known_terms > 0
        assert told.probability == familiar.predict_proba("Cup zyzzyva qwertz vox").max()
        assert familiar.predict("Heavy rain tonight").reason is None

    def test_of_several_reasons_the_first_that_says_why(self, familiar):
        strict = replace(familiar, min_confidence=1.1)
        reasons = [strict.predict(text).reason for text in (UNKNOWN, "Cup zyzzyva qwertz vox", "Heavy rain")]
        assert reasons == ["no_known_terms", "unusual_language", "low_confidence"]

    def test_a_model_that_knows_no_words_answers_as_ever(self, familiar):
        plain = replace(familiar, familiarity=None)
        assert plain.predict("Cup zyzzyva qwertz vox").label == "sport"

    def test_an_article_without_a_label_is_for_a_person(self, multilabel_classifier):
        nothing = replace(multilabel_classifier, thresholds=np.full(3, 1.1)).predict("Cup final")
        assert (nothing.label, nothing.labels, nothing.abstained) == (None, (), False)
        assert (nothing.reason, nothing.needs_review) == ("no_label_reached", True)
        assert nothing.probability == max(nothing.class_probabilities)

    def test_the_best_label_is_taken_where_one_is_wanted_always(self, multilabel_classifier):
        strict = replace(multilabel_classifier, thresholds=np.full(3, 1.1))
        best = strict.predict("Cup final", always_label=True)
        assert (best.label, best.labels, best.reason) == ("sport", ("sport",), None)
        assert best.probability == max(best.class_probabilities)
        assert list(strict.predict_iter(["Cup final"], always_label=True)) == [best]

    def test_a_label_that_is_reached_is_not_replaced(self, multilabel_classifier):
        text = "Rain stopped the cup final in the first half."
        always = multilabel_classifier.predict(text, always_label=True)
        assert always == multilabel_classifier.predict(text)
        assert len(always.labels) == 2

    def test_where_the_model_abstains_there_is_no_label(self, classifier):
        unknown = classifier.predict(UNKNOWN, always_label=True)
        assert (unknown.labels, unknown.reason) == ((), "no_known_terms")

    def test_known_terms_is_the_share_of_words_and_pairs(self, base_classifier):
        # cup, final, "cup final" are known; zyzzyva and "final zyzzyva" are not.
        assert base_classifier.predict("cup final zyzzyva").known_terms == pytest.approx(3 / 5)


class TestDecision:
    def test_probabilities_follow_classes_and_sum_to_1(self, base_classifier):
        texts = mixed_texts()
        probabilities = base_classifier.predict_proba(texts)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-12)
        for row, prediction in zip(probabilities, base_classifier.predict(texts), strict=True):
            assert prediction.probabilities == dict(zip(base_classifier.classes_, row.tolist(), strict=True))
            if not prediction.abstained:
                assert prediction.label == base_classifier.classes_[row.argmax()]
                assert prediction.labels == (prediction.label,)
                assert prediction.probability == row.max()

    def test_multilabel_assigns_what_reaches_its_threshold_most_probable_first(self, multilabel_classifier):
        texts = ["Rain stopped the cup final", "The storm hurt exports", "Cup final"]
        low = replace(multilabel_classifier, thresholds=np.array([0.01, 0.02, 0.03]))
        for row, prediction in zip(low.predict_proba(texts), low.predict(texts), strict=True):
            assigned = {low.classes_[k] for k in np.flatnonzero(row >= low.thresholds)}
            assert set(prediction.labels) == assigned
            assert list(prediction.labels) == [
                label for label in prediction.probabilities if label in assigned
            ]
            assert prediction.label == prediction.labels[0]

    def test_a_saved_model_decides_the_same(self, classifier, tmp_path):
        save_classifier(classifier, tmp_path)
        loaded, texts = load_classifier(tmp_path), mixed_texts()
        assert loaded.classes_ == classifier.classes_
        assert loaded.predict_proba(texts).tobytes() == classifier.predict_proba(texts).tobytes()
        assert bits(loaded.predict(texts)) == bits(classifier.predict(texts))


class TestBatches:
    def test_a_text_gets_the_same_bits_alone_and_in_a_batch(self, classifier):
        texts = mixed_texts()
        assert bits(classifier.predict(texts)) == bits([classifier.predict(text) for text in texts])
        alone = np.vstack([classifier.decision_function(text) for text in texts])
        assert classifier.decision_function(texts).tobytes() == alone.tobytes()

    def test_so_with_many_labels(self, many_labels):
        texts = mixed_texts()
        alone = np.vstack([many_labels.predict_proba(text) for text in texts])
        assert many_labels.predict_proba(texts).tobytes() == alone.tobytes()

    @pytest.mark.parametrize("batch_size", [1, 7, 1000])
    def test_the_size_of_a_batch_does_not_matter(self, classifier, batch_size):
        texts = mixed_texts()
        streamed = list(classifier.predict_iter(iter(texts), batch_size=batch_size))
        assert bits(streamed) == bits(classifier.predict(texts))

    @given(texts=st.lists(st.one_of(ANY_TEXT, st.sampled_from(mixed_texts()[:50])), max_size=6))
    def test_so_for_any_texts(self, familiar, multilabel_classifier, texts):
        for model in (familiar, multilabel_classifier):
            assert bits(model.predict(texts)) == bits([model.predict(text) for text in texts])
            alone = [model.decision_function(text)[0].tobytes() for text in texts]
            assert [row.tobytes() for row in model.decision_function(texts)] == alone

    @pytest.mark.parametrize("n_jobs", [1, 2, 5, -1, -2])
    def test_the_number_of_threads_does_not_matter(self, familiar, n_jobs):
        texts = mixed_texts()  # several chunks: one text is longer than a chunk
        expected = familiar.predict(texts)
        assert bits(familiar.predict(texts, n_jobs=n_jobs)) == bits(expected)
        assert bits(familiar.predict_iter(texts, n_jobs=n_jobs)) == bits(expected)
        for method in ("predict_proba", "decision_function"):
            found, same = (getattr(familiar, method)(texts, n_jobs=n) for n in (n_jobs, 1))
            assert found.tobytes() == same.tobytes()

    @pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function", "predict_iter"])
    @pytest.mark.parametrize("texts", ["Heavy rain", ["Heavy rain"], []])
    def test_no_threads_at_all_cannot_work(self, base_classifier, method, texts):
        with pytest.raises(TopicmlValueError, match=r"n_jobs must be .*found 0"):
            getattr(base_classifier, method)(texts, n_jobs=0)

    def test_an_endless_stream_is_read_as_needed(self, classifier):
        texts = (f"Heavy rain {number}" for number in count())
        assert len(list(islice(classifier.predict_iter(texts, batch_size=10), 25))) == 25
        assert next(texts) == "Heavy rain 30"

    def test_the_exception_of_a_stream_comes_through_after_the_batches_before_it(self, base_classifier):
        def broken():
            yield from ["Heavy rain", "Cup final", "Snow"]
            raise OSError("the disk is gone")

        answers = []
        with pytest.raises(OSError, match="the disk is gone"):
            answers.extend(base_classifier.predict_iter(broken(), batch_size=2))
        assert [answer.label for answer in answers] == ["weather", "sport"]

    @pytest.mark.parametrize("batch_size", [0, -1])
    def test_a_batch_holds_something(self, classifier, batch_size):
        with pytest.raises(TopicmlValueError, match=f"batch_size must be 1 or more, found {batch_size}"):
            list(classifier.predict_iter(["Rain"], batch_size=batch_size))

    def test_the_stream_of_no_articles_is_empty(self, classifier):
        assert list(classifier.predict_iter([])) == []


def through_joblib(model, folder):
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib")


COPIES = {
    "pickle": lambda model, _: pickle.loads(pickle.dumps(model)),
    "oldest pickle": lambda model, _: pickle.loads(pickle.dumps(model, protocol=2)),
    "joblib": through_joblib,
    "deepcopy": lambda model, _: deepcopy(model),
    "copy": lambda model, _: copy(model),
}


class TestSharing:
    def test_eight_threads_get_what_one_gets(self, familiar, tmp_path):
        save_classifier(familiar, tmp_path)
        model, texts = load_classifier(tmp_path), mixed_texts()
        barrier = Barrier(8)  # all meet a model that has not predicted yet

        def answer(_):
            barrier.wait()
            return bits(model.predict(texts))

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(answer, range(8)))
        expected = bits(familiar.predict(texts))
        assert all(answer == expected for answer in answers)

    @pytest.mark.parametrize("way", COPIES)
    def test_a_copy_gives_the_same_bits(self, familiar, multilabel_classifier, tmp_path, way):
        save_classifier(familiar, tmp_path / "saved")
        used = load_classifier(tmp_path / "saved")
        used.predict("Heavy rain")  # what it has worked out by now travels along, or is worked out again
        models = familiar, multilabel_classifier, load_classifier(tmp_path / "saved"), used
        for model in models:
            again = COPIES[way](model, tmp_path)
            assert bits(again.predict(mixed_texts())) == bits(model.predict(mixed_texts()))
            assert (again.classes_, again.provenance) == (model.classes_, model.provenance)

    def test_a_pickle_does_not_need_the_folder(self, familiar, tmp_path):
        save_classifier(familiar, tmp_path / "saved")
        pickled = pickle.dumps(load_classifier(tmp_path / "saved"))
        shutil.rmtree(tmp_path / "saved")
        assert bits(pickle.loads(pickled).predict(mixed_texts())) == bits(familiar.predict(mixed_texts()))

    def test_predicting_works_on_arrays_that_cannot_be_written(self, base_classifier):
        again = pickle.loads(pickle.dumps(base_classifier))
        for array in (
            again.coefficients.values,
            again.coefficients.scale,
            again.intercept,
            again.thresholds,
            again.vectorizer.hashes,
            again.vectorizer.idf,
        ):
            array.setflags(write=False)
        assert bits(again.predict(mixed_texts())) == bits(base_classifier.predict(mixed_texts()))

    def test_a_loaded_model_cannot_be_written(self, base_model_path):
        model = load_classifier(base_model_path)
        with pytest.raises(ValueError, match="read-only"):
            model.coef[0, 0] = 1.0

    def test_equality_has_an_answer(self, base_classifier, multilabel_classifier):
        """Regression (arrays compared as if they were numbers): ``==`` of two models raised."""
        assert base_classifier == base_classifier  # noqa: PLR0124  (that is what is tested)
        assert base_classifier != multilabel_classifier
        assert isinstance(base_classifier == pickle.loads(pickle.dumps(base_classifier)), bool)


class TestLabelCodes:
    @given(st.dictionaries(ANY_TEXT, ANY_TEXT, min_size=1), st.lists(ANY_TEXT))
    def test_those_of_a_mapping_come_back(self, base_classifier, codes, labels):
        codes = {label.strip() or "A": code for label, code in codes.items()}
        model = replace(base_classifier, provenance={"label_mapping": LabelMapping(codes=codes).to_record()})
        assert model.label_codes(labels) == [codes.get(label) for label in labels]

    @pytest.mark.parametrize("record", [None, 3, {}, {"codes": 3}, {"codes": {}}])
    def test_a_record_of_other_makings_has_none(self, base_classifier, record):
        """The provenance is the maker's own, so whatever it holds, a prediction comes out."""
        assert replace(base_classifier, provenance={"label_mapping": record}).label_codes(["A"]) is None


class TestFingerprint:
    def test_is_twelve_hexadecimal_digits_in_every_prediction(self, classifier):
        assert re.fullmatch("[0-9a-f]{12}", classifier.fingerprint)
        texts = ["Cup final", UNKNOWN]
        assert {found.fingerprint for found in classifier.predict(texts)} == {classifier.fingerprint}

    @pytest.mark.parametrize("name", ["trained", "saved", "copied"])
    def test_is_the_same_in_memory_on_disk_and_in_a_copy(self, familiar, tmp_path, name):
        save_classifier(familiar, tmp_path / "saved")
        loaded = load_classifier(tmp_path / "saved", verify=True)
        found = {"trained": replace(familiar), "saved": loaded, "copied": pickle.loads(pickle.dumps(loaded))}
        assert found[name].fingerprint == familiar.fingerprint
        assert replace(found[name]).fingerprint == familiar.fingerprint  # worked out again

    @pytest.mark.parametrize(
        "change",
        [
            {"classes_": ("a", "b", "c")},
            {"target_type": "multilabel"},
            {"intercept": np.zeros(3)},
            {"thresholds": np.zeros(3)},
            {"calibration": Calibration(np.ones(3), np.ones(3), multilabel=False, power=2.0)},
            {"min_confidence": 0.5},
            {"min_label_confidence": {"sport": 0.5}},
            {"familiarity": None},
            {"familiarity": Familiarity(WordSet(np.zeros(4, np.uint8)), np.array([1]), np.array([0.5]))},
            {"provenance": {}},
            {"fingerprints": None},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_differs_with_all_that_is_saved(self, familiar, change):
        assert replace(familiar, **change).fingerprint != familiar.fingerprint

    def test_does_not_depend_on_a_name(self, base_classifier):
        assert replace(base_classifier, name="desk").fingerprint == base_classifier.fingerprint


class TestRepr:
    def test_is_a_line_of_facts(self, base_classifier):
        shown = "FittedClassifier(3 labels, multiclass, 292 terms, trained on 24 articles)"
        assert repr(base_classifier) == shown

    def test_names_the_model(self, base_classifier):
        assert repr(replace(base_classifier, name="world-desk")).endswith("24 articles; world-desk)")

    @pytest.mark.parametrize("provenance", [{}, {"n_articles": "many"}])
    def test_does_without_what_is_not_on_record(self, base_classifier, provenance):
        assert repr(replace(base_classifier, provenance=provenance)).endswith("terms)")
