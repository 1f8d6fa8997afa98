"""An evaluation as a notebook shows it: small tables, nothing to load and nothing to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from topicml.displays.tables import Table
from topicml.evaluation_tables import evaluation_tables, summary_lines
from topicml.formatting import html_safe

if TYPE_CHECKING:  # evaluations import this module
    from topicml.evaluation_result import Evaluation


def evaluation_html(evaluation: Evaluation) -> str:
    """Return an evaluation as HTML that stands by itself: no script, no style sheet, nothing loaded.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    str
        One ``div``. The measures are shown; the other tables open at a click.
    """
    measures, *others = evaluation_tables(evaluation)
    lines = "<br>".join(map(html_safe, summary_lines(evaluation)))
    folded = "".join(
        f"<details><summary>{html_safe(table.title)}</summary>{_table(table)}</details>" for table in others
    )
    return f'<div style="max-width:60em"><div dir="auto">{lines}</div>{_table(measures)}{folded}</div>'


def _table(table: Table) -> str:
    header, *rows = table.rows
    body = "".join(f"<tr>{_cells(row, table, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{_cells(header, table, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: tuple[str, ...], table: Table, tag: str) -> str:
    sides = ("right" if right else "left" for right in table.right)
    return "".join(
        f'<{tag} dir="auto" style="text-align:{side}">{html_safe(cell)}</{tag}>'
        for cell, side in zip(row, sides, strict=True)
    )
