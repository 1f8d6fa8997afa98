"""Articles for a person to label, and the person's decisions: the values, and files to label in.

The files for annotation tools are as the tools' documentation and code say:

- Label Studio: https://labelstud.io/guide/tasks#Basic-Label-Studio-JSON-format (``data``) and
  https://labelstud.io/guide/predictions (``predictions``).
- Prodigy: https://prodi.gy/docs/api-interfaces#choice (``options``, and ``meta`` in the card's corner).
- doccano: https://doccano.github.io/doccano/tutorial/#import-a-dataset; other keys than ``text`` and
  ``label`` become metadata, which is shown beside the text and exported with it
  (https://github.com/doccano/doccano/issues/2041).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TextIO, TypeAlias, get_args

from topicml.displays.tables import FieldsShown
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.files import as_path, open_output
from topicml.formatting import did_you_mean
from topicml.reading.cells import cell_labels

DecisionFormat: TypeAlias = Literal["csv", "label-studio", "prodigy", "doccano"]
"""Of files to label in, and of those that come back."""

DECISION_FORMATS: tuple[DecisionFormat, ...] = get_args(DecisionFormat)

Action: TypeAlias = Literal["label", "keep", "replace", "remove", "add", "skip"]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""Words for the ``decision`` column; the name of a label is one more."""

ARTICLE_ID = "article_id"
"""The key of the article's own id in the files of annotation tools, which number articles themselves."""

CUT = "..."
"""How a text ends that is not whole."""

_COLUMNS = ("id", "title", "text", "guess", "probability", "reason", "label", "decision")
_LONGEST_CELL = 32_000  # characters: a spreadsheet takes 32,767, and breaks longer cells apart
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # a spreadsheet may run it; with apostrophes: already guarded


@dataclass(frozen=True, slots=True, repr=False)
class Task(FieldsShown):
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
        The articles, in the order in which they are to be labelled.
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
    with open_output(as_path(path)) as stream:
        _WRITERS[format](stream, map(_checked, tasks))


def _checked(task: object) -> Task:
    if not isinstance(task, Task):
        raise TopicmlTypeError(
            f"expected a Task, found {type(task).__name__}; make one, as in topicml.Task('its text', id='7')"
        )
    return task


@dataclass(frozen=True, slots=True, repr=False)
class Decision(FieldsShown):
    """A person's decision about an article.

    The article is found by `id`, `place` and text: see `topicml.relabel`.

    Parameters
    ----------
    action : {"label", "keep", "replace", "remove", "add", "skip"}
        ``label``: the article has exactly `labels`. ``keep``: the labels that it has are right. ``replace``:
        `labels` instead of `removed`. ``remove``: not `removed`. ``add``: also `labels`. ``skip``: nothing
        is decided.
    labels : tuple of str, default=()
        The labels to give. With ``label``, an empty tuple says "no label applies".
    removed : tuple of str, default=()
        The labels to take away.
    id : str, optional
        The article's own id.
    title, text : str, default=""
        The article's own. A text that ends with ``...`` is compared as far as it goes.
    place : str, default=""
        Where the article was read, such as ``train.csv:17``.
    origin : str, default=""
        Where the decision was read, for messages.

    Raises
    ------
    TopicmlValueError
        If the action is unknown.

    Examples
    --------
    >>> Decision("replace", ("economy",), removed=("sport",), id="a7").labels
    ('economy',)
    """

    action: Action
    labels: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    id: str | None = None
    title: str = ""
    text: str = ""
    place: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise TopicmlValueError(
                f"unknown action {self.action!r}; expected one of {', '.join(ACTIONS)}"
                + did_you_mean(self.action, ACTIONS)
            )
        for name in ("labels", "removed"):
            if isinstance(own := getattr(self, name), str):
                raise TopicmlTypeError(
                    f"{name} must be a tuple of str, found the str {own!r}: write ({own!r},)"
                )


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


