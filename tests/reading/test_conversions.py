from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.reading.columns import ReadOptions
from topicml.reading.conversions import iso_date, ticked_labels, without_markup
from topicml.reading.corpus import only_labelled
from topicml.reading.delimited import read_csv


@pytest.mark.parametrize("ticked", ["1", "1.0", "true", "Yes", " x "])
@pytest.mark.parametrize("free", ["0", "0.0", "FALSE", "no", "", None])
def test_each_ticked_column_is_a_label(ticked, free):
    assert ticked_labels({"sport": ticked, "art": free}, ["art", "sport"]) == ("sport",)


@pytest.mark.parametrize("cell", ["2", "maybe", "0.5"])
def test_a_cell_that_is_neither_ticked_nor_free_is_shown(cell):
    with pytest.raises(CorpusError, match=f"column 'sport' must hold 1 or 0, found '{cell}'"):
        ticked_labels({"sport": cell}, ["sport"])


def read(lines, **options):
    return list(read_csv(lines, "a.csv", ReadOptions(**options)))


def test_label_columns_make_a_multilabel_table():
    rows = read(["text,sport,art\n", "Cup,1,0\n", "Rain,0,0\n"], label_columns=("sport", "art"))
    assert [(row.article.labels, row.label_list) for row in rows] == [(("sport",), True), ((), True)]
    assert rows[0].article.metadata == {}


def test_a_label_column_that_is_missing_is_named():
    with pytest.raises(CorpusError, match=r"no column 'spot'.*did you mean 'sport'"):
        read(["text,sport\n"], label_columns=("spot",))


@pytest.mark.parametrize(
    "options", [{"label_columns": "sport"}, {"label_columns": ()}, {"date_order": "ymd"}]
)
def test_impossible_options_are_refused(options):
    with pytest.raises(TopicmlValueError, match=f"{next(iter(options))} must be"):
        ReadOptions(**options)


def test_the_options_are_recorded_and_read_back():
    options = ReadOptions(label_columns=("sport", "art"), date_order="dmy", strip_html=True)
    record = options.to_record()
    record["label_columns"] = list(record["label_columns"])  # as JSON has it
    assert ReadOptions.recorded(record) == options


@pytest.mark.parametrize("answer", ["reject", "ignore"])
def test_a_label_that_an_annotator_rejected_is_not_learned(answer):
    [row] = read(["text,label,answer\n", f"Rain,sport,{answer}\n"])
    assert row.article.labels is None
    assert only_labelled(row).kind == "rejected label"


def test_a_label_that_an_annotator_accepted_is_learned():
    [row] = read(["text,label,answer\n", "Rain,sport,accept\n"])
    assert only_labelled(row).article.labels == ("sport",)


@pytest.mark.parametrize(
    ("order", "iso"), [("dmy", "2024-01-05"), ("mdy", "2024-05-01"), (None, "05/01/2024")]
)
def test_a_date_is_read_in_the_order_that_is_named(order, iso):
    [row] = read(["text;date\n", "Rain;05/01/2024\n"], date_order=order)
    assert row.article.date == iso


def test_a_date_that_does_not_fit_the_order_names_its_row():
    [problem] = read(["text;date\n", "Rain;31/12/2024\n"], date_order="mdy")
    assert (problem.kind, problem.line) == ("impossible value", 2)
    assert "'31/12/2024' is no date in the order mdy" in problem.message


@given(st.dates(), st.sampled_from("/.-"))
def test_any_day_is_read_back(day, mark):
    assert iso_date(f"{day:%d}{mark}{day:%m}{mark}{day.year:04}", "dmy") == day.isoformat()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p class="economy">Rain &amp; hail</p><p>Trains stop</p>', "Rain & hail\nTrains stop"),
        ('Cup <img src="a.jpg" alt="economy"/>final', "Cup final"),
        ("<style>p {}</style>Cup<script>var a = '<p>';</script>", "Cup"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("AT&T, R&D", "AT&T, R&D"),
    ],
)
def test_markup_is_taken_out(html, text):
    assert without_markup(html) == text


@given(st.text())
def test_any_text_can_be_stripped(text):
    assert "<p>" not in without_markup(f"<p>{text}</p>".lower().replace("<script", "").replace("<style", ""))
