from __future__ import annotations

import json
from dataclasses import replace

import pytest

from topicml.article import Article
from topicml.evaluation.mistakes import find_errors
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError

CUP = "The cup final: a goal in the football league match."
RAIN = "Heavy rain and snow tonight, strong wind in the morning."


@pytest.fixture
def mislabelled(base_articles):
    """The base articles, the first two with labels that they do not deserve."""
    wrong = [replace(article, labels=("weather",)) for article in base_articles[:2]]
    return [*wrong, *base_articles[2:]]


def test_right_answers_are_no_mistakes(base_classifier, base_articles):
    found = find_errors(base_classifier, base_articles)
    assert (found.n, found.n_wrong, found.mistakes) == (24, 0, ())
    assert found.summary()[-1] == "0 of 24 articles were predicted wrong."


def test_mistakes_are_those_that_predictions_show(base_classifier, mislabelled):
    found = find_errors(base_classifier, mislabelled, top=None)
    predictions = base_classifier.predict(mislabelled)
    wrong = {k for k, p in enumerate(predictions) if p.labels != mislabelled[k].labels}
    assert {mistake.position for mistake in found.mistakes} == wrong == {0, 1}
    for mistake in found.mistakes:
        assert mistake.given == predictions[mistake.position].labels
        assert mistake.confidence == predictions[mistake.position].probability


def test_the_surest_come_first_and_top_limits_what_is_told(base_classifier, mislabelled):
    every = find_errors(base_classifier, mislabelled, top=None)
    first = find_errors(base_classifier, mislabelled, top=1)
    confidences = [mistake.confidence for mistake in every.mistakes]
    assert confidences == sorted(confidences, reverse=True)
    assert (first.n_wrong, first.mistakes) == (2, every.mistakes[:1])
    assert first.summary()[-1] == "2 of 24 articles were predicted wrong. Here is the surest."


def test_the_evidence_is_that_of_the_explanations(base_classifier, mislabelled):
    mistake = find_errors(base_classifier, mislabelled, n_terms=3).mistakes[0]
    article = mislabelled[mistake.position]
    for evidence, label in ((mistake.wrong, mistake.given[0]), (mistake.missed, "weather")):
        told = base_classifier.explain(article, label, top=3)
        assert evidence.label == label
        assert evidence.probability == told.probability
        assert evidence.supporting == tuple((own.word, own.contribution) for own in told.supporting)
        assert evidence.opposing == tuple((own.word, own.contribution) for own in told.opposing)
        assert evidence.characteristic == tuple(word for word, _ in base_classifier.top_words(label, 3))


def test_articles_that_were_trained_on_are_set_apart(base_classifier, mislabelled):
    new = [Article(CUP, labels=("weather",)), Article(RAIN, labels=("weather",))]
    found = find_errors(base_classifier, [*mislabelled, *new])
    assert (found.n, found.n_wrong, found.n_seen) == (26, 3, 24)
    assert (found.without_copies.n, found.without_copies.n_wrong) == (2, 1)
    assert [(mistake.position, mistake.seen) for mistake in found.mistakes[:1]] == [(24, False)]
    assert all(mistake.seen for mistake in found.mistakes[1:])
    assert [mistake.position for mistake in found.shown] == [24]
    assert found.summary() == [
        "24 of 26 articles are in the training data, exactly or nearly. They are left out below.",
        "1 of 2 articles was predicted wrong.",
    ]
    assert str(found).count("predicted ") == 2


def test_a_corpus_of_training_articles_says_so(base_classifier, mislabelled):
    found = find_errors(base_classifier, mislabelled)
    assert found.without_copies is None
    assert found.shown == found.mistakes
    assert str(found).startswith(
        "All articles are in the training data, exactly or nearly: this says nothing"
    )


def test_a_model_without_fingerprints_sets_none_apart(base_classifier, mislabelled):
    found = find_errors(replace(base_classifier, fingerprints=None), mislabelled)
    assert (found.n_seen, found.without_copies) == (None, None)
    assert str(found).startswith("2 of 24 articles were predicted wrong.\n")


