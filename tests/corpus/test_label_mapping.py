from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.label_mapping import LabelMapping, read_label_mapping
from topicml.exceptions import CorpusError

DOCS = Path(__file__).parents[2] / "docs" / "labels.md"
NAMES = st.text(min_size=1, max_size=6).filter(lambda name: name == name.strip())
ARTICLES = st.lists(
    st.builds(
        Article,
        st.text(max_size=5),
        labels=st.none() | st.lists(st.sampled_from("ABCDE"), max_size=3).map(tuple),
    )
)


def labelled(*labels):
    return [Article(f"text {number}", labels=own) for number, own in enumerate(labels)]


def labels_of(mapped):
    return [article.labels for article in mapped.articles]


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a file of label mappings and reads it."""

    def read(content: str | bytes):
        path = tmp_path / "labels.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_label_mapping(path)

    return read


class TestApply:
    def test_renames_merge_and_follow_chains(self):
        mapping = LabelMapping({"Politik": "politics", "politics": "Politics"})
        mapped = mapping.apply(labelled(("Politik",), ("politics",), ("Politics",), ("Politik", "Sport")))
        assert labels_of(mapped) == [("Politics",)] * 3 + [("Politics", "Sport")]
        assert mapped.renamed == {"Politik": 2, "politics": 1}

    def test_labels_that_are_merged_in_one_article_are_one(self):
        mapped = LabelMapping({"Politik": "Politics"}).apply(
            labelled(("Politics", "Politik")), multilabel=True
        )
        assert labels_of(mapped) == [("Politics",)]

    def test_an_article_keeps_the_labels_that_are_not_dropped(self):
        mapped = LabelMapping(drop=frozenset({"Home"})).apply(labelled(("Home", "Sport")))
        assert (labels_of(mapped), mapped.left_out, mapped.dropped) == ([("Sport",)], (), {"Home": 1})

    def test_without_any_label_it_is_left_out_where_each_bears_one(self):
        articles = labelled(("Home",), ("Sport",))
        mapped = LabelMapping(drop=frozenset({"Home"})).apply(articles)
        assert (mapped.articles, mapped.left_out, mapped.n_unlabelled) == ((articles[1],), (articles[0],), 0)

    def test_without_any_label_it_is_kept_where_it_may_bear_none(self):
        mapped = LabelMapping(drop=frozenset({"Home"})).apply(
            labelled(("Home",), ("Sport",)), multilabel=True
        )
        assert (labels_of(mapped), mapped.left_out, mapped.n_unlabelled) == ([(), ("Sport",)], (), 1)

    @pytest.mark.parametrize("labels", [None, ()])
    @pytest.mark.parametrize("multilabel", [False, True])
    def test_an_article_that_had_no_label_stays_as_it_is(self, labels, multilabel):
        mapped = LabelMapping(drop=frozenset({"Home"})).apply(labelled(labels), multilabel=multilabel)
        assert (labels_of(mapped), mapped.n_unlabelled) == ([labels], 0)

    def test_parents_and_their_parents_are_added_after_the_renames(self):
        mapping = LabelMapping({"Fussball": "Football"}, parents={"Football": "Sport", "Sport": "Leisure"})
        mapped = mapping.apply(labelled(("Fussball",), ("Sport",), ("Chess",)), multilabel=True)
        assert labels_of(mapped) == [("Football", "Sport", "Leisure"), ("Sport", "Leisure"), ("Chess",)]
        assert mapped.parents_added == {"Leisure": 2, "Sport": 1}

    def test_labels_that_no_article_bears_are_named(self):
        mapping = LabelMapping({"Politk": "Politics", "Politik": "Politics"}, frozenset({"Home"}))
        assert mapping.apply(labelled(("Politik",))).unused == ("Home", "Politk")

    def test_all_but_the_labels_stays(self):
        article = Article("a", title="t", labels=("A",), id="1", date="2020-01-01", metadata={"x": "y"})
        [mapped] = LabelMapping({"A": "B"}).apply([article]).articles
        assert mapped == Article(
            "a", title="t", labels=("B",), id="1", date="2020-01-01", metadata={"x": "y"}
        )

    @given(ARTICLES)
    def test_an_empty_mapping_changes_nothing(self, articles):
        mapped = LabelMapping().apply(articles)
        assert (mapped.articles, mapped.left_out) == (tuple(articles), ())

    @given(ARTICLES, st.booleans())
    def test_twice_is_once_and_no_article_is_lost(self, articles, multilabel):
        mapping = LabelMapping({"A": "B", "B": "C"}, frozenset({"D"}), {"C": "P", "P": "Q"})
        once = mapping.apply(articles, multilabel=multilabel)
        assert mapping.apply(once.articles, multilabel=multilabel).articles == once.articles
        assert len(once.articles) + len(once.left_out) == len(articles)
        assert not {label for own in labels_of(once) for label in own or ()} & {"A", "B", "D"}


class TestReadLabelMapping:
    def test_each_part_of_the_file(self, read):
        content = 'drop = ["H"]\n[rename]\n"A" = "B"\n[parents]\n"B" = "P"\n[codes]\nB = "medtop:1"\n'
        assert read(content) == LabelMapping({"A": "B"}, frozenset({"H"}), {"B": "P"}, {"B": "medtop:1"})

    @pytest.mark.parametrize("content", ["", "# nothing\n", "drop = []\n[rename]\n[codes]\n"])
    def test_a_file_without_entries_maps_nothing(self, read, content):
        assert read(content) == LabelMapping()

    def test_a_byte_order_mark_is_no_label(self, read):
        assert read(b'\xef\xbb\xbfdrop = ["H"]\r\n').drop == {"H"}

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ('[rename]\n"A" = "B"\n"B" = "A"', r"\[rename\] 'A' is in a circle: 'A' -> 'B' -> 'A'"),
            ('[rename]\n"Z" = "A"\n"A" = "A"', r"\[rename\] 'A' is in a circle: 'A' -> 'A'"),
            (
                '[parents]\n"A" = "B"\n"B" = "C"\n"C" = "B"',
                r"\[parents\] 'B' is in a circle: 'B' -> 'C' -> 'B'",
            ),
            ('drop = ["B"]\n[rename]\n"A" = "B"', r"\[rename\] 'A': the label 'B' is dropped"),
            ('drop = ["C"]\n[rename]\n"A" = "B"\n"B" = "C"', r"\[rename\] 'A': the label 'C' is dropped"),
            ('drop = ["A"]\n[rename]\n"A" = "B"', r"\[rename\] 'A': the label 'A' is dropped"),
            ('drop = ["B"]\n[parents]\n"A" = "B"', r"\[parents\] 'A': the label 'B' is dropped"),
            ('drop = ["A"]\n[parents]\n"A" = "B"', r"\[parents\] 'A': the label 'A' is dropped"),
            ('drop = ["A"]\n[codes]\n"A" = "x:1"', r"\[codes\] 'A': the label 'A' is dropped"),
            ('[rename]\n"A" = "B"\n[codes]\n"A" = "x:1"', r"\[codes\] 'A': the label 'A' is renamed to 'B'"),
            (
                '[rename]\n"A" = "B"\n[parents]\n"C" = "A"',
                r"\[parents\] 'C': the label 'A' is renamed to 'B'",
            ),
            ('[merge]\n"A" = "B"', "unknown entry 'merge'"),
            ("[rename]\n[codes]\ndrop = 1", r"\[codes\] 'drop': expected text in quotes, found 1 \(int\)"),
            ('[rename]\nA.b = "c"', r"\[rename\] 'A': .*put a name with a dot in quotes"),
            (
                '[rename]\n"A" = ["B"]',
                r"\[rename\] 'A': expected text in quotes, found a value of type list",
            ),
            ('[rename]\n"A" = ""', r"\[rename\] 'A': expected text, found an empty string"),
            ('[rename]\n"A " = "B"', r"\[rename\]: expected text without white space around it.*'A '"),
            ('rename = "A"', r"rename: expected a table, written \[rename\], found 'A' \(str\)"),
            ('drop = "A"', r"drop: expected a list of labels, found 'A' \(str\)"),
            ("drop = [1]", r"drop\[0\]: expected text in quotes, found 1 \(int\)"),
            ('drop = ["A', "expected TOML with names in quotes: Unterminated string"),
            (
                '[rename]\n"A" = "B"\n"A" = "C"',
                "expected TOML with names in quotes: Cannot overwrite a value",
            ),
            ("a = " + "[" * 5000, "expected TOML"),
            (b'drop = ["\xe9"]', "expected UTF-8, found the byte 0xe9"),
        ],
    )
    def test_what_cannot_be_meant_is_named_with_the_file(self, read, content, message):
        with pytest.raises(CorpusError, match=rf"labels\.toml: (?:{message})"):
            read(content)

    @pytest.mark.parametrize("name", ["none.toml", "."])
    def test_a_file_that_cannot_be_read_is_named(self, tmp_path, name):
        with pytest.raises(CorpusError, match=rf"{re.escape(str(tmp_path / name))}: cannot be read: "):
            read_label_mapping(tmp_path / name)

    @given(st.text())
    def test_any_text_is_a_mapping_or_an_error(self, tmp_path_factory, content):
        path = tmp_path_factory.mktemp("any") / "labels.toml"
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        try:
            assert isinstance(read_label_mapping(path), LabelMapping)
        except CorpusError as error:
            assert str(path) in str(error)

    def test_the_example_of_the_documentation_is_read(self, read):
        [example] = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
        assert set(tomllib.loads(example)) == {"drop", "rename", "parents", "codes"}
        assert read(example).rename == {"Politik": "Politics", "politics": "Politics"}


class TestProvenance:
    def test_it_keeps_the_mapping_as_json_can_hold_it(self):
        mapping = LabelMapping({"A": "B"}, frozenset({"Y", "X"}), {"B": "P"}, {"B": "x:1"})
        kept = {"rename": {"A": "B"}, "drop": ["X", "Y"], "parents": {"B": "P"}, "codes": {"B": "x:1"}}
        assert mapping.to_record() == kept

    def test_an_empty_mapping_leaves_no_trace(self):
        assert LabelMapping().to_record() is None

    @given(
        st.dictionaries(NAMES, NAMES, max_size=3),
        st.frozensets(NAMES, max_size=3),
        st.dictionaries(NAMES, NAMES, max_size=3),
        st.dictionaries(NAMES, NAMES, max_size=3),
    )
    def test_the_mapping_comes_back_from_json(self, rename, drop, parents, codes):
        try:
            mapping = LabelMapping(rename, drop, parents, codes)
        except CorpusError:
            return
        assert LabelMapping.recorded(json.loads(json.dumps(mapping.to_record()))) == mapping

    def test_without_a_record_the_mapping_is_empty(self):
        assert LabelMapping.recorded(None) == LabelMapping()

    @pytest.mark.parametrize("record", [3, ["drop"], {"drop": 3}, {"rename": {"a": 1}}, {"odd": {}}])
    def test_a_record_that_cannot_be_meant_is_an_error(self, record):
        with pytest.raises(CorpusError, match="the model's record of its label mapping: "):
            LabelMapping.recorded(record)

    @given(ARTICLES, st.dictionaries(st.sampled_from("ABC"), st.sampled_from("DE")))
    def test_a_mapping_changes_nothing_more_the_second_time(self, articles, rename):
        """A model that is trained anew may be given articles whose labels were mapped before."""
        mapping = LabelMapping(rename, frozenset("X"), {"E": "D"})
        once = mapping.apply(articles, multilabel=True).articles
        assert mapping.apply(once, multilabel=True).articles == once


def test_labels_that_unicode_calls_equal_are_one(tmp_path):
    """Regression: a file from a system that takes letters apart named labels that no article has."""
    (tmp_path / "labels.toml").write_text('drop = ["Cafe\u0301"]\n[rename]\n"E\u0301conomie" = "Economy"\n')
    mapping = read_label_mapping(tmp_path / "labels.toml")
    assert mapping == LabelMapping({"\u00c9conomie": "Economy"}, frozenset({"Caf\u00e9"}))
