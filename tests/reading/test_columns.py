from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.reading.columns import INPUT_FORMATS, Columns, ReadOptions, Row, find_columns

CONVENTIONS = {
    "text": ["text", "body", "content", "article"],
    "title": ["title", "headline"],
    "label": ["label", "labels", "section", "topic", "category"],
    "id": ["id"],
    "date": ["date", "published"],
    "source": ["source", "outlet"],
}


@pytest.mark.parametrize(
    ("role", "name"), [(role, name) for role, names in CONVENTIONS.items() for name in names]
)
@pytest.mark.parametrize("spelling", ["{}", " {} ", "\u00a0{}"])
def test_a_column_is_found_by_convention_whatever_its_case_and_blanks(role, name, spelling):
    for cased in (name, name.upper(), name.title()):
        column = spelling.format(cased)
        found = ["other", column] + ([] if role == "text" else ["text"])
        assert find_columns(found, ReadOptions()).names[role] == column


@pytest.mark.parametrize(
    ("role", "names"), [(role, names) for role, names in CONVENTIONS.items() if len(names) > 1]
)
def test_of_several_candidates_the_first_in_the_convention_is_taken(role, names):
    found = [*reversed(names), "text"] if role != "text" else list(reversed(names))
    assert find_columns(found, ReadOptions()).names[role] == names[0]


def test_only_the_text_is_needed():
    assert find_columns(["text"], ReadOptions()).names == {"text": "text"}


@pytest.mark.parametrize("role", list(CONVENTIONS))
def test_a_column_named_by_the_caller_is_taken_over_the_convention(role):
    found = ["x", *(names[0] for names in CONVENTIONS.values())]
    assert find_columns(found, ReadOptions(**{f"{role}_column": "x"})).names[role] == "x"


def test_a_named_column_has_one_role_only():
    names = find_columns(["title", "label"], ReadOptions(text_column="title")).names
    assert names == {"text": "title", "label": "label"}


@pytest.mark.parametrize("role", list(CONVENTIONS))
@pytest.mark.parametrize("typed", ["Desk", " desk", "desk ", "DESK", "desks"])
def test_a_named_column_must_be_there_exactly(role, typed):
    """A column whose name differs by case or blanks once made a file look empty."""
    options = ReadOptions(**{f"{role}_column": "desk"})
    with pytest.raises(
        CorpusError, match=f"no column 'desk'; found 'text', {typed!r}; did you mean {typed!r}\\?"
    ):
        find_columns(["text", typed], options)


def test_a_named_column_that_is_like_no_other_gets_no_hint():
    with pytest.raises(CorpusError, match=r"no column 'desk'; found 'text'$"):
        find_columns(["text"], ReadOptions(label_column="desk"))


@pytest.mark.parametrize("found", [["Cup final", "sport"], ["texts"], []])
def test_without_a_text_column_the_found_ones_are_listed(found):
    listing = ", ".join(map(repr, found)) or "no column"
    with pytest.raises(
        CorpusError, match=f"no text column .*found {listing}; name it with --text-column.*header line"
    ):
        find_columns(found, ReadOptions())


def test_a_listing_is_short_whatever_was_found():
    """A file without a header has whole articles for column names."""
    with pytest.raises(CorpusError, match=r"found 'x{60}\.\.\.', 'c1', .*'c19', and 80 more;"):
        find_columns(["x" * 5000, *(f"c{number}" for number in range(1, 100))], ReadOptions())


@pytest.mark.parametrize(
    ("found", "options", "listing"),
    [
        (["text", "label", "text"], ReadOptions(), "the text column is given twice: 'text', 'text'"),
        (["text", "label", "label"], ReadOptions(), "the label column is given twice: 'label', 'label'"),
        (["text", "Text "], ReadOptions(), "the text column is given twice: 'text', 'Text '"),
        (["text", "x", "x"], ReadOptions(id_column="x"), "the id column is given twice: 'x', 'x'"),
    ],
)
def test_a_column_with_a_role_must_be_there_once(found, options, listing):
    with pytest.raises(CorpusError, match=listing):
        find_columns(found, options)


