"""A folder of files as one job of many parts: a file of predictions for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from topicml.article import Problem
from topicml.batch.file import predict_file
from topicml.batch.resuming import forget_job
from topicml.batch.rows import DEFAULT_BATCH, BatchOptions, BatchSummary, OutputFormat
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.files import is_compressed, name_unpacked, shown_path, walk
from topicml.formatting import counted, listed
from topicml.model.classifier import FittedClassifier
from topicml.model.persistence import load_classifier
from topicml.parallel import in_processes, n_threads
from topicml.reading.columns import DEFAULT_OPTIONS, ReadOptions
from topicml.reading.readers import TABLES, table_format
from topicml.reading.text_files import passed_over

_WRITTEN_AS_READ: dict[str, OutputFormat] = {
    "jsonl": "jsonl",
    "json": "jsonl",
    "csv": "csv",
    "parquet": "parquet",
}
_LISTED_FAILURES = 20


@dataclass(frozen=True, slots=True)
class FolderSummary:
    """Counts of a folder's files and their rows, and how many files of which endings are not read."""

    n_files: int
    rows: BatchSummary
    passed_over: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        return f"{counted(self.n_files, 'file')}: {self.rows}"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a job."""

    source: Path
    out: Path
    output_format: OutputFormat


def predict_folder(
    model: FittedClassifier | str | Path,
    folder: Path,
    out: Path,
    *,
    reading: ReadOptions = DEFAULT_OPTIONS,
    options: BatchOptions = DEFAULT_BATCH,
    progress: Callable[[int, float], None] | None = None,
    jobs: int = 1,
    resume: bool = False,
) -> FolderSummary:
    """Predict every file of a folder into another folder.

    Each file is a separate job, as for `predict_file`. If the work is interrupted, a call with
    ``resume=True`` skips the files that are done and continues the unfinished one. With several
    processes, each works on its own file.

    Parameters
    ----------
    model : FittedClassifier, str or Path
        A model or its folder.
    folder : Path
        The folder to read.
    out : Path
        Created if it does not exist.
    reading, options : optional
        As for `predict_file`.
    progress : callable, optional
        Called with the number of rows done and the share of the files: after each file, and where one
        process works, also within it.
    jobs : int, default=1
        Processes; -1 is one for each core.
    resume : bool, default=False
        Continue where an interrupted call ended.

    Returns
    -------
    FolderSummary

    Raises
    ------
    CorpusError
        If the folder holds no file that can be read.
    TopicmlError
        If a file cannot be read or written; all others are done first, unless ``options.strict``.
    """
    parts = parts_of(folder, out, reading=reading, options=options)
    try:
        for place in {part.out.parent for part in parts}:
            place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TopicmlError(f"cannot write into {shown_path(out)}: {error.strerror or error}") from error
    if jobs == 1 and not isinstance(model, FittedClassifier):
        model = load_classifier(model)
    total, failures, done = BatchSummary(), [], 0

    def within(rows: int, share: float | None) -> None:
        if progress is not None:
            progress(total.n_rows + rows, (done + (share or 0.0)) / len(parts))

    work = _PartWork(model, reading, options, resume, within if n_threads(jobs) == 1 else None)
    for done, result in enumerate(in_processes(work, parts, jobs=n_threads(jobs)), 1):
        if isinstance(result, BatchSummary):
            total += result
        elif options.strict:
            raise result
        else:
            failures.append(result)
        if progress is not None:
            progress(total.n_rows, done / len(parts))
    _end(parts, failures)
    others = [file for file in _files(folder) if not _is_part(file, reading)]
    return FolderSummary(len(parts), total, tuple(passed_over(others, folder, f"{TABLES} or .txt")))


def parts_of(
    folder: Path, out: Path, *, reading: ReadOptions = DEFAULT_OPTIONS, options: BatchOptions = DEFAULT_BATCH
) -> list[Part]:
    """Return the parts of a folder's job, in the order of their names.

    Every file of a known ending is one, at any depth; hidden ones are passed over. A file is written in
    its own format and under its own name if rows can be written so, else as JSON Lines with ``.jsonl``
    added to its name: ``a.csv.gz``, but ``a.tsv.jsonl.gz``. Nothing is written into the folder that is
    read: it would be a part the next time.
    """
    if out.resolve().is_relative_to(folder.resolve()):
        raise TopicmlValueError(
            f"cannot write into {shown_path(out)}: it is inside the input folder; name another folder"
        )
    files = [file for file in _files(folder) if _is_part(file, reading)]
    if not files:
        raise CorpusError(
            f"{shown_path(folder)}: no file of a known ending (.jsonl, .csv, .tsv, .parquet, .txt)"
        )
    parts = [_part(file, out / file.relative_to(folder), reading, options) for file in files]
    seen: dict[Path, Path] = {}
    for part in parts:
        if part.out in seen:
            raise CorpusError(
                f"{shown_path(seen[part.out])} and {shown_path(part.source)} would both be written to "
                f"{shown_path(part.out)}; rename one"
            )
        seen[part.out] = part.source
    return parts


def is_folder_of_tables(path: Path, reading: ReadOptions = DEFAULT_OPTIONS) -> bool:
    """Return whether a path is a folder with files of many articles each, instead of one text each."""
    if not path.is_dir() or reading.input_format == "folder":
        return False
    return reading.input_format is not None or any(
        table_format(file) not in (None, "text") for file in _files(path)
    )


@dataclass(frozen=True, slots=True)
class _PartWork:
    model: FittedClassifier | str | Path
    reading: ReadOptions
    options: BatchOptions
    resume: bool
    progress: Callable[[int, float | None], None] | None

    def start(self) -> Callable[[Part], BatchSummary | TopicmlError]:
        model = self.model if isinstance(self.model, FittedClassifier) else load_classifier(self.model)
        return lambda part: self._predict(model, part)

    def _predict(self, model: FittedClassifier, part: Part) -> BatchSummary | TopicmlError:
        options = replace(self.options, output_format=part.output_format, keep_record=True)
        try:
            return predict_file(
                *(model, part.source, part.out),
                reading=self.reading,
                options=options,
                progress=self.progress,
                resume=self.resume,
            )
        except TopicmlError as error:
            return error


def _files(folder: Path) -> list[Path]:
    return [file for files, _ in walk(folder) for file in files]


def _is_part(file: Path, reading: ReadOptions) -> bool:
    """Return whether a file is read; a pipe is none, because that could wait forever."""
    return file.is_file() and bool(reading.input_format or table_format(file))


def _part(file: Path, out: Path, reading: ReadOptions, options: BatchOptions) -> Part:
    kind = table_format(file) or reading.input_format or ""
    output_format = options.output_format or _WRITTEN_AS_READ.get(kind, "jsonl")
    compressed = is_compressed(file) and output_format != "parquet"
    bare = name_unpacked(out)
    if _WRITTEN_AS_READ.get(table_format(bare) or "") != output_format:
        bare = bare.with_name(f"{bare.name}.{output_format}")
    return Part(file, bare.with_name(f"{bare.name}{out.suffix}") if compressed else bare, output_format)


def _end(parts: Sequence[Part], failures: Sequence[TopicmlError]) -> None:
    """Name the files that failed; if there are none, nothing is left to continue, so no record is needed."""
    if failures:
        shown = listed(map(str, failures), _LISTED_FAILURES, between="\n  ", more="\n  and {} more")
        advice = "the others are done; correct these, then run the same command with --resume"
        raise TopicmlError(f"{len(failures)} of {len(parts)} files failed:\n  {shown}\n{advice}")
    for part in parts:
        forget_job(part.out)
