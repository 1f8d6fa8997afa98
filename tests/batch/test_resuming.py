from __future__ import annotations

import gzip
import json
import shutil
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.batch.file import predict_file
from topicml.batch.resuming import open_job
from topicml.batch.rows import BatchOptions, BatchSummary
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.reading.columns import ReadOptions

N_ROWS = 47
OPTIONS = BatchOptions(batch_size=5, top_k=1)
TEXTS = ("Cup final", "Bank rate cut", "Rain and snow", "qqq", "")
SUMMARY = BatchSummary(n_rows=N_ROWS, n_abstained=18, n_errors=1)
NAMES = ["out.jsonl", "out.jsonl.gz", "out.csv", "out.csv.gz"]


def job(model, source, out, **how):
    return predict_file(model, source, out, **{"options": OPTIONS, **how})


def interrupted(model, source, out, *, after: int, **how) -> None:
    """Run a job and end it as Ctrl-C does, when so many rows are done."""

    def stop(rows: int, _share: float | None) -> None:
        if rows >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job(model, source, out, progress=stop, **how)


def partial_of(out):
    return out.with_name(f".{out.name}.partial")


def record_of(out):
    return out.with_name(f".{out.name}.job")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Rows of every kind, with blank lines between, which are no rows."""
    lines = [json.dumps({"id": f"{row:05}", "text": TEXTS[row % 5]}) + "\n" for row in range(N_ROWS)]
    lines[17] = "{broken\n"
    lines[20:20] = ["\n", "  \n"]
    path = tmp_path_factory.mktemp("source") / "a.jsonl"
    path.write_text("".join(lines))
    return path


@pytest.fixture(scope="module", params=NAMES)
def whole(request, base_classifier, source, tmp_path_factory):
    """A file that was written in one go."""
    out = tmp_path_factory.mktemp("whole") / request.param
    assert job(base_classifier, source, out, options=replace(OPTIONS, keep_record=True)) == SUMMARY
    return out


@pytest.mark.parametrize("after", [1, 5, 20, 45, N_ROWS])
def test_a_job_that_was_interrupted_ends_in_the_same_bytes(base_classifier, source, whole, tmp_path, after):
    out = tmp_path / whole.name
    interrupted(base_classifier, source, out, after=after)
    assert not out.exists()
    assert partial_of(out).exists()
    assert job(base_classifier, source, out, resume=True) == SUMMARY
    assert out.read_bytes() == whole.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_a_job_may_be_interrupted_again_and_again(base_classifier, source, whole, tmp_path):
    out = tmp_path / whole.name
    for after in (5, 10, 30):
        interrupted(base_classifier, source, out, after=after, resume=True)
    seen = []
    job(base_classifier, source, out, resume=True, progress=lambda rows, _share: seen.append(rows))
    assert seen == [35, 40, 45, 47]  # no row is predicted twice
    assert out.read_bytes() == whole.read_bytes()


@settings(max_examples=40)  # each is a job, for each of the formats
@given(data=st.data())
def test_a_file_that_was_cut_anywhere_is_mended(base_classifier, source, whole, tmp_path_factory, data):
    """A last line or a gzip member without its end, and a record without its last lines."""
    folder = tmp_path_factory.mktemp("cut")
    out = folder / whole.name
    unfinished = data.draw(st.booleans())
    written = partial_of(out) if unfinished else out
    shutil.copy(whole, written)
    shutil.copy(record_of(whole), record_of(out))
    with written.open("r+b") as file:
        file.truncate(data.draw(st.integers(0, whole.stat().st_size)))
    if unfinished:
        lines = record_of(whole).read_bytes().splitlines(keepends=True)
        with record_of(out).open("r+b") as file:
            file.truncate(data.draw(st.integers(len(lines[0]), record_of(whole).stat().st_size)))
    assert job(base_classifier, source, out, resume=True) == SUMMARY
    assert out.read_bytes() == whole.read_bytes()


@settings(max_examples=40)  # each is a job, for each of the formats
@given(data=st.data())
def test_damaged_rows_are_written_again(base_classifier, source, whole, tmp_path_factory, data):
    """After a loss of power the record may tell of rows that the disk has as zeros."""
    out = tmp_path_factory.mktemp("damaged") / whole.name
    shutil.copy(whole, partial_of(out))
    shutil.copy(record_of(whole), record_of(out))
    second = json.loads(record_of(whole).read_bytes().splitlines()[2])["size"]
    with partial_of(out).open("r+b") as file:
        file.seek(data.draw(st.integers(second, whole.stat().st_size - 1)))
        file.write(b"\0")
    assert job(base_classifier, source, out, resume=True) == SUMMARY
    assert out.read_bytes() == whole.read_bytes()


def test_what_was_written_after_the_last_record_is_written_again(base_classifier, source, whole, tmp_path):
    out = tmp_path / whole.name
    interrupted(base_classifier, source, out, after=20)
    with partial_of(out).open("ab") as file:
        file.write(b'{"row": 21, "id": "000')
    job(base_classifier, source, out, resume=True)
    assert out.read_bytes() == whole.read_bytes()


def test_a_finished_job_of_many_is_left_alone(base_classifier, source, whole):
    before = (whole.stat().st_mtime_ns, whole.stat().st_ino, record_of(whole).read_bytes())
    options = replace(OPTIONS, keep_record=True)
    assert job(base_classifier, source, whole, options=options, resume=True) == SUMMARY
    assert (whole.stat().st_mtime_ns, whole.stat().st_ino, record_of(whole).read_bytes()) == before


def test_a_finished_job_leaves_nothing_but_its_file(base_classifier, source, whole, tmp_path):
    out = tmp_path / whole.name
    job(base_classifier, source, out)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("before", [b"yesterday's", None])
def test_with_nothing_to_resume_all_rows_are_predicted(base_classifier, source, whole, tmp_path, before):
    out = tmp_path / whole.name
    if before is None:
        job(replace(base_classifier, min_confidence=0.9), source, out)
    else:
        out.write_bytes(before)
    assert job(base_classifier, source, out, resume=True) == SUMMARY
    assert out.read_bytes() == whole.read_bytes()


def test_resuming_what_was_not_begun_begins(base_classifier, source, whole, tmp_path):
    job(base_classifier, source, tmp_path / whole.name, resume=True)
    assert (tmp_path / whole.name).read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("row", "the input changed"),
        ("appended row", "the input changed"),
        ("model", "the model changed"),
        ("top_k", r"the option top_k changed since the job began \(before: 1, now: 2\)"),
        ("keep_text", "the option keep_text changed"),
        ("batch_size", "the option batch_size changed"),
        ("format", "the option output_format changed"),
        ("column", "the option text_column changed"),
        ("other input", "the input's path changed"),
    ],
)
def test_what_a_job_is_made_from_may_not_change(base_classifier, source, tmp_path, changed, named, finished):
    out, own = tmp_path / "out.jsonl", shutil.copy(source, tmp_path / "a.jsonl")
    if finished:
        job(base_classifier, own, out, options=replace(OPTIONS, keep_record=True))
    else:
        interrupted(base_classifier, own, out, after=20)
    model, how = base_classifier, {}
    match changed:
        case "row":
            own.write_bytes(own.read_bytes().replace(b"Cup final", b"Cup fines"))
        case "appended row":
            own.write_bytes(own.read_bytes() + b'{"text": "Rain"}\n')
        case "model":
            model = replace(model, min_confidence=0.9)
        case "format":
            how = {"options": replace(OPTIONS, output_format="csv")}
        case "column":
            how = {"reading": ReadOptions(text_column="text")}
        case "other input":
            own = shutil.copy(source, tmp_path / "b.jsonl")
        case _:
            how = {"options": replace(OPTIONS, **{changed: 2})}
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(TopicmlError, match=f"cannot resume .*out.jsonl: {named}"):
        job(model, own, out, resume=True, **how)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_without_resume_a_job_begins_anew(base_classifier, source, whole, tmp_path):
    out = tmp_path / whole.name
    interrupted(replace(base_classifier, min_confidence=0.9), source, out, after=20)
    assert job(base_classifier, source, out) == SUMMARY
    assert out.read_bytes() == whole.read_bytes()


def test_a_damaged_record_gives_the_same_bytes_or_an_error(base_classifier, source, tmp_path):
    """Regression (a flipped byte taken for the name of a count): TypeError and KeyError."""
    out, whole = tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    job(base_classifier, source, whole)
    interrupted(base_classifier, source, out, after=30)
    rows, record = partial_of(out).read_bytes(), record_of(out).read_bytes()
    begin = record.index(b"\n")
    for place in range(begin, min(begin + 260, len(record)), 2):
        out.unlink(missing_ok=True)
        partial_of(out).write_bytes(rows)
        record_of(out).write_bytes(record[:place] + bytes([record[place] ^ 1]) + record[place + 1 :])
        with suppress(TopicmlError):
            job(base_classifier, source, out, resume=True)
            assert out.read_bytes() == whole.read_bytes(), place


def test_another_file_is_not_continued(base_classifier, source, tmp_path):
    """Rows after somebody else's bytes would be a file that nobody wrote."""
    out = tmp_path / "out.jsonl"
    interrupted(base_classifier, source, out, after=20)
    partial_of(out).write_bytes(b"x" * 10_000)
    with pytest.raises(TopicmlError, match=r"cannot resume: .*does not hold the rows that the job wrote"):
        job(base_classifier, source, out, resume=True)
    assert partial_of(out).read_bytes() == b"x" * 10_000


