from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.fields import parse_instant
from topicml.corpus.splitting import Split, split_corpus, split_paths, write_split
from topicml.exceptions import CorpusError, TopicmlError, TopicmlTypeError, TopicmlValueError
from topicml.reading.corpus import Corpus
from topicml.reading.readers import read_corpus

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
ZONED = (
    ("Cup final", "2024-03-31T01:30:00+01:00"),  # 00:30 UTC
    ("League match", "2024-03-31T00:45:00Z"),
    ("Bank lifts rate", "2024-03-31T03:30:00+02:00"),  # 01:30 UTC
    ("Budget cut", "2024-03-30"),
)

LATEST = datetime(2100, 12, 30)


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
    assert "labels without an article for test: chess (1 article)" in split.notes
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
    assert split.notes == ("labels without an article for test: chess (2 articles)",)


@pytest.mark.parametrize("seed", range(10))
def test_a_label_of_one_document_among_several_labels(multilabel_articles, seed):
    both = Article("Chess players hurt by hail", labels=("chess", "weather"))
    split = split_corpus([*multilabel_articles, both], random_state=seed)
    assert both in split.train.articles
    assert split.notes == ("labels without an article for test: chess (1 article)",)
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
    assert split_corpus(base_articles).rule == "by chance: 0.2 of each label for testing, random state 0"


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


def dated(*pairs):
    return [
        Article(text, labels=("news",), date=date, origin=f"a.csv:{line}")
        for line, (text, date) in enumerate(pairs, 2)
    ]


def texts(corpus):
    return [article.text for article in corpus]


def of_splits(*values, name="split"):
    return [Article(f"Text {k}", labels=("news",), metadata={name: value}) for k, value in enumerate(values)]


