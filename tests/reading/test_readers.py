from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions
from topicml.reading.corpus import Corpus
from topicml.reading.readers import check_corpus, iter_articles, read_corpus

PAGE = "Home / weather\n\nRain\n\nBy Ada Moss\n\nIt rains."
JSONL = b'{"text": "It rains.", "label": "weather"}\n'
CSV = b"text,label\nIt rains.,weather\n"
TSV = b"text\tlabel\nIt rains.\tweather\n"
LABELLED = [("It rains.", ("weather",))]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write_file(name: str, content: str | bytes) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write_file


def parquet(columns: dict[str, list[str]]) -> bytes:
    buffer = BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def summary(items) -> list[tuple[str, tuple[str, ...] | None] | str]:
    return [(item.text, item.labels) if isinstance(item, Article) else item.kind for item in items]


FILES = {
    "a.jsonl": JSONL,
    "a.ndjson": JSONL,
    "a.jsonlines": JSONL,
    "a.json": JSONL,
    "a.JSONL": JSONL,
    "a.b.csv": CSV,
    "a.tsv": TSV,
    "a.tab": TSV,
    "a.txt": PAGE.encode(),
    "a.parquet": parquet({"text": ["It rains."], "label": ["weather"]}),
}


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", list(FILES))
def test_the_format_is_known_by_the_name(write, name, compressed):
    file = (
        write(f"{name}.gz", gzip.compress(FILES[name], mtime=0)) if compressed else write(name, FILES[name])
    )
    assert summary(iter_articles(file)) == LABELLED
    assert summary(iter_articles(str(file))) == LABELLED


@pytest.mark.parametrize(
    ("input_format", "content"),
    [("jsonl", JSONL), ("csv", CSV), ("tsv", TSV), ("page", PAGE.encode()), ("parquet", FILES["a.parquet"])],
)
def test_a_named_format_is_taken_over_the_name(write, input_format, content):
    options = ReadOptions(input_format=input_format)
    assert summary(iter_articles(write("a.docx", content), options)) == LABELLED
    assert summary(iter_articles(write("b.txt", content), options)) == LABELLED
    assert summary(iter_articles(BytesIO(content), options)) == LABELLED


def test_a_text_file_holds_an_article_a_line(write):
    assert summary(iter_articles(write("a.txt", "Rain\n\nSnow\n"))) == [
        ("Rain", None),
        ("", None),
        ("Snow", None),
    ]
    assert len(list(iter_articles(write("b.txt", PAGE), ReadOptions(input_format="lines")))) == 7


def test_a_folder_of_text_files(write, tmp_path):
    write("weather/1.txt", "It rains.")
    assert summary(iter_articles(tmp_path)) == summary(iter_articles(f"{tmp_path}/")) == LABELLED
    assert summary(iter_articles(tmp_path, ReadOptions(input_format="folder"))) == LABELLED


@pytest.mark.parametrize("name", ["a", "a.gz", "a.docx"])
def test_an_unknown_ending_lists_the_known_ones(write, name):
    file = write(name, CSV)
    with pytest.raises(
        CorpusError, match=rf"{name}: unknown ending .*expected one of \.jsonl, .*\.txt.*--input-format"
    ):
        list(iter_articles(file))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a", "a.parquet", "a.jsonl.gz", "a\0b.csv"])
def test_a_missing_file(tmp_path, name):
    with pytest.raises(CorpusError, match=re.escape(f"{escaped(name)}: no such file or folder")):
        list(iter_articles(tmp_path / name))


@pytest.mark.parametrize("input_format", ["csv", "parquet"])
def test_a_folder_is_no_file(tmp_path, input_format):
    with pytest.raises(CorpusError, match="cannot be read"):
        list(iter_articles(tmp_path, ReadOptions(input_format=input_format)))


def test_a_file_or_stream_is_no_folder(write):
    options = ReadOptions(input_format="folder")
    with pytest.raises(CorpusError, match=r"a.csv: cannot be listed: Not a directory"):
        list(iter_articles(write("a.csv", CSV), options))
    with pytest.raises(CorpusError, match="expected a folder, found a stream"):
        list(iter_articles(BytesIO(CSV), options))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (JSONL, LABELLED),
        (b"\n \n" + JSONL, LABELLED),
        (b"\xef\xbb\xbf" + JSONL, LABELLED),
        (JSONL.decode().encode("utf-16"), LABELLED),
        (b"It rains.\n{}\n", [("It rains.", None), ("{}", None)]),
        (b"", []),
    ],
)
def test_standard_input_is_known_by_its_first_character(monkeypatch, content, expected):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(content)))
    assert summary(iter_articles("-")) == expected
    assert summary(iter_articles(BytesIO(content))) == expected


