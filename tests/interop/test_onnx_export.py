"""Models as ONNX graphs, run by ONNX Runtime, with the model beside them."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from topicml.article import Article
from topicml.exceptions import MissingExtraError, UnexportableError
from topicml.interop.onnx_export import _SEPARATORS, Graph, onnx_library, to_onnx
from topicml.interop.pipeline import export_model
from topicml.model.calibration import Calibration
from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import PIECE_BIT
from topicml.model.sparse import Coefficients
from topicml.model.tokens import tokenize
from topicml.model.vectorizer import TermStrings
from topicml.reading.readers import read_corpus
from topicml.training.settings import TrainingSettings
from topicml.training.term_strings import term_strings
from topicml.training.train import train

CORPUS = Path(__file__).parents[2] / "data" / "world_desk.jsonl"
LONG = "x" * 65
ODD_WORDS = ["Rain", "cup final", "BANK", "cuts", "a", "x" * 64, LONG, "c_3", "\0", "“rate”", "cup…", "-"]
READ_ALIKE = st.one_of(
    st.lists(st.tuples(st.sampled_from(ODD_WORDS), st.sampled_from([" ", "", "\n", "—"]))).map(
        lambda parts: "".join(word + gap for word, gap in parts)
    ),
    st.text(st.one_of(st.characters(max_codepoint=127), st.sampled_from(_SEPARATORS))),
)
FEATURES = {
    "words 1-2": FeatureSettings(),
    "words 2-3": FeatureSettings(ngram_range=(2, 3), min_token_length=1, sublinear_tf=False),
    "pieces": FeatureSettings(ngram_range=None, char_ngram_range=(2, 5), min_token_length=1),
    "both": FeatureSettings(char_ngram_range=(3, 4)),
    "long words": FeatureSettings(min_token_length=4, char_ngram_range=(5, 6), sublinear_tf=False),
}
NUMBERS = {"x": ("FLOAT", ["n", 2])}


def trained(articles, features, **settings):
    how = TrainingSettings(features=features, search="none", n_folds=2, **settings)
    return train(articles, settings=how, n_jobs=1).classifier


@pytest.fixture(scope="module")
def runtime():
    """ONNX Runtime, where it and onnx are installed."""
    pytest.importorskip("onnx")
    return pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def session(runtime):
    """Return a function that returns a function from texts to a graph's outputs by name."""

    def session(model):
        content = to_onnx(model).SerializeToString()
        opened = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
        names = [output.name for output in opened.get_outputs()]

        def run(texts):
            return dict(zip(names, opened.run(None, {"text": np.array(texts, object)}), strict=True))

        return run

    return session


@pytest.fixture(scope="module", params=zip(FEATURES, [False, True, False, True, True], strict=True), ids=str)
def pair(request, session, base_articles, multilabel_articles):
    """A model of each kind of features and of targets, and its graph."""
    kind, several = request.param
    model = trained(multilabel_articles if several else base_articles, FEATURES[kind])
    return model, session(model)


def assert_answers_alike(model, run, texts):
    """Compare all outputs; labels where they do not hang on the last digit of a float32."""
    found = run(texts)
    probabilities = model.predict_proba(texts)
    predictions = model.predict(texts)
    np.testing.assert_allclose(found["scores"], model.decision_function(texts), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found["probabilities"], probabilities, rtol=1e-4, atol=1e-5)
    assert found["abstained"].tolist() == [prediction.abstained for prediction in predictions]
    if model.multilabel:
        clear = np.abs(probabilities - model.thresholds) > 1e-5
        labels = np.array([[label in p.labels for label in model.classes_] for p in predictions])
        assert np.array_equal(found["labels"][clear], labels[clear])
    else:
        second, first = np.sort(probabilities)[:, -2:].T
        clear = first - second > 1e-5
        best = np.array(model.classes_)[probabilities.argmax(axis=1)]
        assert np.array_equal(found["label"][clear], best[clear])


@settings(max_examples=25)
@given(texts=st.lists(READ_ALIKE, min_size=1, max_size=5))
@example(texts=[""])
@example(texts=["", "Rain"])
@example(texts=[f"Heavy {LONG} rain", f"{LONG} cup final {LONG}", f"rain{LONG}", "x" * 64])
@example(texts=["Rain\0stopped the “cup” final…", "RAIN RAIN rain", "\x1e\x1f\x7f"])
def test_ascii_text_is_answered_as_by_the_model(pair, texts):
    model, run = pair
    assert run(texts)["exact"].all()
    assert_answers_alike(model, run, texts)


