"""A file of articles in, a file of predictions out: one row for each row, in order, in constant memory."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeAlias

from topicml.article import Problem
from topicml.batch.live_lines import LiveLines, is_live
from topicml.batch.resuming import Made, open_job
from topicml.batch.rows import DEFAULT_BATCH, BatchOptions, BatchSummary, OutputFormat
from topicml.batch.saved_pages import iter_articles_and_pages
from topicml.batch.worker import Answering, Batch, batches_of
from topicml.batch.writers import is_narrow, require_polars, write_parquet
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.files import Gauge, give_name, is_compressed, shown_path, staged
from topicml.model.classifier import FittedClassifier
from topicml.model.persistence import load_classifier
from topicml.parallel import in_processes, n_threads
from topicml.reading.columns import DEFAULT_OPTIONS, ReadOptions
from topicml.reading.readers import iter_articles
from topicml.version import __version__

Progress: TypeAlias = Callable[[int, float | None], None]
_Source: TypeAlias = str | Path | BinaryIO
_Write: TypeAlias = Callable[[bytes, BatchSummary | None], object]  # None: the batch was cut short

_SAME_BYTES = ("strict", "keep_record", "width")  # options that change no byte of a file's rows
_FORMATS: dict[str, OutputFormat] = {".csv": "csv", ".parquet": "parquet"}
_TABLES = (".tsv", ".tab", ".xlsx")  # names that promise something else


def predict_file(  # noqa: PLR0913  (by keyword, and each a choice of its own)
    model: FittedClassifier | str | Path,
    source: str | Path | BinaryIO,
    out: Path | None = None,
    *,
    reading: ReadOptions = DEFAULT_OPTIONS,
    options: BatchOptions = DEFAULT_BATCH,
    progress: Progress | None = None,
    note: Callable[[Problem], object] | None = None,
    jobs: int = 1,
    resume: bool = False,
) -> BatchSummary:
    """Predict every row of a file or stream.

    From file to file, the job can be continued: if it is interrupted, the rows so far stay beside
    `out`, and a call with ``resume=True`` continues from there. The file is then the same, byte for byte,
    as without the interruption. The number of processes does not change a byte either.

    Parameters
    ----------
    model : FittedClassifier, str or Path
        A model or its folder. From a folder, several processes share one copy of its arrays.
    source : str, Path or binary file
        As for `topicml.reading.readers.iter_articles`. Rows from standard input are answered as soon as no
        more are waiting.
    out : Path, optional
        Gets its name when it is whole; gzipped if it ends in ``.gz``, CSV if in ``.csv``, Parquet if in
        ``.parquet``. Standard output by default.
    reading : ReadOptions, optional
        Columns, format and encoding of the source; by default found from it.
    options : BatchOptions, optional
        What the rows hold and how they are written.
    progress : callable, optional
        Called after each batch with the number of rows done, and the share of the input that was read
        (None where that is not known).
    note : callable, optional
        Called with each problem of the source that costs no row, such as half a character that is replaced.
    jobs : int, default=1
        Processes; -1 is one for each core. A script that asks for more than one must guard its main part
        with ``if __name__ == "__main__":``.
    resume : bool, default=False
        Continue where an interrupted call ended. If there is nothing to continue, all rows are predicted.

    Returns
    -------
    BatchSummary
        Counts of all rows, including those of the earlier call.

    Raises
    ------
    TopicmlValueError
        If `out` is the file that is read.
    CorpusError
        If the source cannot be read; if ``options.strict``, also if a row cannot.
    TopicmlError
        If the output cannot be written, or the job cannot be resumed: input, model or options are not
        those that it began with.
    MissingExtraError
        If the output is Parquet and polars is not installed.
    """
    if jobs < 1 and jobs != -1:
        raise TopicmlValueError(f"jobs must be 1 or more, or -1 for one for each core, found {jobs}")
    target = None if out is None else Path(os.path.realpath(out))
    if target is not None and _is_file(source, target):
        raise TopicmlValueError(
            f"cannot write {shown_path(target)}: it is also the input file; give the output another name"
        )
    loaded = model if isinstance(model, FittedClassifier) else load_classifier(model)
    options = replace(
        options,
        output_format=options.output_format or _format_of(out),
        codes=loaded.label_codes(()) is not None,
    )
    # One process works with what is loaded; several load the folder themselves, and share its arrays.
    sent = loaded if isinstance(model, FittedClassifier) or n_threads(jobs) == 1 else Path(model)
    run = _Run(loaded, sent, source, reading, options, progress, note, n_threads(jobs))
    if resume and (target is None or not _can_resume(source, target)):
        raise TopicmlValueError("only a job from an existing file to a file can be resumed; name both")
    if out is None or target is None:
        return _to_stdout(run)
    if options.output_format == "table":
        raise TopicmlValueError("a table is for the screen; write a file as jsonl, csv or parquet")
    if options.output_format == "parquet":
        require_polars()
    try:
        if _can_resume(source, target):
            return _to_job(run, out, target, resume=resume)
        return _to_file(run, out, target)
    except OSError as error:
        raise TopicmlError(f"cannot write {out}: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class _Run:
    """The rows to predict, and how; the caller decides where they go."""

    model: FittedClassifier
    sent: FittedClassifier | Path
    source: _Source
    reading: ReadOptions
    options: BatchOptions
    progress: Progress | None
    note: Callable[[Problem], object] | None
    jobs: int

    def answering(self, out: Path | None = None) -> Answering:
        """Return how the rows are predicted and written."""
        compressed = out is not None and is_compressed(out) and self.options.output_format != "parquet"
        narrow = out is None and is_narrow(sys.stdout)
        return Answering(self.sent, self.options, ascii_only=narrow, compressed=compressed)

    def write(self, work: Answering, write: _Write, *, done: BatchSummary | None = None) -> BatchSummary:
        """Predict the rows that are not done yet, hand on what to write, and return all counts."""
        total = done or BatchSummary()
        gauge = Gauge()
        batches = (batch for batch in self._batches(gauge) if batch.first_row > total.n_rows)
        for answer in in_processes(work, batches, jobs=self.jobs, pauses=lambda batch: batch.pause):
            write(answer.data, None if answer.error else answer.summary)
            if answer.error is not None:
                raise answer.error
            total += answer.summary
            if self.progress is not None:
                self.progress(total.n_rows, gauge.share())
        return total

    def _batches(self, gauge: Gauge) -> Iterator[Batch]:
        size = self.options.batch_size
        if str(self.source) == "-" and sys.stdin is not None and is_live(sys.stdin.buffer):
            lines = LiveLines(sys.stdin.buffer)
            return batches_of(iter_articles(lines, self.reading, note=self.note), size, lines.pauses)
        return batches_of(iter_articles_and_pages(self.source, self.reading, gauge, self.note), size)


def _to_stdout(run: _Run) -> BatchSummary:
    if run.options.output_format == "parquet":
        raise TopicmlValueError("Parquet goes into a file: name it with --out")
    work = run.answering()

    def write(data: bytes, _summary: BatchSummary | None) -> None:
        sys.stdout.write(data.decode())
        sys.stdout.flush()

    write(work.head(run.model), None)
    return run.write(work, write)


def _to_file(run: _Run, out: Path, target: Path) -> BatchSummary:
    """Write rows from a source that cannot be read twice: an error leaves none of them."""
    work = run.answering(out)
    with _replacing(target) as (file, finish):
        file.write(work.head(run.model))
        summary = run.write(work, lambda data, _summary: file.write(data))
        file.close()
        finish(run.options)
    return summary


def _to_job(run: _Run, out: Path, target: Path, *, resume: bool) -> BatchSummary:
    work = replace(run.answering(out), fingerprint=run.model.fingerprint)
    made = _made_from(run, compressed=work.compressed)
    with open_job(target, made, resume=resume, keep_record=run.options.keep_record) as job:
        if job.finished:
            return job.done.summary
        if run.options.strict and job.done.n_errors:
            raise CorpusError(
                f"cannot resume {shown_path(out)} with --strict: it has rows that cannot be read "
                f"({job.done.n_errors}); leave out --strict, or leave out --resume to start again"
            )
        job.begin()
        if not job.done.size:
            job.write(work.head(run.model), BatchSummary())
        summary = run.write(work, job.write, done=job.done.summary)
        job.close()
        job.finish(_finished(job.partial, job.table, run.options))
    return summary


def _made_from(run: _Run, *, compressed: bool) -> Made:
    """Return everything that the bytes of the output depend on, by the names that messages use."""
    source = Path(str(run.source))
    options = {name: value for name, value in asdict(run.options).items() if name not in _SAME_BYTES}
    return {
        "version of topicml": __version__,
        "input's path": shown_path(source),
        "input": _digest(source),
        "model": run.model.fingerprint,
        "compression": compressed,
        **{f"option {name}": value for name, value in options.items()},
        **{f"option {name}": value for name, value in asdict(run.reading).items()},
    }


def _digest(source: Path) -> str:
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CorpusError(f"{shown_path(source)}: cannot be read: {error.strerror or error}") from error


def _is_file(source: _Source, target: Path) -> bool:
    """Return whether the input is this file, also under another name."""
    stream = sys.stdin if str(source) == "-" else source
    try:
        read = Path(stream).stat() if isinstance(stream, str | Path) else os.fstat(stream.fileno())
        return target.is_file() and os.path.samestat(read, target.stat())
    except (OSError, AttributeError):  # it is not there, which is said elsewhere, or it is in memory
        return False


def _can_resume(source: _Source, target: Path) -> bool:
    if not isinstance(source, str | Path) or str(source) == "-":
        return False
    return Path(source).is_file() and (target.is_file() or not target.exists())


@contextmanager
def _replacing(target: Path) -> Iterator[tuple[BinaryIO, Callable[[BatchOptions], None]]]:
    """Open a file, and return the function that gives it its name; a pipe is written to directly."""
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file, lambda _options: None
        return
    with staged(target) as lines, staged(target) as table, lines.open("wb") as file:

        def finish(options: BatchOptions) -> None:
            give_name(_finished(lines, table, options), target)

        yield file, finish


def _finished(lines: Path, table: Path, options: BatchOptions) -> Path:
    """Return the file that is to take its name: the lines, or the Parquet table made of them."""
    if options.output_format != "parquet":
        return lines
    write_parquet(lines, table, keep_text=options.keep_text, codes=options.codes)
    return table


def _format_of(path: Path | None) -> OutputFormat:
    if path is None:
        return "jsonl"
    ending = (path.with_suffix("") if is_compressed(path) else path).suffix.lower()
    if ending in _TABLES or (ending == ".parquet" and is_compressed(path)):
        raise TopicmlValueError(
            f"cannot write {path.name}: name it .csv for a spreadsheet, or .jsonl, each also with .gz, or "
            ".parquet"
        )
    return _FORMATS.get(ending, "jsonl")
