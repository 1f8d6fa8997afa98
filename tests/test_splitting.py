from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article, Corpus
from topicml.corpus.splitting import split_corpus
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError

RULES = (
    {"by": "random"},
    {"by": "time"},
    {"by": "time", "undated": "drop"},
    {"by": "time", "undated": "train"},
    {"by": "source", "test_value": "BBC"},
    {"by": "desk", "test_value": "x"},
)

articles = st.builds(
    Article,
    text=st.sampled_from(
        ["Rain tonight", "RAIN, tonight!", "Cup final", "Snow", "Rates", "Vote", "Wind", "Fog"]
    ),
    labels=st.sampled_from([(), ("sport",), ("weather",), ("sport", "weather"), ("chess",), None]),
    date=st.sampled_from(
        [
            "2024-03-30",
            "2024-03-31T01:30:00+01:00",
            "2024-03-31T00:45:00Z",
            "2024-03-31T03:30:00+02:00",
            "",
            None,
        ]
    ),
    source=st.sampled_from(["BBC", "AFP", None]),
    metadata=st.sampled_from([{"desk": "x"}, {"desk": "y"}, {}]),
)


def split_or_none(corpus, **how):
    """Return the split, or None where a part would be empty or a date is missing."""
    try:
        return split_corpus(corpus, **how)
    except CorpusError:
        return None


@pytest.mark.parametrize("how", RULES, ids=str)
@settings(max_examples=50)  # for each of the rules
@given(
    corpus=st.lists(articles, min_size=1, max_size=20), seed=st.integers(0, 99), size=st.floats(0.05, 0.95)
)
def test_the_parts_are_disjoint_cover_all_and_part_no_story(how, corpus, seed, size):
    split = split_or_none(corpus, **how, random_state=seed, test_size=size)
    if split is None:
        return
    for part, held in (("train", split.train), ("validation", split.validation), ("test", split.test)):
        own = [article for article, mark in zip(corpus, split.part_of, strict=True) if mark == part]
        assert list(held) == own
    left_out = split.part_of.count(None)
    assert len(split.train) + len(split.validation) + len(split.test) + left_out == len(corpus)
    marks: dict[int, set[str]] = {}
    for group, mark in zip(split.groups, split.part_of, strict=True):
        marks.setdefault(group, set()).update({mark} - {None})
    assert all(len(parts) <= 1 for parts in marks.values())
    assert len(split.train) and len(split.test)


@pytest.mark.parametrize("how", RULES, ids=str)
def test_the_rules_do_split_such_corpora(how, base_articles):
    """The property above is about splits, so that each rule must make one of ordinary articles."""
    corpus = [
        Article(
            a.text,
            labels=a.labels,
            date=f"2024-05-{k + 1:02}",
            source=("BBC", "AFP")[k % 2],
            metadata={"desk": "xy"[k % 2]},
        )
        for k, a in enumerate(base_articles)
    ]
    split = split_corpus(corpus, **how)
    assert (len(split.train) + len(split.test), split.part_of.count(None)) == (24, 0)


@pytest.mark.parametrize("seed", range(10))
def test_a_class_of_one_document_stays_in_training_and_is_named(base_articles, seed):
    """A class with a single document made a stratified split refuse, without saying which class."""
    chess = Article("Chess title defended in nine moves", labels=("chess",))
    split = split_corpus([*base_articles, chess], random_state=seed)
    assert chess in split.train.articles
    assert "classes with no test documents: chess (1 document)" in split.notes
    assert all(1 <= count <= 2 for count in split.test.label_counts().values())
    assert set(split.test.label_counts()) == {"economy", "sport", "weather"}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("count", [2, 3])
def test_a_class_of_few_documents_is_in_both_parts(base_articles, seed, count):
    """A class of two documents never reached a test part of a fifth, on any seed."""
    titles = ("Chess title defended", "Chess school opens", "Chess champion retires")[:count]
    split = split_corpus(
        [*base_articles, *(Article(title, labels=("chess",)) for title in titles)], random_state=seed
    )
    assert split.train.label_counts()["chess"] >= 1
    assert split.test.label_counts()["chess"] >= 1
    assert split.notes == ()


@pytest.mark.parametrize("seed", range(10))
def test_a_class_whose_documents_are_copies_has_one_document_to_split(base_articles, seed):
    copies = [Article(text, labels=("chess",)) for text in ("Chess title defended", "CHESS title defended!")]
    split = split_corpus([*base_articles, *copies], random_state=seed)
    assert split.train.label_counts()["chess"] == 2
    assert split.notes == ("classes with no test documents: chess (2 documents)",)


