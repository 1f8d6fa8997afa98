from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.corpus.near_duplicates import HASHES, Stories, group_near_duplicates, sketch
from topicml.exceptions import TopicmlValueError

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]
SHORT_TEXTS = st.lists(st.text(max_size=6), max_size=12)
TEXTS = st.lists(st.text(max_size=40), max_size=8)
STORY = "The minister of finance told the house on Monday that the budget would be cut again"
KEYS = ["4c591ccf3bbe41ab", "5fd62bd0677e7c32", "b4b2797457a0a6e4"]
MINIMA = [86126606, 125150518, 264975698, 103986973]


def story(seed, n_words):
    """Return words drawn at random: two stories share hardly a run of three."""
    return np.random.default_rng(seed).choice(VOCABULARY, n_words).tolist()


def grouped(*stories):
    return group_near_duplicates([s if isinstance(s, str) else " ".join(s) for s in stories]).tolist()


class TestExactCopies:
    def test_groups_are_numbered_by_first_appearance(self):
        assert grouped("Rain", "Cup final", "Rain", "Snow", "Snow") == [0, 1, 0, 2, 2]

    @pytest.mark.parametrize(
        "copy",
        [
            "HEAVY RAIN TONIGHT",
            "  heavy rain tonight\n",
            "Heavy\train\r\n\r\ntonight",
            "Heavy\u00a0rain\u2003tonight\u00a0",
            "Hea\u00advy rain\u200b tonight\ufeff",
            "“Heavy rain” – tonight!",
            "Heavy rain\x1etonight",
        ],
        ids=["case", "ends", "controls", "other blanks", "invisible", "punctuation", "title mark"],
    )
    def test_case_white_space_punctuation_and_invisible_characters_are_ignored(self, copy):
        """Regression (copies across train and test): what differs in these alone is one article."""
        assert grouped("Heavy rain tonight", copy) == [0, 0]

    @pytest.mark.parametrize(
        "other",
        [
            "Heavyrain tonight",
            "Heavy rain",
            "tonight heavy rain",
            "Heavy rain tonight again",
            "",
            "Heavy rain 2",
        ],
    )
    def test_another_word_or_order_is_another_short_text(self, other):
        assert grouped("Heavy rain tonight", other) == [0, 1]

    @pytest.mark.parametrize("words", [["Cup"], ["Cup", "final"], ["Cup", "final", "moved"], ["Cup", "cup"]])
    def test_texts_of_few_words_are_copies_of_their_like_only(self, words):
        text = " ".join(words)
        assert grouped(text, f"{text} Sunday", f"The {text}", text.upper() + ".") == [0, 1, 2, 0]

    def test_letters_beyond_ascii_fold_too(self):
        assert grouped("STRASSE", "Straße", "ΣΊΣΥΦΟΣ", "σίσυφος") == [0, 0, 1, 1]

    def test_texts_without_words_are_told_apart_by_their_characters(self):
        assert grouped("", " \n", "!!!", "???", " !!!", "\ud800", "\udfff", "\ud800") == [
            0,
            0,
            1,
            2,
            1,
            3,
            4,
            3,
        ]

    def test_no_texts(self):
        assert group_near_duplicates([]).shape == (0,)

    @given(SHORT_TEXTS)
    def test_copies_are_always_together_and_numbers_have_no_gaps(self, texts):
        groups = group_near_duplicates(texts + texts)
        assert (groups[: len(texts)] == groups[len(texts) :]).all()
        assert list(dict.fromkeys(groups.tolist())) == list(range(len(set(groups.tolist()))))


