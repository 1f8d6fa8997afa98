from __future__ import annotations

import codecs
import gzip
import os
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import CorpusError
from topicml.files import Gauge, open_binary, read_pieces, shown_path
from topicml.reading.decoding import BadLine, decode, decoded_lines

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def cut_at_lf(text: str) -> list[str]:
    return [line for line in text.replace("\n", "\n\0cut").split("\0cut") if line]


@pytest.mark.parametrize("encoding", list(MARKS))
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_a_byte_order_mark_says_how_to_read(encoding, text):
    data = MARKS[encoding] + text.encode(encoding)
    assert decode(data) == text
    assert list(decoded_lines(BytesIO(data))) == cut_at_lf(text)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "gb18030", "utf-7"]
)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_a_named_encoding_is_read(encoding, text):
    data = text.encode(encoding)
    assert decode(data, encoding) == text
    assert list(decoded_lines(BytesIO(data), encoding)) == cut_at_lf(text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_without_a_mark_a_named_wide_encoding_is_little_endian(encoding):
    assert decode("hé".encode(f"{encoding}-le"), encoding) == "hé"


def test_a_mark_that_contradicts_the_named_encoding_is_text():
    assert decode(b"\xef\xbb\xbfhi", "latin-1") == "ï»¿hi"


@pytest.mark.parametrize("encoding", list(MARKS))
def test_a_line_feed_has_all_bytes_of_its_encoding(encoding):
    """Lines were once cut inside a character: U+0A0A is two line feeds to a hasty eye."""
    text = "é\u0a0a\r\n\u0a00\u000a\n中\u2028x\n\n😀\u0a0d end"
    assert list(decoded_lines(BytesIO(MARKS[encoding] + text.encode(encoding)))) == cut_at_lf(text)


@pytest.mark.parametrize(
    "character", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r"]
)
def test_lines_end_at_lf_alone(character):
    assert list(decoded_lines(BytesIO(f"a{character}b\nc".encode()))) == [f"a{character}b\n", "c"]


def test_nothing_has_no_line():
    assert (
        list(decoded_lines([])) == list(decoded_lines([b""])) == list(decoded_lines([codecs.BOM_UTF8])) == []
    )


@pytest.mark.parametrize(
    ("data", "encoding", "line", "column", "reason"),
    [
        (b"ok\ncaf\xe9\nok\n", None, 1, 4, "byte 0xe9 at offset 6 is not UTF-8"),
        ("é\né".encode() + b"\xff", None, 1, 2, "byte 0xff at offset 5 is not UTF-8"),
        (codecs.BOM_UTF8 + b"\xff", None, 0, 1, "byte 0xff at offset 3 is not UTF-8"),
        (
            codecs.BOM_UTF16_LE + "a\n".encode("utf-16-le") + b"\x00\xd8",
            None,
            1,
            1,
            "byte 0x00 at offset 6 is not UTF-16-LE",
        ),
        (b"a\n\x81", "cp1252", 1, 1, "byte 0x81 at offset 2 is not CP1252"),
        (b"a\n\xe9", "ascii", 1, 1, "byte 0xe9 at offset 2 is not ASCII"),
    ],
)
def test_a_byte_that_is_no_text_costs_its_line_only(data, encoding, line, column, reason):
    lines = list(decoded_lines(BytesIO(data), encoding))
    bad = lines[line]
    assert isinstance(bad, BadLine)
    assert (bad.column, bad.reason) == (
        column,
        f"{reason}; name the file's encoding with --encoding, for example --encoding cp1252",
    )
    assert not any(isinstance(other, BadLine) for other in lines if other is not bad)
    with pytest.raises(CorpusError, match=reason):
        decode(data, encoding)


def test_a_bad_line_becomes_a_problem_with_its_place():
    problem = BadLine("caf\ufffd", "why", 4).problem("a.csv", 7)
    assert (str(problem), problem.fatal) == ("a.csv:7:4: wrong encoding: why", True)


@given(
    st.binary(),
    st.sampled_from([None, "utf-8", "utf-16", "utf-32", "utf-7", "cp1252", "shift_jis"]),
)
def test_any_bytes_are_lines_or_bad_lines(data, encoding):
    for line in decoded_lines(BytesIO(data), encoding):
        assert isinstance(line, str | BadLine)


@given(st.binary(), st.sampled_from([None, "utf-8", "utf-16", "utf-32", "utf-7", "cp1252", "shift_jis"]))
def test_any_bytes_are_text_or_an_error(data, encoding):
    try:
        assert isinstance(decode(data, encoding), str)
    except CorpusError as error:
        assert "at offset" in str(error)


@given(TEXT)
def test_a_compressed_file_is_read_like_a_plain_one(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("gz")
    (folder / "a.txt").write_bytes(text.encode())
    (folder / "a.txt.GZ").write_bytes(gzip.compress(text.encode()))
    with open_binary(folder / "a.txt") as plain, open_binary(folder / "a.txt.GZ") as compressed:
        assert plain.read() == compressed.read() == text.encode()


def test_a_file_that_cannot_be_opened(tmp_path):
    with pytest.raises(CorpusError, match="cannot be read: No such file or directory"):
        open_binary(tmp_path / "a.csv")
    with pytest.raises(CorpusError, match="cannot be read: Is a directory"):
        open_binary(tmp_path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda _: b"plain text", "cannot be read: Not a gzipped file"),
        (lambda data: data[:-12], "cannot be read: Compressed file ended before"),
        (lambda data: data[:10] + b"\xff" * 8 + data[18:], "cannot be read: Error -3 while decompressing"),
    ],
)
def test_a_damaged_compressed_file(tmp_path, damage, message):
    file = tmp_path / "a.txt.gz"
    file.write_bytes(damage(gzip.compress(b"Rain " * 5000)))
    with open_binary(file) as stream, pytest.raises(CorpusError, match=message):
        list(read_pieces(stream))


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"cafe.txt", "cafe.txt"), ("café.txt".encode(), "café.txt"), (b"caf\xe9.txt", "caf\\xe9.txt")],
)
def test_a_file_name_that_is_not_utf8_is_shown_escaped(name, shown):
    assert shown_path(os.fsdecode(name)) == shown


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_gauge_tells_how_much_of_a_file_was_read(tmp_path, name):
    lines = [b"%d\n" % (number**5) for number in range(50_000)]
    data = b"".join(lines)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    gauge = Gauge()
    assert gauge.share() is None
    with open_binary(tmp_path / name, gauge) as file:
        shares = [gauge.share() for number, _ in enumerate(file) if number % 1000 == 0]
        assert shares == sorted(shares)
        assert 0.4 < shares[25] < 0.6
        assert gauge.share() == 1
    assert gauge.share() == 1
