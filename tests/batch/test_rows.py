from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, BatchSummary, predict_batch
from topicml.batch.worker import batches_of
from topicml.corpus.label_mapping import LabelMapping
from topicml.exceptions import CorpusError, TopicmlValueError

WORDS = ("cup", "final", "bank", "rate", "rain", "snow", "qqq", "\n", "")
ARTICLES = st.builds(
    Article,
    st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    title=st.sampled_from(["", "Storm"]),
    id=st.none() | st.sampled_from(["00012", "9007199254740993", "天"]),
)
PROBLEMS = st.builds(
    Problem, st.just("broken JSON"), st.text(max_size=5), st.just("a.jsonl"), st.integers(1, 9)
)
ITEMS = st.lists(ARTICLES | PROBLEMS, max_size=20)
TEXTS = [
    Article("Cup final", id="1"),
    Problem("broken JSON", "mend it", "a.jsonl", 2),
    Article("", title="Rain"),
]


def predict_rows(model, items, **options):
    """Yield the rows of items, batch by batch."""
    chosen = BatchOptions(**options)
    for batch in batches_of(items, chosen.batch_size):
        yield from predict_batch(model, batch.items, chosen, first_row=batch.first_row)


@settings(max_examples=40)  # each predicts several batches
@given(items=ITEMS)
def test_one_row_for_each_item_whatever_the_batch_size(base_classifier, items):
    rows = list(predict_rows(base_classifier, items))
    for batch_size in (1, 7):
        assert list(predict_rows(base_classifier, items, batch_size=batch_size)) == rows
    assert [row.number for row in rows] == list(range(1, len(items) + 1))
    for row, item in zip(rows, items, strict=True):
        expected = None if isinstance(item, Problem) else base_classifier.predict(item)
        assert (row.item, row.prediction) == (item, expected)


@pytest.mark.parametrize("batch_size", [1, 7])
def test_rows_are_read_as_they_are_needed(base_classifier, batch_size):
    taken = count()
    endless = (Article("Cup final", id=str(number)) for number in taken)
    rows = predict_rows(base_classifier, endless, batch_size=batch_size)
    assert next(taken) == 0  # nothing was read before the first row was asked for
    assert next(rows).item.id == "1"
    assert next(taken) == 1 + batch_size


@pytest.mark.parametrize("batch_size", [1, 2, 3, 1000])
def test_strict_gives_the_rows_before_the_bad_one_and_stops(base_classifier, batch_size):
    """What was given before an error must not depend on how many rows happen to be held at once."""
    rows = predict_rows(base_classifier, TEXTS, strict=True, batch_size=batch_size)
    assert next(rows).item.id == "1"
    with pytest.raises(CorpusError, match=r"^a\.jsonl:2: broken JSON: mend it; .*--strict"):
        next(rows)


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 0}, {"batch_size": -1}, {"top_k": 0}, {"top_k": -1}, {"output_format": "xml"}],
    ids=str,
)
def test_impossible_options_are_refused(options):
    """A batch of no rows would end at once, and its caller would take the silence for an empty file."""
    with pytest.raises(TopicmlValueError, match=next(iter(options))):
        BatchOptions(**options)


def test_codes_are_given_where_they_are_wanted(base_classifier):
    mapping = LabelMapping(codes={"sport": "medtop:15000000"}).to_record()
    model = replace(base_classifier, provenance={"label_mapping": mapping})
    for wanted, expected in ((True, ["medtop:15000000"]), (False, None)):
        [row] = predict_rows(model, [Article("Cup final")], codes=wanted)
        assert row.codes == expected


def test_a_label_is_always_given_where_it_is_wanted(multilabel_classifier):
    strict = replace(multilabel_classifier, thresholds=np.full(3, 1.1))
    for always, expected in ((True, ("sport",)), (False, ())):
        [row] = predict_rows(strict, [Article("Cup final")], always_label=always)
        assert row.prediction.labels == expected


def test_summaries_add_up():
    assert BatchSummary(5, 2, 1, 1) + BatchSummary(1, 1) == BatchSummary(6, 3, 1, 1)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (BatchSummary(), "0 articles; none need review"),
        (BatchSummary(59), "59 articles; none need review"),
        (
            BatchSummary(59, 2, 0, 6),
            "59 articles; 8 need review (6 without a label, 2 the model is unsure of)",
        ),
        (BatchSummary(1, 1), "1 article; 1 needs review (the model is unsure)"),
        (BatchSummary(5000, 0, 0, 1200), "5,000 articles; 1,200 need review (without a label)"),
        (BatchSummary(3, 0, 1), "2 articles; none need review; 1 row could not be read"),
    ],
    ids=str,
)
def test_a_summary_says_what_is_left_to_a_person(summary, expected):
    assert str(summary) == expected
