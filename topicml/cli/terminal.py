"""Talking to a person and to a pipe: data on stdout, talk on stderr."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any, Literal, TextIO

import typer

from topicml.cli.signals import ended_by_signals, line_of, status_of
from topicml.formatting import counted, escaped, shortened, table_lines, wrapped

# The terminal's own colours, which its owner can read.
_BOLD, _RED, _GREEN, CAUTION = "1", "1;31", "1;32", "33"
_LONGEST_NOTE = 300
_BAR = 20  # cells
# About how long the stages of a search and the steps of training take, in fits.
_STAGE_WORK = {"none": (), "light": (6.0,), "full": (10.0, 24.0, 14.0, 3.0)}
_STEP_WORK = (1.0, 1.0, 0.1, 2.0)
_STEP_WORK_WITH_ARCHIVE = (1.0, 30.0, 4.0, 0.1, 2.0)
_LEAST_SHARE = 0.05  # of the work, from which on the time left can be estimated


def say(message: str, *, style: str = "") -> None:
    """Print a line for a person, on stderr; on a terminal it is broken between words, in a log it is not."""
    if sys.stderr is None:
        return
    lines = _fitted(message) if sys.stderr.isatty() else [message]
    with suppress(OSError):  # a full disk under the log is no reason to give no answers
        print("\n".join(_styled(line, style, sys.stderr) for line in lines), file=sys.stderr, flush=True)


def remark(text: str, *, style: str = "") -> None:
    """Say something on one line of 300 characters at most."""
    say(shortened(escaped(text), _LONGEST_NOTE), style=style)


def note(text: str) -> None:
    """Say what a person should know, as a remark."""
    remark(f"note: {text}")


def warn(text: str) -> None:
    """Say what a person should not overlook, as a remark, in colour on a terminal."""
    remark(f"warning: {text}", style=CAUTION)


def interruptible(command: Callable[..., None]) -> Callable[..., None]:
    """Let Ctrl-C and SIGTERM end a command with a line, which may be the interrupt's message."""

    @wraps(command)
    def run(**arguments: Any) -> None:  # noqa: ANN401  (whatever the command's own options are)
        try:
            with ended_by_signals():
                command(**arguments)
        except KeyboardInterrupt as error:
            end_line()
            say(line_of(error))
            raise typer.Exit(status_of(error)) from None

    return run


def announce_overwriting(path: Path) -> None:
    """Say that a file, or a folder with something in it, is about to be replaced; nothing if it is new."""
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        note(f"overwriting {path}")


def heading(text: str) -> None:
    """Print a heading on stdout, bold on a terminal."""
    print_wrapped(text, style=_BOLD)


def verdict(text: str, *, good: bool | None) -> None:
    """Print a verdict on stdout; on a terminal a good one is green, a bad one red and any other bold."""
    print_wrapped(text, style=_BOLD if good is None else _GREEN if good else _RED)


def in_colour(stream: TextIO | None = None) -> bool:
    """Tell whether to print in colour: on a terminal that has some, unless NO_COLOR is set (no-color.org).

    The stream is stdout unless another is given.
    """
    dumb = os.environ.get("TERM") == "dumb"
    return (stream or sys.stdout).isatty() and not dumb and not os.environ.get("NO_COLOR")


def _styled(line: str, style: str, stream: TextIO) -> str:
    return f"\x1b[{style}m{line}\x1b[0m" if style and line and in_colour(stream) else line


def readable(text: str) -> str:
    r"""Return text that keeps its lines and steers no terminal; other white space is a blank.

    >>> readable("Rain\ttonight,\r\n20\xa0mm\x1b[31m")
    'Rain tonight,\n20 mm\\x1b[31m'
    """
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(escaped("".join(" " if c.isspace() else c for c in line)) for line in lines)


def print_json(value: Any) -> None:  # noqa: ANN401  (whatever JSON can hold)
    """Print one JSON object on one line, in ASCII, which every terminal and pipe can carry."""
    print(json.dumps(value))


def print_wrapped(text: str, *, style: str = "") -> None:
    """Print a sentence on stdout; on a terminal it is broken between words."""
    lines = _fitted(_as_shown(text)) if sys.stdout.isatty() else [_as_shown(text)]
    print("\n".join(_styled(line, style, sys.stdout) for line in lines))