@pytest.mark.parametrize(
    ("features", "several"),
    [(FeatureSettings(), False), (FeatureSettings(char_ngram_range=(3, 5)), True)],
    ids=["words, one label", "words and pieces, several"],
)
def test_a_thousand_texts_are_answered_as_by_the_model(session, features, several):
    articles = read_corpus(CORPUS, labelled=True).articles
    chosen = articles if several else [article for article in articles if len(article.labels) == 1]
    model = trained(chosen, features, max_terms=3000, abstain_precision=0.75)
    texts = [text for article in articles for text in (article.text, article.title)]
    assert len(texts) > 1000
    run = session(model)
    exact = run(texts)["exact"]
    assert exact.mean() > 0.8
    assert_answers_alike(model, run, [text for text, sure in zip(texts, exact, strict=True) if sure])


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("Rain, “heavy” rain — £5…", True),
        ("", True),
        ("café", False),
        ("Rain\u0301", False),
        ("ra\u00adin", False),
        ("大雨", False),
        ("¼ inch", False),
        ("Rain™", False),
    ],
)
def test_a_text_that_may_be_read_in_another_way_is_told(session, base_classifier, text, exact):
    assert session(base_classifier)([text])["exact"].tolist() == [exact]


def test_what_separates_in_the_graph_separates_in_the_model():
    text = "rain".join(["", *_SEPARATORS, ""])
    tokens = tokenize([text], min_token_length=1)
    assert tokens.ngram_texts(np.arange(len(tokens.start)), 1) == ["rain"] * (len(_SEPARATORS) + 1)


@pytest.mark.parametrize("power", [None, 0.7, 3.0])
def test_every_calibration_is_told(session, base_classifier, base_articles, power):
    calibration = Calibration(
        np.array([9.0, 6.0, 12.0]), np.array([0.5, -1.0, 2.0]), multilabel=False, power=power
    )
    model = replace(base_classifier, calibration=calibration, min_confidence=0.5)
    assert_answers_alike(model, session(model), [article.text for article in base_articles] + ["xyzzy"])


def test_a_label_that_needs_more_confidence_than_others_is_told(session, base_classifier, base_articles):
    """Regression (a promise for one label left behind): the graph answered where the model does not."""
    texts = [article.text for article in base_articles]
    sport = sorted(p.probability for p in base_classifier.predict(texts) if p.label == "sport")
    needed = (sport[3] + sport[4]) / 2
    model = replace(base_classifier, min_label_confidence={"sport": needed})
    assert sum(p.abstained for p in model.predict(texts)) == 4
    assert_answers_alike(model, session(model), texts)


def test_several_labels_of_which_one_cannot_be_promised(session, multilabel_classifier, multilabel_articles):
    texts = [article.text for article in multilabel_articles]
    label = multilabel_classifier.classes_[0]
    got = sum(label in p.labels for p in multilabel_classifier.predict(texts))
    model = replace(multilabel_classifier, min_label_confidence={label: 2.0})
    assert sum(p.abstained for p in model.predict(texts)) >= got > 0
    assert_answers_alike(model, session(model), texts)


def test_a_sure_text_gets_the_label_with_the_higher_score(session, base_classifier):
    """In float32 two probabilities may both be 1; the label is that of the higher score all the same."""
    calibration = Calibration(np.full(3, 1e6), np.full(3, 1e7), multilabel=False, power=1.0)
    found = session(replace(base_classifier, calibration=calibration))(["The cup final in rain", "bank rate"])
    assert np.ptp(found["probabilities"]) == 0
    assert found["label"].tolist() == ["sport", "economy"]


def test_titles_stand_before_texts(session, base_classifier):
    article = Article("The bank cut its rate.", title="Rain")
    scores = session(base_classifier)([article.full_text])["scores"]
    np.testing.assert_allclose(scores, base_classifier.decision_function([article]), rtol=1e-5, atol=1e-5)


def test_a_word_of_other_letters_is_found_as_it_is_written(session, base_articles):
    articles = [*base_articles, *[Article("The café closed", labels=("economy",))] * 3]
    model = trained(articles, FeatureSettings())
    found = session(model)(["café café", "CAFÉ"])
    np.testing.assert_allclose(found["scores"][:1], model.decision_function(["café"]), rtol=1e-5, atol=1e-5)
    assert found["abstained"].tolist() == [False, True]


