"""``topicml suggest``."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.options import Data, Jobs, Json, RandomState, SkipBadRows, WrongUsage
from topicml.cli.reports import print_problems
from topicml.cli.terminal import announce_overwriting, note, print_json, say
from topicml.formatting import counted
from topicml.reading.columns import ReadOptions

_N = 50  # articles to choose


def suggest(
    data: Data,
    *,
    reading: ReadOptions,
    n: Annotated[
        int | None,
        typer.Option("--n", "-n", min=1, help=f"Articles to choose (default: {_N}).", show_default=False),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", "-m", help="A model trained on the articles that are labelled so far."),
    ] = None,
    labelled: Annotated[
        list[Path] | None,
        typer.Option("--labelled", help="Articles that are labelled already; may be given several times."),
    ] = None,
    to_measure: Annotated[
        int | None,
        typer.Option(
            "--to-measure",
            min=1,
            metavar="N",
            help="Draw N articles at random instead, whose labels measure a model.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the articles to this file, to label them in.")
    ] = None,
    form: Annotated[
        Literal["csv", "label-studio", "prodigy", "doccano"] | None,
        typer.Option("--format", help="Format of the file (default: csv).", show_default=False),
    ] = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Choose the articles that are worth labelling next.

    Without a model: one article for each large group of similar ones. With a model: more articles from
    where the model is unsure. Articles that are labelled already are left out, and so are copies. With
    --to-measure: articles drawn at random, whose labels let topicml evaluate measure a model. In the CSV
    file, write the label into the column "label"; topicml relabel reads it back.
    """
    from topicml.lifecycle.decisions import write_tasks
    from topicml.lifecycle.suggest import suggest as suggested
    from topicml.predict import load_model
    from topicml.reading.readers import read_corpus

    if n is not None and to_measure is not None:
        raise WrongUsage("--n and --to-measure both say how many articles: give one of them")
    if form is not None and out is None:
        raise WrongUsage("--format is that of the file to write, so it needs --out FILE")
    _refuse_overwriting(out, [*data, *(labelled or ())])
    classifier = None if model is None else load_model(model)
    corpus = read_corpus(*data, options=reading, skip_bad_rows=skip_bad_rows)
    known = read_corpus(*labelled, options=reading, skip_bad_rows=skip_bad_rows) if labelled else ()
    found = suggested(
        corpus,
        n=to_measure or n or _N,
        model=classifier,
        labelled=known,
        to_measure=to_measure is not None,
        n_jobs=jobs,
        random_state=random_state,
    )
    if out is not None:
        announce_overwriting(out)
        write_tasks(out, found.tasks(), format=form or "csv")
    print_problems(corpus.problems)
    for remark in found.notes:
        note(remark)
    if as_json:
        print_json(found.to_dict())
    else:
        print(found.to_text(shutil.get_terminal_size().columns))
    if out is not None:
        say(f"{counted(len(found), 'article')} in {out}")


def _refuse_overwriting(out: Path | None, inputs: Sequence[Path]) -> None:
    if out is not None and out.resolve() in {path.resolve() for path in inputs}:
        raise WrongUsage(f"--out would overwrite {out}: name another file")
