from __future__ import annotations

import os
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.batch.live_lines import LiveLines, is_live

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes cannot be asked there whether something waits")


@pytest.fixture
def pipe():
    """The two ends of a pipe; the writer is not buffered."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as reading, os.fdopen(writer, "wb", buffering=0) as writing:
        yield reading, writing


@given(
    pieces=st.lists(
        st.binary(min_size=1, max_size=9) | st.sampled_from([b"\n", b"a\r\n", b"\n\n"]), max_size=9
    )
)
def test_lines_are_those_of_a_file(pieces):
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as reading:
        with os.fdopen(writer, "wb", buffering=0) as writing:
            for piece in pieces:
                writing.write(piece)
        assert list(LiveLines(reading)) == list(BytesIO(b"".join(pieces)))


def test_a_line_is_given_before_the_next_is_written(pipe):
    reading, writing = pipe
    lines = LiveLines(reading)
    given_ = iter(lines)
    for text in (b"one\n", b"two\n"):
        writing.write(text)
        assert next(given_) == text
        assert lines.pauses()


def test_lines_that_are_there_keep_together(pipe):
    reading, writing = pipe
    lines = LiveLines(reading)
    given_ = iter(lines)
    writing.write(b"one\ntwo\nhalf of thr")
    assert [next(given_), lines.pauses()] == [b"one\n", False]
    assert [next(given_), lines.pauses()] == [b"two\n", True]  # half a line is none
    writing.write(b"ee")
    writing.close()
    assert not lines.pauses()
    assert [list(given_), lines.pauses()] == [[b"half of three"], False]


def test_what_is_live(pipe, tmp_path):
    (tmp_path / "a").touch()
    with (tmp_path / "a").open("rb") as file:
        assert not is_live(file)
    assert not is_live(BytesIO())
    assert is_live(pipe[0])