def test_standard_input_has_a_name_and_stays_open(monkeypatch):
    stream = BytesIO(b"Rain\n")
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(stream))
    assert [item.origin for item in iter_articles("-")] == ["<stdin>:1"]
    assert not stream.closed


@pytest.mark.parametrize("stream", [StringIO("Rain"), TextIOWrapper(BytesIO(b"Rain"))])
def test_a_file_opened_as_text_is_refused(stream):
    with pytest.raises(TopicmlTypeError, match="<stream>: expected a binary file, found one opened as text"):
        list(iter_articles(stream))


def test_an_open_file_is_called_by_its_name(write):
    with write("a.data", "Rain\n").open("rb") as stream:
        assert [Path(item.origin).name for item in iter_articles(stream)] == ["a.data:1"]


@pytest.mark.parametrize("line", [b"Rain\n", JSONL])
def test_a_stream_is_read_as_it_comes(line):
    """Rows must not wait for a block to fill, nor the end of a stream that has none."""
    read, written = os.pipe()
    with os.fdopen(read, "rb") as stream, os.fdopen(written, "wb", buffering=0) as pipe:
        items = iter_articles(stream)
        for _ in range(3):
            pipe.write(line)
            assert isinstance(next(items), Article)


def test_reading_stops_when_the_caller_stops(write):
    file = write("a.jsonl", JSONL * 3)
    assert len(list(islice(iter_articles(file), 2))) == 2


def test_each_row_is_one_item_in_its_place(write):
    rows = [b"text,label", b"a,x", b"b", b"caf\xe9,x", b'"c" d,x', b",x", b"e,"]
    items = list(iter_articles(write("a.csv", b"\n".join(rows))))
    assert summary(items) == [
        ("a", ("x",)),
        "wrong number of cells",
        "wrong encoding",
        "stray quote",
        ("", ("x",)),
        ("e", None),
    ]


def test_notes_do_not_stand_in_the_place_of_rows(write):
    file = write("a.jsonl", '{"text": "a", "text": "b"}\n')
    assert summary(iter_articles(file)) == [("b", None)]
    assert [problem.kind for problem in read_corpus(file).problems] == ["doubled key"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label,labels\na,x,"[""x""]"\nb,x,"[""x"", ""y""]"\nc,x,"[""x"", ""z""]"\n'),
        ("a.tsv", 'text\tlabel\tTopic \na\tx\t["x"]\nb\tx\t["x", "y"]\n'),
        ("a.jsonl", '{"text": "a", "label": "x"}\n{"text": "b", "label": "x", "labels": ["x", "y"]}\n'),
        ("a.parquet", parquet({"text": ["a", "b"], "label": ["x", "x"], "labels": [["x"], ["x", "y"]]})),
    ],
    ids=lambda value: value if str(value).startswith("a.") else "",
)
def test_lists_of_labels_that_are_passed_over_are_noted(write, name, content):
    """Predictions hold the best label and all labels: read back by the first, the others were gone."""
    file = write(name, content)
    [note] = read_corpus(file, labelled=True).problems
    assert (note.kind, note.line, note.fatal, note.left_out) == (
        "unread labels",
        2 if name.split(".")[1] in ("jsonl", "parquet") else 3,
        False,
        False,
    )
    assert "--label-column" in note.message
    assert [problem.kind for problem in check_corpus(file).problems] == ["unread labels"]
    assert read_corpus(file, options=ReadOptions(label_column="label")).problems == ()


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(write, name, encoding):
    content = FILES.get(name, CSV).decode().encode(encoding)
    assert summary(iter_articles(write(name, content))) == LABELLED


