"""``topicml relabel``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from topicml.cli.options import Json, SkipBadRows, WrongUsage
from topicml.cli.reports import print_problems
from topicml.cli.terminal import announce_overwriting, note, print_json, say
from topicml.exceptions import CorpusError
from topicml.formatting import counted
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.reading.corpus import Corpus


def relabel(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="The articles, labelled or not.", show_default=False)
    ],
    decisions: Annotated[
        list[Path],
        typer.Argument(
            metavar="DECISIONS...",
            help="Files with decisions: tables, or exports of Label Studio, Prodigy or doccano.",
            show_default=False,
        ),
    ],
    *,
    reading: ReadOptions,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file to write: .jsonl or .csv, also .gz, or .parquet.")
    ],
    form: Annotated[
        Literal["csv", "label-studio", "prodigy", "doccano"] | None,
        typer.Option("--format", help="Format of the decisions (default: from their content)."),
    ] = None,
    new_labels: Annotated[
        bool, typer.Option("--new-labels", help="Let decisions give labels that no article of DATA has.")
    ] = False,
    keep_unlabelled: Annotated[
        bool | None,
        typer.Option(
            "--keep-unlabelled/--drop-unlabelled",
            help="Whether to write articles without a label (default: only if DATA has labels).",
            show_default=False,
        ),
    ] = None,
    skip_bad_rows: SkipBadRows = False,
    as_json: Json = False,
) -> None:
    """Change labels as a person decided.

    Reads the columns "label" and "decision" of the tables that suggest and suspects write, or exports of
    annotation tools, and writes the articles with their new labels to another file. If decisions contradict
    each other, name an unknown label, or are about an article that is not there, nothing is written.
    """
    from topicml.lifecycle.decision_files import read_decisions
    from topicml.lifecycle.relabel import relabel as relabelled
    from topicml.reading.readers import read_corpus

    write = _writer(out, [data, *decisions])
    corpus = read_corpus(data, options=reading, skip_bad_rows=skip_bad_rows)
    found = relabelled(corpus, read_decisions(decisions, format=form, options=reading), new_labels=new_labels)
    if keep_unlabelled is None:
        keep_unlabelled = any(article.labels is not None for article in corpus)
    written = found.corpus if keep_unlabelled else found.labelled
    if not written:
        raise CorpusError("no article has a label, so nothing is written; --keep-unlabelled writes all")
    announce_overwriting(out)
    write(written, out)
    print_problems(corpus.problems)
    for text in found.notes():
        note(text)
    if as_json:
        print_json({**found.to_dict(), "n_written": len(written)})
    else:
        print(found)
    say(f"{counted(len(written), 'article')} in {out}")


def _writer(out: Path, inputs: Sequence[Path]) -> Callable[[Corpus, Path], None]:
    """Return the writer of the file, if it is none of the inputs and of a format that can be written."""
    from topicml.lifecycle.corpus_file import writer_of

    if overwritten := [path for path in inputs if path.resolve() == out.resolve()]:
        raise WrongUsage(f"--out would overwrite {overwritten[0]}: name another file")
    try:
        return writer_of(out)
    except CorpusError as error:
        raise WrongUsage(str(error)) from error
