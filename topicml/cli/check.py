"""``topicml check``."""

from __future__ import annotations

from dataclasses import asdict

import typer

from topicml.cli.options import Data, Json
from topicml.cli.terminal import counted, end_quietly_with_the_pipe, escaped, print_json, say
from topicml.columns import ReadOptions

__all__ = ["check"]


def check(data: Data, *, reading: ReadOptions, as_json: Json = False) -> None:
    """List what is wrong with files of labelled articles, row by row, without training.

    Exit status: 0 nothing that stops training, 1 something does, 2 wrong usage.
    """
    from topicml.readers import check_files

    end_quietly_with_the_pipe()
    problems = check_files(*data, options=reading)
    fatal = sum(problem.fatal for problem in problems)
    for problem in problems:
        if as_json:
            print_json(asdict(problem))
        else:
            print(escaped(str(problem)))
    found = f"{counted(len(problems), 'problem')}, {fatal} of them stop training"
    say(found if problems else "nothing is wrong")
    if fatal:
        raise typer.Exit(1)
