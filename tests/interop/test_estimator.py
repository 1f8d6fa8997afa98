from __future__ import annotations

import json
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.exceptions import SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator
from sklearn.utils.validation import check_is_fitted, validate_data

from topicml.article import Article
from topicml.exceptions import CorpusError, NotFittedError, TopicmlTypeError, TopicmlValueError
from topicml.interop.estimator import TopicClassifier
from topicml.model.feature_settings import FeatureSettings
from topicml.model.persistence import save_classifier
from topicml.predict import load_model
from topicml.training.settings import SolverSettings, TrainingSettings
from topicml.training.train import train

NO_PARAMETERS = {
    "fold_dotted_i": "the articles say it",
    "features": "its fields are parameters",
    "solver": "its fields are parameters",
    "target_type": "y says it",
    "labels": "y says them",
    "min_articles": "classes_ are those of y",
    "max_iter": "scikit-learn wants n_iter_ of whoever has it, and a model is many fits",
}
UNKNOWN = "Zyzzyva quokka."  # no word of the corpora


class OnNumbers(TopicClassifier):
    """Writes rows of numbers as texts: scikit-learn's checks know no others, and skip who takes none."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = False, True
        return tags

    def fit(self, X, y):
        return super().fit(as_words(validate_data(self, X)), y)

    def predict(self, X):
        return super().predict(self._words(X))

    def predict_proba(self, X):
        return super().predict_proba(self._words(X))

    def decision_function(self, X):
        return super().decision_function(self._words(X))

    def score(self, X, y, sample_weight=None):
        return super().score(self._words(X), y, sample_weight=sample_weight)

    def _words(self, X):
        """Return texts, also of texts: the methods of the parent call each other."""
        if isinstance(X, list) and X and isinstance(X[0], str):
            return X
        self._fitted()
        return as_words(validate_data(self, X, reset=False))


def as_words(X):
    """Return a text for each row, with one word for each column and half of a unit."""
    return [
        " ".join(f"x{column}{'pm'[int(value < 0)]}{int(abs(value) * 2)}" for column, value in enumerate(row))
        for row in X
    ]


@pytest.mark.parametrize(  # not by parametrize_with_checks, whose generator pytest 9 warns of before 1.7
    ("estimator", "check"),
    list(estimator_checks_generator(OnNumbers(n_jobs=1))),
    ids=lambda value: getattr(getattr(value, "func", value), "__name__", ""),
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_scikit_learns_checks_of_what_takes_texts_are_these_few():
    """It clones and has valid tags; the rest is skipped, so that the class above stands in for it."""
    with pytest.warns(SkipTestWarning, match="Can't test estimator TopicClassifier"):
        check_estimator(TopicClassifier(n_jobs=1))


@pytest.fixture(scope="module")
def texts(base_articles):
    return [article.text for article in base_articles]


@pytest.fixture(scope="module")
def labels(base_articles):
    return [article.labels[0] for article in base_articles]


@pytest.fixture(scope="module")
def fitted(texts, labels):
    return TopicClassifier(n_jobs=1).fit(texts, labels)


@pytest.fixture(scope="module")
def tagged(multilabel_articles):
    """Texts, lists of labels, and the same as an indicator matrix."""
    lists = [article.labels for article in multilabel_articles]
    return (
        [article.text for article in multilabel_articles],
        lists,
        MultiLabelBinarizer().fit_transform(lists),
    )


class TestParameters:
    @pytest.mark.parametrize("settings", [TrainingSettings, FeatureSettings, SolverSettings])
    def test_they_are_the_settings_with_their_defaults(self, settings):
        parameters = TopicClassifier().get_params()
        for field in fields(settings):
            if field.name not in NO_PARAMETERS:
                assert parameters[field.name] == getattr(settings(), field.name), field.name

    def test_what_is_no_parameter_is_a_setting(self):
        known = {f.name for s in (TrainingSettings, FeatureSettings, SolverSettings) for f in fields(s)}
        assert set(NO_PARAMETERS) <= known
        assert set(TopicClassifier().get_params()) - known == {"n_jobs"}

    def test_each_reaches_training(self, texts, labels):
        changed = {
            "ngram_range": (1, 1),
            "char_ngram_range": (3, 3),
            "min_token_length": 3,
            "max_terms": 40,
            "stop_words": ("the",),
            "C": 2.0,
            "n_folds": 3,
            "class_weight": "balanced",
            "search": "none",
            "measure": "accuracy",
            "min_precision": (("sport", 0.9),),
            "allow_unkept": True,
            "random_state": 7,
            "fingerprints": False,
        }
        fitted = TopicClassifier(n_jobs=1, **changed).fit(texts, labels)
        settings = fitted.result_.settings
        assert fitted.model_.fingerprints is None
        assert settings == TrainingSettings(
            target_type="multiclass",
            features=FeatureSettings(ngram_range=(1, 1), char_ngram_range=(3, 3), min_token_length=3),
            solver=SolverSettings(C=2.0, class_weight="balanced"),
            search="none",
            measure="accuracy",
            min_precision=(("sport", 0.9),),
            allow_unkept=True,
            max_terms=40,
            stop_words=("the",),
            n_folds=3,
            random_state=7,
            fingerprints=False,
        )

    def test_class_weight_is_by_label(self, texts, labels):
        """Regression (a number taken for the place of a label): {0: 50} weighed the first label."""
        fitted = TopicClassifier(class_weight={"sport": 5.0}, search="none", n_jobs=1).fit(texts, labels)
        assert fitted.result_.settings.solver.class_weight == (("sport", 5.0),)
        even = TopicClassifier(search="none", n_jobs=1).fit(texts, labels)
        sport = list(fitted.classes_).index("sport")
        assert fitted.model_.intercept[sport] != even.model_.intercept[sport]
        with pytest.raises(TopicmlValueError, match="class_weight names labels that no article has: '0'"):
            TopicClassifier(class_weight={0: 50}, n_jobs=1).fit(texts, labels)

    def test_class_weight_of_labels_that_are_numbers_is_by_these(self, texts, labels):
        numbers = [10 if label == "sport" else 9 for label in labels]
        fitted = TopicClassifier(class_weight={10: 2.0}, search="none", n_jobs=1).fit(texts, numbers)
        assert fitted.result_.settings.solver.class_weight == (("10", 2.0),)

    def test_they_go_by_name_only(self):
        with pytest.raises(TypeError, match="positional argument"):
            TopicClassifier((1, 1))

    def test_an_impossible_one_is_an_error_of_fit(self, texts, labels):
        classifier = TopicClassifier(max_terms=0)
        with pytest.raises(TopicmlValueError, match="max_terms must be 1 or more, found 0"):
            classifier.fit(texts, labels)

    @pytest.mark.parametrize("random_state", [None, True, np.random.RandomState(0)])
    def test_the_seed_is_a_number(self, random_state, texts, labels):
        with pytest.raises(TopicmlTypeError, match="random_state must be an int"):
            TopicClassifier(random_state=random_state).fit(texts, labels)

    @pytest.mark.parametrize(
        "parameters",
        [
            {"max_terms": np.int64(40)},
            {"C": np.float32(0.5)},
            {"sublinear_tf": np.array([False])[0]},
            {"random_state": np.int32(3)},
            {"ngram_range": [1, 1]},
            {"stop_words": ["the"]},
        ],
    )
    def test_what_searches_and_files_give_can_be_saved(self, parameters, texts, labels, tmp_path):
        """Values of NumPy's types and lists, which a model's JSON cannot hold or settings do not expect."""
        classifier = TopicClassifier(n_jobs=1, **parameters).fit(texts, labels)
        save_classifier(classifier.model_, tmp_path / "model")
        (name,) = parameters
        assert getattr(classifier, name) is parameters[name]
        hash(classifier.result_.settings)
        json.dumps(dict(load_model(tmp_path / "model").provenance))


class TestOneLabelEach:
    def test_it_answers_as_what_train_trains(self, base_articles, base_classifier, fitted, texts):
        assert fitted.predict(texts).tolist() == [p.label for p in base_classifier.predict(texts)]
        assert fitted.predict_proba(texts).tolist() == base_classifier.predict_proba(texts).tolist()
        assert fitted.result_.scores == train(base_articles, n_jobs=1).scores

    def test_classes_are_sorted_and_of_the_type_of_y(self, fitted, labels):
        assert fitted.classes_.tolist() == ["economy", "sport", "weather"]
        assert fitted.classes_.dtype == fitted.predict(["Rain"]).dtype == np.array(labels).dtype

    @pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint16, np.float64])
    def test_numbers_come_back_and_columns_are_in_their_order(self, dtype, texts, labels, fitted):
        """As text, by which the model sorts its labels, 10 comes before 9, and 100 before both."""
        numbers = {"economy": 9, "sport": 10, "weather": 100}
        y = np.array([numbers[label] for label in labels], dtype)
        classifier = TopicClassifier(n_jobs=1).fit(texts, y)
        assert classifier.classes_.tolist() == [9, 10, 100]
        assert classifier.predict(texts).dtype == dtype
        assert classifier.predict(texts).tolist() == [numbers[label] for label in fitted.predict(texts)]
        assert classifier.predict_proba(texts) == pytest.approx(fitted.predict_proba(texts), abs=1e-2)
        assert classifier.decision_function(texts) == pytest.approx(fitted.decision_function(texts), abs=0.05)

    def test_bools_come_back(self, texts, labels):
        y = np.array(labels) == "sport"
        predicted = TopicClassifier(n_jobs=1).fit(texts, y).predict(texts)
        assert predicted.dtype == bool
        assert predicted.tolist() == y.tolist()

    def test_two_classes_have_one_score_above_0_where_the_second_is_predicted(self, texts, labels):
        y = [label if label == "sport" else "other" for label in labels]
        classifier = TopicClassifier(n_jobs=1).fit(texts, y)
        scores = classifier.decision_function([*texts, UNKNOWN])
        assert scores.shape == (25,)
        assert scores == pytest.approx(classifier.model_.decision_function([*texts, UNKNOWN])[:, 1])
        assert (scores > 0).tolist() == (classifier.predict([*texts, UNKNOWN]) == "sport").tolist()
        assert classifier.predict_proba(texts).shape == (24, 2)

    def test_a_text_without_known_terms_gets_the_most_probable_label(self, fitted):
        assert fitted.model_.predict(UNKNOWN).abstained
        best = fitted.classes_[fitted.predict_proba([UNKNOWN]).argmax()]
        assert fitted.predict([UNKNOWN]).tolist() == [best]

    def test_score_is_accuracy(self, fitted, texts):
        assert fitted.score(texts[:4], ["sport", "sport", "sport", "weather"]) == 0.75
        weighted = fitted.score(texts[:2], ["sport", "weather"], sample_weight=[3, 1])
        assert weighted == 0.75

    def test_nothing_in_is_nothing_out(self, fitted):
        assert fitted.predict([]).shape == (0,)
        assert fitted.predict_proba([]).shape == (0, 3)


class TestSeveralLabels:
    def test_an_indicator_matrix_comes_back(self, tagged, multilabel_classifier):
        texts, _, Y = tagged
        classifier = TopicClassifier(n_jobs=1).fit(texts, Y)
        expected = MultiLabelBinarizer().fit_transform(
            [p.labels for p in multilabel_classifier.predict(texts)]
        )
        assert classifier.classes_.tolist() == [0, 1, 2]
        assert classifier.predict(texts).tolist() == expected.tolist()
        assert classifier.predict_proba(texts) == pytest.approx(multilabel_classifier.predict_proba(texts))
        assert classifier.decision_function(texts).shape == (30, 3)
        assert classifier.score(texts, Y) == (expected == Y).all(axis=1).mean()

    @pytest.mark.parametrize("dtype", [bool, np.int8, np.float64])
    def test_it_comes_back_in_its_type(self, dtype, tagged):
        texts, _, Y = tagged
        assert TopicClassifier(n_jobs=1).fit(texts, Y.astype(dtype)).predict(texts).dtype == dtype

    @pytest.mark.parametrize("form", [np.ndarray.tolist, csr_array])
    def test_other_forms_of_it_mean_the_same(self, form, tagged):
        texts, _, Y = tagged
        plain, other = (TopicClassifier(n_jobs=1).fit(texts, y).predict(texts) for y in (Y, form(Y)))
        assert plain.tolist() == other.tolist()

    def test_a_column_without_1_is_never_predicted(self, tagged):
        texts, _, Y = tagged
        classifier = TopicClassifier(n_jobs=1).fit(texts, np.insert(Y, 1, 0, axis=1))
        plain = TopicClassifier(n_jobs=1).fit(texts, Y)
        for method, absent in (("predict", 0), ("predict_proba", 0), ("decision_function", -1)):
            found, expected = (getattr(c, method)(texts) for c in (classifier, plain))
            assert (found[:, 1] == absent).all()
            assert np.delete(found, 1, axis=1) == pytest.approx(expected)

    def test_more_than_ten_columns_keep_their_order(self, tagged):
        """As text, column 10 comes before column 2."""
        texts, _, Y = tagged
        wide = np.zeros((len(texts), 12), int)
        wide[:, [2, 10, 11]] = Y
        plain, classifier = (TopicClassifier(n_jobs=1).fit(texts, y) for y in (Y, wide))
        assert classifier.predict(texts)[:, [2, 10, 11]].tolist() == plain.predict(texts).tolist()

    def test_lists_of_labels_come_back(self, tagged, multilabel_classifier):
        texts, lists, _ = tagged
        classifier = TopicClassifier(n_jobs=1).fit(texts, lists)
        predicted = classifier.predict([*texts, UNKNOWN])
        assert classifier.classes_.tolist() == ["economy", "sport", "weather"]
        assert predicted == [
            tuple(sorted(p.labels)) for p in multilabel_classifier.predict([*texts, UNKNOWN])
        ]
        assert predicted[-1] == ()

    def test_score_of_lists_is_the_share_that_is_right_whatever_the_order(self, tagged):
        texts, lists, _ = tagged
        classifier = TopicClassifier(n_jobs=1).fit(texts, lists)
        right = [labels[::-1] for labels in classifier.predict(texts)]
        assert classifier.score(texts, right) == 1
        assert classifier.score(texts, [["art"], *right[1:]]) == pytest.approx(29 / 30)
        assert classifier.score(texts[:2], [["art"], right[1]], sample_weight=[1, 3]) == 0.75

    def test_score_of_lists_wants_as_many_as_texts(self, tagged):
        texts, lists, _ = tagged
        classifier = TopicClassifier(n_jobs=1).fit(texts, lists)
        with pytest.raises(TopicmlValueError, match="30 texts, labels for 29"):
            classifier.score(texts, lists[1:])


class TestInput:
    @pytest.mark.parametrize("form", [tuple, iter, np.array, lambda x: np.array(x, object)])
    def test_forms_of_x(self, form, fitted, texts, labels):
        classifier = TopicClassifier(n_jobs=1).fit(form(texts), labels)
        assert classifier.predict_proba(form(texts)).tolist() == fitted.predict_proba(texts).tolist()

    @pytest.mark.parametrize("library", ["polars", "pandas"])
    def test_columns_of_a_table(self, library, fitted, texts, labels):
        module = pytest.importorskip(library, reason=f"{library} is not installed")
        frame = module.DataFrame({"text": texts, "section": labels})
        classifier = TopicClassifier(n_jobs=1).fit(frame["text"], frame["section"])
        assert classifier.predict(frame["text"]).tolist() == fitted.predict(texts).tolist()
        with pytest.raises(TopicmlTypeError, match="pass the column that holds them"):
            classifier.predict(frame)

    def test_articles_keep_their_titles_and_lose_their_labels(self, base_articles, labels):
        articles = [replace(a, title=a.text, text="Nothing.", labels=("old",)) for a in base_articles]
        found = TopicClassifier(n_jobs=1).fit(articles, labels)
        expected = train([replace(a, labels=(y,)) for a, y in zip(articles, labels, strict=True)], n_jobs=1)
        assert found.predict_proba(articles).tolist() == expected.classifier.predict_proba(articles).tolist()

    @pytest.mark.parametrize("X", ["Rain tonight", Article("Rain tonight")])
    def test_one_text_is_no_list_of_texts(self, X, fitted):
        for call in (fitted.predict, fitted.predict_proba, lambda x: fitted.fit(x, ["a"])):
            with pytest.raises(
                TopicmlTypeError, match=r"expected an iterable of texts, found one .*write \[text\]"
            ):
                call(X)

    @pytest.mark.parametrize("wrong", [None, 3, float("nan"), b"Rain", ["Rain"]])
    def test_what_is_no_text_is_named_by_position(self, wrong, fitted, texts, labels):
        for call in (fitted.predict, lambda X: TopicClassifier().fit(X, labels)):
            with pytest.raises(TopicmlTypeError, match="expected text or an Article at position 1, found"):
                call([texts[0], wrong, *texts[2:]])

    def test_a_matrix_is_refused(self, labels):
        with pytest.raises(TopicmlTypeError, match="at position 0, found ndarray"):
            TopicClassifier().fit(np.zeros((24, 2)), labels)

    def test_lengths_must_agree(self, texts, labels):
        with pytest.raises(TopicmlValueError, match="24 texts, labels for 23"):
            TopicClassifier().fit(texts, labels[1:])

    def test_no_articles(self):
        with pytest.raises(CorpusError, match="no articles to train on"):
            TopicClassifier().fit([], [])

    def test_weights_are_refused_by_the_signature(self, texts, labels):
        with pytest.raises(TypeError, match="unexpected keyword argument 'sample_weight'"):
            TopicClassifier().fit(texts, labels, sample_weight=np.ones(24))


class TestConventions:
    @pytest.mark.parametrize("error", [NotFittedError, SklearnNotFittedError])
    @pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
    def test_before_fit(self, method, error):
        with pytest.raises(error, match=r"call fit\(X, y\) first"):
            getattr(TopicClassifier(), method)(["Rain"])

    def test_score_before_fit(self):
        with pytest.raises(NotFittedError, match=r"call fit\(X, y\) first"):
            TopicClassifier().score(["Rain"], ["weather"])

    def test_check_is_fitted_knows(self, fitted):
        check_is_fitted(fitted)
        with pytest.raises(SklearnNotFittedError, match="not fitted yet"):
            check_is_fitted(TopicClassifier())

    def test_tags(self):
        tags = get_tags(TopicClassifier())
        assert is_classifier(TopicClassifier())
        assert tags.input_tags.string
        assert not tags.input_tags.two_d_array
        assert tags.classifier_tags.multi_label
        assert tags.target_tags.required

    def test_a_clone_has_the_parameters_and_no_model(self, fitted):
        copy = clone(fitted.set_params(C=1.0))
        assert copy.get_params() == fitted.get_params()
        assert not hasattr(copy, "model_")

    def test_repr_names_what_was_changed(self):
        assert repr(TopicClassifier(C=2.0)) == "TopicClassifier(C=2.0)"

    def test_pickle(self, fitted, texts):
        again = pickle.loads(pickle.dumps(fitted))
        assert again.predict_proba(texts).tolist() == fitted.predict_proba(texts).tolist()

    def test_the_model_can_be_saved(self, fitted, texts, tmp_path):
        save_classifier(fitted.model_, tmp_path / "model")
        labels = [p.label for p in load_model(tmp_path / "model").predict(texts)]
        assert labels == fitted.predict(texts).tolist()


class TestInScikitLearn:
    def test_cross_val_score(self, texts, labels):
        scores = cross_val_score(TopicClassifier(n_jobs=1), texts, labels, cv=4)
        assert scores.mean() > 0.6

    def test_cross_val_score_by_probability(self, texts, labels):
        y = np.array(labels) == "sport"
        scores = cross_val_score(TopicClassifier(n_jobs=1), texts, y, cv=2, scoring="roc_auc")
        assert scores.mean() > 0.8

    def test_cross_val_score_of_an_indicator_matrix(self, tagged):
        texts, _, Y = tagged
        scores = cross_val_score(TopicClassifier(n_jobs=1), texts, Y, cv=2, scoring="f1_micro")
        assert np.isfinite(scores).all()

    def test_a_grid_in_a_pipeline(self, texts, labels):
        pipeline = Pipeline(
            [("shout", FunctionTransformer(upper_case)), ("classifier", TopicClassifier(n_jobs=1))]
        )
        grid = {"classifier__max_terms": np.array([1, 200]), "classifier__C": [1.0]}
        search = GridSearchCV(pipeline, grid, cv=2).fit(texts, labels)
        assert search.best_params_["classifier__max_terms"] == 200
        assert search.predict(["Heavy rain and wind"]).tolist() == ["weather"]
        assert search.classes_.tolist() == ["economy", "sport", "weather"]


def upper_case(texts):
    return [text.upper() for text in texts]