def labels_cell(labels: tuple[str, ...] | None, *, as_list: bool = False) -> str:
    """Return labels as one cell that `cell_labels` reads back: a list of JSON where they are not one label.

    >>> labels_cell(("sport",)), labels_cell(("sport", "art")), labels_cell(()), labels_cell(None)
    ('sport', '["sport", "art"]', '[]', '')
    """
    if labels is None:
        return ""
    if len(labels) == 1 and not as_list and _reads_back(labels):
        return labels[0]
    return json.dumps(labels, ensure_ascii=False)


def _reads_back(labels: tuple[str, ...]) -> bool:
    try:
        return cell_labels(labels[0], "label") == labels
    except CorpusError:
        return False


def spreadsheet_rows(stream: TextIO, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write rows as CSV that spreadsheets read as UTF-8 and without running formulas."""
    stream.write("\ufeff" + csv_line(columns))
    stream.writelines(csv_line(map(guarded, row)) for row in rows)


def csv_line(cells: Iterable[str]) -> str:
    r"""Return cells as a record of CSV, which ends as a line does.

    >>> csv_line(["Fog\rhail", "a,b", "c"])
    '"Fog\rhail","a,b",c\n'
    """
    # csv quotes the characters of its line terminator, so with this one it quotes a lone CR, too.
    record = io.StringIO(newline="")
    csv.writer(record, lineterminator="\r\n").writerow(cells)
    return record.getvalue().removesuffix("\r\n") + "\n"


def _write_csv(stream: TextIO, tasks: Iterable[Task]) -> None:
    spreadsheet_rows(stream, _COLUMNS, map(_cells, tasks))


def _cells(task: Task) -> list[str]:
    probability = "" if task.probability is None else f"{task.probability:.4f}"
    guess = labels_cell(task.guess)
    return [task.id or "", _cut(task.title), _cut(task.text), guess, probability, task.reason, "", ""]


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + CUT


def _write_label_studio(stream: TextIO, tasks: Iterable[Task]) -> None:
    """Write an array of tasks; a guess is a prediction, which the tool shows as already chosen."""
    rows = [
        {"data": {"title": task.title, "text": task.text, **_about(task)}, **_guess(task)} for task in tasks
    ]
    json.dump(rows, stream, ensure_ascii=False, indent=1)
    stream.write("\n")


def _guess(task: Task) -> dict[str, Any]:
    if not task.guess:
        return {}
    choice = {
        "from_name": "label",
        "to_name": "text",
        "type": "choices",
        "value": {"choices": list(task.guess)},
    }
    score = {} if task.probability is None else {"score": round(task.probability, 4)}
    return {"predictions": [{"model_version": "topicml", **score, "result": [choice]}]}


def _write_prodigy(stream: TextIO, tasks: Iterable[Task]) -> None:
    for task in tasks:
        about = _about(task)
        options = [{"id": label, "text": label} for label in task.labels]
        row = {"text": task.full_text, **({"options": options} if options else {}), "meta": about}
        _write_line(stream, {**row, **({ARTICLE_ID: task.id} if task.id else {})})


def _write_doccano(stream: TextIO, tasks: Iterable[Task]) -> None:
    """Write a line for each task, without labels: doccano would export a guess as a person's."""
    for task in tasks:
        _write_line(stream, {"text": task.full_text, "label": [], **_about(task)})


def _write_line(stream: TextIO, row: Mapping[str, Any]) -> None:
    stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def _about(task: Task) -> dict[str, Any]:
    """Return the facts that a tool shows beside the text, as far as they are known."""
    about = {
        ARTICLE_ID: task.id,
        "guess": None if task.guess is None else ", ".join(task.guess) or "no label",
        "probability": None if task.probability is None else round(task.probability, 4),
        "reason": task.reason,
    }
    return {name: value for name, value in about.items() if value not in (None, "")}


_WRITERS: Mapping[str, Callable[[TextIO, Iterable[Task]], None]] = MappingProxyType(
    {
        "csv": _write_csv,
        "label-studio": _write_label_studio,
        "prodigy": _write_prodigy,
        "doccano": _write_doccano,
    }
)
