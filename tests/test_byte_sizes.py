"""Sizes as people write them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import TopicmlValueError
from topicml.formatting import parse_size, size_text


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("2MB", 2_000_000),
        ("2 MB", 2_000_000),
        (" 2mb ", 2_000_000),
        ("500 kB", 500_000),
        ("500KB", 500_000),
        ("2MiB", 2 << 20),
        ("1.5 KiB", 1536),
        ("1GB", 10**9),
        ("1 GiB", 1 << 30),
        ("800000", 800_000),
        ("800000 B", 800_000),
        ("1.001kB", 1001),  # 1.001 * 1000 is 1000.99... in floating point
        ("1.0019kB", 1001),
        ("1", 1),
    ],
)
def test_reads(text, n_bytes):
    assert parse_size(text) == n_bytes


@pytest.mark.parametrize(
    "text",
    ["", "MB", "2 M", "two MB", "-2MB", "+2MB", "2e6", "2,5MB", ".5MB", "2.MB", "1_000", "2 MB 3", "2iB"],
)
def test_refuses_what_is_none(text):
    with pytest.raises(TopicmlValueError, match=rf"such as 2MB, .* found {re.escape(repr(text))}"):
        parse_size(text)


@pytest.mark.parametrize("text", ["٢MB", "2ΜB", "²MB"])
def test_refuses_digits_and_letters_of_other_scripts(text):
    with pytest.raises(TopicmlValueError, match="expected a size such as"):
        parse_size(text)


@pytest.mark.parametrize("text", ["0", "0MB", "0.9", "0.0009kB"])
def test_refuses_less_than_a_byte(text):
    with pytest.raises(TopicmlValueError, match="expected a size of 1 byte or more"):
        parse_size(text)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(TopicmlValueError):
        assert parse_size(text) >= 1


@given(st.integers(1, 10**14))
def test_what_is_written_reads_back_nearly(n_bytes):
    written = size_text(n_bytes).replace("bytes", "B").replace("byte", "B").replace(",", "")
    assert parse_size(written) == pytest.approx(n_bytes, rel=0.05)
