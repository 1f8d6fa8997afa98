"""Models as scikit-learn pipelines, with the model beside them."""

from __future__ import annotations

from dataclasses import replace

import joblib
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import get_scorer
from sklearn.preprocessing import MultiLabelBinarizer

from topicml.article import Article
from topicml.exceptions import TopicmlError, TopicmlTypeError, TopicmlValueError
from topicml.interop.pipeline import export_model, to_sklearn
from topicml.model.feature_settings import FeatureSettings
from topicml.predict import load_model
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

NEWS = st.lists(st.sampled_from(["Rain", "cup final", "bank rate cut", "raining", "大雨", "e\u0301", "\x1e"]))
ANY_TEXT = st.one_of(NEWS.map(" ".join), st.text(st.characters(exclude_categories=[])))
ANY_ARTICLE = st.builds(Article, ANY_TEXT, title=ANY_TEXT)

FEATURES = {
    "words": FeatureSettings(),
    "pieces": FeatureSettings(ngram_range=None, char_ngram_range=(2, 4)),
    "both, titles thrice": FeatureSettings(char_ngram_range=(3, 5), title_weight=3, sublinear_tf=False),
}


@pytest.fixture(
    scope="module",
    params=[("words", False), ("words", True), ("pieces", True), ("both, titles thrice", False)],
    ids=str,
)
def model(request, base_articles, multilabel_articles):
    """A model of each kind of features and of targets."""
    kind, several = request.param
    articles = multilabel_articles if several else base_articles
    how = TrainingSettings(features=FEATURES[kind], search="none", n_folds=2)
    return train(articles, settings=how, n_jobs=1).classifier


@pytest.fixture(scope="module")
def two_label_model(base_articles):
    how = TrainingSettings(search="none", n_folds=2)
    return train(base_articles[:16], settings=how, n_jobs=1).classifier


def indicator(model, texts):
    """Return what the model assigns, as scikit-learn writes several labels."""
    labels = [prediction.labels for prediction in model.predict(texts)]
    return MultiLabelBinarizer(classes=model.classes_).fit([()]).transform(labels)


def assert_predicts_the_same(pipeline, model, texts):
    probabilities = model.predict_proba(texts)
    assert np.array_equal(pipeline.decision_function(texts), model.decision_function(texts))
    assert np.array_equal(pipeline.predict_proba(texts), probabilities)
    if model.multilabel:
        assert np.array_equal(pipeline.predict(texts), indicator(model, texts))
    else:
        best = [model.classes_[k] for k in probabilities.argmax(axis=1)]
        assert pipeline.predict(texts).tolist() == best


@settings(max_examples=30)
@given(st.lists(st.one_of(ANY_TEXT, ANY_ARTICLE), max_size=6))
@example(["Rain stopped the cup final", "", "xyzzy"])
@example([Article("The bank cut its rate.", title="Rain")])
def test_any_text_is_predicted_as_by_the_model(model, texts):
    assert_predicts_the_same(to_sklearn(model), model, texts)


@pytest.mark.parametrize(("min_confidence", "labels"), [(0.0, 3), (1.0, 0)])
def test_no_label_where_a_multilabel_model_abstains(multilabel_classifier, min_confidence, labels):
    """Where every threshold is reached, only abstaining leaves a text without labels."""
    model = replace(multilabel_classifier, thresholds=np.zeros(3), min_confidence=min_confidence)
    found = to_sklearn(model).predict(["Rain in the cup final", "xyzzy"])
    assert found.sum(axis=1).tolist() == [labels, 0]
    assert np.array_equal(found, indicator(model, ["Rain in the cup final", "xyzzy"]))


def test_no_label_where_one_of_them_cannot_be_promised(multilabel_classifier):
    bars = {multilabel_classifier.classes_[0]: 2.0}
    model = replace(multilabel_classifier, thresholds=np.zeros(3), min_label_confidence=bars)
    texts = ["Rain in the cup final", "xyzzy"]
    assert np.array_equal(to_sklearn(model).predict(texts), indicator(model, texts))
    assert to_sklearn(model).predict(texts).sum() == 0


