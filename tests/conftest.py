"""Small corpora and the classifiers trained on them, made once a run."""

from __future__ import annotations

import os

# Before NumPy is loaded, here and in what tests start: the problems of the tests are so small that the
# threads of its linear algebra only wait for each other, which takes most of the time of a training.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

from topicml.article import Article
from topicml.model.persistence import save_classifier
from topicml.training.train import train

# A slow machine is no fault of the code. Half of the usual examples at a desk, where the tests run often,
# and all of them where CI says so: each run draws others.
settings.register_profile("topicml", deadline=None, max_examples=100 if "CI" in os.environ else 50)
settings.load_profile("topicml")

_NEWS = {
    "sport": (
        "The cup final ended in a draw after extra time.",
        "A late goal won the football league match for the home side.",
        "The coach praised his football team after the final.",
        "The striker signed for a new league club.",
        "Fans filled the stadium for the cup match.",
        "The runner took gold in the final race of the season.",
        "The goalkeeper saved a penalty in the league game.",
        "Both football teams reached the cup semi-final.",
    ),
    "economy": (
        "The central bank cut its interest rate by a quarter point.",
        "Inflation slowed as energy prices fell.",
        "The bank raised its forecast for growth this year.",
        "Shares rose after the interest rate decision.",
        "Exports fell while the currency gained value.",
        "The ministry reported lower inflation and more jobs.",
        "Bond investors expect another rate cut from the bank.",
        "The company posted a quarterly loss and cut jobs.",
    ),
    "weather": (
        "Heavy rain flooded streets in the south tonight.",
        "Snow is expected in the hills tonight.",
        "A storm brought strong wind and heavy rain to the coast.",
        "Forecasters warned of frost and fog in the morning.",
        "Sunny spells and light wind are expected today.",
        "Temperatures will drop below zero with snow showers.",
        "The storm moved north and the rain stopped.",
        "Thunder and hail hit the valley this afternoon.",
    ),
}

_TAGGED = (
    ("Rain stopped the cup final in the first half.", ("sport", "weather")),
    ("Snow closed the stadium before the league match.", ("sport", "weather")),
    ("The storm damaged harbours and hurt exports.", ("economy", "weather")),
    ("The football club reported a loss to the bank.", ("economy", "sport")),
    ("The library will open later on Sundays.", ()),
    ("A painter showed new portraits at the gallery.", ()),
)


@pytest.fixture(scope="session")
def base_articles():
    """Twenty-four articles over three labels, eight each, label after label."""
    return tuple(
        Article(text, labels=(label,), origin=f"{label}.txt:{line}")
        for label, texts in _NEWS.items()
        for line, text in enumerate(texts, 1)
    )


@pytest.fixture(scope="session")
def multilabel_articles(base_articles):
    """The same, four that bear two labels, and two that bear none."""
    return base_articles + tuple(Article(text, labels=labels) for text, labels in _TAGGED)


@pytest.fixture(scope="session")
def base_classifier(base_articles):
    return train(base_articles, n_jobs=1).classifier


@pytest.fixture(scope="session")
def multilabel_classifier(multilabel_articles):
    return train(multilabel_articles, n_jobs=1).classifier


@pytest.fixture(scope="session", params=["multiclass", "multilabel"])
def classifier(request):
    """One classifier of each target type."""
    name = {"multiclass": "base_classifier", "multilabel": "multilabel_classifier"}[request.param]
    return request.getfixturevalue(name)


@pytest.fixture(scope="session")
def base_model_path(base_classifier, tmp_path_factory):
    """A folder that holds `base_classifier`; tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("models") / "base"
    save_classifier(base_classifier, folder)
    return folder


@pytest.fixture
def one_thread():
    """Keep small products of matrices in one thread: to hand them to others takes longer than they do."""
    with threadpool_limits(1):
        yield
