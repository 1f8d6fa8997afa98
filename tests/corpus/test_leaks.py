from __future__ import annotations

import random
import unicodedata
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.leaks import find_leaks
from topicml.exceptions import TopicmlTypeError
from topicml.model.tokens import normalize
from topicml.reading.readers import read_corpus

DATA = Path(__file__).parents[2] / "data"
SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu")
NAMES = (
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5)
    .filter(lambda word: any(map(str.isalnum, normalize(word))))
    .flatmap(lambda word: st.sampled_from([word, f"{word} World", f"World {word}"]))
)
# Labels are compared as NFC, in which find_leaks names them.
LABELS = st.lists(
    NAMES.map(partial(unicodedata.normalize, "NFC")), min_size=2, max_size=4, unique_by=normalize
)
FORMS = [
    "{label}\n{text}",
    "\n {label} \r\n\r\n{text}",
    "{text}\n\n{label}",
    "{label}: {text}",
    "{label} — {text}",
]


def clean(labels, *, each=6, lines=3, seed=0):
    """Return articles of made-up words, which have nothing in common at any place."""
    rng = random.Random(seed)

    def sentence():
        return " ".join("".join(rng.choices(SYLLABLES, k=4)) for _ in range(5)) + "."

    return [
        Article("\n\n".join(sentence() for _ in range(lines)), title=sentence(), labels=(label,))
        for label in labels
        for _ in range(each)
    ]


def with_text(article, form):
    return replace(article, text=form.format(label=article.labels[0], text=article.text))


def told(leaks):
    return [(leak.label, leak.place, leak.part, leak.words) for leak in leaks]


FORMS += ["({label}) {text}", "{text}\nMore in {label}", "{text} [{label}]", "Home / {label}\n{text}"]