def test_pieces_alone_make_no_text_known_where_there_are_words(multilabel_articles):
    how = TrainingSettings(features=FeatureSettings(char_ngram_range=(3, 4)), search="none", n_folds=2)
    trained = train(multilabel_articles, settings=how, n_jobs=1).classifier
    model = replace(trained, thresholds=np.zeros(3))
    texts = ["rainrain footballs", "rain"]
    assert [prediction.reason for prediction in model.predict(texts)] == ["no_known_terms", None]
    assert to_sklearn(model)["terms"].transform(texts).toarray().any(axis=1).all()
    assert to_sklearn(model).predict(texts).sum(axis=1).tolist() == [0, 3]


def test_scores_of_two_labels_are_the_second_ones(two_label_model, base_articles):
    pipeline = to_sklearn(two_label_model)
    scores, by_label = (
        pipeline.decision_function(base_articles),
        two_label_model.decision_function(base_articles),
    )
    assert scores == pytest.approx(by_label[:, 1], abs=1e-6)
    assert np.array_equal(scores > 0, pipeline.predict(base_articles) == pipeline.classes_[1])


def test_a_saved_pipeline_predicts_the_same(model, base_articles, tmp_path):
    export_model(model, tmp_path / "a.joblib", to="sklearn")
    assert_predicts_the_same(joblib.load(tmp_path / "a.joblib"), model, base_articles)


def test_the_same_model_gives_the_same_bytes(base_model_path, tmp_path):
    for name in ("a", "b"):
        model = load_model(base_model_path)
        model.predict("Rain" * (name == "b"))  # which leaves indices behind that are no part of a model
        export_model(model, tmp_path / name, to="sklearn")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_pipeline_outlives_the_folder_of_its_model(base_model_path):
    pipeline = to_sklearn(load_model(base_model_path))
    arrays = [pipeline["decision"].coef_, *vars(pipeline["terms"].vectorizer_).values()]
    assert not [array for array in arrays if isinstance(array, np.memmap)]


def test_columns_have_the_names_of_their_terms(base_classifier):
    pipeline = to_sklearn(base_classifier)
    coef = dict(
        zip(pipeline[:-1].get_feature_names_out(), pipeline["decision"].coef_[1].tolist(), strict=True)
    )
    assert [(term, coef[term]) for term, _ in base_classifier.top_terms("sport", 3)] == list(
        base_classifier.top_terms("sport", 3)
    )


def test_scikit_learns_tools_take_it(base_classifier, base_articles):
    texts = [article.text for article in base_articles]
    labels = [article.labels[0] for article in base_articles]
    frozen = FrozenEstimator(to_sklearn(base_classifier)).fit(texts, labels)
    for measure in ("accuracy", "f1_macro", "neg_log_loss", "roc_auc_ovr"):
        assert np.isfinite(get_scorer(measure)(frozen, texts, labels))


def test_it_does_not_learn(base_classifier):
    with pytest.raises(TopicmlError, match=r"does not learn: train with topicml.TopicClassifier"):
        to_sklearn(base_classifier).fit(["Rain"], ["weather"])


def test_a_clone_is_not_fitted(base_classifier):
    with pytest.raises(NotFittedError):
        clone(to_sklearn(base_classifier)).predict(["Rain"])


@pytest.mark.parametrize("texts", ["Rain", Article("Rain"), [b"Rain"], [None], 3])
def test_what_is_no_list_of_texts_is_refused(base_classifier, texts):
    with pytest.raises(TopicmlTypeError, match=r"expected .*, found "):
        to_sklearn(base_classifier).predict(texts)


def test_rows_of_another_width_are_refused(base_classifier):
    with pytest.raises(ValueError, match=r"has 2 features, but LinearDecision is expecting"):
        to_sklearn(base_classifier)["decision"].predict(np.ones((1, 2)))


def test_dense_rows_are_taken(base_classifier, base_articles):
    pipeline = to_sklearn(base_classifier)
    rows = pipeline["terms"].transform(base_articles)
    dense = pipeline["decision"].decision_function(rows.toarray())
    assert dense == pytest.approx(pipeline.decision_function(base_articles), abs=1e-6)


def test_an_unknown_format_is_refused(base_classifier, tmp_path):
    with pytest.raises(TopicmlValueError, match=r"to must be 'sklearn' or 'onnx', found 'pmml'"):
        export_model(base_classifier, tmp_path / "a", to="pmml")


@pytest.mark.parametrize("place", ["", "none/a.joblib"])
def test_a_file_that_cannot_be_written_is_named(base_classifier, tmp_path, place):
    with pytest.raises(TopicmlError, match=r"cannot write "):
        export_model(base_classifier, tmp_path / place, to="sklearn")
    assert list(tmp_path.iterdir()) == []