@pytest.mark.parametrize(("name", "line"), [("a.csv", 2), ("a.tsv", 2), ("a.jsonl", 1), ("a.txt", 1)])
def test_another_encoding_is_named_and_can_be_given(write, name, line):
    content = {"a.txt": b"It rains.\n"}.get(name, FILES.get(name, CSV)).replace(b"It", b"It\xe9")
    file = write(name, content)
    [problem] = iter_articles(file)
    assert (problem.kind, problem.line, problem.fatal) == ("wrong encoding", line, True)
    assert (
        f"byte 0xe9 at offset {content.index(0xE9)} is not UTF-8; name the file's encoding" in problem.message
    )
    [article] = iter_articles(file, ReadOptions(encoding="cp1252"))
    assert article.text == "Ité rains."


@pytest.mark.parametrize("content", [CSV, gzip.compress(CSV, mtime=0)[:-9], b"\x1f\x8b" + b"\xff" * 20])
def test_a_damaged_compressed_file(write, content):
    file = write("a.csv.gz", content)
    with pytest.raises(CorpusError, match=r"a\.csv\.gz: cannot be read"):
        list(iter_articles(file))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_nul_stays_in_the_text_in_every_format(write, name):
    contents = {"a.csv": 'text\n"Cup\0 and the rate"\n', "a.jsonl": '{"text": "Cup\\u0000 and the rate"}\n'}
    assert summary(iter_articles(write(name, contents[name]))) == [("Cup\0 and the rate", None)]


def test_line_breaks_in_cells_of_a_large_file_stay(write):
    """Files with line breaks in quoted cells once lost bytes when they were large enough for two blocks."""
    count = 120_000
    rows = "".join(f'"Cup final {number}\r\nreport",sport\r\n' for number in range(count))
    items = iter_articles(write("a.csv", f"text,label\r\n{rows}"))
    expected = ((f"Cup final {number}\r\nreport", ("sport",)) for number in range(count))
    assert all(found == wanted for found, wanted in zip(map(_pair, items), expected, strict=True))


def _pair(item):
    return item.text, item.labels


@pytest.mark.parametrize(
    "label", ["Sport, Outdoors", "Money/Markets", "../up", "two\nlines", "007", "18_19", "NA", "1.0"]
)
def test_a_label_is_the_same_in_every_format(write, label):
    pairs = {"text": "Rain", "label": label}
    quoted = label.replace('"', '""')
    files = [
        write("a.jsonl", json.dumps(pairs)),
        write("a.csv", f'text,label\nRain,"{quoted}"\n'),
        write("a.parquet", parquet({"text": ["Rain"], "label": [label]})),
    ]
    assert read_corpus(*files).label_counts() == {label: 3}


def test_a_corpus_is_all_files_one_after_the_other(write):
    corpus = read_corpus(write("a.csv", CSV), write("b.jsonl", JSONL), write("c.txt", "Snow\n"))
    assert isinstance(corpus, Corpus)
    assert summary(corpus) == [*LABELLED, *LABELLED, ("Snow", None)]
    assert [Path(article.origin).name for article in corpus] == ["a.csv:2", "b.jsonl:1", "c.txt:1"]
    assert (corpus.problems, corpus.multilabel) == ((), False)


@pytest.mark.parametrize(
    ("content", "options", "multilabel"),
    [
        ('{"text": "a", "label": "x"}\n', ReadOptions(), False),
        ('{"text": "a", "label": "x"}\n{"text": "b", "label": []}\n', ReadOptions(), True),
        ('{"text": "a", "label": ["x"]}\n', ReadOptions(), True),
        ('{"text": "a", "label": "x"}\n', ReadOptions(label_separator=";"), True),
        ('{"text": "a", "tags": ["x"]}\n', ReadOptions(), False),
    ],
)
def test_a_corpus_is_multilabel_if_labels_came_as_a_list(write, content, options, multilabel):
    assert read_corpus(write("a.jsonl", content), options=options).multilabel is multilabel


def test_fatal_problems_stop_the_reading_and_are_listed_over_all_files(write):
    rows = "".join(f"bad {number}\n" for number in range(15))
    files = [write("a.jsonl", JSONL.decode() + rows), write("b.csv", "text,label\n" + rows)]
    with pytest.raises(CorpusError, match="30 rows cannot be read:") as caught:
        read_corpus(*files)
    listed = str(caught.value).split("\n")
    assert len(listed) == 1 + 20 + 2
    assert listed[1].endswith(
        "a.jsonl:2:1: broken JSON: Expecting value; expected one whole JSON object per line"
    )
    assert "b.csv:2: wrong number of cells: expected 2 cells" in listed[16]
    assert listed[-2:] == [
        "  and 10 more",
        "correct them, or leave them out with skip_bad_rows=True (--skip-bad-rows)",
    ]


