from __future__ import annotations

import gzip
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, BatchSummary
from topicml.batch.worker import Answering, Batch, batches_of
from topicml.exceptions import CorpusError, ModelFormatError

ITEMS = [
    Article("Cup final", id="1"),
    Problem("broken JSON", "mend it", "a.jsonl", 2),
    Article("qqq 天\ud800"),
]


@given(pauses=st.lists(st.booleans(), max_size=30), size=st.integers(1, 9))
def test_batches_part_the_items(pauses, size):
    n_items = len(pauses)
    batches = list(batches_of(range(n_items), size, iter(pauses).__next__))
    assert [item for batch in batches for item in batch.items] == list(range(n_items))
    assert [batch.first_row for batch in batches] == [batch.items[0] + 1 for batch in batches]
    assert all(len(batch.items) <= size for batch in batches)
    assert all(len(batch.items) == size or batch.pause for batch in batches[:-1])
    assert [batch.items[-1] for batch in batches if batch.pause] == np.flatnonzero(pauses).tolist()


def test_what_was_read_before_an_error_comes_before_it():
    def items():
        yield from ITEMS
        raise CorpusError("the disk is gone")

    batches = batches_of(items(), 2)
    assert [next(batches).items, next(batches).items] == [ITEMS[:2], ITEMS[2:]]
    with pytest.raises(CorpusError, match="the disk is gone"):
        next(batches)


def test_an_answer_holds_the_rows_and_their_counts(base_classifier):
    answer = Answering(base_classifier, BatchOptions()).start()(Batch(ITEMS, 8))
    rows = list(map(json.loads, answer.data.decode().splitlines()))
    assert [row["row"] for row in rows] == [8, 9, 10]
    assert answer.summary == BatchSummary(n_rows=3, n_abstained=1, n_errors=1)
    assert answer.error is None


def test_a_strict_answer_ends_before_the_bad_row(base_classifier):
    answer = Answering(base_classifier, BatchOptions(strict=True)).start()(Batch(ITEMS, 1))
    assert [json.loads(line)["id"] for line in answer.data.splitlines()] == ["1"]
    assert "a.jsonl:2: broken JSON" in str(answer.error)


@pytest.mark.parametrize("output_format", ["jsonl", "csv"])
def test_members_one_after_the_other_are_one_gzip_file(base_classifier, output_format):
    options = BatchOptions(output_format=output_format, keep_text=True)
    plain, packed = (
        Answering(base_classifier, options, compressed=compressed) for compressed in (False, True)
    )
    pieces = [packed.head(base_classifier), *(packed.start()(Batch([item], 1)).data for item in ITEMS)]
    expected = [plain.head(base_classifier), *(plain.start()(Batch([item], 1)).data for item in ITEMS)]
    assert gzip.decompress(b"".join(pieces)) == b"".join(expected)
    assert all(piece[4:8] == bytes(4) for piece in pieces)  # no time


def test_a_model_from_its_folder_answers_the_same(base_classifier, base_model_path):
    fingerprint = base_classifier.fingerprint
    work = pickle.loads(pickle.dumps(Answering(base_model_path, BatchOptions(), fingerprint=fingerprint)))
    expected = Answering(base_classifier, BatchOptions()).start()(Batch(ITEMS, 1))
    assert work.start()(Batch(ITEMS, 1)) == expected
    with pytest.raises(ModelFormatError, match="was replaced"):
        replace(work, fingerprint="0").start()