def test_labels_are_named_in_the_metadata(runtime, base_classifier, multilabel_classifier):
    for model in (base_classifier, multilabel_classifier):
        content = to_onnx(model).SerializeToString()
        told = runtime.InferenceSession(content).get_modelmeta().custom_metadata_map
        assert json.loads(told["classes"]) == list(model.classes_)
        assert told["target_type"] == model.target_type


def test_the_same_model_gives_the_same_bytes(runtime, base_classifier, tmp_path):
    for name in ("a.onnx", "b.onnx"):
        export_model(base_classifier, tmp_path / name, to="onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    assert runtime.InferenceSession(tmp_path / "a.onnx").get_inputs()[0].name == "text"


@pytest.mark.parametrize(
    ("features", "named"),
    [
        (FeatureSettings(title_weight=3), r"title_weight is 3, .* train with title_weight=1"),
        (
            FeatureSettings(char_ngram_range=(2, 4)),
            r"min_token_length is 2 and char_ngram_range begins with 2.*min_token_length=1",
        ),
    ],
)
def test_settings_that_cannot_be_told_are_named(base_articles, features, named):
    with pytest.raises(UnexportableError, match=named):
        to_onnx(trained(base_articles, features))


@pytest.mark.parametrize("letters", ["大雨", "Дождь", "pluie d'été"])
def test_languages_that_are_read_in_another_way_are_refused(base_articles, letters):
    articles = [
        replace(article, text=" ".join(f"{letters}{number} {letters}" for number in range(k, k + 5)))
        for k, article in enumerate(base_articles)
    ]
    with pytest.raises(UnexportableError, match=r"terms have letters beyond ASCII, such as .*10% of them"):
        to_onnx(trained(articles, FeatureSettings()))


def test_a_model_without_its_terms_is_refused(base_classifier):
    vectorizer = replace(base_classifier.vectorizer, terms=TermStrings.pack([]))
    with pytest.raises(UnexportableError, match=r"does not store the spelling of its terms"):
        to_onnx(replace(base_classifier, vectorizer=vectorizer))


def test_terms_of_scripts_without_spaces_are_left_out(session, base_articles):
    """Such characters are written together in a bigram, which the graph would take for one word."""
    articles = [*base_articles, *[Article("大雨 rain", labels=("weather",))] * 3]
    model = trained(articles, FeatureSettings())
    assert "大雨" in term_strings([article.text for article in articles], model.vectorizer)[0]
    found = session(model)(["大雨"])
    assert (found["abstained"].tolist(), found["exact"].tolist()) == ([True], [False])


def test_a_model_without_one_of_its_kinds_is_refused(base_articles):
    model = trained(base_articles, FeatureSettings(char_ngram_range=(3, 4)))
    own = model.vectorizer
    pieces = np.flatnonzero(own.hashes & PIECE_BIT)
    terms = TermStrings.pack(own.terms[term] for term in pieces)
    vectorizer = replace(own, hashes=own.hashes[pieces], idf=own.idf[pieces], terms=terms)
    with pytest.raises(UnexportableError, match=r"has no words, or no pieces of words"):
        to_onnx(replace(model, vectorizer=vectorizer, coefficients=Coefficients(model.coef[pieces])))


@pytest.fixture
def graph():
    pytest.importorskip("onnx")
    return Graph(onnx_library())


def test_a_graph_runs(graph):
    runtime = pytest.importorskip("onnxruntime")
    doubled = graph.add("Mul", "x", graph.number([2, 3]))
    graph.add("ReduceSum", doubled, graph.integers(1), name="sum", keepdims=0)
    graph.add("Expand", graph.strings("rain"), graph.integers(2), name="words")
    made = graph.finished(NUMBERS, {"sum": ("FLOAT", ["n"]), "words": ("STRING", [2])})
    session = runtime.InferenceSession(made.SerializeToString())
    total, words = session.run(None, {"x": np.array([[1, 1], [0, 5]], np.float32)})
    assert (total.tolist(), words.tolist()) == ([5.0, 15.0], ["rain", "rain"])


def test_a_graph_without_one_of_its_outputs_is_no_graph(graph):
    graph.add("Neg", "x", name="y")
    with pytest.raises(graph.onnx.checker.ValidationError, match=r"'z' is not an output of any node"):
        graph.finished(NUMBERS, {"z": ("FLOAT", ["n", 2])})


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'topicml\[onnx\]'"):
        onnx_library()
