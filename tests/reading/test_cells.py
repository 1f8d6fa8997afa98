from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import CorpusError
from topicml.reading.cells import Number, cell_labels, cell_text, plain_text, spelled_list

NO_LISTS = ["[sport]", "[/]", "[", "[]]", "[1]", "[null]", '["a", 1]', '[["a"]]', r'["\ud800"]']


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" as typed ", " as typed "),
        (Number("9007199254740993"), "9007199254740993"),
        (Number("1.0"), "1.0"),
        (Number("1.10"), "1.10"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_a_cell_as_plain_text(cell, text):
    assert plain_text(cell, "text") == text
    assert type(plain_text(cell, "text")) is str


@pytest.mark.parametrize(("cell", "kind"), [(["a"], "a list"), ([], "a list"), ({"a": "b"}, "an object")])
def test_nested_values_are_no_plain_text(cell, kind):
    with pytest.raises(CorpusError, match=f"column 'body' must be text, found {kind}"):
        plain_text(cell, "body")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ([], "[]"),
        (["a", None, True], '["a",null,true]'),
        ({"é": {"b": Number("0.50")}}, '{"é":{"b":0.50}}'),
        (['"'], '["\\""]'),
    ],
)
def test_a_nested_cell_as_compact_json(cell, text):
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        (Number("1"), "1"),
        (Number("1.0"), "1"),
        (Number("2.000"), "2"),
        (Number("-3.0"), "-3"),
        (Number("1.5"), "1.5"),
        (Number("10"), "10"),
        ("1", "1"),
        ("1.0", "1.0"),
        ("007", "007"),
        ("18_19", "18_19"),
        ("NA", "NA"),
        ("null", "null"),
        ("None", "None"),
        ("nan", "nan"),
        (True, "true"),
        (False, "false"),
        ("Sport ", "Sport"),
        ("\u00a0Sport\u00a0\t", "Sport"),
        ("\u3000Sport\u2003", "Sport"),
        ("two\nlines", "two\nlines"),
        ("Sport, Outdoors", "Sport, Outdoors"),
    ],
)
def test_one_label(cell, label):
    """Labels that tables like to turn into numbers, dates or missing values stay what was typed."""
    assert cell_labels(cell, "label") == (label,)
    assert cell_labels([cell], "label") == (label,)


@pytest.mark.parametrize("cell", [None, "", " ", "\u00a0"])
@pytest.mark.parametrize("separator", [None, ";"])
def test_an_empty_cell_is_not_labelled(cell, separator):
    assert cell_labels(cell, "label", separator) is None


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ([], ()),
        (["a", "b"], ("a", "b")),
        (["b", "a", "b ", "a"], ("b", "a")),
        ([Number("1.0"), "1", True], ("1", "true")),
        (["a", " "], ("a",)),
    ],
)
def test_a_list_holds_each_label_once(cell, labels):
    assert cell_labels(cell, "label") == labels


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("a;b", ("a", "b")),
        (" a ;; b\u00a0; a", ("a", "b")),
        (";", ()),
        ("a", ("a",)),
        (Number("1.0"), ("1",)),
        (["a;b"], ("a;b",)),
    ],
)
def test_a_separator_splits_a_cell_and_no_list(cell, labels):
    assert cell_labels(cell, "label", ";") == labels


@pytest.mark.parametrize(
    ("cell", "kind"), [({"a": "b"}, "an object"), ([["a"]], "a list"), (["a", {}], "an object")]
)
def test_nested_labels_are_refused(cell, kind):
    with pytest.raises(
        CorpusError, match=f"column 'label' must hold a label or a list of labels, found {kind}"
    ):
        cell_labels(cell, "label")


@given(st.lists(st.text(st.characters(exclude_characters=";[", exclude_categories=["Cs"]))))
def test_labels_joined_with_the_separator_are_the_labels_of_the_list(labels):
    assert (cell_labels(";".join(labels), "label", ";") or ()) == cell_labels(labels, "label")


@pytest.mark.parametrize("separator", [None, ",", ";"])
@pytest.mark.parametrize("ascii_only", [False, True])
@given(labels=st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_text_that_spells_a_list_is_that_list(separator, ascii_only, labels):
    """A table without nested values holds labels of any characters only so: each mark may be in one."""
    cell = f" {json.dumps(labels, ensure_ascii=ascii_only)} "
    assert spelled_list(cell) == labels
    assert cell_labels(cell, "label", separator) == cell_labels(labels, "label")


@pytest.mark.parametrize("cell", [*NO_LISTS, "[" * 100_000 + "]" * 100_000, Number("1"), None, True, ["a"]])
def test_any_other_cell_stays_what_it_is(cell):
    assert spelled_list(cell) is cell


@pytest.mark.parametrize(
    "cell",
    [
        "['sport', 'economy']",
        '["sport", "economy",]',
        "('sport', 'economy')",
        "{'economy', 'sport'}",
        '{"choices": ["sport", "economy"]}',
        {"choices": ["sport", "economy"]},
    ],
)
def test_lists_as_data_frames_and_annotation_tools_write_them(cell):
    assert sorted(cell_labels(cell, "label")) == ["economy", "sport"]


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1)), st.sampled_from([list, tuple, set]))
def test_any_labels_that_python_wrote_are_read_back(labels, kind):
    stripped = {unicodedata.normalize("NFC", label).strip() for label in labels} - {""}
    written = repr(kind(labels))
    if written not in ("()", "set()"):
        assert set(cell_labels(written, "label")) == stripped


@pytest.mark.parametrize(
    "cell", ["['sport', None]", '["sport", 1]', '{"a": "b"}', "['sport' 5]", "['sport" + "', 'x' ]]"]
)
def test_what_looks_like_a_list_of_labels_but_is_none_is_shown(cell):
    with pytest.raises(CorpusError, match="must hold a label or a list of labels") as found:
        cell_labels(cell, "section")
    assert cell in str(found.value)


@pytest.mark.parametrize("cell", [["sport", None], [None]])
def test_an_empty_entry_of_a_list_is_not_lost_without_a_word(cell):
    with pytest.raises(CorpusError, match="a list of labels with an empty entry"):
        cell_labels(cell, "label")


@pytest.mark.parametrize("cell", ["#N/A", " #REF! ", "#DIV/0!"])
def test_errors_of_spreadsheets_are_no_labels(cell):
    with pytest.raises(CorpusError, match="an error of a spreadsheet"):
        cell_labels(cell, "label")


def test_labels_that_unicode_calls_equal_are_one():
    assert cell_labels(["Caf\u00e9", "Cafe\u0301"], "label") == ("Caf\u00e9",)
