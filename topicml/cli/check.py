"""``topicml check``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from topicml.article import Problem
from topicml.cli.options import Data, Json, LabelMappingFile
from topicml.cli.terminal import end_quietly_with_the_pipe, note, print_json, remark, say, warn
from topicml.formatting import counted, escaped, listed
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from topicml.corpus.label_conflicts import CopySummary
    from topicml.reading.corpus import Corpus

_LISTED = 5


def check(
    data: Data, *, reading: ReadOptions, label_mapping: LabelMappingFile = None, as_json: Json = False
) -> None:
    """List problems in files of labelled articles.

    Errors stop training, warnings do not; with an error the exit status is 1. Words that give a label away
    by their place, such as a section's name in the first line, are listed, too.
    """
    from topicml.cli.corpora import mapped
    from topicml.corpus.fields import unread_dates
    from topicml.corpus.label_conflicts import summarize_copies
    from topicml.corpus.near_duplicates import group_near_duplicates
    from topicml.corpus.rare_labels import many_rare_labels
    from topicml.corpus.targets import label_notes
    from topicml.reading.conversions import markup_notes
    from topicml.reading.readers import check_corpus, described

    end_quietly_with_the_pipe()
    read = check_corpus(*data, options=reading)
    corpus, _ = mapped(read, label_mapping)
    groups = group_near_duplicates(corpus.texts(), n_jobs=-1)
    found_copies = summarize_copies(corpus, groups)
    problems = [*corpus.problems, *_contradictions(found_copies), *_leaks(read, corpus, groups)]
    notes = [*label_notes(corpus.label_counts(), len(corpus)), *markup_notes(corpus)]
    dates = unread_dates(corpus)
    notes += [dates] if dates else []
    would = _training(corpus)
    n_errors = sum(problem.fatal for problem in problems)
    if as_json:
        files = [{"path": str(path), "format": described(path, reading)} for path in data]
        print_json({**_as_json(problems, found_copies), "files": files, "notes": notes, "training": would})
    else:
        for problem in problems:
            print(escaped(str(problem)))
    for path in data:
        remark(f"{path}: {described(path, reading)}")
    for text in notes:
        note(text)
    say(_summary(n_errors, len(problems) - n_errors))
    say(_outcome(would, sum(problem.left_out for problem in corpus.problems), n_errors))
    if rare := many_rare_labels(corpus.label_counts()):
        warn(rare)
    if found_copies.n_copies:  # no problem, since training keeps them on one side of every split
        repeat = "article repeats" if found_copies.n_copies == 1 else "articles repeat"
        say(f"{found_copies.n_copies:,} {repeat} another with the same labels")
    if n_errors:
        raise typer.Exit(1)


def _summary(n_errors: int, n_warnings: int) -> str:
    warnings = counted(n_warnings, "warning")
    if n_errors:
        return f"{counted(n_errors, 'error')}, {warnings}; errors stop training"
    return f"{warnings}, no errors" if n_warnings else "nothing is wrong"


def _training(corpus: Corpus) -> dict[str, Any]:
    """Return what training would learn from."""
    several = corpus.multilabel or any(len(article.labels or ()) != 1 for article in corpus)
    counts = sorted(corpus.label_counts().items(), key=lambda item: (-item[1], item[0]))
    return {
        "n_articles": len(corpus),
        "target": "multilabel" if several else "multiclass",
        "labels": dict(counts),
    }


def _outcome(would: dict[str, Any], n_left_out: int, n_errors: int) -> str:
    labels = would["labels"]
    rows = f"; {counted(n_left_out, 'row')} left out" if n_left_out else ""
    if len(labels) < 2:
        found = f"found {counted(len(labels), 'label')} in {counted(would['n_articles'], 'article')}{rows}"
        return f"topicml train would stop: it needs two labels or more, {found}"
    named = listed((f"{label!r} {count:,}" for label, count in labels.items()), _LISTED)
    kind = "any number of labels" if would["target"] == "multilabel" else "one label"
    until = " once the errors are corrected," if n_errors else ""
    return (
        f"topicml train would,{until} learn {counted(len(labels), 'label')} from "
        f"{counted(would['n_articles'], 'article')} with {kind} each{rows}: {named}"
    ).replace("would, learn", "would learn")


def _as_json(problems: Sequence[Problem], copies: CopySummary) -> dict[str, Any]:
    n_errors = sum(problem.fatal for problem in problems)
    return {
        "problems": [asdict(problem) for problem in problems],
        "n_errors": n_errors,
        "n_warnings": len(problems) - n_errors,
        "n_copies": copies.n_copies,
        "n_groups": copies.n_groups,
    }


def _contradictions(copies: CopySummary) -> Iterator[Problem]:
    for conflict in copies.conflicts:
        message = f"1 text with conflicting labels: {conflict.located()}"
        path, _, line = conflict.places[0].rpartition(":")
        path, number = (path, int(line)) if path and line.isdecimal() else (conflict.places[0], None)
        yield Problem("conflicting labels", message, path, number, fatal=False, left_out=False)


def _leaks(read: Corpus, corpus: Corpus, groups: NDArray[np.int64]) -> Iterator[Problem]:
    """Yield the leaks of the labels in the files, since the fixed parts of a site follow its own names.

    Then yield those that only a mapping shows, for example where two names of one section are merged.
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
            f"{leak}; remove it from the text, or the model learns the page instead of the story",
            leak.example.origin or "?",
            fatal=False,
            left_out=False,
        )
