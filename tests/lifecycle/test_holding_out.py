from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.near_duplicates import sketch
from topicml.corpus.seen_articles import fingerprints_of
from topicml.exceptions import CorpusError
from topicml.lifecycle.holding_out import hold_out, hold_out_file

WORDS = np.array([f"word{k}" for k in range(3000)])


def made_up(n, *, seed=0, year=None, labels=("a", "b")):
    """Articles of 30 words; those of a year are dated day by day."""
    rng = np.random.default_rng(seed)
    return [
        Article(
            " ".join(rng.choice(WORDS, 30)),
            labels=(labels[k % len(labels)],),
            date=None if year is None else f"{year}-{k // 28 % 12 + 1:02}-{k % 28 + 1:02}",
        )
        for k in range(n)
    ]


@pytest.fixture(scope="module")
def trained_on(base_classifier):
    """Return a function that gives a model that remembers articles; what else it knows plays no part."""
    return lambda articles: replace(
        base_classifier, fingerprints=fingerprints_of(sketch([article.full_text for article in articles]))
    )


OLD = made_up(100, year=2023)


class TestHoldOut:
    def test_the_latest_new_articles_are_held_out(self, trained_on):
        new = made_up(60, seed=1, year=2024)
        found = hold_out(trained_on(OLD), [*new, *OLD])
        assert found.test.articles == tuple(new[-30:])  # half of the new ones, less than a fifth of all
        assert found.train.articles == (*new[:-30], *OLD)
        assert found.learnable.articles == (*new, *OLD)
        assert found.rule == "by time: articles dated 2024-02-03 or later are for testing"

    def test_a_fifth_of_all_is_enough(self, trained_on):
        new = made_up(300, seed=1, year=2024)
        found = hold_out(trained_on(OLD), [*OLD, *new])
        assert len(found.test.articles) == 80
        assert min(article.date for article in found.test.articles) > max(
            a.date for a in new if a in found.train.articles
        )

    @pytest.mark.parametrize("undated", ["all", "one", "odd"])
    def test_without_all_dates_each_label_has_its_share_by_chance(self, trained_on, undated):
        new = made_up(60, seed=1, year=None if undated == "all" else 2024)
        if undated != "all":
            new[7] = replace(new[7], date=None if undated == "one" else "31/03/2024")
        found = hold_out(trained_on(OLD), [*OLD, *new])
        assert [article.labels[0] for article in found.test.articles].count("a") == 15
        assert (len(found.test.articles), found.rule[:9]) == (30, "by chance")
        other = hold_out(trained_on(OLD), [*OLD, *new], random_state=1)
        assert len(other.test.articles) == 30
        assert (
            other.test.articles
            != found.test.articles
            == hold_out(trained_on(OLD), [*OLD, *new]).test.articles
        )

    def test_where_all_is_of_one_day_it_is_by_chance(self, trained_on):
        new = [replace(article, date="2024-05-01") for article in made_up(40, seed=1)]
        assert len(hold_out(trained_on(OLD), [*OLD, *new]).test.articles) == 20

    def test_where_the_last_day_has_too_few_it_is_by_chance(self, trained_on):
        new = [replace(a, date=f"2024-05-0{1 + (k > 38)}") for k, a in enumerate(made_up(40, seed=1))]
        assert len(hold_out(trained_on(OLD), [*OLD, *new]).test.articles) == 20

    def test_copies_of_what_the_model_saw_take_no_part(self, trained_on):
        """Regression (an edited copy taken for news): the old model knows it by heart."""
        new = made_up(40, seed=1)
        copies = [replace(article, text=f"UPDATE: {article.text.upper()}") for article in OLD]
        found = hold_out(trained_on(OLD), [*copies, *new])
        assert set(found.test.articles) <= set(new)
        assert len(found.test.articles) == 20

    @settings(max_examples=15)
    @given(st.integers(1, 10**6))
    def test_no_story_is_on_two_sides_and_nothing_is_lost(self, trained_on, seed):
        rng = np.random.default_rng(seed)
        new = made_up(50, seed=seed, year=2024 if seed % 2 else None)
        copies = [replace(new[k], text=f"{new[k].text.upper()} !") for k in rng.integers(0, 50, 20)]
        articles = [*OLD, *new, *copies]
        found = hold_out(trained_on(OLD), articles)
        stories = [
            {a.text.lower().strip(" !") for a in part} for part in (found.train.articles, found.test.articles)
        ]
        assert not stories[0] & stories[1]
        assert sorted(map(repr, (*found.train.articles, *found.test.articles))) == sorted(map(repr, articles))
        assert not stories[1] & {article.text for article in OLD}

    @pytest.mark.parametrize("n_new", [0, 1, 5, 10])
    def test_too_few_new_articles_are_an_error_that_says_what_to_do(self, trained_on, n_new):
        with pytest.raises(
            CorpusError, match=rf"{n_new} of {100 + n_new} articles are new to the .*--test FILE"
        ):
            hold_out(trained_on(OLD), [*OLD, *made_up(n_new, seed=1)])

    def test_twelve_new_articles_are_enough(self, trained_on):
        assert len(hold_out(trained_on(OLD), [*OLD, *made_up(12, seed=1)]).test.articles) == 6

    def test_twelve_copies_of_one_story_are_not(self, trained_on):
        [story] = made_up(1, seed=1)
        with pytest.raises(CorpusError, match="12 of 112 articles are new"):
            hold_out(trained_on(OLD), [*OLD, *[story] * 12])

    def test_a_model_that_does_not_know_what_it_saw_is_an_error(self, base_classifier):
        with pytest.raises(CorpusError, match=r"keeps no fingerprints.*--test FILE"):
            hold_out(replace(base_classifier, fingerprints=None), OLD)


class TestHoldOutFile:
    def test_what_the_model_saw_takes_no_part_and_copies_are_not_trained_on(self, trained_on):
        new, test = made_up(20, seed=1), made_up(10, seed=2)
        copy = replace(test[0], text=test[0].text.upper())
        found = hold_out_file(trained_on(OLD), [*OLD, *new, copy], [*test, OLD[3]])
        assert found.test.articles == tuple(test)
        assert set(found.train.articles) == {*OLD, *new} - {OLD[3]}
        assert found.learnable.articles == found.train.articles
        assert found.notes == (
            "1 of 11 test articles left out of the comparison: the model was trained on them",
            "2 articles not trained on: copies of test articles",
        )

    def test_a_model_that_does_not_know_what_it_saw_is_compared_with_a_note(self, base_classifier):
        silent = replace(base_classifier, fingerprints=None)
        found = hold_out_file(silent, OLD, made_up(3, seed=1))
        assert (len(found.test.articles), len(found.notes)) == (3, 1)
        assert "whether it was trained on the test articles is unknown" in found.notes[0]

    def test_nothing_left_to_compare_on_is_an_error(self, trained_on):
        with pytest.raises(CorpusError, match="no article is left to compare on: 5 of 5 test articles"):
            hold_out_file(trained_on(OLD), made_up(9, seed=1), OLD[:5])

    def test_nothing_left_to_train_on_is_an_error(self, trained_on):
        new = made_up(9, seed=1)
        with pytest.raises(CorpusError, match="no article is left to train on: 9 articles not trained on"):
            hold_out_file(trained_on(OLD), new, new)

    def test_no_test_articles_are_an_error(self, trained_on):
        with pytest.raises(CorpusError, match="no article is left to compare on: none were given"):
            hold_out_file(trained_on(OLD), OLD, [])
