from __future__ import annotations

import json
from io import StringIO
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.decoding import BadLine
from topicml.reading.json_lines import read_json_lines

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "label", "id", "x", ""]), inner)
    ),
    max_leaves=8,
)


def items(text: str, **options: str) -> list[Row | Problem]:
    return list(read_json_lines(StringIO(text, newline="\n"), "a.jsonl", ReadOptions(**options)))


def articles(text: str, **options: str) -> list[Article]:
    return [item.article for item in items(text, **options) if isinstance(item, Row)]


def problems(text: str, **options: str) -> list[Problem]:
    return [item for item in items(text, **options) if isinstance(item, Problem)]


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_one_object_a_line():
    text = lines(
        {"id": 7, "title": "Cup final", "text": "A draw.", "label": "sport", "page": 3, "tags": ["a", None]}
    )
    assert articles(text) == [
        Article(
            "A draw.",
            title="Cup final",
            labels=("sport",),
            id="7",
            metadata={"page": "3", "tags": '["a",null]'},
            origin="a.jsonl:1",
        )
    ]


@pytest.mark.parametrize("text", ["", "\n\n", " \r\n\t\n"])
def test_blank_lines_are_no_rows(text):
    assert items(text) == []


@pytest.mark.parametrize(
    "character", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1e", "\r", "\t", "\0"]
)
@pytest.mark.parametrize("escaped", [True, False])
def test_line_ends_of_other_kinds_inside_a_string_are_data(character, escaped):
    """Separators that Unicode knows were once taken for line ends, and valid records broke."""
    inner = json.dumps(character)[1:-1] if escaped else character
    text = f'{{"text": "Cup{inner}final", "label": "sport"}}\n\n{{"text": "Rain"}}'
    assert [(article.text, article.origin) for article in articles(text)] == [
        (f"Cup{character}final", "a.jsonl:1"),
        ("Rain", "a.jsonl:3"),
    ]


def test_crlf_ends_a_line():
    assert [article.text for article in articles('{"text": "a"}\r\n{"text": "b"}\r\n')] == ["a", "b"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"1344800117571260417"', "1344800117571260417"),
        ("9007199254740993", "9007199254740993"),
        ('"00012"', "00012"),
        ("null", None),
        ("1.0", "1.0"),
        ("1e400", "1e400"),
        ("1.10", "1.10"),
        ("1" * 5000, "1" * 5000),
        ("true", "true"),
        ('""', None),
    ],
)
def test_ids_are_text_exactly_as_typed(written, read):
    """Long numbers once changed their last digits, and one null turned all others into floats."""
    text = f'{{"text": "a", "id": null}}\n{{"text": "b", "id": {written}, "score": {written}}}\n'
    assert articles(text)[1].id == read


@pytest.mark.parametrize("number", ["1.10", "9007199254740993", "-0.0", "1E5"])
def test_numbers_in_metadata_keep_their_spelling_however_deep(number):
    [article] = articles(f'{{"text": "a", "x": {number}, "y": [{{"z": {number}}}]}}')
    assert article.metadata == {"x": number, "y": f'[{{"z":{number}}}]'}


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("1", ("1",)),
        ('"1"', ("1",)),
        ("1.0", ("1",)),
        ('"1.0"', ("1.0",)),
        ('"007"', ("007",)),
        ('"18_19"', ("18_19",)),
        ('"NA"', ("NA",)),
        ('"null"', ("null",)),
        ("true", ("true",)),
        ("null", None),
        ('" "', None),
        ("[]", ()),
        ('["a", "b ", "a", 1.0]', ("a", "b", "1")),
        ('"two\\nlines"', ("two\nlines",)),
        ('"../up, /x"', ("../up, /x",)),
    ],
)
def test_labels(written, labels):
    """Labels 1, "1" and 1.0 once became classes that could not be sorted together."""
    [item] = items(f'{{"text": "a", "label": {written}}}')
    assert item.article.labels == labels
    assert item.label_list is written.startswith("[")


@pytest.mark.parametrize(
    ("written", "text"),
    [("12", "12"), ("1.50", "1.50"), ("null", ""), ("false", "false"), ('"null"', "null")],
)
@pytest.mark.parametrize("role", ["text", "title"])
def test_a_text_that_is_no_string_is_its_json_text(role, written, text):
    [_, article] = articles(f'{{"text": "a"}}\n{{"{role}": {written}}}')
    assert getattr(article, role) == text


