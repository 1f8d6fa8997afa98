from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.near_duplicates import sketch
from topicml.corpus.seen_articles import fingerprints_of, seen_in_training
from topicml.evaluation.evaluate import evaluate
from topicml.exceptions import ModelFormatError, TopicmlTypeError
from topicml.model.persistence import save_classifier
from topicml.predict import load_model
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

WORDS = np.array([f"word{k}" for k in range(5000)])
STORY = (
    "Heavy rain and strong wind closed the coast road overnight and left two thousand homes without power, "
    "the council said on Tuesday, adding that crews would work until the evening to clear fallen trees"
)


def made_up(n, length, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, length)) for _ in range(n)]


@pytest.fixture
def trained_on(base_classifier):
    """Return a function that gives a model that remembers texts; what else it knows plays no part."""
    return lambda texts: replace(base_classifier, fingerprints=fingerprints_of(sketch(texts)))


def seen(model, *texts):
    return seen_in_training(model, texts).tolist()


class TestSeen:
    def test_all_training_articles_are_and_others_are_not(self, base_classifier, base_articles):
        others = ["The opera opened with a new director.", "Rain", ""]
        assert (
            seen_in_training(base_classifier, [*base_articles, *others]).tolist() == [True] * 24 + [False] * 3
        )

    @pytest.mark.parametrize(
        "copy",
        [
            STORY.upper(),
            STORY.replace(" ", "\n  "),
            STORY.replace(",", ""),
            f"{STORY}.\u00a0",
            STORY.replace("two thousand", "three thousand"),
            f"UPDATE 1: {STORY}",
            STORY.replace("on Tuesday", "on Wednesday"),
        ],
        ids=["case", "white space", "punctuation", "blank", "a word", "begin", "day"],
    )
    def test_a_copy_is(self, trained_on, copy):
        assert seen(trained_on([*made_up(50, 40), STORY]), copy) == [True]

    @pytest.mark.parametrize(
        "other",
        ["", "!", "Heavy rain and strong wind", STORY[: len(STORY) // 3], f"{STORY} {made_up(1, 60)[0]}"],
        ids=["empty", "no word", "few words", "a third", "one story of two"],
    )
    def test_another_text_is_not(self, trained_on, other):
        assert seen(trained_on([*made_up(50, 40), STORY]), other) == [False]

    def test_headlines_that_differ_in_a_word_are_not_copies(self, trained_on):
        """Of so few words every one counts: twelve patients discharged are not thirteen."""
        headline = "12 patients discharged from two hospitals on Monday"
        model = trained_on([headline])
        assert seen(model, headline.upper(), headline.replace("12", "13")) == [True, False]

    def test_a_title_is_part_of_the_text(self, trained_on):
        model = trained_on([Article("in the north", title="Snow").full_text])
        assert seen(model, Article("IN the north", title="Snow"), "Snow in the north", "in the north") == [
            True,
            True,
            False,
        ]

    def test_near_copies_are_found_and_half_copies_are_not(self, trained_on):
        """1,000 texts that end in other words from the 95th of 100 on, and 1,000 half of which is new."""
        texts, new = made_up(1000, 100), made_up(1000, 100, seed=1)
        near, half = (
            [
                " ".join((*text.split()[:cut], *other.split()[cut:]))
                for text, other in zip(texts, new, strict=True)
            ]
            for cut in (95, 50)
        )
        model = trained_on(texts)
        assert seen_in_training(model, near).mean() > 0.98
        assert seen_in_training(model, half).mean() < 0.01
        assert not seen_in_training(model, new).any()

    def test_a_crowd_of_texts_with_one_beginning_hides_no_copy(self, trained_on):
        """Regression (a bucket cut off): of a thousand texts of one template only the first were compared."""
        head = made_up(1, 60)[0]
        texts = [f"{head} {tail}" for tail in made_up(1000, 60, seed=1)]
        near = [text.rsplit(" ", 3)[0] for text in texts]
        assert seen_in_training(trained_on(texts), near).mean() > 0.99

    @settings(max_examples=30)
    @given(st.lists(st.text(max_size=30), min_size=1, max_size=6), st.randoms())
    def test_any_text_is_seen_again_in_any_order(self, base_classifier, texts, random):
        model = replace(base_classifier, fingerprints=fingerprints_of(sketch(texts)))
        shuffled = random.sample(texts, len(texts))
        assert seen_in_training(model, shuffled).all()

    def test_nothing_is_seen_where_nothing_was_trained_on_or_asked(self, trained_on):
        assert seen(trained_on([]), STORY, "") == [False, False]
        assert seen(trained_on([STORY])) == []

    def test_what_is_no_text_is_an_error(self, base_classifier):
        with pytest.raises(TopicmlTypeError, match="position 1"):
            seen_in_training(base_classifier, ["Rain", None])


class TestFingerprints:
    def test_they_are_few_bytes_sorted_and_each_once(self):
        found = fingerprints_of(sketch([*made_up(20, 40), *made_up(20, 40), "Rain", ""]))
        assert (found.shape, found.dtype, found[0].nbytes) == ((22, 5), np.uint64, 40)
        assert (np.diff(found[:, 0].astype(float)) > 0).all()

    def test_a_model_without_them_cannot_tell(self, base_articles):
        model = train(base_articles, settings=TrainingSettings(fingerprints=False), n_jobs=1).classifier
        assert model.fingerprints is None
        assert seen_in_training(model, base_articles) is None

    def test_they_are_read_from_the_folder_when_they_are_asked_for(self, base_model_path, base_articles):
        assert seen_in_training(load_model(base_model_path), base_articles).all()

    def test_of_another_form_they_are_an_error(self, base_classifier):
        other = replace(base_classifier, fingerprints=np.zeros((3, 4), np.uint64))
        with pytest.raises(ModelFormatError, match=r"shape \(3, 4\), expected 5 columns"):
            seen_in_training(other, ["Rain"])

    def test_a_model_replaced_meanwhile_is_named(self, base_classifier, multilabel_classifier, tmp_path):
        save_classifier(base_classifier, tmp_path / "model")
        model = load_model(tmp_path / "model")
        save_classifier(multilabel_classifier, tmp_path / "model")
        with pytest.raises(ModelFormatError, match=r"fingerprints\..*missing"):
            seen_in_training(model, ["Rain"])


class TestEvaluation:
    """Regression (copies across train and test): the score partly measured memory, and nobody was told."""

    COPIES = (str.upper, str.lower, "{}\u00a0".format, "  {}".format, lambda text: text.replace(" ", "  "))

    def test_seen_articles_are_counted_and_scored_apart(self, base_classifier, base_articles):
        copies = [
            replace(article, text=change(article.text))
            for article, change in zip(base_articles, self.COPIES, strict=False)
        ]
        fresh = [Article("Football cup", labels=("economy",)), Article("Heavy rain", labels=("weather",))]
        evaluation = evaluate(base_classifier, [*copies, *fresh])
        assert (evaluation.scores.n, evaluation.n_seen) == (7, 5)
        assert evaluation.scores_without_seen == evaluate(base_classifier, fresh).scores
        assert evaluation.scores_without_seen.accuracy == 0.5 < evaluation.scores.accuracy

    @pytest.mark.parametrize(("n_seen", "n_fresh"), [(0, 2), (2, 0)])
    def test_without_both_kinds_there_is_one_score(self, base_classifier, base_articles, n_seen, n_fresh):
        fresh = [Article("Football cup", labels=("economy",)), Article("Heavy rain", labels=("weather",))]
        evaluation = evaluate(base_classifier, [*base_articles[:n_seen], *fresh[:n_fresh]])
        assert (evaluation.n_seen, evaluation.scores_without_seen) == (n_seen, None)

    def test_a_model_that_cannot_tell_says_so(self, base_classifier, base_articles):
        evaluation = evaluate(replace(base_classifier, fingerprints=None), base_articles)
        assert (evaluation.n_seen, evaluation.scores_without_seen) == (None, None)
