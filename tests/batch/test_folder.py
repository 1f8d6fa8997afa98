from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from topicml.batch.file import predict_file
from topicml.batch.folder import is_folder_of_tables, parts_of, predict_folder
from topicml.batch.rows import BatchOptions, BatchSummary
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.reading.columns import ReadOptions

FILES = {
    "a.jsonl": '{"id": "1", "text": "Cup final"}\n{broken\n',
    "b.csv": "id,text\n2,Rain\n",
    "sub/c.tsv": "id\ttext\n3\tBank rate\n",
    "sub/d.jsonl.gz": '{"id": "4", "text": "qqq"}\n',
}
OUTPUTS = ["a.jsonl", "b.csv", "sub/c.tsv.jsonl", "sub/d.jsonl.gz"]
ROWS = BatchSummary(n_rows=5, n_abstained=1, n_errors=1)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    for name, text in {**FILES, ".hidden.jsonl": "x", "README.md": "About."}.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return folder


def contents(out: Path) -> dict[str, bytes]:
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("[!.]*") if p.is_file()}


def test_each_file_becomes_a_file(base_classifier, folder, tmp_path):
    summary = predict_folder(base_classifier, folder, tmp_path / "out")
    assert str(summary) == f"4 files: {ROWS}"
    assert summary.rows == ROWS
    written = contents(tmp_path / "out")
    assert sorted(written) == OUTPUTS
    predict_file(base_classifier, folder / "sub/d.jsonl.gz", tmp_path / "alone.jsonl.gz")
    assert written["sub/d.jsonl.gz"] == (tmp_path / "alone.jsonl.gz").read_bytes()


def test_files_that_are_not_read_are_named(base_classifier, folder, tmp_path):
    """Regression: archives and spreadsheets of other names were passed over without a word."""
    (folder / "b.zip").touch()
    (folder / "_SUCCESS").touch()
    found = predict_folder(base_classifier, folder, tmp_path / "out").passed_over
    counts = ["1 file ending in '.md'", "1 file ending in '.zip'"]
    assert [problem.message.partition(";")[0] for problem in found] == counts


def test_several_processes_write_the_same(base_model_path, folder, tmp_path):
    for jobs in (1, 3):
        assert predict_folder(base_model_path, folder, tmp_path / str(jobs), jobs=jobs).rows == ROWS
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_no_record_is_left_beside_what_is_done(base_classifier, folder, tmp_path):
    predict_folder(base_classifier, folder, tmp_path / "out")
    assert not list((tmp_path / "out").rglob(".*"))


def test_files_that_are_whole_are_passed_over(base_classifier, folder, tmp_path):
    out = tmp_path / "out"
    predict_folder(base_classifier, folder, tmp_path / "expected")
    interrupted_after(4, base_classifier, folder, out)
    kept = (out / "b.csv").stat().st_mtime_ns
    whole = (out / "a.jsonl").read_bytes()
    (out / "a.jsonl").write_bytes(whole[:-20])  # by somebody else
    assert predict_folder(base_classifier, folder, out, resume=True).rows == ROWS
    assert contents(out) == contents(tmp_path / "expected")
    assert (out / "b.csv").stat().st_mtime_ns == kept
    assert not list(out.rglob(".*"))


def interrupted_after(n_rows, *job):
    """Run the job of a folder and end it as Ctrl-C does, when so many rows are done."""

    def stop(rows, _share):
        if rows >= n_rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_folder(*job, progress=stop)


def test_a_job_that_is_done_is_done_again(base_classifier, folder, tmp_path):
    """Without a record nobody knows whether the files are of this model and of this input."""
    out = tmp_path / "out"
    predict_folder(replace(base_classifier, min_confidence=0.9), folder, out)
    assert predict_folder(base_classifier, folder, out, resume=True).rows == ROWS
    predict_folder(base_classifier, folder, tmp_path / "expected")
    assert contents(out) == contents(tmp_path / "expected")


