"""CSV as a spreadsheet shows it: a plain value in each cell, and whatever a text holds stays in its cell."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, predict_batch
from topicml.batch.spreadsheet import Spreadsheet
from topicml.corpus.label_mapping import LabelMapping

RANKED = "label_1,probability_1,label_2,probability_2,label_3,probability_3"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NEWS = Article(
    "Cup final", id="00012", title="Storm", date="2023-01-02", metadata={"url": "https://a.example"}
)


def table_of(model, items, **options) -> list[dict[str, str]]:
    """Return the cells of rows as any reader of CSV finds them."""
    chosen = BatchOptions(output_format="csv", **options)
    sheet = Spreadsheet.of(chosen, model)
    lines = "".join(sheet.lines(predict_batch(model, items, chosen, first_row=1)))
    return list(csv.DictReader(io.StringIO(lines, newline=""), sheet.columns))


def test_one_label_and_the_most_probable_ones(base_classifier):
    names = Spreadsheet.of(BatchOptions(), base_classifier).columns
    assert ",".join(names) == (
        f"row,id,title,date,url,label,probability,{RANKED},needs_review,reason,fingerprint,error"
    )


def test_several_labels_have_a_cell(multilabel_classifier):
    names = Spreadsheet.of(BatchOptions(keep_text=True, codes=True, top_k=1), multilabel_classifier).columns
    assert ",".join(names) == (
        "row,id,title,date,url,label,probability,labels,label_1,probability_1,"
        "needs_review,reason,fingerprint,error,codes,text"
    )


def test_an_article_is_known_again(base_classifier):
    [row] = table_of(base_classifier, [NEWS])
    found = [row[name] for name in ("row", "id", "title", "date", "url", "text")[:5]]
    assert found == ["1", "00012", "Storm", "2023-01-02", "https://a.example"]


def test_an_answer_is_in_plain_cells(base_classifier):
    [row] = table_of(base_classifier, [NEWS])
    prediction = base_classifier.predict(NEWS)
    assert (row["label"], row["needs_review"], row["reason"]) == ("sport", "false", "")
    assert (row["error"], row["fingerprint"]) == ("", base_classifier.fingerprint)
    for rank, (label, probability) in enumerate(prediction.probabilities.items(), 1):
        assert row[f"label_{rank}"] == label
        assert float(row[f"probability_{rank}"]) == probability


def test_a_row_without_an_answer_says_why(base_classifier):
    items = [Article("qqq"), Problem("broken JSON", "mend it", "a.jsonl", 2)]
    unknown, broken = table_of(base_classifier, items)
    assert (unknown["label"], unknown["needs_review"]) == ("", "true")
    assert unknown["reason"] == "no word of this text is known to the model"
    assert (broken["row"], broken["error"]) == ("2", "a.jsonl:2: broken JSON: mend it")
    assert (broken["needs_review"], broken["fingerprint"]) == ("", "")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("a", "b", "c"), "a; b; c"),
        (("a;", "b", "c"), "a; | b | c"),
        (("a;", "b|", "c"), "a; / b| / c"),
        (("a;", "b|", "c/"), "a; ;; b| ;; c/"),
    ],
)
def test_labels_are_separated_by_what_no_label_has(multilabel_classifier, labels, expected):
    calibration = descending(multilabel_classifier)
    model = replace(multilabel_classifier, classes_=labels, thresholds=np.zeros(3), calibration=calibration)
    assert table_of(model, [NEWS])[0]["labels"] == expected


def descending(model):
    """A calibration by which the first label is the most probable one, and the last the least."""
    return replace(model.calibration, slope=np.zeros(3), offset=np.array([3.0, 2.0, 1.0]))


def test_codes_have_a_cell(multilabel_classifier):
    mapping = LabelMapping(codes={"sport": "m:1", "weather": "m:2"}).to_record()
    model = replace(
        multilabel_classifier,
        provenance={"label_mapping": mapping},
        thresholds=np.zeros(3),
        calibration=descending(multilabel_classifier),
    )
    assert table_of(model, [NEWS], codes=True)[0]["codes"] == "; m:1; m:2"


@given(label=ANY_TEXT.filter(bool), text=ANY_TEXT)
def test_every_label_and_text_reads_back(base_classifier, label, text):
    """Separators, quotes, and each of the line ends that CSV knows; only an apostrophe may be added."""
    model = replace(base_classifier, classes_=(label, "b", "c"), calibration=surest_first(base_classifier))
    [row] = table_of(model, [Article(f"Cup final {text}", title=text, id=text)], keep_text=True)
    assert (row["label"], row["label_1"], row["id"]) == (label, label, text)
    assert row["text"] == f"Cup final {text}"
    assert row["title"] in (text, f"'{text}")


def surest_first(model):
    """A calibration by which the first label is always the most probable one."""
    return replace(model.calibration, slope=np.zeros(3), offset=np.array([9.0, 0.0, 0.0]))


@pytest.mark.parametrize("text", ["Fog\rhail", "Fog\r", "\r", "a\r\nb", "a\nb", '"', "a,b", "../up", "[x]"])
def test_a_row_is_one_record(base_classifier, text):
    """A lone CR ends a line for most readers of CSV, so it must be in quotes as LF is."""
    rows = table_of(base_classifier, [Article(text), Article("Rain")], keep_text=True)
    assert [row["text"].removeprefix("'") for row in rows] == [text, "Rain"]


@pytest.mark.parametrize(
    "formula", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "=HYPERLINK(1)", "\t=1", "\r=1", "-x", "=", "@newsroom"]
)
def test_what_a_spreadsheet_would_run_is_a_text(base_classifier, formula):
    [row] = table_of(base_classifier, [replace(NEWS, title=formula, text=formula)], keep_text=True)
    assert (row["title"], row["text"]) == (f"'{formula}", f"'{formula}")


@pytest.mark.parametrize("text", ["-17", "+3.5", "-1,000", "a=b", "1-2", "'=1", " x"])
def test_numbers_and_other_texts_stay_as_they_are(base_classifier, text):
    [row] = table_of(base_classifier, [replace(NEWS, title=text, text=text)], keep_text=True)
    assert (row["title"], row["text"]) == (text, text)


def test_a_key_is_never_changed(base_classifier):
    assert table_of(base_classifier, [replace(NEWS, id="-x7=")])[0]["id"] == "-x7="