class TestByTime:
    def test_order_is_by_instant(self):
        """Dates of different offsets could not be compared, or were ordered by how they are written."""
        split = split_corpus(dated(*ZONED), by="time", test_size=0.5)
        assert texts(split.test) == ["League match", "Bank lifts rate"]
        assert split.rule == "by time: articles dated 2024-03-31T00:45:00Z or later are for testing"

    @settings(max_examples=40)  # each is a split of many articles
    @given(
        st.lists(
            st.datetimes(max_value=LATEST, timezones=st.timezones())
            | st.datetimes(max_value=LATEST)
            | st.dates(max_value=LATEST.date()),
            min_size=2,
            max_size=20,
        ),
        st.floats(0.05, 0.95),
    )
    def test_times_are_in_order_and_the_order_of_the_file_plays_no_part(self, moments, size):
        corpus = dated(*((f"Text {k}", moment.isoformat()) for k, moment in enumerate(moments)))
        corpus = [article for article in corpus if parse_instant(article.date) is not None]
        if len({parse_instant(article.date) for article in corpus}) < 2:
            return
        split = split_corpus(corpus, by="time", test_size=size)
        assert max(parse_instant(a.date) for a in split.train) < min(
            parse_instant(a.date) for a in split.test
        )
        backwards = split_corpus(corpus[::-1], by="time", test_size=size)
        assert backwards.part_of == split.part_of[::-1]
        assert (backwards.rule, backwards.notes) == (split.rule, split.notes)

    @given(st.lists(st.integers(1, 28), min_size=4, max_size=30, unique=True), st.floats(0.05, 0.95))
    def test_the_share_is_the_nearest_one(self, days, size):
        corpus = dated(*((f"Text {day}", f"2024-05-{day:02}") for day in days))
        wanted = min(range(1, len(days)), key=lambda n: (abs(n - size * len(days)), n))
        assert len(split_corpus(corpus, by="time", test_size=size).test) == wanted

    def test_articles_of_one_instant_are_not_parted(self):
        corpus = dated(*((f"Text {k}", day) for k, day in enumerate(["2024-05-01"] * 3 + ["2024-05-02"] * 7)))
        assert len(split_corpus(corpus, by="time", test_size=0.2).test) == 7

    @pytest.mark.parametrize("reverse", [False, True])
    def test_a_story_on_both_sides_of_the_cut_is_in_training_and_counted(self, reverse):
        corpus = dated(
            ("Rain tonight", "2024-05-01"),
            ("Snow", "2024-05-02"),
            ("Wind", "2024-05-03"),
            ("Fog", "2024-05-04"),
            ("RAIN tonight!", "2024-05-05"),
        )
        split = split_corpus(corpus[::-1] if reverse else corpus, by="time", test_size=0.4)
        assert sorted(texts(split.test)) == ["Fog", "Wind"]
        assert split.notes == ("1 article dated after the cut went to training with an earlier copy",)

    @pytest.mark.parametrize("bad", ["31/03/2024 02:00", "", None, "soon", "2024-02-30", "2204-03-01"])
    @pytest.mark.parametrize("reverse", [False, True])
    def test_a_date_that_cannot_be_read_is_an_error_that_names_its_row(self, bad, reverse):
        """A day-first date or an empty one ended up anywhere, depending on what stood before it."""
        corpus = dated(*ZONED, ("Rain tonight", bad))
        with pytest.raises(
            CorpusError, match=r"(?s)^1 article without a readable date.*a\.csv:6: date .*--undated drop"
        ):
            split_corpus(corpus[::-1] if reverse else corpus, by="time")

    def test_many_bad_dates_are_listed_in_part(self):
        corpus = dated(*ZONED, *((f"Text {k}", "") for k in range(30)))
        with pytest.raises(
            CorpusError, match=r"(?s)^30 articles without.*a\.csv:25: date ''\n  and 10 more\n"
        ):
            split_corpus(corpus, by="time")

    @pytest.mark.parametrize("reverse", [False, True])
    def test_undated_articles_can_be_left_out(self, reverse):
        corpus = dated(*ZONED, ("Rain tonight", "31/03/2024 02:00"))
        split = split_corpus(corpus[::-1] if reverse else corpus, by="time", test_size=0.5, undated="drop")
        assert sorted(texts(split.test)) == ["Bank lifts rate", "League match"]
        assert split.part_of.count(None) == 1
        assert split.notes == ("1 article without a readable date, left out: a.csv:6",)

    @pytest.mark.parametrize("reverse", [False, True])
    def test_undated_articles_can_be_in_training_with_all_their_copies(self, reverse):
        corpus = dated(*ZONED, ("Rain tonight", ""), ("Rain tonight.", "2024-04-01"))
        split = split_corpus(corpus[::-1] if reverse else corpus, by="time", test_size=0.3, undated="train")
        assert sorted(texts(split.test)) == ["Bank lifts rate", "League match"]
        assert split.notes[1] == "1 article dated after the cut went to training with an earlier copy"

    @pytest.mark.parametrize(
        ("dates", "found"),
        [(["2024-05-01", "2024-05-01T00:00Z"], "one instant"), ([None, ""], "no date")],
    )
    def test_dates_that_have_no_order_are_an_error(self, dates, found):
        with pytest.raises(CorpusError, match=f"two dates or more, found {found}"):
            split_corpus(dated(*((f"Text {k}", d) for k, d in enumerate(dates))), by="time", undated="drop")

    def test_labels_of_one_time_only_are_named(self):
        corpus = [
            Article(label, labels=(label,), date=f"2024-05-{day:02}")
            for day, label in enumerate(["chess", "go", "art", "dance"], 1)
        ]
        split = split_corpus(corpus, by="time", test_size=0.25)
        assert split.notes == (
            "labels without an article for test: art (1 article), chess (1 article), go (1 article)",
            "labels without an article for training: dance (1 article)",
        )


