"""The table for a screen: whole labels, reasons in words, and no line longer than the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch.rows import Row
from topicml.batch.table import table_of
from topicml.formatting import shortened
from topicml.model.prediction import Prediction

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SEVERAL = Prediction(
    *("Migration and refugees", ("Migration and refugees", "Trade and economy"), 0.86, False, None, 1.0),
    *(("Migration and refugees", "Trade and economy"), (0.86, 0.7), "0123456789ab"),
)


def lines_of(*rows, width=80, header=False):
    numbered = [Row(number, *row) for number, row in enumerate(rows, 1)]
    return table_of(numbered, width=width, header=header).splitlines()


def test_a_header_stands_above():
    assert lines_of(header=True)[0].split() == ["article", "sections"]
    assert set(lines_of(header=True)[1]) == {"-", " "}


def test_title_and_labels_with_whole_per_cents():
    [first, second] = lines_of((Article("Cup", title="Bakers go picking"), SEVERAL))
    assert first.split("  ", 1)[0] == "Bakers go picking"
    assert (first.split("  ")[-1].strip(), second.strip()) == (
        "Migration and refugees 86%,",
        "Trade and economy 70%",
    )
    [wide] = lines_of((Article("Cup", title="Bakers go picking"), SEVERAL), width=120)
    assert wide.endswith("  Migration and refugees 86%, Trade and economy 70%")


def test_without_a_title_the_text_begins_the_row():
    assert lines_of((Article("The first words " * 9), SEVERAL))[0].startswith(
        "The first words The first wor...  "
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("no_known_terms", "review: no word of this text is known to the model"),
        ("unusual_language", "review: too few of its words are known to the model"),
        ("low_confidence", "review: the model is not sure enough (best: Migration and refugees 86%)"),
        ("no_label_reached", "review: no label is probable enough (best: Migration and refugees 86%)"),
    ],
)
def test_why_an_article_is_for_a_person(reason, told):
    unanswered = replace(SEVERAL, label=None, labels=(), reason=reason)
    rows = lines_of((Article("", title="Bakers"), unanswered))
    assert " ".join(" ".join(rows).split()) == f"Bakers {told}"


def test_a_row_that_cannot_be_read_says_so():
    [line] = lines_of((Problem("broken JSON", "mend it", "a.jsonl", 2), None))
    assert line.split("  ", 1)[0] == "row 1"
    assert line.endswith("error: a.jsonl:2: broken JSON: mend it")


@given(title=ANY_TEXT, label=ANY_TEXT.filter(bool), width=st.integers(50, 200))
def test_no_line_is_longer_than_the_screen(title, label, width):
    answer = replace(SEVERAL, label=label, labels=(label,), classes=(label, label + "x"))
    for line in lines_of((Article("", title=title), answer), width=width, header=True):
        assert shortened(line.lstrip(), width) == " ".join(line.split())
        assert line.isprintable()


def test_rows_of_later_batches_are_aligned_with_the_first(base_classifier):
    texts = ["Cup final", "天气预报 rain", "qqq"]
    rows = [(Article(text), base_classifier.predict(text)) for text in texts]
    together = lines_of(*rows, header=True)
    assert together == [*lines_of(header=True), *(line for row in rows for line in lines_of(row))]
    assert np.unique([line.find("sections") for line in together[:1]]).tolist() == [34]