class TestFindLeaks:
    @given(LABELS, st.sampled_from(FORMS), st.integers(1, 6), st.integers())
    def test_a_leak_is_found_for_every_label_whatever_its_form(self, labels, form, lines, seed):
        articles = [with_text(article, form) for article in clean(labels, lines=lines, seed=seed)]
        leaks = find_leaks(articles)
        assert {leak.label for leak in leaks} == set(labels)
        assert all(normalize(leak.label) in normalize(leak.words) for leak in leaks)
        assert {(leak.n_bearing, leak.n_label, leak.n_others) for leak in leaks} == {(6, 6, 0)}

    @given(
        LABELS, st.sampled_from(["{label}: {title}", "{title} | {label}", "{title} - {label} - The Daily"])
    )
    def test_in_titles_too(self, labels, form):
        articles = [
            replace(article, title=form.format(label=article.labels[0], title=article.title))
            for article in clean(labels)
        ]
        assert {(leak.label, leak.place) for leak in find_leaks(articles)} == {
            (label, "title") for label in labels
        }

    @given(LABELS, st.integers(1, 6), st.integers())
    def test_clean_articles_have_none(self, labels, lines, seed):
        assert find_leaks(clean(labels, lines=lines, seed=seed)) == ()

    @pytest.mark.parametrize(
        ("form", "place", "part", "words"),
        [
            ("Sport\n{text}", "first line", "whole", "Sport"),
            ("{text}\n\nMore in Sport\n", "last line", "whole", "More in Sport"),
            ("SPORT: {text}", "first line", "start", "SPORT:"),
            ("{text} (sport)", "last line", "end", ". (sport)"),
            ("The Daily\n\n  Sport\t| News\n{text}", "line 2", "whole", "Sport\t| News"),
            ("{text}\nSport\nThe Daily", "line 2 from the end", "whole", "Sport"),
            ("体育：{text}", "first line", "start", "体育："),
            ("体育{text}", "first line", "start", "体育"),
        ],
    )
    def test_place_and_words_are_told(self, form, place, part, words):
        articles = clean(["sport", "economy"], lines=6)
        house = [with_text(article, "The Daily\n{text}\nThe Daily") for article in articles[6:]]
        leaking = [with_text(article, form) for article in articles[:6]]
        assert ("sport", place, part, words) in told(find_leaks(leaking + house))

    def test_case_and_white_space_do_not_matter(self):
        articles = clean(["sport", "economy"])
        kickers = ("In Sport:", "IN SPORT:", "in  sport:", "In\u00a0Sport:", "In\tSport :", "ｉｎ sport:")
        leaking = [replace(a, text=f"{k} {a.text}") for a, k in zip(articles[:6], kickers, strict=True)]
        [leak] = find_leaks(leaking + articles[6:])
        assert (leak.words, leak.n_bearing, leak.example) == ("In Sport:", 6, leaking[0])

    def test_the_line_of_one_label_may_begin_that_of_another(self):
        articles = clean(["World", "World Cup"])
        leaks = find_leaks(with_text(article, "{label}\n{text}") for article in articles)
        assert [leak.words for leak in leaks] == ["World", "World Cup"]

    @pytest.mark.parametrize(("n_bearing", "found"), [(10, True), (9, True), (8, False)])
    def test_nine_in_ten_of_the_label_bear_it(self, n_bearing, found):
        articles = clean(["sport", "economy"], each=10)
        leaking = [with_text(article, "Sport\n{text}") for article in articles[:n_bearing]]
        assert bool(find_leaks(leaking + articles[n_bearing:])) == found

    @pytest.mark.parametrize(("n_others", "found"), [(0, True), (1, True), (2, False)])
    def test_nine_in_ten_that_bear_it_are_of_the_label(self, n_others, found):
        articles = clean(["sport", *"abcdef"], each=10)
        leaking = [with_text(article, "Sport\n{text}") for article in articles[: 10 + n_others]]
        assert bool(find_leaks(leaking + articles[10 + n_others :])) == found

    def test_words_that_most_of_the_others_share_are_none(self):
        """Nearly all of a corpus may be of one label, so that most of any words is of that label."""
        articles = [with_text(article, "The Daily\n{text}") for article in clean(["sport"], each=100)]
        others = [with_text(article, "The Daily\n{text}") for article in clean(["economy"], each=5, seed=1)]
        assert find_leaks(articles + others) == ()

    def test_where_all_bear_the_label_nothing_gives_it_away(self):
        assert find_leaks(with_text(article, "Sport\n{text}") for article in clean(["sport"])) == ()

    def test_copies_of_an_article_count_once(self):
        articles = clean(["sport", "economy"])
        assert find_leaks([*articles[6:], *articles[:1] * 20]) == ()

    def test_few_articles_agree_by_chance(self):
        articles = clean(["sport"], each=4) + clean(["economy"], seed=1)
        assert find_leaks(with_text(article, "{label}\n{text}") for article in articles) == ()

    def test_signs_alone_are_no_feature(self):
        articles = clean(["sport", "economy"])
        assert (
            find_leaks([with_text(article, "*** {text} ***") for article in articles[:6]] + articles[6:])
            == ()
        )

    def test_an_article_of_two_labels_counts_for_both(self):
        articles = [replace(article, labels=("sport", "news")) for article in clean(["sport"])]
        leaking = [with_text(article, "Sport\n{text}") for article in articles]
        leaks = find_leaks(leaking + clean(["economy"], seed=1))
        assert [leak.label for leak in leaks] == ["news", "sport"]

    def test_articles_without_labels_are_others(self):
        articles = [with_text(article, "{label}\n{text}") for article in clean(["sport"])]
        unlabelled = [replace(article, labels=None) for article in clean(["economy"], seed=1)]
        assert [leak.label for leak in find_leaks(articles + unlabelled)] == ["sport"]

    @given(st.lists(st.builds(Article, st.text(), title=st.text(), labels=st.sampled_from([("a",), ("b",)]))))
    def test_any_text_can_be_looked_at(self, articles):
        assert all(leak.words for leak in find_leaks(articles * 2))

    def test_what_is_no_article_is_named(self):
        with pytest.raises(TopicmlTypeError, match="expected an Article at position 0"):
            find_leaks(["text"])

    @pytest.mark.parametrize("name", ["world_desk.jsonl", "world_desk_zh.jsonl"])
    def test_the_corpus_that_ships_has_none(self, name):
        assert find_leaks(read_corpus(DATA / name, labelled=True)) == ()


def test_a_leak_reads_as_a_sentence():
    articles = clean(["sport", "economy"])
    [leak] = find_leaks(
        [with_text(article, "{text}\nMore\nin Sport") for article in articles[:6]] + articles[6:]
    )[:1]
    assert str(leak) == "'sport': the last line is 'in Sport' in 6 of its 6 articles and in 0 others"