@pytest.mark.parametrize("seed", range(10))
def test_a_label_of_one_document_among_several_labels(multilabel_articles, seed):
    both = Article("Chess players hurt by hail", labels=("chess", "weather"))
    split = split_corpus([*multilabel_articles, both], random_state=seed)
    assert both in split.train.articles
    assert split.notes == ("classes with no test documents: chess (1 document)",)
    assert {"economy", "sport", "weather"} == split.test.label_counts().keys()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("label", ["weather", "sport"])
def test_copies_are_never_on_both_sides(base_articles, seed, label):
    """The same article sat in both parts, so that the score was partly one of memory."""
    copies = [
        Article(text, labels=(label if k else "weather",))
        for k, text in enumerate(
            (
                "Heavy rain and strong wind closed the coast road overnight.",
                "HEAVY RAIN and  strong wind closed the coast road overnight",
                "Heavy rain and strong wind closed the coast road overnight.\u00a0",
            )
        )
    ]
    split = split_corpus([*base_articles, *copies], random_state=seed)
    assert len(set(split.part_of[-3:])) == 1


@pytest.mark.parametrize("by", ["random", "time"])
@pytest.mark.parametrize("seed", range(5))
def test_a_story_edited_in_a_word_or_two_is_not_parted(base_articles, by, seed):
    """Syndicated copies are edited, so that equal texts are not all that must stay together."""
    story = " ".join(f"word{k}" for k in range(60))
    edited = [story, story.replace("word7 ", "phrase "), f"{story} Reporting by a desk."]
    corpus = [
        *(replace(a, date=f"2024-05-{k + 1:02}") for k, a in enumerate(base_articles)),
        *(
            Article(text, labels=("weather",), date=f"2024-05-{10 * k + 5:02}")
            for k, text in enumerate(edited)
        ),
    ]
    split = split_corpus(corpus, by=by, random_state=seed)
    assert len(set(split.part_of[-3:])) == 1


def test_the_test_part_has_its_size(base_articles):
    assert len(split_corpus(base_articles, test_size=0.25).test) == 6
    assert len(split_corpus(base_articles, test_size=0.5).test) == 12


def test_the_same_seed_gives_the_same_split(base_articles):
    one, two, other = (split_corpus(base_articles, random_state=seed) for seed in (3, 3, 4))
    assert one == two
    assert one.part_of != other.part_of


def test_parts_are_multilabel_as_the_corpus_is(base_articles, multilabel_articles):
    assert not split_corpus(base_articles).train.multilabel
    assert split_corpus(Corpus(base_articles, multilabel=True)).test.multilabel
    assert split_corpus(multilabel_articles).train.multilabel


def test_it_is_said_how_the_parts_were_made(base_articles):
    assert split_corpus(base_articles).rule == "by chance: 0.2 of each label for test, random state 0"


@pytest.mark.parametrize("size", [0, 1, -0.2, 5, float("nan")])
def test_an_impossible_size_is_an_error(base_articles, size):
    with pytest.raises(TopicmlValueError, match="test_size must be above 0 and below 1, found"):
        split_corpus(base_articles, test_size=size)


def test_an_unknown_treatment_of_undated_articles_is_an_error(base_articles):
    with pytest.raises(TopicmlValueError, match="undated must be one of error, drop, train, found 'keep'"):
        split_corpus(base_articles, by="time", undated="keep")


@pytest.mark.parametrize("by", ["random", "time"])
def test_a_value_without_a_field_is_an_error(base_articles, by):
    with pytest.raises(TopicmlValueError, match=f"test_value goes with a field, found it with by='{by}'"):
        split_corpus(base_articles, by=by, test_value="BBC")


def test_no_articles_are_an_error():
    with pytest.raises(CorpusError, match="there are no articles to split"):
        split_corpus([])


@pytest.mark.parametrize(
    "texts", [["Rain"], ["Rain", "rain."], ["Rain", "Snow"]], ids=["one", "one story", "classes"]
)
def test_an_empty_part_is_an_error(texts):
    """One article, one story, or one article of each class: nothing is left to test on."""
    corpus = [Article(text, labels=(text.lower(),)) for text in texts]
    with pytest.raises(CorpusError, match="no article is left for test"):
        split_corpus(corpus)


def test_what_is_no_article_is_an_error():
    with pytest.raises(TopicmlTypeError, match="expected an Article at position 1, found str"):
        split_corpus([Article("Rain"), "Snow"])


def test_it_prints_its_rule_its_sizes_and_its_notes():
    old = [Article(f"Old story {k}", labels=("a",), date=f"2024-01-{k:02}") for k in range(1, 9)]
    new = [Article(f"New story {k}", labels=("b",), date=f"2024-02-{k:02}") for k in range(1, 3)]
    split = split_corpus([*old, *new, Article("No day", labels=("a",))], by="time", undated="drop")
    lines = str(split).splitlines()
    assert lines[:2] == [split.rule, "train: 8 articles, test: 2 articles, left out: 1"]
    assert sum(line.startswith("note: ") for line in lines) == len(split.notes) > 0
