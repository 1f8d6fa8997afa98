"""``topicml check``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from topicml.article import Problem
from topicml.cli.options import Data, Json, LabelMappingFile
from topicml.cli.terminal import end_quietly_with_the_pipe, print_json, say
from topicml.formatting import counted, escaped
from topicml.reading.columns import ReadOptions
from topicml.reading.corpus import Corpus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from topicml.corpus.label_conflicts import CopySummary


def check(
    data: Data, *, reading: ReadOptions, label_mapping: LabelMappingFile = None, as_json: Json = False
) -> None:
    """List what is wrong with files of labelled articles, row by row, without training.

    Words that give a label away by the place where they stand are listed, too.

    Exit status: 0 nothing that stops training, 1 something does, 2 wrong usage.
    """
    from topicml.cli.corpora import mapped
    from topicml.corpus.label_conflicts import summarize_copies
    from topicml.corpus.near_duplicates import group_near_duplicates
    from topicml.reading.readers import check_corpus

    end_quietly_with_the_pipe()
    read = check_corpus(*data, options=reading)
    corpus, _ = mapped(read, label_mapping)
    groups = group_near_duplicates(corpus.texts(), n_jobs=-1)
    found_copies = summarize_copies(corpus, groups)
    problems = [*corpus.problems, *_contradictions(found_copies), *_leaks(read, corpus, groups)]
    fatal = sum(problem.fatal for problem in problems)
    for problem in problems:
        if as_json:
            print_json(asdict(problem))
        else:
            print(escaped(str(problem)))
    found = f"{counted(len(problems), 'problem')}, {fatal} of them stop training"
    say(found if problems else "nothing is wrong")
    _print_copies(found_copies, as_json=as_json)
    if fatal:
        raise typer.Exit(1)


def _contradictions(copies: CopySummary) -> Iterator[Problem]:
    for conflict in copies.conflicts:
        message = f"1 text with conflicting labels: {conflict.located()}"
        path, _, line = conflict.places[0].rpartition(":")
        path, number = (path, int(line)) if path and line.isdecimal() else (conflict.places[0], None)
        yield Problem("conflicting labels", message, path, number, fatal=False, left_out=False)


def _print_copies(copies: CopySummary, *, as_json: bool) -> None:
    """Count the copies that agree: no problem, since training keeps them on one side of every split."""
    if not copies.n_copies:
        return
    if as_json:
        print_json({"kind": "copies", "n_copies": copies.n_copies, "n_groups": copies.n_groups})
    repeat = "article repeats" if copies.n_copies == 1 else "articles repeat"
    say(f"{copies.n_copies} {repeat} another with the same labels")


def _leaks(read: Corpus, corpus: Corpus, groups: NDArray[np.int64]) -> Iterator[Problem]:
    """Yield the leaks under the labels that the files have, since a site's furniture follows its own names.

    Then those that only a mapping shows, as where two names of one section are merged.
    """
    from topicml.corpus.leaks import find_leaks

    mapped_anew = corpus.articles != read.articles
    found = list(find_leaks(read, groups=None if mapped_anew else groups))
    if mapped_anew:
        known = {(leak.place, leak.words) for leak in found}
        more = find_leaks(corpus, groups=groups)
        found += [leak for leak in more if (leak.place, leak.words) not in known]
    for leak in found:
        yield Problem(
            "leak",
            f"{leak}; take it out of the text, or the model learns the page instead of the story",
            leak.example.origin or "?",
            fatal=False,
            left_out=False,
        )