@pytest.mark.parametrize("role", ["text", "title", "id", "date", "source", "label"])
@pytest.mark.parametrize("value", ['{"a": 1}', '[["a"]]'])
def test_an_impossible_value_is_fatal_and_costs_its_row_only(role, value):
    text = f'{{"text": "a"}}\n{{"{role}": {value}}}\n{{"text": "b"}}\n'
    [problem] = problems(text)
    assert (problem.kind, problem.place, problem.fatal) == ("impossible value", "a.jsonl:2", True)
    assert [article.text for article in articles(text)] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ('{"text": ', 10),
        ('{"text": "a"', 13),
        ('{"text": "a}', 10),
        ('{"text": "a"} {"text": "b"}', 15),
        ("{'text': 'a'}", 2),
        ("text", 1),
        ('{"text": NaN}', 10),
        ('{"text": "NaN", "x": [1, NaN]}', 26),
        ('{"text": "\\"NaN", "x": -Infinity}', 24),
        ('{"text": "a", "x": Infinity}', 20),
        ('{"text": "\\x"}', 11),
        ('{"text": 01}', 11),
    ],
)
def test_broken_json_is_fatal_and_named_to_the_column(line, column):
    text = f'{{"text": "a"}}\n{line}\n{{"text": "b"}}\n'
    [problem] = problems(text)
    assert (problem.kind, problem.place, problem.fatal) == ("broken JSON", f"a.jsonl:2:{column}", True)
    assert [article.text for article in articles(text)] == ["a", "b"]


@pytest.mark.parametrize(
    "line", ['{"text": "a", "x": ' + "[" * 100_000, '{"text": "a", "x": ' + '{"x": ' * 100_000]
)
def test_json_that_is_nested_too_deeply_is_broken(line):
    [problem] = problems(line)
    assert (problem.kind, problem.line) == ("broken JSON", 1)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("[]", "a list"),
        ('[{"text": "a"}]', "a list"),
        ("12", "a single value"),
        ('"a"', "a single value"),
        ("null", "a single value"),
    ],
)
def test_a_value_that_is_no_object_is_fatal(value, found):
    [problem] = problems(f'{{"text": "a"}}\n{value}\n')
    assert (problem.kind, problem.place, problem.fatal) == ("not an object", "a.jsonl:2", True)
    assert f"found {found}; write one object per line" in problem.message


def test_a_line_that_is_no_text_is_fatal_and_costs_its_row_only():
    found = list(
        read_json_lines(
            ['{"text": "a"}\n', BadLine("", "why", 4), '{"text": "b"}\n'], "a.jsonl", ReadOptions()
        )
    )
    assert [item.article.text if isinstance(item, Row) else str(item) for item in found] == [
        "a",
        "a.jsonl:2:4: wrong encoding: why",
        "b",
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "a", "label": "x", "label": "y"}',
        '{"label": "y", "text": "b", "text": "a"}',
        '{"text": "a", "label": "y", "m": {"k": 1, "k": 2}}',
    ],
)
def test_a_doubled_key_is_noted(line):
    """The last value wins in silence wherever JSON is read."""
    [note, row] = items(line)
    assert (note.kind, note.line, note.fatal, note.left_out) == ("doubled key", 1, False, False)
    assert (row.article.text, row.article.labels) == ("a", ("y",))


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "\\ude00\\ud83d"])
def test_half_a_surrogate_pair_is_replaced_and_noted(half):
    """Text cut in the middle of an emoji cannot be written out again."""
    [note, row] = items(f'{{"text": "a{half}", "label": ["{half}"], "k{half}": "v"}}')
    assert (note.kind, note.fatal, note.left_out) == ("half a character", False, False)
    replaced = "\ufffd" * half.count("\\u")
    assert row.article.text == f"a{replaced}"
    assert row.article.labels == (replaced,)
    assert row.article.metadata == {f"k{replaced}": "v"}


@pytest.mark.parametrize("whole", ["\\ud83d\\ude00", "\\\\ud83d", "\\ufffd"])
def test_whole_characters_are_not_noted(whole):
    [row] = items(f'{{"text": "{whole}"}}')
    assert row.article.text == json.loads(f'"{whole}"')


