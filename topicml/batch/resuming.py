"""An output file that can be continued: the rows so far, and a record of how many there are.

Beside ``out.jsonl`` are ``.out.jsonl.partial``, until it is whole and gets its name, and the record
``.out.jsonl.job``: the input, model and options of the job, then a line for each batch, written after its
rows. Rows without such a line are written again. Both are removed when the job is done; if it is one of many,
the record stays until all are done, so that a whole file is known to be whole.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from topicml.batch.rows import BatchSummary
from topicml.exceptions import TopicmlError
from topicml.files import give_name, shown_path
from topicml.locking import locked

Made = Mapping[str, Any]  # input, model and options of a job, by their names in messages


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a job has come: its counts as in `BatchSummary`, and the bytes that hold these rows."""

    n_rows: int = 0
    n_abstained: int = 0
    n_errors: int = 0
    n_unlabelled: int = 0
    size: int = 0
    crc: int = 0  # CRC-32 of these bytes

    @property
    def summary(self) -> BatchSummary:
        """The counts alone."""
        return BatchSummary(self.n_rows, self.n_abstained, self.n_errors, self.n_unlabelled)

    def after(self, data: bytes, summary: BatchSummary) -> Checkpoint:
        """Return how far it has come when these rows are written, too."""
        total = self.summary + summary
        return Checkpoint(
            **asdict(total),
            size=self.size + len(data),
            crc=zlib.crc32(data, self.crc),
        )


class Job:
    """An output file on its way, with its record open at the end. Made by `open_job`."""

    def __init__(self, target: Path, record: BinaryIO, done: Checkpoint, *, finished: bool) -> None:
        self.target, self.done, self.finished = target, done, finished
        self.partial = _beside(target, "partial")
        self.table = _beside(target, "table")  # made of the rows, if they are to be one
        self._record = record
        self._output: BinaryIO | None = None

    def begin(self) -> None:
        """Open the partial file, and cut off what no record confirms."""
        self._output = self.partial.open("r+b" if self.done.size else "wb")
        self._output.truncate(self.done.size)
        self._output.seek(self.done.size)

    def write(self, data: bytes, summary: BatchSummary | None) -> None:
        """Write a piece and then the line of the record that confirms it; without a summary, no line."""
        if self._output is None:
            raise TopicmlError("the job got rows before it had started")
        self._output.write(data)
        self._output.flush()
        if summary is not None:
            self.done = self.done.after(data, summary)
            _append(self._record, asdict(self.done))

    def finish(self, finished: Path) -> None:
        """Give the whole file its name; `finished` is the partial file, or what was made of it."""
        _append(self._record, {"finished": finished.stat().st_size})
        give_name(finished, self.target)
        self.partial.unlink(missing_ok=True)
        self.finished = True

    def close(self) -> None:
        """Close the partial file, and make sure that it is on the disk."""
        if self._output is not None:
            self._output.flush()
            os.fsync(self._output.fileno())
            self._output.close()
            self._output = None


@contextmanager
def open_job(target: Path, made: Made, *, resume: bool, keep_record: bool = False) -> Iterator[Job]:
    """Begin a job that no other process is working on, or continue one that was made from the same."""
    path = _beside(target, "job")
    busy = f"another process is writing {shown_path(target)}; wait until it is done, or stop it"
    with locked(path, busy) as record:
        job = _resumed(target, record, made) if resume else None
        if job is None:
            record.seek(0)
            record.truncate()
            _append(record, {"topicml job": 1, **made})
            job = Job(target, record, Checkpoint(), finished=False)
        try:
            yield job
        finally:
            job.close()
            job.table.unlink(missing_ok=True)
            nothing_to_continue = not job.finished and not job.done.n_rows
            if nothing_to_continue:
                job.partial.unlink(missing_ok=True)
            if nothing_to_continue or (job.finished and not keep_record):
                path.unlink()


def forget_job(target: Path) -> None:
    """Remove the record of a job that is done."""
    _beside(target, "job").unlink(missing_ok=True)


def _resumed(target: Path, record: BinaryIO, made: Made) -> Job | None:
    """Return the job of a record, or None if there is none to continue."""
    lines = _whole_lines(record)
    partial = _beside(target, "partial")
    if not lines:
        return None
    _refuse_other(target, lines[0], made)
    marks = [line for line in lines[1:] if "finished" in line]
    if not partial.exists() and marks and target.exists():
        last = Checkpoint(**[line for line in lines if "crc" in line][-1])
        if target.stat().st_size == marks[-1]["finished"]:
            return Job(target, record, last, finished=True)
        if marks[-1]["finished"] == last.size:  # cut off or longer: its sound rows are kept
            target.replace(partial)
    if not partial.exists():
        return None
    return Job(target, record, _confirmed(partial, record, lines), finished=False)


def _refuse_other(target: Path, first: Made, made: Made) -> None:
    changed = [name for name, value in made.items() if first.get(name) != value]
    if changed:
        name = changed[0]
        before, now = (json.dumps(values.get(name), ensure_ascii=False) for values in (first, made))
        raise TopicmlError(
            f"cannot resume {shown_path(target)}: the {name} changed since the job began (before: {before}, "
            f"now: {now}); use the same as before, or leave out --resume to start again"
        )


def _confirmed(partial: Path, record: BinaryIO, lines: list[dict[str, Any]]) -> Checkpoint:
    """Return how far the partial file is what was written, and cut the record there."""
    size = partial.stat().st_size
    marks = [Checkpoint(**line) for line in lines[1:] if "crc" in line and line["size"] <= size]
    sound = list(_sound(partial, marks))
    done = sound[-1] if sound else Checkpoint()
    if not done.size and marks and marks[-1].size:
        raise TopicmlError(
            f"cannot resume: {shown_path(partial)} does not hold the rows that the job wrote; "
            "leave out --resume to start again"
        )
    record.seek(0)
    record.truncate()
    for line in [lines[0], *map(asdict, sound)]:
        _append(record, line)
    return done


def _sound(partial: Path, marks: Iterable[Checkpoint]) -> Iterator[Checkpoint]:
    """Yield the checkpoints up to the first bytes that are not as they were written.

    A machine that lost power may have kept the record and lost rows.
    """
    size = crc = 0
    with partial.open("rb") as file:
        for mark in marks:
            crc = zlib.crc32(file.read(mark.size - size), crc)
            if crc != mark.crc:
                return
            size = mark.size
            yield mark


def _whole_lines(record: BinaryIO) -> list[dict[str, Any]]:
    """Return the lines of a record up to one that is damaged or cut off; no other file has any."""
    lines: list[dict[str, Any]] = []
    for raw in record.read().splitlines(keepends=True):
        try:
            line = json.loads(raw) if raw.endswith(b"\n") else None
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict) or (lines and not _is_mark(line)):
            break
        lines.append(line)
    return lines if lines and lines[0].get("topicml job") == 1 else []


def _is_mark(line: Mapping[str, object]) -> bool:
    """Tell whether a line of a record is a checkpoint, or says that the file is finished."""
    whole = all(type(value) is int and value >= 0 for value in line.values())
    return whole and line.keys() in (asdict(Checkpoint()).keys(), {"finished"})


def _append(record: BinaryIO, line: Made) -> None:
    record.write(json.dumps(line).encode() + b"\n")
    record.flush()


def _beside(target: Path, ending: str) -> Path:
    """Return a name that tools which read a folder of data pass over."""
    return target.with_name(f".{target.name}.{ending}")