def test_bad_rows_can_be_skipped(write):
    corpus = read_corpus(
        write("a.jsonl", b"bad\n" + JSONL[:0] + b'{"text": "a"}\n{"text": \n'), skip_bad_rows=True
    )
    assert summary(corpus) == [("a", None)]
    assert [problem.line for problem in corpus.problems] == [1, 3]


def test_one_bad_row_is_one_row(write):
    with pytest.raises(CorpusError, match=r"^1 row cannot be read:\n  .*a.jsonl:2:10: broken JSON"):
        read_corpus(write("a.jsonl", b'{"text": "a"}\n{"text": '))


def test_rows_without_label_or_text_stay_unless_labelled_ones_are_asked_for(write):
    file = write("a.csv", "text,title,label\na,,1\nb,,\n \u00a0,,2\n,t,2\n")
    assert summary(read_corpus(file)) == [("a", ("1",)), ("b", None), (" \u00a0", ("2",)), ("", ("2",))]
    corpus = read_corpus(file, labelled=True)
    assert summary(corpus) == [("a", ("1",)), ("", ("2",))]
    assert [(problem.kind, problem.line, problem.fatal) for problem in corpus.problems] == [
        ("no label", 3, False),
        ("empty text", 4, False),
    ]


def test_one_unlabelled_row_does_not_turn_labels_into_floats(write):
    file = write("a.csv", "text,label\na,1\nb,1\nc,2\nd,2\ne,\n")
    assert read_corpus(file, labelled=True).label_counts() == {"1": 2, "2": 2}


def test_a_row_labelled_with_none_is_labelled(write):
    corpus = read_corpus(write("a.jsonl", '{"text": "a", "label": []}'), labelled=True)
    assert summary(corpus) == [("a", ())]


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", "text,label\n"), ("a.csv", ""), ("a.jsonl", "\n\n"), ("a.txt", "")]
)
def test_a_file_without_rows(write, name, content):
    file = write(name, content)
    assert list(iter_articles(file)) == []
    assert len(read_corpus(file)) == 0
    with pytest.raises(CorpusError, match=rf"no rows with a text and a label in .*{name}$"):
        read_corpus(file, labelled=True)


def test_a_file_whose_rows_are_all_left_out_says_why(write):
    file = write("a.csv", "text,sect,page\na,x,1\nb,y,2\n,z,3\n")
    message = (
        "left out: 2 x no label, 1 x empty text; name the label's column with --label-column; "
        "other columns: 'page', 'sect'"
    )
    with pytest.raises(CorpusError, match=message):
        read_corpus(file, labelled=True)


def test_no_file_at_all():
    assert len(read_corpus()) == 0
    with pytest.raises(CorpusError, match="no rows with a text and a label in no file"):
        read_corpus(labelled=True)


def test_an_error_of_a_whole_file_names_it_and_is_not_skipped(write):
    with pytest.raises(CorpusError, match=r"b.csv: no text column"):
        read_corpus(write("a.csv", CSV), write("b.csv", "Cup final,sport\n"), skip_bad_rows=True)


def test_check_finds_all_that_is_wrong_without_stopping(write, tmp_path):
    files = [
        write("a.csv", "text,label\na,x\nb\n,x\nd,\n"),
        write("b.csv", "Cup final,sport\n"),
        tmp_path / "c.csv",
        write("d.csv", "text,label\n"),
        write("e.jsonl", '{"text": "a", "text": "b", "label": "x"}\n{\n'),
        write("f.csv", CSV),
    ]
    found = [
        (Path(problem.path).name, problem.line, problem.kind) for problem in check_corpus(*files).problems
    ]
    assert found == [
        ("a.csv", 3, "wrong number of cells"),
        ("a.csv", 4, "empty text"),
        ("a.csv", 5, "no label"),
        ("b.csv", None, "unreadable file"),
        ("c.csv", None, "unreadable file"),
        ("d.csv", None, "no rows"),
        ("e.jsonl", 1, "doubled key"),
        ("e.jsonl", 2, "broken JSON"),
    ]


