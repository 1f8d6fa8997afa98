"""``topicml predict``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.options import Model, TopK
from topicml.cli.terminal import end_line, end_quietly_with_the_pipe, print_json, row_counter, say
from topicml.columns import ReadOptions

__all__ = ["predict"]


def predict(
    data: Annotated[
        Path | None,
        typer.Argument(metavar="[DATA]", help="File or folder of articles, or - for standard input."),
    ] = None,
    *,
    reading: ReadOptions,
    model: Model = None,
    text: Annotated[str | None, typer.Option("--text", help="Predict this text and nothing else.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write here and not to stdout.")] = None,
    output_format: Annotated[
        Literal["jsonl", "csv"] | None,
        typer.Option("--format", help="By default by the name of --out, else jsonl."),
    ] = None,
    top_k: TopK = None,
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Repeat title and text in the rows.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at a row that cannot be read.")] = False,
) -> None:
    """Predict the sections of articles: one row out for each row in, in order.

    Exit status: 0 done, 1 the input or the model cannot be used, 2 wrong usage.
    """
    if (data is None) == (text is None):
        raise typer.BadParameter("give either DATA (or - for standard input) or --text")
    if text is not None and (out or output_format or keep_text or strict):
        raise typer.BadParameter("--out, --format, --keep-text and --strict go with DATA, not with --text")
    from topicml.label_mapping import codes_of
    from topicml.predict import load_model

    end_quietly_with_the_pipe()
    classifier = load_model(model)
    if data is None:
        answer = classifier.predict(text or "")
        print_json({**answer.to_dict(top_k=top_k), **codes_of(answer.labels, classifier.provenance)})
        return
    from topicml.batch import BatchOptions, predict_file

    options = BatchOptions(output_format, top_k, keep_text, strict)
    shown = row_counter() if out is not None or not sys.stdout.isatty() else None
    summary = predict_file(classifier, data, out, reading=reading, options=options, progress=shown)
    end_line()
    say(str(summary))