def test_strict_stops_and_may_be_given_up(base_classifier, source, whole, tmp_path):
    """Rows before the bad one are kept; those after it come when the caller asks for its error row."""
    out = tmp_path / whole.name
    for resume in (False, True):
        with pytest.raises(CorpusError, match=r"a\.jsonl:18:\d+: broken JSON"):
            job(base_classifier, source, out, options=replace(OPTIONS, strict=True), resume=resume)
    assert job(base_classifier, source, out, resume=True) == SUMMARY
    assert out.read_bytes() == whole.read_bytes()


def test_strict_does_not_go_on_with_rows_that_were_let_pass(base_classifier, source, tmp_path):
    out = tmp_path / "out.jsonl"
    interrupted(base_classifier, source, out, after=20)
    with pytest.raises(CorpusError, match="with --strict: it has rows that cannot be read"):
        job(base_classifier, source, out, options=replace(OPTIONS, strict=True), resume=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("resume", [False, True])
def test_an_empty_file_is_an_empty_result(base_classifier, tmp_path, name, resume):
    (tmp_path / "a.jsonl").write_bytes(b"")
    out = tmp_path / name
    assert job(base_classifier, tmp_path / "a.jsonl", out, resume=resume) == BatchSummary()
    data = gzip.decompress(out.read_bytes()) if name.endswith(".gz") else out.read_bytes()
    assert data.decode().splitlines() == ([data.decode().strip()] if ".csv" in name else [])


def test_a_job_without_rows_leaves_nothing(base_classifier, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"body_of_text": "Rain"}\n')
    with pytest.raises(CorpusError, match="no text column"):
        job(base_classifier, tmp_path / "a.jsonl", tmp_path / "out.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_an_input_that_breaks_off_keeps_the_rows_before(base_classifier, source, tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(source.read_bytes() * 200)[:-300])
    with pytest.raises(CorpusError, match="cannot be read"):
        job(base_classifier, tmp_path / "a.jsonl.gz", tmp_path / "out.jsonl")
    rows = partial_of(tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(rows[-1])["row"] == len(rows) > 0


@pytest.mark.parametrize("source_name", ["-", "folder"])
def test_what_cannot_be_read_twice_is_not_resumed(base_classifier, tmp_path, source_name):
    (tmp_path / "folder").mkdir()
    source = "-" if source_name == "-" else tmp_path / "folder"
    with pytest.raises(TopicmlValueError, match="from an existing file to a file"):
        job(base_classifier, source, tmp_path / "out.jsonl", resume=True)


def test_two_jobs_do_not_write_one_file(tmp_path):
    pytest.importorskip("fcntl", reason="files are locked where the system can lock them")
    with open_job(tmp_path / "out.jsonl", {}, resume=False) as first:
        first.begin()
        first.write(b"{}\n", BatchSummary(1))
        with (
            pytest.raises(TopicmlError, match=r"another process is writing .*out\.jsonl"),
            open_job(tmp_path / "out.jsonl", {}, resume=True),
        ):
            pass
    assert partial_of(tmp_path / "out.jsonl").read_bytes() == b"{}\n"