def test_the_first_object_needs_a_text():
    with pytest.raises(
        CorpusError, match=r"no text column .* found 'Texts', 'label'; name it with --text-column"
    ):
        items(lines({"Texts": "a", "label": "b"}))


@pytest.mark.parametrize("row", [{"label": "x"}, {"text": None, "label": "x"}, {}])
def test_a_later_object_without_text_has_an_empty_text(row):
    assert articles(lines({"text": "a"}, row))[1].text == ""


def test_a_label_may_be_missing_from_any_object():
    text = lines({"text": "a"}, {"text": "b", "label": "x"}, {"text": "c"}, {"text": "d", "label": "x"})
    assert [article.labels for article in articles(text)] == [None, ("x",), None, ("x",)]
    assert [article.labels for article in articles(text, label_column="label")] == [
        None,
        ("x",),
        None,
        ("x",),
    ]


def test_a_named_column_that_is_in_no_object():
    """A column whose name differs by case once made a file look unlabelled."""
    with pytest.raises(CorpusError, match="no column 'label'; found 'text', 'Label'; did you mean 'Label'"):
        items(lines({"text": "a", "Label": "x"}, {"text": "b", "Label": "y"}), label_column="label")


def test_a_column_with_a_role_given_twice():
    with pytest.raises(CorpusError, match="the text column is given twice: 'text', 'Text'"):
        items('{"text": "a", "Text": "b"}')


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            {"text": "a"},
            {"body": "b"},
            "the text was read from 'text' so far, but this row has it in 'body'",
        ),
        ({"text": "a"}, {"Text": "b"}, "in 'Text'; name the column with --text-column"),
        ({"body": "a"}, {"text": "b", "body": "c"}, "in 'text'; name the column with --text-column"),
        (
            {"text": "a", "topic": "x"},
            {"text": "b", "section": "y", "topic": "x"},
            "the label was read from 'topic'",
        ),
        ({"text": "a", "title": "x"}, {"text": "b", "headline": "y"}, "the title was read from 'title'"),
        ({"text": "a"}, {"text": "b", "Text": "c"}, "the text column is given twice: 'text', 'Text'"),
    ],
)
def test_a_role_that_changes_its_column_is_fatal(first, second, message):
    """Half a file must not be learned from its sections and the other half from its topics."""
    [_, problem, row] = items(lines(first, second, first))
    assert (problem.kind, problem.place, problem.fatal) == ("mixed columns", "a.jsonl:2", True)
    assert message in problem.message
    assert row.article.text == "a"


def test_a_role_that_is_never_learned_from_keeps_its_first_column():
    text = lines(
        {"text": "a", "published": "2016"}, {"text": "b", "date": "2017"}, {"text": "c", "published": "2018"}
    )
    assert [(article.date, dict(article.metadata)) for article in articles(text)] == [
        ("2016", {}),
        (None, {"date": "2017"}),
        ("2018", {}),
    ]


def test_more_sets_of_keys_than_are_remembered():
    text = lines(*({"text": str(number), f"k{number}": 1} for number in range(1200)))
    assert [article.text for article in articles(text)] == list(map(str, range(1200)))


@given(
    st.lists(st.fixed_dictionaries({"text": TEXT, "title": TEXT, "other": TEXT}), min_size=1), st.booleans()
)
def test_texts_written_as_json_are_read_back(rows, ensure_ascii):
    text = "".join(json.dumps(row, ensure_ascii=ensure_ascii) + "\n" for row in rows)
    found = [{"text": a.text, "title": a.title, "other": a.metadata["other"]} for a in articles(text)]
    assert found == rows


@given(st.lists(TEXT))
def test_labels_written_as_json_are_read_back(labels):
    [article] = articles(lines({"text": "a", "label": labels}))
    assert article.labels == tuple(
        dict.fromkeys(normalize("NFC", label).strip() for label in labels if label.strip())
    )


@given(st.lists(JSON | st.text(max_size=20)))
def test_any_line_is_a_row_or_a_problem(rows):
    text = "".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    for item in items('{"text": "a"}\n' + text):
        assert isinstance(item, Row | Problem)