class TestByOwnSplit:
    @pytest.mark.parametrize("name", ["split", "Split", " SPLIT "])
    def test_spellings_are_read_in_any_case(self, name):
        """Rows that said validation where val was expected were lost without a word."""
        values = [
            "train",
            "TRAINING",
            "validation",
            "Val",
            "dev",
            "valid",
            "Development",
            "test",
            " Testing ",
        ]
        split = split_corpus(of_splits(*values, name=name), by="split")
        assert split.part_of == ("train",) * 2 + ("validation",) * 5 + ("test",) * 2

    @given(
        st.lists(st.sampled_from(["train", "Test", "DEV", "hold out", "", "tset"]), min_size=1, max_size=12)
    )
    def test_rows_used_and_rejected_are_the_rows_read(self, values):
        bad = [value for value in values if value in ("hold out", "", "tset")]
        try:
            split = split_corpus(of_splits(*values), by="split")
        except CorpusError as error:
            assert bad or not {"train", "Test"} <= set(values)
            assert all(f'"{v}" ({bad.count(v)} row' in str(error) for v in bad)
        else:
            assert not bad
            assert len(split.train) + len(split.validation) + len(split.test) == len(values)

    @pytest.mark.parametrize("value", ["holdout", "", "trian", "0", "train/test", "tests"])
    def test_an_unknown_value_stops_and_is_counted(self, value):
        with pytest.raises(
            CorpusError, match=rf'unknown split value "{value}" \(1 row\); expected one of train, '
        ):
            split_corpus(of_splits("train", "test", value), by="split")

    def test_an_article_without_the_field_is_an_unknown_value(self):
        corpus = [*of_splits("train", "test"), Article("Snow", labels=("weather",))]
        with pytest.raises(CorpusError, match=r'unknown split value "" \(1 row\)'):
            split_corpus(corpus, by="split")

    def test_copies_in_two_parts_are_counted_and_stay_where_the_data_has_them(self):
        corpus = [
            Article(text, labels=("weather",), metadata={"split": part})
            for text, part in (("Rain", "train"), ("rain!", "test"), ("Snow", "test"), ("RAIN", "dev"))
        ]
        split = split_corpus(corpus, by="split")
        assert split.part_of == ("train", "test", "test", "validation")
        assert split.notes == (
            "1 of 1 validation articles are also in training",
            "1 of 2 test articles are also in training",
        )

    def test_a_part_that_no_row_names_is_an_error(self):
        with pytest.raises(CorpusError, match="no article is left for test"):
            split_corpus(of_splits("train", "val"), by="split")

    def test_data_without_the_field_is_an_error(self):
        with pytest.raises(
            CorpusError, match="no article has the field 'split'; expected random, time or one of"
        ):
            split_corpus(of_splits("train", "test", name="part"), by="split")


class TestByField:
    def test_one_source_is_left_out(self):
        corpus = [
            Article(f"Text {k}", labels=("news",), source=s)
            for k, s in enumerate(["BBC", "AFP", None, "BBC"])
        ]
        split = split_corpus(corpus, by="source", test_value="BBC")
        assert split.part_of == ("test", "train", "train", "test")
        assert split.rule == "by the field 'source': 'BBC' is for testing"

    @pytest.mark.parametrize("field", ["Desk", "desk", " DESK"])
    def test_any_field_of_the_metadata_will_do(self, field):
        split = split_corpus(of_splits("x", "y", "y", name="Desk"), by=field, test_value="x")
        assert split.part_of == ("test", "train", "train")

    def test_a_story_that_others_have_is_in_training_and_counted(self):
        corpus = [
            Article(text, labels=("news",), source=source)
            for text, source in (("Rain", "BBC"), ("Snow", "BBC"), ("RAIN.", "AFP"))
        ]
        split = split_corpus(corpus, by="source", test_value="BBC")
        assert split.part_of == ("train", "test", "train")
        assert split.notes == ("1 article of 'BBC' went to training: other values have copies",)

    def test_without_a_value_the_values_are_listed(self):
        with pytest.raises(CorpusError, match=r"name the value.*found 'y' \(2 rows\), 'x' \(1 row\)"):
            split_corpus(of_splits("x", "y", "y", name="desk"), by="desk")

    def test_a_value_that_no_article_has_is_an_error(self):
        with pytest.raises(CorpusError, match=r"no article has the value 'z'.*found 'y'"):
            split_corpus(of_splits("x", "y", "y", name="desk"), by="desk", test_value="z")

    def test_a_field_that_is_there_twice_is_an_error(self):
        corpus = [*of_splits("x", name="Desk"), *of_splits("y", name="desk ")]
        with pytest.raises(CorpusError, match="there are two fields 'desk'"):
            split_corpus(corpus, by="desk", test_value="x")


# As they are read: no lone surrogates, labels without outer white space, None for what is empty.
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
labels = any_text.map(str.strip).filter(bool)
names = any_text.filter(
    lambda name: name.strip().lower() not in ("id", "title", "text", "label", "date", "source")
)
optional = st.none() | any_text.filter(bool)


def some_articles(of_labels):
    return st.builds(
        Article,
        text=any_text,
        title=any_text,
        labels=of_labels,
        id=optional,
        date=optional,
        source=optional,
        metadata=st.dictionaries(names, any_text, max_size=3),
    )