def test_the_excerpt_is_where_the_words_are_that_led_there(base_classifier):
    article = Article("In short. " * 60 + CUP + " And so on." * 60, title="Weekend", labels=("weather",))
    [mistake] = find_errors(base_classifier, [article]).mistakes
    marked = [mistake.excerpt[start:end] for start, end in mistake.marks]
    assert mistake.title == "Weekend"
    assert "football" in " ".join(marked)
    assert {word.lower() for word in marked} <= {word.lower() for word, _ in mistake.wrong.supporting}


def test_a_label_that_the_model_does_not_know_is_counted_and_its_article_is_wrong(base_classifier):
    found = find_errors(base_classifier, [Article(CUP, labels=("chess",))])
    [mistake] = found.mistakes
    assert found.unknown_labels == {"chess": 1}
    assert (mistake.missed.label, mistake.missed.probability) == ("chess", None)
    assert "the model does not know the label 'chess' (1 article)" in str(found)


def test_an_article_that_was_not_answered_is_no_mistake(base_classifier):
    found = find_errors(replace(base_classifier, min_confidence=1.1), [Article(CUP, labels=("weather",))])
    assert (found.n_wrong, found.n_abstained) == (0, 1)


@pytest.mark.parametrize(
    ("labels", "wrong", "missed"),
    [
        (("weather",), "sport", "weather"),
        ((), "sport", None),
        (("sport", "weather"), None, "weather"),
    ],
)
def test_a_multilabel_mistake_is_a_label_too_many_or_too_few(multilabel_classifier, labels, wrong, missed):
    found = find_errors(multilabel_classifier, [Article(CUP, labels=labels)])
    [mistake] = found.mistakes
    assert (mistake.wrong and mistake.wrong.label) == wrong
    assert (mistake.missed and mistake.missed.label) == missed
    probabilities = dict(
        zip(multilabel_classifier.classes_, multilabel_classifier.predict_proba([CUP])[0], strict=True)
    )
    sure = [probabilities[wrong]] if wrong else []
    sure += [1 - probabilities[missed]] if missed else []
    assert mistake.confidence == pytest.approx(max(sure))


def test_an_unknown_label_alone_is_no_mistake_of_a_multilabel_model(multilabel_classifier):
    """The model could not have given it; it is counted, and hides no mistake that could be mended."""
    found = find_errors(multilabel_classifier, [Article(CUP, labels=("sport", "chess"))])
    assert (found.n_wrong, found.unknown_labels) == (0, {"chess": 1})


def test_what_spoke_against_a_label_is_told_where_no_other_was_given(multilabel_classifier):
    told = str(find_errors(multilabel_classifier, [Article(CUP, labels=("sport", "weather"))]))
    assert "against weather: " in told


@pytest.mark.parametrize("text", [CUP * 40, "red \x1b[31m\r\n cup football", "新" * 300 + " cup football"])
def test_it_reads_in_80_columns(base_classifier, text):
    article = Article(text, labels=("a label of very many words " * 5,), origin="x" * 30)
    lines = str(find_errors(base_classifier, [article])).split("\n")
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_it_is_plain_data(base_classifier, mislabelled):
    found = find_errors(base_classifier, mislabelled)
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert [row["given"] for row in found.rows()] == ["; ".join(m.given) for m in found.mistakes]
    assert len({tuple(row) for row in found.rows()}) == 1


@pytest.mark.parametrize("wrong", [{"top": 0}, {"n_terms": 0}])
def test_impossible_numbers(base_classifier, base_articles, wrong):
    with pytest.raises(TopicmlValueError, match=f"{next(iter(wrong))} must be 1 or more, found 0"):
        find_errors(base_classifier, base_articles, **wrong)


def test_what_cannot_be_measured_on(base_classifier):
    with pytest.raises(CorpusError, match="there are no articles"):
        find_errors(base_classifier, [])
    with pytest.raises(CorpusError, match="without labels"):
        find_errors(base_classifier, [Article(RAIN)])
    with pytest.raises(TopicmlTypeError, match="position 0"):
        find_errors(base_classifier, ["text"])


def test_a_notebook_shows_a_line_and_a_table(base_classifier, mislabelled):
    article = Article("football <b>cup</b>", labels=("<i>art</i>",))
    found = find_errors(base_classifier, [*mislabelled, article])
    assert repr(found) == "Errors(3 of 25 articles predicted wrong)"
    html = found._repr_html_()
    assert html.count("<tr>") == 2
    assert "&lt;i&gt;art" in html
    assert "<b>" not in html
