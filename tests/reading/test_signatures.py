from __future__ import annotations

import bz2
import gzip
import lzma
from io import BytesIO

import pytest

from topicml.exceptions import CorpusError
from topicml.reading.readers import iter_articles, read_corpus

PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
CSV = b"text,label\nCup final,sport\n"
FOREIGN = {
    "zstd -d": b"\x28\xb5\x2f\xfd\x04\x00",
    "save it as .xlsx or as CSV": b"\xd0\xcf\x11\xe0\xa1\xb1",
    "RTF; save it as plain text": b"{\\rtf1\\ansi Cup final}",
    "pdftotext": b"%PDF-1.7\n",
    "topicml collect": b"\n<!DOCTYPE html>\n<html><body>Cup final</body></html>",
    "page saved as MHTML; save it as HTML": b"From: <Saved by Blink>\r\nSnapshot-Content-Location: x\r\n",
    "database of SQLite": b"SQLite format 3\x00",
}


@pytest.mark.parametrize("packed", list(PACKED))
@pytest.mark.parametrize("ending", ["", ".gz", ".bz2", ".xz"])
def test_compressed_files_are_read_whatever_their_name_says(tmp_path, packed, ending):
    if ending == ".gz" and packed != "gz":
        pytest.skip("a name that says gzip is taken at its word")
    path = tmp_path / f"a.csv{ending}"
    path.write_bytes(PACKED[packed](CSV))
    assert [a.labels for a in read_corpus(path)] == [("sport",)]


@pytest.mark.parametrize("packed", list(PACKED))
def test_a_compressed_stream_is_read(packed):
    [article] = iter_articles(BytesIO(PACKED[packed](b"Cup final\n")))
    assert article.text == "Cup final"


@pytest.mark.parametrize("packed", list(PACKED))
def test_a_compressed_file_that_is_cut_off_is_an_error(tmp_path, packed):
    path = tmp_path / f"a.csv.{packed}"
    path.write_bytes(PACKED[packed](CSV * 50)[:-6])
    with pytest.raises(CorpusError, match="cannot be read"):
        read_corpus(path)


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.jsonl", "a", "a.tsv"])
@pytest.mark.parametrize("cure", list(FOREIGN))
def test_what_is_no_table_says_what_it_is_and_what_to_do(tmp_path, name, cure):
    path = tmp_path / name
    path.write_bytes(FOREIGN[cure])
    with pytest.raises(CorpusError, match=f"{name}: the file .*{cure}"):
        list(iter_articles(path))