def test_a_checked_corpus_holds_what_can_be_learned_from_and_all_problems(write, tmp_path):
    files = [write("a.csv", "text,label\na,x\nb\n,x\n"), tmp_path / "c.csv", write("d.jsonl", JSONL)]
    corpus = check_corpus(*files)
    assert [(article.text, article.labels) for article in corpus] == [
        ("a", ("x",)),
        ("It rains.", ("weather",)),
    ]
    assert [problem.kind for problem in corpus.problems] == [
        "wrong number of cells",
        "empty text",
        "unreadable file",
    ]
    assert not corpus.multilabel


def test_a_checked_corpus_is_multilabel_as_a_read_one_is(write):
    file = write("a.jsonl", '{"text": "a", "labels": ["x"]}\n')
    assert check_corpus(file).multilabel
    assert check_corpus(
        write("a.csv", "text,label\na,x\n"), options=ReadOptions(label_separator=";")
    ).multilabel


def test_check_takes_options(write):
    file = write("a.csv", "words,desk\na,x\n")
    options = ReadOptions(text_column="words", label_column="desk")
    assert check_corpus(file, options=options).problems == ()


@pytest.mark.parametrize("input_format", ["jsonl", "csv", "tsv", "page", "lines", "parquet", None])
@given(data=st.binary(), headed=st.booleans())
def test_any_bytes_are_articles_and_problems_or_a_corpus_error(input_format, data, headed):
    head = {"csv": b"text,label,\n", "tsv": b"text\tlabel\n", "jsonl": b'{"text": "a"}\n'}.get(
        input_format, b""
    )
    try:
        for item in iter_articles(BytesIO(head * headed + data), ReadOptions(input_format=input_format)):
            assert isinstance(item, Article | Problem)
    except CorpusError as error:
        assert str(error).startswith("<stream>: ")


@pytest.mark.parametrize(
    "ending", [".csv", ".tsv", ".jsonl", ".txt", ".parquet", ".csv.gz", ".jsonl.gz", ".parquet.gz"]
)
@given(data=st.binary())
def test_any_file_is_articles_and_problems_or_a_corpus_error(ending, data):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"a{ending}"
        file.write_bytes(data)
        try:
            assert all(isinstance(item, Article | Problem) for item in iter_articles(file))
        except CorpusError as error:
            assert str(error).startswith(f"{file}: ")


def run_python(code: str, *arguments: str | bytes, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
    )
    return done.stdout.decode()


def test_reading_imports_the_standard_library_only():
    code = (
        "import sys; import topicml.reading.readers; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    foreign = set(json.loads(run_python(code).replace("'", '"')))
    assert foreign & {"numpy", "polars", "scipy", "sklearn", "pandas", "typer"} == set()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse names that are not Unicode")
def test_odd_file_names_in_an_ascii_locale(tmp_path):
    """A name that is not valid UTF-8, or a plain locale, once made the tool crash when it was printed."""
    for name in (b"sport/1.txt", b"sport/caf\xe9.txt", "arts & culture/é.txt".encode()):
        file = tmp_path / os.fsdecode(name)
        file.parent.mkdir(exist_ok=True)
        file.write_text("Rain")
    code = (
        "import json, sys; from topicml.reading.readers import read_corpus; "
        "print(json.dumps([[a.id, a.labels, a.origin] for a in read_corpus(sys.argv[1], labelled=True)]))"
    )
    found = json.loads(run_python(code, str(tmp_path), LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"))
    assert found == [
        ["arts & culture/é.txt", ["arts & culture"], f"{tmp_path}/arts & culture/é.txt"],
        ["sport/1.txt", ["sport"], f"{tmp_path}/sport/1.txt"],
        ["sport/caf\\xe9.txt", ["sport"], f"{tmp_path}/sport/caf\\xe9.txt"],
    ]


@pytest.mark.parametrize("name", ["a.html", "b.HTM", "c.html.gz", "d.warc", "e.rss"])
def test_saved_pages_alone_name_the_command_that_reads_them(tmp_path, name):
    (tmp_path / name).write_bytes(b"<p>Rain")
    with pytest.raises(CorpusError, match=rf"topicml collect .*{name} --out pages.jsonl"):
        read_corpus(tmp_path / name)


def test_a_folder_of_saved_pages_names_the_command_that_reads_them(tmp_path):
    (tmp_path / "a.html").write_bytes(b"<p>Rain")
    with pytest.raises(
        CorpusError, match=r"left out: 1 x saved page; .*topicml collect .* --out pages.jsonl"
    ):
        read_corpus(tmp_path, labelled=True)