def test_names_that_differ_by_case_can_be_told_apart_by_naming_one():
    assert find_columns(["text", "Text"], ReadOptions(text_column="Text")).names == {"text": "Text"}


def test_a_column_that_is_not_required_may_be_missing():
    assert find_columns(["x"], ReadOptions(label_column="y"), required=()).names == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_format": "xlsx"}, "unknown input format 'xlsx'; expected one of jsonl, json, csv"),
        ({"delimiter": ""}, "delimiter must be one character"),
        ({"delimiter": "||"}, "delimiter must be one character"),
        ({"delimiter": '"'}, "other than a quote or a line end"),
        ({"delimiter": "\n"}, "other than a quote or a line end"),
        ({"label_separator": ""}, "separator must contain a character that is not blank"),
        ({"label_separator": " "}, "separator must contain a character that is not blank"),
        ({"encoding": "utf-9"}, "unknown encoding 'utf-9'"),
        ({"encoding": "base64"}, "unknown encoding 'base64'"),
        ({"encoding": "idna"}, "unknown encoding 'idna'"),
    ],
)
def test_impossible_options_are_refused_at_the_door(options, message):
    with pytest.raises(TopicmlValueError, match=message):
        ReadOptions(**options)


def test_a_row_is_made_of_its_cells():
    columns = find_columns(
        ["id", "Headline", "body", "topic", "date", "outlet", "page", "note"], ReadOptions()
    )
    cells = {
        "id": "00012",
        "Headline": "Cup final",
        "body": "A draw.",
        "topic": ["sport"],
        "date": "2016-03-03",
        "outlet": "Harbour Daily",
        "page": ["7"],
        "note": None,
    }
    row = columns.row(cells, "a.jsonl", 7)
    assert isinstance(row, Row)
    article = row.article
    assert (article.text, article.title, article.labels) == ("A draw.", "Cup final", ("sport",))
    assert (article.id, article.date, article.source) == ("00012", "2016-03-03", "Harbour Daily")
    assert (article.metadata, article.origin) == ({"page": '["7"]'}, "a.jsonl:7")
    assert (row.path, row.line, row.label_list) == ("a.jsonl", 7, True)


@pytest.mark.parametrize("role", ["text", "title", "id", "date", "source"])
def test_a_nested_value_in_a_role_is_a_fatal_problem(role):
    problem = Columns({role: "x"}).row({"x": {"a": "b"}}, "a.jsonl", 7)
    assert (
        str(problem)
        == "a.jsonl:7: impossible value: column 'x' must be text, found an object; correct the row"
    )
    assert (problem.fatal, problem.left_out) == (True, True)


def test_a_nested_label_is_a_fatal_problem():
    problem = Columns({"label": "x"}).row({"x": {"a": "b"}}, "a.jsonl", 7)
    assert (problem.kind, problem.place, problem.fatal) == ("impossible value", "a.jsonl:7", True)


@given(
    st.builds(
        ReadOptions,
        text_column=st.none() | st.text(),
        label_column=st.none() | st.text(),
        label_separator=st.none() | st.sampled_from(";|"),
        encoding=st.none() | st.just("latin-1"),
        input_format=st.none() | st.sampled_from(INPUT_FORMATS),
    )
)
def test_the_record_of_a_model_gives_the_options_back(options):
    kept = json.loads(json.dumps(options.to_record()))
    assert ReadOptions.recorded(kept) == options
    assert (kept is None) == (options == ReadOptions())


@pytest.mark.parametrize("record", [3, [], {"colour": "red"}, {"delimiter": 3}, {"encoding": None}])
def test_a_record_that_holds_no_options_is_an_error(record):
    with pytest.raises(TopicmlValueError, match="expected the options that articles were read with"):
        ReadOptions.recorded(record)