class TestNearCopies:
    @given(st.integers(0, 999), st.lists(st.integers(0, 199), min_size=1, max_size=5))
    def test_a_long_text_with_a_few_words_changed_is_a_copy(self, seed, places):
        edited = original = story(seed, 200)
        edited = [f"{word}x" if k in places else word for k, word in enumerate(original)]
        assert grouped(original, edited) == [0, 0]

    @given(st.lists(st.integers(0, 10_000), min_size=2, max_size=8, unique=True), st.integers(1, 80))
    def test_unrelated_texts_are_never_together(self, seeds, n_words):
        texts = {" ".join(story(seed, n_words)) for seed in seeds}
        assert grouped(*texts) == list(range(len(texts)))

    @settings(max_examples=40)  # each compares long texts
    @given(st.integers(0, 999), st.randoms(use_true_random=False))
    def test_the_order_of_texts_plays_no_part(self, seed, random):
        stories = [story(seed + k, 60) for k in range(4)]
        texts = [
            " ".join(s[:k] + ["new"] * edits + s[k:]) for s in stories for k in (0, 30) for edits in (0, 4)
        ]
        order = random.sample(range(len(texts)), len(texts))
        groups = group_near_duplicates(texts)
        shuffled = group_near_duplicates([texts[k] for k in order])
        assert ((groups[order][:, None] == groups[order]) == (shuffled[:, None] == shuffled)).all()

    def test_similarity_is_that_of_the_sets_of_shingles(self):
        """12 words give 10 shingles; a word more shares 10 of 11, a last word changed 9 of 11."""
        words = story(1, 12)
        texts = [" ".join(words), " ".join([*words, "more"]), " ".join([*words[:-1], "other"])]
        assert group_near_duplicates(texts, threshold=0.91).tolist() == [0, 1, 2]
        assert group_near_duplicates(texts, threshold=0.9).tolist() == [0, 0, 1]
        assert group_near_duplicates(texts, threshold=0.8).tolist() == [0, 0, 0]

    def test_headlines_that_differ_in_a_figure_are_different(self):
        texts = [f"{n} patients discharged from hospitals on the mainland" for n in range(60, 90)]
        assert grouped(*texts) == list(range(30))

    def test_repeating_a_few_words_makes_no_copy(self):
        """Regression (sets forget how often): a word ten and a word forty times have the same shingle."""
        assert grouped("goal " * 10, "goal " * 40, "no goal " * 40) == [0, 1, 2]

    @pytest.mark.parametrize("kept", [50, 100, 290])
    def test_a_story_cut_by_an_editor_is_a_copy(self, kept):
        whole = story(2, 300)
        assert grouped(whole[:kept], whole) == [0, 0]

    def test_short_beginnings_are_no_copies(self):
        whole = story(2, 300)
        assert grouped(whole[:49], whole) == [0, 1]

    def test_a_text_that_quotes_another_whole_is_no_copy(self):
        post = story(3, 60)
        assert grouped(post, story(4, 40) + post + story(5, 40)) == [0, 1]

    def test_a_shared_beginning_is_no_copy(self):
        furniture = story(6, 60)
        texts = [furniture + story(seed, 60) for seed in range(100, 400)]
        assert grouped(*texts) == list(range(300))

    def test_copies_in_a_crowd_that_shares_half_its_words_are_found(self):
        furniture = story(6, 60)
        texts = [furniture + story(seed, 60) for seed in range(100, 400)]
        assert grouped(*texts, [*texts[7], "more"])[-1] == 7

    def test_scripts_without_spaces_have_shingles_too(self):
        text = "央行周三宣布下调基准利率四分之一个百分点以支持经济增长和就业"
        assert grouped(text, f"快讯{text}", "气象台预计今晚北部山区将有大雪并伴有强风请注意出行安全") == [
            0,
            0,
            1,
        ]

    @pytest.mark.parametrize("n_jobs", [1, 2, -1])
    def test_threads_and_chunks_do_not_change_the_result(self, n_jobs):
        texts = [" ".join(story(k % 40, 20_000)) + " more" * (k // 40) for k in range(60)]
        assert group_near_duplicates(texts, n_jobs=n_jobs).tolist() == [k % 40 for k in range(60)]

    @pytest.mark.parametrize("threshold", [0.4, 0.6, 0.7, 0.8, 0.9, 1.0])
    def test_each_threshold_finds_what_is_well_above_it(self, threshold):
        words = story(8, 400)
        n_new = int(0.6 * 398 * (1 / threshold - 1))
        assert group_near_duplicates(
            [" ".join(words), " ".join(["new"] * n_new + words)], threshold=threshold
        ).tolist() == [0, 0]

    @pytest.mark.parametrize("threshold", [0, -0.1, 1.1, float("nan")])
    def test_an_impossible_threshold_is_refused(self, threshold):
        with pytest.raises(TopicmlValueError, match="threshold must be above 0 and at most 1, found"):
            group_near_duplicates(["Rain"], threshold=threshold)


@given(TEXTS)
def test_a_text_has_one_sketch_whatever_stands_around_it(texts):
    together = sketch(texts, n_jobs=2)
    for row, text in enumerate(texts):
        alone = sketch([text])
        assert (alone.key[0], alone.n_tokens[0]) == (together.key[row], together.n_tokens[row])
        assert alone.minima[0].tolist() == together.minima[row].tolist()


def test_case_punctuation_and_white_space_play_no_part():
    one, other = sketch([STORY, f"  {STORY.upper().replace(' ', ', ')}!\n"]).key.tolist()
    assert one == other


@pytest.mark.parametrize("texts", [("a b", "b a"), ("...", "!!!"), ("", "."), (STORY, f"{STORY} today")])
def test_other_texts_have_another_key(texts):
    one, other = sketch(texts).key.tolist()
    assert one != other


def test_minima_agree_as_often_as_shingles_do():
    """A hundred pairs of texts that share every share of their shingles: the estimate is the truth, about."""
    rng = np.random.default_rng(0)
    words = np.array([f"word{k}" for k in range(2000)])
    estimates, truths = [], []
    for _ in range(100):
        first = rng.choice(words, 80).tolist()
        second = first[: (cut := int(rng.integers(0, 80)))] + rng.choice(words, 80 - cut).tolist()
        a, b = (set(zip(t, t[1:], t[2:], strict=False)) for t in (first, second))
        minima = sketch([" ".join(first), " ".join(second)]).minima
        estimates.append((minima[0] == minima[1]).mean())
        truths.append(len(a & b) / len(a | b))
    spread = np.sqrt(np.mean(np.array(truths) * (1 - np.array(truths))) / HASHES)
    assert np.mean(estimates) == pytest.approx(np.mean(truths), abs=0.02)
    assert np.std(np.array(estimates) - truths) == pytest.approx(spread, rel=0.5)


def test_they_stay_what_they_are():
    """Models keep them: another hash, or another order of the permutations, would make all articles new."""
    found = sketch([STORY, "天气预报说今晚有雨", ""])
    assert [f"{key:016x}" for key in found.key.tolist()] == KEYS
    assert found.minima[0, :4].tolist() == MINIMA


def test_a_part_of_whole_stories_is_known_as_if_it_stood_alone():
    stories = [" ".join(story(seed, 40)) for seed in range(8)]
    texts = [*stories, *(f"{text} more" for text in stories[::2]), "", "Rain"]
    known = Stories.of(texts)
    rows = np.flatnonzero(np.isin(known.groups, [0, 2, 5, 8]))
    part, alone = known.take(rows), Stories.of([texts[row] for row in rows.tolist()])
    assert part.groups.tolist() == alone.groups.tolist() == [0, 1, 2, 0, 1, 3]
    for name in ("key", "lead", "n_tokens", "minima"):
        assert (getattr(part.sketches, name) == getattr(alone.sketches, name)).all()
