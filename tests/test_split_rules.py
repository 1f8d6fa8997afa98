from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.fields import parse_instant
from topicml.corpus.splitting import split_corpus
from topicml.exceptions import CorpusError

ZONED = (
    ("Cup final", "2024-03-31T01:30:00+01:00"),  # 00:30 UTC
    ("League match", "2024-03-31T00:45:00Z"),
    ("Bank lifts rate", "2024-03-31T03:30:00+02:00"),  # 01:30 UTC
    ("Budget cut", "2024-03-30"),
)


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
        assert split.rule == "by time: for test is what is dated from 2024-03-31T00:45:00Z on"

    @given(
        st.lists(
            st.datetimes(timezones=st.timezones()) | st.datetimes() | st.dates(), min_size=2, max_size=20
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

    @pytest.mark.parametrize("bad", ["31/03/2024 02:00", "", None, "soon", "2024-02-30", "2024-03"])
    @pytest.mark.parametrize("reverse", [False, True])
    def test_a_date_that_cannot_be_read_is_an_error_that_names_its_row(self, bad, reverse):
        """A day-first date or an empty one ended up anywhere, depending on what stood before it."""
        corpus = dated(*ZONED, ("Rain tonight", bad))
        with pytest.raises(
            CorpusError, match=r"(?s)^1 article without a date.*a\.csv:6: date .*--undated drop"
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
        assert split.notes == ("1 article without a date that can be read, left out: a.csv:6",)

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
        with pytest.raises(CorpusError, match=f"two instants or more, found {found}"):
            split_corpus(dated(*((f"Text {k}", d) for k, d in enumerate(dates))), by="time", undated="drop")

    def test_labels_of_one_time_only_are_named(self):
        corpus = [
            Article(label, labels=(label,), date=f"2024-05-{day:02}")
            for day, label in enumerate(["chess", "go", "art", "dance"], 1)
        ]
        split = split_corpus(corpus, by="time", test_size=0.25)
        assert split.notes == (
            "classes with no test documents: art (1 document), chess (1 document), go (1 document)",
            "classes with no training documents: dance (1 document)",
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
            "1 of 1 validation texts also in training",
            "1 of 2 test texts also in training",
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
        assert split.rule == "by the field 'source': for test is 'BBC'"

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
        assert split.notes == ("1 article of 'BBC' went to training, since others hold copies",)

    def test_without_a_value_the_values_are_listed(self):
        with pytest.raises(CorpusError, match=r"name the value.*found 'y' \(2 rows\), 'x' \(1 row\)"):
            split_corpus(of_splits("x", "y", "y", name="desk"), by="desk")

    def test_a_value_that_no_article_has_is_an_error(self):
        with pytest.raises(CorpusError, match=r"no article has the value 'z'.*found 'y'"):
            split_corpus(of_splits("x", "y", "y", name="desk"), by="desk", test_value="z")

    def test_a_field_that_is_there_twice_is_an_error(self):
        corpus = [*of_splits("x", name="Desk"), *of_splits("y", name="desk ")]
        with pytest.raises(CorpusError, match="the field 'desk' is there twice"):
            split_corpus(corpus, by="desk", test_value="x")
