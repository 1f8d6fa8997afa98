from __future__ import annotations

import csv
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import TopicmlError, TopicmlTypeError, TopicmlValueError
from topicml.lifecycle.decisions import (
    DECISION_FORMATS,
    Decision,
    Task,
    guarded,
    labels_cell,
    unguarded,
    write_tasks,
)
from topicml.reading.cells import cell_labels

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LABEL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
TASK = Task(
    "A late goal won the cup.",
    title="Cup final",
    id="a7",
    guess=("sport",),
    probability=0.62345,
    reason="unsure",
    labels=("sport", "art"),
)


def excel_rows(path):
    """The rows as a spreadsheet reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, dialect="excel"))


@pytest.fixture
def written(tmp_path):
    """Return a function that writes tasks in a format and returns the file's text."""

    def write(form, *tasks):
        write_tasks(tmp_path / "todo", tasks, format=form)
        return (tmp_path / "todo").read_text(encoding="utf-8-sig")

    return write


def test_a_spreadsheet_has_a_column_for_what_a_person_decides(tmp_path):
    write_tasks(tmp_path / "todo.csv", [TASK])
    assert excel_rows(tmp_path / "todo.csv") == [
        {
            "id": "a7",
            "title": "Cup final",
            "text": "A late goal won the cup.",
            "guess": "sport",
            "probability": "0.6234",
            "reason": "unsure",
            "label": "",
            "decision": "",
        }
    ]


def test_excel_learns_that_a_spreadsheet_is_utf_8(tmp_path):
    write_tasks(tmp_path / "todo.csv", [Task("Été")])
    assert (tmp_path / "todo.csv").read_bytes().startswith(b"\xef\xbb\xbfid,title,text,")


def test_a_name_can_ask_for_gzip(tmp_path):
    write_tasks(tmp_path / "todo.csv.gz", [TASK])
    with gzip.open(tmp_path / "todo.csv.gz", "rt", encoding="utf-8-sig") as file:
        assert file.readline().startswith("id,title,text,")


@given(st.lists(st.tuples(TEXT, TEXT, TEXT)))
def test_each_task_is_one_record_of_a_spreadsheet(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("tasks") / "todo.csv"
    write_tasks(path, [Task(text, title=title, id=id_) for text, title, id_ in cells])
    read = [(row["text"], row["title"], row["id"]) for row in excel_rows(path)]
    assert [tuple(map(unguarded, row)) for row in read] == cells


@given(TEXT)
def test_no_cell_runs_as_a_formula_and_each_reads_back(text):
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(guarded(text)) == text


@given(st.none() | st.lists(LABEL, unique=True).map(tuple), st.booleans())
def test_labels_read_back_from_a_cell(labels, as_list):
    read = cell_labels(labels_cell(labels, as_list=as_list), "label")
    assert read == (labels and cell_labels(list(labels), "label") if labels else labels)


@pytest.mark.parametrize("label", ["#N/A", '["a"]', "('a', 'b')", '{"choices": ["a"]}'])
def test_a_label_that_looks_like_something_else_reads_back(label):
    assert cell_labels(labels_cell((label,)), "label") == (label,)


def test_a_text_that_no_spreadsheet_holds_is_cut(tmp_path):
    write_tasks(tmp_path / "todo.csv", [Task("rain " * 10_000)])
    [row] = excel_rows(tmp_path / "todo.csv")
    assert len(row["text"]) == 32_003
    assert row["text"].endswith("...")


def test_label_studio_gets_tasks_with_predictions(written):
    [task] = json.loads(written("label-studio", TASK))
    assert task["data"] == {
        "title": "Cup final",
        "text": "A late goal won the cup.",
        "article_id": "a7",
        "guess": "sport",
        "probability": 0.6234,
        "reason": "unsure",
    }
    [prediction] = task["predictions"]
    assert prediction["score"] == 0.6234
    assert prediction["result"] == [
        {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["sport"]}}
    ]


def test_label_studio_gets_no_prediction_without_a_guess(written):
    assert json.loads(written("label-studio", Task("Rain"))) == [{"data": {"title": "", "text": "Rain"}}]


def test_prodigy_gets_options_and_the_guess_beside_the_text(written):
    task = json.loads(written("prodigy", TASK))
    assert task["text"] == "Cup final\nA late goal won the cup."
    assert task["options"] == [{"id": "sport", "text": "sport"}, {"id": "art", "text": "art"}]
    assert (task["article_id"], task["meta"]["guess"]) == ("a7", "sport")


def test_doccano_gets_no_guess_as_a_label(written):
    task = json.loads(written("doccano", TASK))
    assert (task["label"], task["guess"], task["article_id"]) == ([], "sport", "a7")


@pytest.mark.parametrize("form", ["prodigy", "doccano"])
def test_tools_of_lines_get_one_for_each_task(written, form):
    assert len(written(form, TASK, Task("two\nlines")).splitlines()) == 2


@pytest.mark.parametrize("form", DECISION_FORMATS)
def test_that_no_label_applies_can_be_a_guess(written, form):
    assert ("[]" if form == "csv" else "no label") in written(form, Task("Rain", guess=()))


def test_an_unknown_format_is_refused_with_a_hint(tmp_path):
    with pytest.raises(
        TopicmlValueError, match=r"unknown format 'labelstudio'.*did you mean 'label-studio'\?"
    ):
        write_tasks(tmp_path / "todo", [], format="labelstudio")


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(TopicmlError, match="cannot write"):
        write_tasks(tmp_path / "none" / "todo.csv", [])


def test_a_guess_is_a_tuple():
    with pytest.raises(TopicmlTypeError, match=r"write \('sport',\)"):
        Task("Cup", guess="sport")


def test_an_unknown_action_is_refused_with_a_hint():
    with pytest.raises(TopicmlValueError, match=r"unknown action 'replase'.*did you mean 'replace'\?"):
        Decision("replase")
