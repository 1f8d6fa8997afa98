from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.support import made_up
from topicml.article import Article
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.lifecycle.suggest import suggest
from topicml.training.settings import TrainingSettings
from topicml.training.train import train


def without_labels(articles):
    return [replace(article, labels=None) for article in articles]


@pytest.fixture(scope="module")
def archive():
    return without_labels(made_up(240, seed=1))


@pytest.fixture(scope="module")
def model():
    """It knows two of the three labels."""
    known = [article for article in made_up(120, seed=2) if article.labels != ("sport",)]
    return train(known, settings=TrainingSettings(search="none"), n_jobs=1).classifier


def topic(suggestion):
    """The label that a made-up article tells."""
    return next(label for label in ("art", "chess", "sport") if f" {label}" in f" {suggestion.article.text}")


def test_without_a_model_every_group_is_chosen_from():
    sizes = {"sport": 30, "art": 20, "chess": 10}
    archive = [f"{label} {label}ing {label}s number{k}" for label, size in sizes.items() for k in range(size)]
    found = suggest(archive, n=3)
    assert [topic(suggestion) for suggestion in found] == ["sport", "art", "chess"]
    assert [suggestion.n_similar for suggestion in found] == [30, 20, 10]
    assert [suggestion.reason for suggestion in found] == [
        f"stands for {n} similar articles" for n in (30, 20, 10)
    ]
    assert {(suggestion.guess, suggestion.probability) for suggestion in found} == {(None, None)}


def test_with_a_model_unsure_articles_come_first(archive, model):
    found = suggest(archive, n=30, model=model)
    assert sum(topic(suggestion) == "sport" for suggestion in found) > 20  # a third of the archive is


def test_the_guess_is_the_models(archive, model):
    for suggestion in suggest(archive, n=5, model=model):
        prediction = model.predict(suggestion.article)
        assert (suggestion.guess, suggestion.probability) == (prediction.labels, prediction.probability)
        assert suggestion.reason.startswith(f"{prediction.label!r} (")


def test_a_multilabel_model_names_the_label_in_doubt(archive):
    articles = [
        replace(a, labels=(*a.labels, "news")[: 1 + k % 2]) for k, a in enumerate(made_up(60, seed=3))
    ]
    model = train(articles, settings=TrainingSettings(search="none"), n_jobs=1).classifier
    [suggestion] = suggest(archive, n=1, model=model)
    assert re.match(r"'\w+' \(.*%\) or not; ", suggestion.reason)
    assert suggestion.guess == model.predict(suggestion.article).labels


def test_positions_are_those_in_the_archive(archive):
    found = suggest(archive, n=10)
    assert [archive[suggestion.position] for suggestion in found] == [s.article for s in found]
    assert len({suggestion.position for suggestion in found}) == 10


def test_labelled_articles_and_their_copies_are_left_out(archive):
    labelled = [replace(article, labels=("art",)) for article in archive[:100]]
    again = [Article(article.text.upper(), labels=("art",)) for article in archive[100:150]]
    found = suggest([*labelled, *archive[100:]], n=500, labelled=again)
    assert sorted(suggestion.position for suggestion in found) == list(range(150, 240))
    assert found.notes[0] == "left out of 240 articles: 150 labelled already, or copies of labelled ones"


def test_articles_that_the_model_was_trained_on_are_left_out(archive, model):
    trained_on = [article for article in made_up(120, seed=2) if article.labels != ("sport",)]
    found = suggest([*without_labels(trained_on), *archive], n=500, model=model)
    assert len(found) == 240


def test_one_of_several_copies_is_left(archive):
    found = suggest([*archive, *archive], n=500)
    assert sorted(suggestion.position for suggestion in found) == list(range(240))
    assert "240 copies of other articles" in found.notes[0]


def test_labelled_articles_stand_for_their_group():
    archive = [f"{label} {label}ing {label}s number{k}" for label in ("art", "sport") for k in range(30)]
    [suggestion] = suggest(archive, n=1, labelled=["sport sporting sports number77"])
    assert topic(suggestion) == "art"


def test_articles_without_text_are_left_out(archive):
    found = suggest([*archive, "", " \n"], n=500)
    assert len(found) == 240
    assert "without text" in found.notes[0]


def test_of_fewer_articles_all_are_given(archive):
    found = suggest(archive[:7], n=50)
    assert len(found) == 7
    assert found.notes == ("only 7 articles can be labelled, fewer than 50",)


def test_a_choice_does_not_depend_on_the_number_of_threads(archive, model):
    one, two = (suggest(archive, n=20, model=model, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert one.to_dict() == two.to_dict()


def test_texts_that_are_all_alike_are_one():
    assert len(suggest(["rain tonight"] * 9, n=3)) == 1


def test_an_empty_archive_is_named():
    with pytest.raises(CorpusError, match="the archive is empty"):
        suggest([])


def test_that_all_are_labelled_is_said():
    with pytest.raises(CorpusError, match="no article is left to choose from: 30 labelled already"):
        suggest(made_up(30))


def test_an_archive_in_another_language_is_refused(model):
    archive = [f"слово{k} другой{k % 7} язык{k % 5} статья" for k in range(40)]
    with pytest.raises(CorpusError, match="the model knows few words of 40 of 40 articles"):
        suggest(archive, model=model)


def test_fewer_than_one_article_cannot_be_asked_for(archive):
    with pytest.raises(TopicmlValueError, match="n must be 1 or more, found 0"):
        suggest(archive, n=0)


def test_what_is_no_text_is_named():
    with pytest.raises(TopicmlTypeError, match="at position 1, found 7"):
        suggest(["rain", 7])
    with pytest.raises(TopicmlTypeError, match="found one text: put it into a list"):
        suggest("rain")


def test_a_result_of_training_is_a_model_and_a_path_is_none(archive):
    result = train(made_up(60), settings=TrainingSettings(search="none"), n_jobs=1)
    assert [*suggest(archive, n=3, model=result)] == [*suggest(archive, n=3, model=result.classifier)]
    with pytest.raises(TopicmlTypeError, match="load it with topicml"):
        suggest(archive, model="desk")


def test_to_measure_articles_are_drawn_by_chance(archive):
    drawn = suggest(archive, n=20, to_measure=True, random_state=1)
    assert len({one.position for one in drawn}) == len(drawn) == 20
    assert all(one.article == archive[one.position] for one in drawn)
    assert [one.position for one in drawn] != sorted(one.position for one in drawn)
    again = suggest(archive, n=20, to_measure=True, random_state=2)
    assert [one.position for one in again] != [one.position for one in drawn]
    assert [*suggest(archive, n=5, to_measure=True, random_state=1)] == [*drawn[:5]]


def test_to_measure_no_guess_is_shown(archive, model):
    drawn = suggest(archive, n=5, model=model, to_measure=True)
    assert {one.guess for one in drawn} == {None}
    assert drawn.labels == model.classes_
    assert "guess" not in str(drawn)
    assert {task.guess for task in drawn.tasks()} == {None}