single = st.lists(some_articles(st.none() | labels.map(lambda label: (label,))), min_size=1, max_size=6)
several = st.lists(some_articles(st.none() | st.lists(labels, max_size=3).map(tuple)), min_size=1, max_size=6)


def split_of(train, test, validation=(), *, multilabel=False):
    parts = [Corpus(tuple(part), multilabel=multilabel) for part in (train, validation, test)]
    marks = ("train",) * len(train) + ("validation",) * len(validation) + ("test",) * len(test)
    return Split(*parts, part_of=marks, groups=tuple(range(len(marks))), rule="", notes=())


def unplaced(corpus):
    return [replace(article, origin="") for article in corpus]


@given(single, single)
def test_what_was_written_reads_back(train, test):
    with tempfile.TemporaryDirectory() as folder:
        paths = write_split(split_of(train, test), folder)
        read = [read_corpus(path) for path in paths]
    assert [path.name for path in paths] == ["train.jsonl", "test.jsonl"]
    assert [unplaced(corpus) for corpus in read] == [train, test]
    assert not any(corpus.multilabel or corpus.problems for corpus in read)


@settings(max_examples=40)  # each writes and reads files
@given(several, several, several)
def test_several_labels_and_three_parts_read_back(train, test, validation):
    with tempfile.TemporaryDirectory() as folder:
        paths = write_split(split_of(train, test, validation, multilabel=True), folder)
        read = [read_corpus(path) for path in paths]
    assert [path.name for path in paths] == ["train.jsonl", "validation.jsonl", "test.jsonl"]
    assert [unplaced(corpus) for corpus in read] == [train, validation, test]
    for corpus in read:
        assert corpus.multilabel == any(article.labels is not None for article in corpus)


def test_other_columns_that_could_have_a_role_stay_what_they_are(tmp_path):
    """A column that was not taken for the label is not taken for it later, in no row."""
    odd = {
        "topic": "t",
        "section": "s",
        "headline": "h",
        "body": "b",
        "published": "p",
        "outlet": "o",
        "labels": "[]",
    }
    articles = [Article("Rain", labels=("weather",), metadata=odd), Article("Snow")]
    paths = write_split(split_of(articles, articles[::-1]), tmp_path)
    assert [unplaced(read_corpus(path)) for path in paths] == [articles, articles[::-1]]


@pytest.mark.parametrize("name", ["label", "Text", " ID ", "TITLE", "date", "Source"])
def test_a_field_that_would_be_taken_for_a_column_is_an_error(tmp_path, name):
    article = Article("Rain", labels=("weather",), metadata={name: "x"}, origin="a.csv:2")
    with pytest.raises(
        CorpusError, match=rf"^a\.csv:2: the field '{name}' would be read as the {name.strip().lower()}:"
    ):
        write_split(split_of([article], [article]), tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def test_the_same_split_gives_the_same_bytes(tmp_path, multilabel_articles):
    for name in ("one", "two"):
        write_split(split_corpus(multilabel_articles), tmp_path / name)
    one, two = (
        [path.read_bytes() for path in split_paths(tmp_path / n) if path.exists()] for n in ("one", "two")
    )
    assert one == two
    assert len(one) == 2


def test_files_of_an_earlier_split_are_replaced_and_no_other_is_left(tmp_path, base_articles):
    write_split(split_corpus(base_articles, random_state=1), tmp_path)
    write_split(split_corpus(base_articles), tmp_path)
    assert unplaced(read_corpus(tmp_path / "test.jsonl")) == unplaced(split_corpus(base_articles).test)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test.jsonl", "train.jsonl"]


def test_a_part_of_another_split_is_an_error_and_nothing_is_written(tmp_path, base_articles):
    (tmp_path / "validation.jsonl").write_text("{}")
    with pytest.raises(TopicmlError, match=r"validation\.jsonl belongs to another split: remove it"):
        write_split(split_corpus(base_articles), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["validation.jsonl"]


def test_a_folder_that_cannot_be_is_an_error(tmp_path, base_articles):
    (tmp_path / "file").write_text("")
    with pytest.raises(TopicmlError, match=r"cannot write .*file"):
        write_split(split_corpus(base_articles), tmp_path / "file")


def test_the_files_of_a_split_have_names():
    assert split_paths(Path("a"))[0] == Path("a/train.jsonl")
