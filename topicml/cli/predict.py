"""``topicml predict``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.options import Jobs, Model, TopK
from topicml.cli.terminal import end_line, end_quietly_with_the_pipe, print_json, row_counter, say
from topicml.reading.columns import ReadOptions


def predict(
    data: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DATA]", help="File or folder of articles, folder of such files, or - for stdin."
        ),
    ] = None,
    *,
    reading: ReadOptions,
    model: Model = None,
    text: Annotated[str | None, typer.Option("--text", help="Predict this text and nothing else.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file, or folder, and not to stdout.")
    ] = None,
    output_format: Annotated[
        Literal["jsonl", "csv", "parquet"] | None,
        typer.Option("--format", help="By default by the name of --out, else jsonl."),
    ] = None,
    top_k: TopK = None,
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Repeat title and text in the rows.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at a row that cannot be read.")] = False,
    jobs: Jobs = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the file or folder that an ended job left at --out.")
    ] = False,
) -> None:
    """Predict the sections of articles: one row out for each row in, in order.

    A folder of files is predicted into a folder, file by file. A job that was ended, by whatever, is
    continued by the same command with --resume.

    Exit status: 0 done, 1 the input or the model cannot be used, 2 wrong usage.
    """
    _check_usage(
        data, text, goes_with_data=bool(out or output_format or keep_text or strict or resume), jobs=jobs
    )
    from topicml.predict import load_model, resolve_model

    if jobs == 1:  # processes that work together need to hear of broken pipes
        end_quietly_with_the_pipe()
    if data is None:
        classifier = load_model(resolve_model(model))
        answer = classifier.predict(text or "")
        codes = classifier.label_codes(answer.labels)
        print_json({**answer.to_dict(top_k=top_k), **({} if codes is None else {"codes": codes})})
        return
    from topicml.batch.rows import BatchOptions

    run = partial(
        _rows_predictor(data, out, reading),
        resolve_model(model),
        reading=reading,
        options=BatchOptions(output_format, top_k, keep_text, strict),
        progress=row_counter() if out is not None or not sys.stdout.isatty() else None,
        jobs=jobs,
        resume=resume,
    )
    try:
        summary = run()
    except KeyboardInterrupt:
        end_line()
        can_resume = out is not None and str(data) != "-"
        say("interrupted; the same command with --resume goes on from here" if can_resume else "interrupted")
        raise
    end_line()
    say(str(summary))


def _check_usage(data: Path | None, text: str | None, *, goes_with_data: bool, jobs: int) -> None:
    if (data is None) == (text is None):
        raise typer.BadParameter("give either DATA (or - for standard input) or --text")
    if text is not None and goes_with_data:
        raise typer.BadParameter(
            "--out, --format, --keep-text, --strict and --resume go with DATA, not with --text"
        )
    if jobs < 1 and jobs != -1:
        raise typer.BadParameter("--jobs is 1 or more, or -1 for one for each core")


def _rows_predictor(data: Path, out: Path | None, reading: ReadOptions) -> Callable[..., object]:
    """Return what predicts, by a model, a file or a folder of files into its place."""
    from topicml.batch.file import predict_file
    from topicml.batch.folder import is_folder_of_tables, predict_folder

    if not is_folder_of_tables(data, reading):
        return lambda model, **how: predict_file(model, data, out, **how)
    if out is None:
        raise typer.BadParameter(f"{data} is a folder of files: name a folder for theirs with --out")
    return lambda model, **how: predict_folder(model, data, out, **how)
