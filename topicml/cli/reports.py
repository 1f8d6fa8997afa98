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
from topicml.formatting import listed, shortened

if TYPE_CHECKING:
    from topicml.evaluation.comparison import Comparison
    from topicml.evaluation.result import Evaluation
    from topicml.training.seed_report import ArchiveArticle, SeededSection, SeedReport, SeedWord

_LISTED = 5
_NAME_CELLS, _REMARK_CELLS, _ARTICLE_CELLS = 18, 24, 70  # of 80, beside numbers
_WORD_HEADER = ["section", "word", "articles", "in section", "remark"]


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


def print_seed_report(found: SeedReport) -> None:
    """Print what seed words do in an archive: the longest part first, so that the end of it stays in view."""
    for section in found.sections:
        _print_section(section)
    heading("Seed words")
    rows = [_word_row(section.label, word) for section in found.sections for word in section.words]
    print_table([_WORD_HEADER, *rows], right=[False, False, True, True, False])
    print()
    heading("Sections")
    rows = [
        [shortened(one.label, _NAME_CELLS), f"{one.n_singled_out:,}", f"{one.n_given:,}"]
        for one in found.sections
    ]
    print_table([["section", "articles singled out", "articles given"], *rows], right=[False, True, True])
    print()
    for sentence in found.sentences():
        print_wrapped(sentence)


def _print_section(section: SeededSection) -> None:
    heading(section.label)
    if section.suggested:
        print_wrapped(f"words that could be added: {', '.join(section.suggested)}")
    _print_articles("surest", section.surest)
    _print_articles("most doubtful", section.most_doubtful)
    print()


def _word_row(label: str, word: SeedWord) -> list[str]:
    own = "–" if word.own_share is None else f"{word.own_share:.0%}"
    remark = (
        f"mostly {word.elsewhere or 'in no section'}" if word.remark == "points elsewhere" else word.remark
    )
    written = f"not {word.word}" if word.against else word.word
    cells = [shortened(label, _NAME_CELLS), shortened(written, _NAME_CELLS), f"{word.n_articles:,}", own]
    return [*cells, shortened(remark, _REMARK_CELLS)]


def _print_articles(title: str, articles: Sequence[ArchiveArticle]) -> None:
    if articles:
        print(f"{title}:")
    for article in articles:
        print(f"  {article.probability:4.0%}  {shortened(article.begin, _ARTICLE_CELLS)}")