def test_a_file_that_cannot_be_read_costs_itself(base_classifier, folder, tmp_path):
    (folder / "b.csv").write_text("nothing,here\n1,2\n")
    with pytest.raises(TopicmlError, match=r"1 of 4 files failed:\n.*b\.csv: no text column.*\n.*--resume"):
        predict_folder(base_classifier, folder, tmp_path / "out")
    assert sorted(contents(tmp_path / "out")) == [name for name in OUTPUTS if name != "b.csv"]
    (folder / "b.csv").write_text(FILES["b.csv"])
    predict_folder(base_classifier, folder, tmp_path / "out", resume=True)
    assert sorted(contents(tmp_path / "out")) == OUTPUTS


def test_strict_stops_at_the_place(base_classifier, folder, tmp_path):
    with pytest.raises(CorpusError, match=r"a\.jsonl:2:2: broken JSON"):
        predict_folder(base_classifier, folder, tmp_path / "out", options=BatchOptions(strict=True))
    assert contents(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("name", "output_format", "written"),
    [
        ("a.jsonl", None, "a.jsonl"),
        ("a.ndjson", None, "a.ndjson"),
        ("a.CSV", None, "a.CSV"),
        ("a.csv.gz", None, "a.csv.gz"),
        ("a.tsv.gz", None, "a.tsv.jsonl.gz"),
        ("a.txt", None, "a.txt.jsonl"),
        ("a.parquet", None, "a.parquet"),
        ("a.csv", "jsonl", "a.csv.jsonl"),
        ("a.jsonl.gz", "csv", "a.jsonl.csv.gz"),
        ("a.jsonl.gz", "parquet", "a.jsonl.parquet"),
    ],
)
def test_how_parts_are_called(tmp_path, name, output_format, written):
    (tmp_path / name).touch()
    options = BatchOptions(output_format=output_format)
    [part] = parts_of(tmp_path, Path("/out"), options=options)
    assert part.out == Path("/out") / written


def test_two_files_are_not_written_to_one(tmp_path):
    for name in ("a.tsv", "a.tsv.jsonl"):
        (tmp_path / name).touch()
    with pytest.raises(CorpusError, match=r"a\.tsv and .*a\.tsv\.jsonl would both be written"):
        parts_of(tmp_path, Path("/out"))


def test_parts_are_not_written_among_what_is_read(folder):
    with pytest.raises(TopicmlValueError, match="it is inside the input folder"):
        parts_of(folder, folder / "out")


def test_a_folder_without_parts_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="no file of a known ending"):
        parts_of(tmp_path, Path("/out"))


@pytest.mark.parametrize(
    ("names", "input_format", "expected"),
    [
        (["sport/1.txt", "2.txt"], None, False),
        (["sport/1.txt", "deep/2.jsonl.gz"], None, True),
        (["2.jsonl"], "folder", False),
        (["part-0001"], None, False),
        (["part-0001"], "jsonl", True),
        ([], None, False),
    ],
)
def test_which_folders_hold_files_of_many_articles(tmp_path, names, input_format, expected):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert is_folder_of_tables(tmp_path, ReadOptions(input_format=input_format)) is expected


def test_progress_tells_the_share_of_the_files(base_classifier, folder, tmp_path):
    seen: list[tuple[int, float]] = []
    predict_folder(base_classifier, folder, tmp_path / "out", progress=lambda *done: seen.append(done))
    assert list(dict.fromkeys(seen)) == [(2, 0.25), (3, 0.5), (4, 0.75), (5, 1.0)]
    assert json.loads((tmp_path / "out" / "a.jsonl").read_text().splitlines()[0])["label"] == "sport"


def test_one_process_tells_its_progress_within_a_file(base_classifier, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.jsonl").write_text('{"text": "Cup final"}\n' * 4)
    seen: list[tuple[int, float]] = []
    how = {"options": BatchOptions(batch_size=1), "progress": lambda *done: seen.append(done)}
    predict_folder(base_classifier, tmp_path / "in", tmp_path / "out", **how)
    assert list(dict.fromkeys(rows for rows, _ in seen)) == list(range(1, 9))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert set(shares) > {0.5, 1.0}
