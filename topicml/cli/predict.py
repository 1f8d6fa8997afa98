"""``topicml predict``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from topicml.cli.models import load_named
from topicml.cli.options import Jobs, Model, WrongUsage, one_source
from topicml.cli.terminal import (
    announce_overwriting,
    end_line,
    end_quietly_with_the_pipe,
    note,
    print_json,
    print_wrapped,
    row_counter,
    say,
)
from topicml.exceptions import CorpusError
from topicml.formatting import percent
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.article import Problem
    from topicml.batch.folder import FolderSummary
    from topicml.batch.rows import BatchSummary
    from topicml.model.prediction import Prediction

_Format = Literal["table", "jsonl", "csv", "parquet"]
_OTHERS = 3  # most probable labels beside those that are assigned


def predict(
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DATA]", help="File or folder of articles, folder of such files, or - for stdin."
        ),
    ] = None,
    *,
    reading: ReadOptions,
    model: Model = None,
    text: Annotated[str | None, typer.Option("--text", help="Predict this text alone.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File or folder to write (default: stdout).")
    ] = None,
    output_format: Annotated[
        _Format | None,
        typer.Option(
            "--format", help="Default: from the name of --out; else a table on a terminal, jsonl in a pipe."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format jsonl.")] = False,
    top_k: Annotated[
        int | None,
        typer.Option("--top-k", min=1, help="Probabilities for each article (default: all; 3 in CSV)."),
    ] = None,
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Repeat title, date, url and text in the rows.")
    ] = False,
    always_label: Annotated[
        bool,
        typer.Option("--always-label", help="Give the most probable label where none is probable enough."),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at a row that cannot be read.")] = False,
    jobs: Jobs = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the interrupted job that wrote to --out.")
    ] = False,
) -> None:
    """Predict the sections of articles.

    One row out for each row in, in order. A folder of files is predicted into a folder, file by file. Run
    the same command with --resume to continue an interrupted job.
    """
    path = one_source("predict", data)
    chosen = _chosen_format(output_format, as_json=as_json)
    _check_usage(path, text, chosen, goes_with_data=bool(out or keep_text or strict or resume))
    if jobs == 1:  # processes that work together need to hear of broken pipes
        end_quietly_with_the_pipe()
    shown = out is None and sys.stdout.isatty()
    chosen = chosen or ("table" if shown else None)
    if path is None:
        _predict_text(model, text or "", top_k, as_json=chosen != "table", always_label=always_label)
        return
    from topicml.batch.rows import BatchOptions, BatchSummary

    width = shutil.get_terminal_size().columns
    noted: list[Problem] = []
    run = partial(
        _rows_predictor(path, out, reading, noted),
        reading=reading,
        options=BatchOptions(chosen, top_k, keep_text, strict, always_label, width=width),
        progress=None if shown else row_counter(),
        jobs=jobs,
        resume=resume,
    )
    classifier, folder = load_named(model)
    if out is not None and not (resume and out.is_dir()):
        announce_overwriting(out)
    try:
        summary = run(classifier if jobs == 1 else folder)
    except KeyboardInterrupt as error:
        can_resume = out is not None and str(path) != "-"
        hint = "; run the same command with --resume to continue"
        raise type(error)(f"interrupted{hint if can_resume else ''}") from None
    end_line()
    say(str(summary))
    _say_noted(noted)
    rows = summary if isinstance(summary, BatchSummary) else summary.rows
    for problem in () if isinstance(summary, BatchSummary) else summary.passed_over:
        note(str(problem))
    if 0 < rows.n_rows == rows.n_errors:
        raise CorpusError(f"{path}: no row could be read; for the reasons: topicml check {path}")


def _chosen_format(output_format: _Format | None, *, as_json: bool) -> _Format | None:
    if as_json and output_format not in (None, "jsonl"):
        raise WrongUsage(f"--json means --format jsonl, but --format {output_format} was given, too")
    return "jsonl" if as_json else output_format


def _check_usage(
    data: Path | None, text: str | None, output_format: _Format | None, *, goes_with_data: bool
) -> None:
    if (data is None) == (text is None):
        raise WrongUsage("give either DATA (or - for standard input) or --text")
    if text is not None and (goes_with_data or output_format in ("csv", "parquet")):
        raise WrongUsage(
            "--out, --keep-text, --strict, --resume and --format csv or parquet go with DATA, not with --text"
        )


def _predict_text(
    model: Path | None, text: str, top_k: int | None, *, as_json: bool, always_label: bool
) -> None:
    classifier, _ = load_named(model)
    answer = classifier.predict(text, always_label=always_label)
    if not as_json:
        _print_answer(answer, top_k or _OTHERS)
        return
    codes = classifier.label_codes(answer.labels)
    print_json({**answer.to_dict(top_k=top_k), **({} if codes is None else {"codes": codes})})


def _print_answer(answer: Prediction, n_others: int) -> None:
    """Print a prediction for a person: its labels or why there are none, and the most probable other ones."""
    from topicml.model.prediction import REASONS

    probabilities = answer.probabilities
    shown = {label: f"{label} {percent(probability)}" for label, probability in probabilities.items()}
    others = [line for label, line in shown.items() if label not in answer.labels]
    if answer.reason:
        print_wrapped(f"for review: {REASONS[answer.reason]}")
    else:
        name = "section" if len(answer.labels) == 1 else "sections"
        print_wrapped(f"{name}: {', '.join(shown[label] for label in answer.labels)}")
    if others and answer.reason != "no_known_terms":
        beginning = "most probable" if answer.reason else "less probable"
        print_wrapped(f"{beginning}: {', '.join(others[:n_others])}")


def _say_noted(noted: Sequence[Problem]) -> None:
    if noted:
        from topicml.cli.reports import print_problems

        print_problems(noted)


def _rows_predictor(
    data: Path, out: Path | None, reading: ReadOptions, noted: list[Problem]
) -> Callable[..., BatchSummary | FolderSummary]:
    """Return the function that predicts, with a model, a file or a folder of files into its place.

    It lists the problems of a file that cost no row.
    """
    from topicml.batch.file import predict_file
    from topicml.batch.folder import is_folder_of_tables, predict_folder

    if not is_folder_of_tables(data, reading):
        return lambda model, **how: predict_file(model, data, out, note=noted.append, **how)
    if out is None:
        raise WrongUsage(f"{data} is a folder of files: name a folder for the results with --out")
    return lambda model, **how: predict_folder(model, data, out, **how)