def print_table(rows: Iterable[Sequence[str]], *, right: Sequence[bool]) -> None:
    """Print rows with aligned columns, the header first; wide characters count twice."""
    shown = [[_as_shown(cell) for cell in row] for row in rows]
    print("\n".join(table_lines(shown, right=right)))


def progress_bar(steps: int | Sequence[float], *, ending: Sequence[str] = ()) -> Callable[[str], None]:
    """Return a callback that shows, step by step, the share of the work done and the time left.

    The steps are their number, or how long each takes in comparison with the others. The line is on stderr,
    changes in place, and is shown only on a terminal; an empty name ends it. The steps named in `ending`
    come last and have their places; the others are counted, and fewer may come.
    """
    weights = [1.0] * steps if isinstance(steps, int) else list(steps)
    begin, counted_steps = time.perf_counter(), count()
    places = {step: place for place, step in enumerate(ending, start=len(weights) - len(ending))}

    def show(step: str) -> None:
        if not step:
            return end_line()
        place = places.get(step, min(next(counted_steps), len(weights)))
        share = sum(weights[:place]) / sum(weights)
        done = int(share * _BAR)
        left = _time_left(time.perf_counter() - begin, share)
        return _show_line(f"[{'#' * done}{'.' * (_BAR - done)}] {share:.0%}{left}: {step}")

    return show


def training_bar(
    search: Literal["none", "light", "full"], *, n_models: int = 1, archive: bool = False
) -> Callable[[str], None]:
    """Return a progress bar for reading, training so many models after one search, and saving."""
    from topicml.training.train import ARCHIVE_STEP, STEPS

    step_work = _STEP_WORK_WITH_ARCHIVE if archive else _STEP_WORK
    work = [0.5, *_STAGE_WORK[search], *step_work * n_models, 0.5]
    if n_models > 1:
        return progress_bar(work)
    first, *others = STEPS
    return progress_bar(work, ending=(first, *((ARCHIVE_STEP,) if archive else ()), *others, "saving"))


def row_counter(noun: str = "row", *, from_start: bool = False) -> Callable[[int, float | None], None]:
    """Return a callback that shows how many rows are done, how fast, and the time left.

    On stderr, as `progress_bar` does. The rate is that from the first call on, because the rows of that one
    may be those of an earlier job that is resumed; from the start if no row can be.
    """
    since = [(time.perf_counter(), 0, 0.0)]

    def show(rows: int, share: float | None = None) -> None:
        begin, first_rows, first_share = since[0]
        seconds = max(time.perf_counter() - begin, 1e-9)
        text = f"{counted(rows, noun)}, {(rows - first_rows) / seconds:,.0f} a second"
        if share is not None and share > first_share:
            left = seconds * (1 - share) / (share - first_share)
            text += f", {share:.0%}, {_duration(left)} left"
        if not first_rows and not from_start:
            since[0] = (begin + seconds, rows, share or 0.0)
        _show_line(text)

    return show


def _time_left(seconds: float, share: float) -> str:
    """Return how long the rest of the work may take; nothing where too little is done to tell.

    >>> _time_left(6.0, 0.25), _time_left(6.0, 0.0)
    (', about 18 s left', '')
    """
    return f", about {_duration(seconds * (1 - share) / share)} left" if share >= _LEAST_SHARE else ""


def _duration(seconds: float) -> str:
    """Return a duration as text.

    >>> _duration(59.7), _duration(61), _duration(3700)
    ('1 min 00 s', '1 min 01 s', '1 h 01 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def end_line() -> None:
    """Clear the progress line before something else is printed."""
    _show_line("")


def _fitted(message: str) -> list[str]:
    """Return a message in lines that fit the terminal, all but the first indented."""
    width = shutil.get_terminal_size().columns
    lines = []
    for line in message.split("\n"):
        lines += wrapped(line, width=width, hanging="  ") if len(line) > width else [line]
    return lines


def _show_line(text: str) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        shown = shortened(text, shutil.get_terminal_size().columns - 1)
        print(f"\r\033[K{shown}", end="", file=sys.stderr, flush=True)


def end_quietly_with_the_pipe() -> None:
    """Let the process end without a word when the reader of its output has had enough, as `cat` does.

    Only for commands that stream rows: a command that starts processes needs to hear of broken pipes.
    """
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _as_shown(text: str) -> str:
    """Return text on one line; characters that the terminal's encoding lacks become escapes."""
    encoding = sys.stdout.encoding or "utf-8"
    return escaped(text).encode(encoding, "backslashreplace").decode(encoding)
