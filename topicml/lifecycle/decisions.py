"""Articles for a person to label, and what the person decided: values, and files to label in."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TextIO, TypeAlias, get_args

from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.files import open_output
from topicml.formatting import did_you_mean
from topicml.reading.cells import cell_labels

DecisionFormat: TypeAlias = Literal["csv", "label-studio", "prodigy", "doccano"]
"""Of files to label in, and of those that come back."""

Action: TypeAlias = Literal["label", "keep", "replace", "remove", "add", "skip"]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""What a person may write into the ``decision`` column; the name of a label is one more."""

ARTICLE_ID = "article_id"
"""The article's own id in the files of annotation tools, which give ids of their own to what they import."""

CUT = "..."
"""How a text ends that is not whole."""

_COLUMNS = ("id", "title", "text", "guess", "probability", "reason", "label", "decision")
_LONGEST_CELL = 32_000  # characters: a spreadsheet takes 32,767, and breaks longer cells apart
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet may run, and what is guarded from that


@dataclass(frozen=True, slots=True)
class Task:
    """An article for a person to label.

    Parameters
    ----------
    text : str
        The article's body.
    title : str, default=""
        Its headline.
    id : str, optional
        Its own id. Without one, its text says which article it is.
    guess : tuple of str, optional
        The labels that a model gives it. None without a model; an empty tuple says "no label applies".
    probability : float, optional
        Of the guess, as the model says.
    reason : str, default=""
        Why this article is worth labelling, in a few words.
    labels : tuple of str, default=()
        The labels to choose from. Prodigy shows them as options.

    Examples
    --------
    >>> Task("A late goal won the cup.", title="Cup final", guess=("sport",), probability=0.62).guess
    ('sport',)
    """

    text: str
    title: str = ""
    id: str | None = None
    guess: tuple[str, ...] | None = None
    probability: float | None = None
    reason: str = ""
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.guess, str):
            raise TopicmlTypeError(
                f"guess must be a tuple of str, found the str {self.guess!r}: write ({self.guess!r},)"
            )

    @property
    def full_text(self) -> str:
        """Title and text, one under the other."""
        return f"{self.title}\n{self.text}" if self.title else self.text


def write_tasks(path: str | Path, tasks: Iterable[Task], *, format: DecisionFormat = "csv") -> None:  # noqa: A002  (the word of the command line)
    """Write articles to a file that a person labels in, gzipped if its name says so.

    Parameters
    ----------
    path : str or Path
        The file; one that is there is replaced.
    tasks : iterable of Task
    format : {"csv", "label-studio", "prodigy", "doccano"}, default="csv"
        ``csv`` is for spreadsheets: a person fills the empty columns ``label`` and ``decision``. The file
        begins with a byte order mark, so that Excel reads it as UTF-8; text that a spreadsheet would run as
        a formula begins with an apostrophe, which is taken off when the file is read back; a text of more
        than 32,000 characters is cut. The others are files that annotation tools import.

    Raises
    ------
    TopicmlError
        If the file cannot be written.
    TopicmlValueError
        If the format is unknown.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     todo = Path(folder, "todo.csv")
    ...     write_tasks(todo, [Task("A late goal.", id="a7", guess=("sport",), probability=0.62)])
    ...     print(todo.read_text(encoding="utf-8-sig"))
    id,title,text,guess,probability,reason,label,decision
    a7,,A late goal.,sport,0.6200,,,
    <BLANKLINE>
    """
    if format not in _WRITERS:
        raise TopicmlValueError(
            f"unknown format {format!r}; expected one of {', '.join(_WRITERS)}"
            + did_you_mean(format, _WRITERS)
        )
    with open_output(Path(path)) as stream:
        _WRITERS[format](stream, tasks)


def guarded(cell: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula.

    Texts that look guarded get one more, so that `unguarded` always gives the text back.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("'tis")
    ("'=1+1", "''=1+1", "'tis")
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return the text that `guarded` was given.

    >>> unguarded("'=1+1"), unguarded("''=1+1"), unguarded("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def labels_cell(labels: tuple[str, ...] | None) -> str:
    """Return labels as one cell that `cell_labels` reads back: a list of JSON where they are not one.

    >>> labels_cell(("sport",)), labels_cell(("sport", "art")), labels_cell(()), labels_cell(None)
    ('sport', '["sport", "art"]', '[]', '')
    """
    if labels is None:
        return ""
    if len(labels) == 1 and _reads_back(labels):
        return labels[0]
    return json.dumps(labels, ensure_ascii=False)


def _reads_back(labels: tuple[str, ...]) -> bool:
    try:
        return cell_labels(labels[0], "label") == labels
    except CorpusError:
        return False


def _write_csv(stream: TextIO, tasks: Iterable[Task]) -> None:
    stream.write("\ufeff")
    # csv quotes the characters of its line terminator, so with this one it quotes a lone CR, too.
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for task in tasks:
        probability = "" if task.probability is None else f"{task.probability:.4f}"
        text, title, guess = _cut(task.text), _cut(task.title), labels_cell(task.guess)
        cells = [task.id or "", title, text, guess, probability, task.reason]
        writer.writerow([*map(guarded, cells), "", ""])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + CUT


_WRITERS: Mapping[str, Any] = MappingProxyType({"csv": _write_csv})
