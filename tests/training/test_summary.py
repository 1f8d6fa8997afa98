from __future__ import annotations

from dataclasses import replace

import pytest

from topicml.training.settings import TrainingSettings
from topicml.training.summary import label_rows, summary_lines
from topicml.training.train import train


@pytest.fixture(scope="module")
def result(base_articles):
    return train(base_articles, n_jobs=1)


@pytest.fixture(scope="module")
def promising(base_articles):
    settings = TrainingSettings(min_precision={"sport": 0.99}, allow_unkept=True)
    return train(base_articles, settings=settings, n_jobs=1)


def test_one_label_each_is_told_in_four_lines(result):
    right = round(result.scores.accuracy * 24)
    first, accuracy, f1, calibration = summary_lines(result)
    assert first == "24 articles, 3 labels, one label each, scored by models that had not seen them"
    assert accuracy.startswith(f"{right} of 24 articles have the right label (")
    assert f1.startswith(f"macro F1 {result.scores.macro_f1:.3f} (")
    assert "micro" not in f1  # it would repeat the accuracy
    assert calibration.startswith("probabilities are ")


def test_several_labels_lead_with_the_first_one(multilabel_articles):
    result = train(multilabel_articles, n_jobs=1)
    lines = summary_lines(result)
    probabilities = result.probabilities.argmax(axis=1)
    classes = result.classifier.classes_
    right = sum(
        classes[k] in (article.labels or ())
        for k, article in zip(probabilities, multilabel_articles, strict=True)
    )
    assert ", any number of labels each, " in lines[0]
    assert lines[1].startswith(f"{right} of 30 articles have the first label right (")
    assert "have all labels right" in lines[2]
    assert ", micro F1 " in lines[3]


def test_promises_are_told_beside_the_others(result, promising):
    lines = summary_lines(promising)
    assert lines[:4] == summary_lines(result)
    answered = round(promising.scores_with_promises.answered.value * 24)
    assert lines[4].startswith(f"with promises, {answered} of 24 articles get a label (")
    assert lines[4].endswith("; without promises, 24 do")
    assert f" of {answered} such articles have the right label (" in lines[5]
    assert lines[6].startswith("with promises, macro F1 ")


def test_labels_come_weakest_first_with_both_precisions(promising):
    header, *rows = label_rows(promising)
    assert header == ["label", "precision", "promised", "recall", "promised", "F1", "articles"]
    f1 = [float(row[-2]) for row in rows]
    assert f1 == sorted(f1)
    [sport] = [row for row in rows if row[0] == "sport"]
    assert (sport[2], sport[4]) == ("–", "0.000")
    assert float(sport[1]) > 0


def test_f1_of_each_label_has_an_interval(result):
    for label, *_, f1, interval, _ in label_rows(result)[1:]:
        low, high = (float(end) for end in interval.split(" to "))
        assert low <= float(f1) <= high
        assert interval == result.scores.label_f1(label).interval_text()


def test_labels_fit_into_80_columns(base_articles):
    long = [replace(article, labels=(f"{article.labels[0]} and other things",)) for article in base_articles]
    settings = TrainingSettings(min_precision={"sport and other things": 0.99}, allow_unkept=True)
    for found in (train(long, n_jobs=1), train(long, settings=settings, n_jobs=1)):
        rows = label_rows(found)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        assert sum(widths) + 2 * (len(widths) - 1) <= 80
