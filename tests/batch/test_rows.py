from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, BatchSummary, predict_batch
from topicml.batch.worker import batches_of
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
    assert [row["row"] for row in rows] == list(range(1, len(items) + 1))
    for row, item in zip(rows, items, strict=True):
        if isinstance(item, Problem):
            assert row == {"row": row["row"], "id": None, "error": str(item)}
        else:
            assert row == {"row": row["row"], "id": item.id, **base_classifier.predict(item).to_dict()}


@pytest.mark.parametrize("batch_size", [1, 7])
def test_rows_are_read_as_they_are_needed(base_classifier, batch_size):
    taken = count()
    endless = (Article("Cup final", id=str(number)) for number in taken)
    rows = predict_rows(base_classifier, endless, batch_size=batch_size)
    assert next(taken) == 0  # nothing was read before the first row was asked for
    assert next(rows)["id"] == "1"
    assert next(taken) == 1 + batch_size


@pytest.mark.parametrize("batch_size", [1, 2, 3, 1000])
def test_strict_gives_the_rows_before_the_bad_one_and_stops(base_classifier, batch_size):
    """What was given before an error must not depend on how many rows happen to be held at once."""
    rows = predict_rows(base_classifier, TEXTS, strict=True, batch_size=batch_size)
    assert next(rows)["id"] == "1"
    with pytest.raises(CorpusError, match=r"^a\.jsonl:2: broken JSON: mend it; .*--strict"):
        next(rows)


@pytest.mark.parametrize(("top_k", "given_"), [(None, 3), (1, 1), (2, 2), (99, 3)])
def test_top_k_limits_the_probabilities(base_classifier, top_k, given_):
    [row] = predict_rows(base_classifier, [Article("Cup final")], top_k=top_k)
    assert len(row["probabilities"]) == given_
    assert row["probabilities"][0] == ["sport", row["probability"]]


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 0}, {"batch_size": -1}, {"top_k": 0}, {"top_k": -1}, {"output_format": "xml"}],
    ids=str,
)
def test_impossible_options_are_refused(options):
    """A batch of no rows would end at once, and its caller would take the silence for an empty file."""
    with pytest.raises(TopicmlValueError, match=next(iter(options))):
        BatchOptions(**options)


def test_keep_text_gives_what_was_read(base_classifier):
    rows = list(predict_rows(base_classifier, TEXTS, keep_text=True))
    assert (rows[2]["title"], rows[2]["text"]) == ("Rain", "")
    assert "text" not in rows[1]


def test_summaries_add_up():
    assert BatchSummary(5, 2, 1) + BatchSummary(1, 1) == BatchSummary(6, 3, 1)
