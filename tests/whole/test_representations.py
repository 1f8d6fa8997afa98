"""How public objects show themselves: in a line or two, and as HTML in notebooks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml import html

import topicml
from tests.support import made_up
from topicml import exceptions

CELLS = ("table", "thead", "tbody", "tr", "th", "td")
TAGS = {"div", "b", "br", "i", "small", "mark", "span", "bdi", "details", "summary", *CELLS}
EVIL = "<script>alert('1')</script>\n\x1b[31m"


def _spoiled(articles):
    """Give articles a title, and one of the labels a name, that no page may take for its own."""
    named = {"art": EVIL, "chess": "chess", "sport": "sport"}
    return [replace(own, title=EVIL, labels=tuple(map(named.get, own.labels))) for own in articles]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return an object of each public class, with a label and texts that would spoil a page."""
    folder = tmp_path_factory.mktemp("models") / "desk"
    articles = _spoiled(made_up(90))
    settings = topicml.TrainingSettings(search="none", stop_words=("the",) * 999)
    result = topicml.train(articles, settings=settings, n_jobs=1)
    topicml.save_model(result, folder)
    new = _spoiled(made_up(40, seed=1, year=2024, wrong=0.2))
    few = {"settings": settings, "n_jobs": 1}
    words = {EVIL: [f"art{k}" for k in range(9)], "chess": [f"chess{k}" for k in range(9)]}
    return [
        topicml.Corpus(tuple(articles)),
        articles[0],
        topicml.split_corpus(articles, by="time"),
        result,
        topicml.train(unlabelled=articles, seed_words=words, n_jobs=1),
        result.classifier,
        settings,
        topicml.ReadOptions(label_column=EVIL),
        topicml.evaluate(result, new, n_resamples=10),
        topicml.compare(result, result, new, n_resamples=10),
        topicml.watch(result, new, n_jobs=1),
        topicml.find_errors(result, new),
        topicml.suspect_labels(articles, result),
        suggestions := topicml.suggest([f"{EVIL} {word}" for word in ("cup", "rain", "war")], n=2),
        suggestions[0],
        topicml.Task(EVIL * 99, title=EVIL, guess=(EVIL,)),
        decision := topicml.Decision("label", (EVIL,), text=articles[0].full_text),
        topicml.relabel(articles, [decision], new_labels=True),
        topicml.learning_curve(articles, shares=(0.5, 1), n_folds=2, **few),
        topicml.backtest(articles, n_steps=2, **few),
        topicml.retrain(folder, [*articles, *new], n_jobs=1),
        result.classifier.predict(articles[0]),
        result.classifier.predict(articles),
        result.classifier.explain(articles[0]),
        topicml.TopicClassifier(n_folds=2, n_jobs=1),
    ]


def test_each_public_class_is_shown(shown):
    public = {getattr(topicml, name) for name in topicml.__all__}
    classes = {found for found in public if isinstance(found, type)} - {exceptions.TopicmlError}
    assert {type(found) for found in shown} == classes


def test_each_shows_itself_in_a_line_or_two(shown):
    """A corpus, a result or a model filled pages of a notebook."""
    lengths = {type(found).__name__: (len(repr(found)), repr(found).count("\n")) for found in shown}
    assert {name: found for name, found in lengths.items() if found[0] > 400 or found[1] > 1} == {}


def test_their_parts_are_short_too(shown):
    by_type = {type(found): found for found in shown}
    parts = [by_type[topicml.TrainingResult].record, by_type[topicml.Errors].mistakes[0]]
    assert [repr(part) for part in parts if len(repr(part)) > 400 or "\n" in repr(part)] == []


def test_each_has_a_view_that_loads_and_runs_nothing(shown):
    for found in shown:
        if isinstance(found, topicml.TopicClassifier):
            continue  # scikit-learn makes its view
        view = found._repr_html_()
        element = html.fragment_fromstring(view)
        names = {inner.tag for inner in element.iter()}
        assert names <= TAGS, type(found)
        assert not re.search(r"\b(src|href|onclick)=|url\(|http|#000", view), type(found)
