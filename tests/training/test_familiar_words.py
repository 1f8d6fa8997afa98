"""What training learns of the words of its articles, seen from articles that it did not learn them from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from topicml.model.tokens import tokenize
from topicml.training import familiar_words
from topicml.training.familiar_words import learn_familiarity, least_known_shares

LENGTHS = np.array([1, 2, 5, 10, 50])


def folds_of(n, n_folds=5):
    return np.arange(n) * n_folds // n


def made_up(n, *, n_words=200, length=30, letters="word", seed=0):
    """Texts of made-up words, drawn from a few hundred."""
    rng = np.random.default_rng(seed)
    words = np.array([f"{letters}{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(n_words)])
    return [" ".join(rng.choice(words, length)) for _ in range(n)]


def learned(texts, folds=None, **options):
    folds = folds_of(len(texts)) if folds is None else folds
    return learn_familiarity(texts, folds, min_token_length=1, **options)


def is_unusual(familiarity, texts):
    tokens = tokenize(texts, min_token_length=1)
    return familiarity.unusual(tokens, tokens.hashes())


class TestShares:
    @pytest.mark.parametrize(("a", "b"), [(9.0, 1.0), (2.0, 3.0), (50.0, 5.0)])
    @pytest.mark.parametrize("n", [1, 7, 64, 512])
    def test_the_quantile_is_scipy_s(self, n, a, b):
        assert familiar_words._quantile(n, a, b) == stats.betabinom.ppf(0.003, n, a, b)

    def test_three_in_a_thousand_ordinary_articles_fall_under(self):
        known = stats.betabinom.rvs(20, 2.0, 3.0, size=20_000, random_state=0)
        [least] = least_known_shares(np.full(20_000, 20), known, np.array([20]))
        assert (known < 20 * least).mean() <= 0.003 < (known <= 20 * least).mean()

    def test_never_more_than_two_fifths_of_the_mean(self):
        known = stats.binom.rvs(100, 0.9, size=500, random_state=0)
        assert least_known_shares(np.full(500, 100), known, LENGTHS).max() == pytest.approx(0.36, abs=0.01)

    def test_longer_texts_are_held_to_more(self):
        known = stats.betabinom.rvs(30, 9.0, 1.0, size=1000, random_state=0)
        least = least_known_shares(np.full(1000, 30), known, LENGTHS)
        assert least[0] == 0
        assert (np.diff(least) >= 0).all()


class TestLearning:
    def test_unseen_articles_of_the_same_words_are_ordinary(self):
        familiarity = learned(made_up(200))
        assert not is_unusual(familiarity, made_up(100, seed=1)).any()
        assert not is_unusual(familiarity, made_up(100, length=5, seed=1)).any()

    def test_articles_of_other_words_are_not(self):
        familiarity = learned(made_up(200))
        assert is_unusual(familiarity, made_up(100, letters="mot", seed=1)).all()

    def test_an_article_is_not_looked_up_among_words_that_it_brought(self):
        """Regression (vocabulary of all articles): unseen ones would seem to know every word."""
        folds = folds_of(100)
        common, own = made_up(100, length=20), [made_up(1, length=20, letters=f"x{fold}x") for fold in folds]
        familiarity = learned([f"{a} {' '.join(b)}" for a, b in zip(common, own, strict=True)], folds)
        assert familiarity.least_known.max() == pytest.approx(0.4 * 0.5, abs=0.01)

    def test_copies_that_share_a_fold_do_not_vouch_for_each_other(self):
        texts = [text for text in made_up(60, n_words=600, length=10) for _ in range(3)]
        together = learned(texts, folds_of(180))
        torn = learned(texts, np.arange(180) % 3)
        assert together.least_known.max() < 0.8 * torn.least_known.max()

    def test_articles_that_are_never_held_out_give_words_alone(self):
        texts = made_up(150, length=20) + made_up(50, length=20, letters="only")
        folds = np.where(np.arange(200) < 50, 0, -1)
        familiarity = learned(texts, folds)
        assert familiarity.least_known.max() == pytest.approx(0.4, abs=0.01)
        assert not is_unusual(familiarity, made_up(20, letters="only", seed=1)).any()

    @pytest.mark.parametrize(
        "texts",
        [
            pytest.param([], id="none"),
            pytest.param(made_up(49), id="few"),
            pytest.param([""] * 60, id="empty"),
            pytest.param([f"{n} {n + 1}" for n in range(60)], id="numbers"),
            pytest.param(
                [" ".join(["unique" + "abcdefghij"[n % 10] * n]) for n in range(60)], id="no word twice"
            ),
        ],
    )
    def test_of_what_has_no_words_that_return_nothing_is_learned(self, texts):
        assert learned(texts) is None

    def test_a_sample_of_long_corpora_is_enough(self, monkeypatch):
        texts = made_up(300)
        monkeypatch.setattr(familiar_words, "_SAMPLE", sum(map(len, texts)) // 3)
        some, again, other = (learned(texts, random_state=seed) for seed in (0, 0, 1))
        assert (some.words.bits == again.words.bits).all()
        assert (some.least_known == again.least_known).all()
        assert not is_unusual(other, texts).any()
