"""Scores and problems, as a terminal shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from topicml.article import Problem
from topicml.cli.terminal import (
    CAUTION,
    heading,
    note,
    print_json,
    print_table,
    print_wrapped,
    remark,
    verdict,
)
from topicml.formatting import listed

if TYPE_CHECKING:
    from topicml.evaluation.comparison import Comparison
    from topicml.evaluation.result import Evaluation

_LISTED = 5


class Result(Protocol):
    """Anything that a command prints: as text for people, or as values that JSON can hold."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""


def print_evaluation(evaluation: Evaluation, *, every: bool) -> None:
    """Print the main scores in words, then labels, confusions and slices; every measure if asked for."""
    from topicml.evaluation.result import evaluation_tables, summary_lines

    first, *lines = summary_lines(evaluation)
    heading(first)
    for k, line in enumerate(lines):  # the first one, if any article was trained on, says so
        print_wrapped(line, style=CAUTION if k == 0 and evaluation.n_seen else "")
    measures, *tables = evaluation_tables(evaluation)
    for table in [measures, *tables] if every else tables:
        print()
        heading(table.title)
        print_table(table.rows, right=table.right)


def print_comparison(found: Comparison, problems: Sequence[Problem], *, as_json: bool) -> None:
    """Print how two models compare, the verdict first and in colour on a terminal."""
    print_problems(problems)
    for text in found.notes:
        note(text)
    if as_json:
        print_json(found.to_dict())
        return
    first, _, rest = str(found).partition("\n")
    verdict(first, good={"better": True, "worse": False}.get(found.verdict))
    print(rest)


def print_problems(problems: Sequence[Problem]) -> None:
    """Say on stderr which rows were left out, by kind, with the first few places of each."""
    for kind, count in Counter(problem.kind for problem in problems).items():
        same = [problem for problem in problems if problem.kind == kind]
        places = listed((problem.place for problem in same), _LISTED, more=", ...")
        verb = "left out" if same[0].left_out else "noted"
        remark(f"{verb}: {count:,} x {kind} ({places})")


def print_result(
    found: Result, problems: Sequence[Problem], *, notes: Iterable[str] = (), as_json: bool
) -> None:
    """Print a result on stdout; on stderr say which rows were left out and what a person should know."""
    print_problems(problems)
    for text in notes:
        note(text)
    if as_json:
        print_json(found.to_dict())
    else:
        print(found)
