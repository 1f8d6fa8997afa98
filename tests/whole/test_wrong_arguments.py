"""What a caller passes by mistake is refused by an error of the family, which says what is expected."""

from __future__ import annotations

import os
from functools import partial

import numpy as np
import pytest

import topicml
from topicml.exceptions import TopicmlTypeError
from topicml.model.feature_settings import FeatureSettings

MODEL = "the result of train or load_model, or a fitted TopicClassifier; found int"
WRONG = {
    "model of a report": (lambda ev: topicml.write_report(ev, "r.html", model=5), MODEL),
    "model to export": (lambda _: topicml.export_model(5, "m.onnx", to="onnx"), MODEL),
    "model to ONNX": (lambda _: topicml.to_onnx(5), MODEL),
    "model to scikit-learn": (lambda _: topicml.to_sklearn(5), MODEL),
    "model to save": (lambda _: topicml.save_model(5, "desk"), MODEL),
    "evaluation": (lambda _: topicml.write_report(5, "r.html"), "expected the result of evaluate, found int"),
    "folder to load": (lambda _: topicml.load_model(5), "expected a path, as str or Path, found 5"),
    "folder to retrain": (lambda _: topicml.retrain(5, []), "expected a path, as str or Path, found 5"),
    "folder to undo": (lambda _: topicml.bring_back(5), "expected a path, as str or Path, found 5"),
    "path of a report": (lambda ev: topicml.write_report(ev, 5), "expected a path, as str or Path, found 5"),
    "pages": (lambda _: topicml.read_pages(5), "expected a path, as str or Path, found 5"),
    "file": (lambda _: topicml.read_corpus(5), "expected a path or a binary file, found int"),
    "bytes": (lambda _: topicml.read_corpus(b"a"), "expected a path or a binary file, found bytes"),
    "list of files": (
        lambda _: topicml.read_corpus(["a.jsonl"]),
        "expected a path or a binary file, found list",
    ),
    "frame": (
        lambda _: topicml.read_corpus(pytest.importorskip("polars").DataFrame({"text": ["Rain"]})),
        "found DataFrame; for a data frame or lists use topicml.Corpus.from_frame",
    ),
    "settings": (
        lambda _: topicml.train(["a"], ["b"], settings={"max_terms": 10}),
        r"settings must be TrainingSettings, found dict: write settings=TrainingSettings\(max_terms=10\)",
    ),
    "misspelt setting": (
        lambda _: topicml.TrainingSettings(max_term=3),
        r"TrainingSettings has no field 'max_term'; did you mean 'max_terms'\?",
    ),
    "misspelt field of a task": (lambda _: topicml.Task("a", titel="b"), r"did you mean 'title'\?"),
    "misspelt field of a decision": (
        lambda _: topicml.Decision("keep", lables=()),
        r"did you mean 'labels'\?",
    ),
    "label of a decision": (
        lambda _: topicml.Decision("label", "sport"),
        r"labels must be a tuple of str, found the str 'sport': write \('sport',\)",
    ),
    "file of decisions": (lambda _: topicml.read_decisions(5), "expected a path, as str or Path, found 5"),
    "decisions": (
        lambda _: topicml.relabel([], "done.csv"),
        "expected a Decision, found str; read them from files with topicml.read_decisions",
    ),
    "tasks": (lambda _: topicml.write_tasks(os.devnull, ["Rain"]), "expected a Task, found str; make one"),
    "path of tasks": (lambda _: topicml.write_tasks(5, []), "expected a path, as str or Path, found 5"),
    "corpus to write": (
        lambda _: topicml.write_corpus([], "a.csv"),
        "expected a Corpus, found list; make one",
    ),
    "misspelt option": (lambda _: topicml.ReadOptions(text_colum="a"), r"did you mean 'text_column'\?"),
}


@pytest.fixture(scope="module")
def evaluation(base_classifier, base_articles):
    return topicml.evaluate(base_classifier, base_articles, n_resamples=10)


@pytest.mark.parametrize("name", WRONG)
def test_it_is_refused_in_words(name, evaluation):
    work, message = WRONG[name]
    with pytest.raises(TopicmlTypeError, match=message):
        work(evaluation)


@pytest.mark.parametrize(
    "work",
    [
        topicml.train,
        partial(topicml.learning_curve, n_folds=2),
        topicml.backtest,
        topicml.split_corpus,
        partial(topicml.suspect_labels, result=None),
    ],
    ids=["train", "learning_curve", "backtest", "split_corpus", "suspect_labels"],
)
def test_texts_without_labels_are_refused_in_words(work):
    with pytest.raises(TopicmlTypeError, match=r"found str; give the labels of the texts, too"):
        work(["Rain", "Cup"])


def test_texts_with_labels_do_what_articles_do(base_articles, base_classifier):
    texts, labels = [own.text for own in base_articles], [own.labels[0] for own in base_articles]
    assert np.array_equal(topicml.train(texts, labels, n_jobs=1).classifier.coef, base_classifier.coef)
    quick = {"n_resamples": 10}
    with_labels = topicml.evaluate(base_classifier, texts, labels, **quick)
    assert with_labels == topicml.evaluate(base_classifier, base_articles, **quick)
    assert topicml.find_errors(base_classifier, texts, labels).n == len(texts)
    assert topicml.compare(base_classifier, base_classifier, texts, labels, **quick).n == len(texts)


NO_NUMBERS = {
    "n_jobs": lambda of: topicml.train(of, n_jobs="2"),
    "n_resamples": lambda of: topicml.evaluate(topicml.train(of, n_jobs=1), of, n_resamples="2"),
    "n_folds": lambda of: topicml.learning_curve(of, n_folds="2"),
    "n_steps": lambda of: topicml.backtest(of, n_steps="2"),
    "tolerance": lambda of: topicml.backtest(of, tolerance="2"),
    "min_probability": lambda of: topicml.suspect_labels(of, min_probability="2"),
    "test_size": lambda of: topicml.split_corpus(of, test_size="2"),
    "title_weight": lambda _: FeatureSettings(title_weight="2"),
    "min_token_length": lambda _: FeatureSettings(min_token_length="2"),
}


@pytest.mark.parametrize("name", NO_NUMBERS)
def test_what_is_no_number_is_refused_in_words(name, base_articles):
    with pytest.raises(TopicmlTypeError, match=f"{name} must be a (whole )?number, found '2'"):
        NO_NUMBERS[name](base_articles)


@pytest.mark.parametrize("bounds", [3, "ab", (1,), (1, 2, 3)])
def test_a_range_is_two_numbers(bounds):
    with pytest.raises(TopicmlTypeError, match=r"ngram_range must be two whole numbers, as \(1, 5\), found"):
        FeatureSettings(ngram_range=bounds)
