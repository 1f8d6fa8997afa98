"""The commands put together, and what happens around every one of them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper, UnsupportedOperation
from pathlib import Path

try:
    import typer
except ModuleNotFoundError as error:
    raise SystemExit(
        "error: this command needs typer, which an install without dependencies lacks: pip install topicml"
    ) from error

from topicml.cli.backtest import backtest
from topicml.cli.check import check
from topicml.cli.collect import collect
from topicml.cli.compare import compare
from topicml.cli.demo import demo
from topicml.cli.desk import desk
from topicml.cli.errors import errors
from topicml.cli.evaluate import evaluate
from topicml.cli.examples import DOCS, EXAMPLES
from topicml.cli.explain import explain
from topicml.cli.export import export
from topicml.cli.help import Command, Commands, docstring, drawn, epilog, readable, text_width
from topicml.cli.labels import labels
from topicml.cli.learning_curve import learning_curve
from topicml.cli.options import with_shared_arguments
from topicml.cli.predict import predict
from topicml.cli.relabel import relabel
from topicml.cli.retrain import retrain
from topicml.cli.serve import serve
from topicml.cli.show import show
from topicml.cli.split import split
from topicml.cli.suggest import suggest
from topicml.cli.suspects import suspects
from topicml.cli.terminal import interruptible, say
from topicml.cli.train import train
from topicml.cli.watch import watch
from topicml.exceptions import TopicmlError
from topicml.formatting import escaped

_GROUPS: Mapping[str, Sequence[Callable[..., None]]] = {
    "Train": (train, retrain, demo),
    "Use": (predict, explain, serve, show, export),
    "Measure": (evaluate, errors, compare, watch, backtest, learning_curve),
    "Data": (collect, check, labels, split, suspects, suggest, desk, relabel),
}

app = typer.Typer(
    cls=Commands,
    help="Sort news articles into sections: train a model, predict with it, measure it.",
    epilog="Start with: topicml demo. Help on a command: topicml COMMAND --help. Docs: docs/README.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks print local variables: articles, credentials
    rich_markup_mode=drawn(),
    context_settings={"terminal_width": text_width()},
)


def _add(command: Callable[..., None], group: str) -> None:
    name = command.__name__.replace("_", "-")
    told = epilog(EXAMPLES[name], f"docs/{DOCS[name]}.md")
    added = app.command(name, cls=Command, help=docstring(command), rich_help_panel=group, epilog=told)
    added(interruptible(readable(with_shared_arguments(command))))


for _group, _commands in _GROUPS.items():
    for _command in _commands:
        _add(_command, _group)


@app.callback(invoke_without_command=True)
def _version(
    *, version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True)
) -> None:
    if version:
        from topicml.version import __version__

        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    raise SystemExit(_run(app))


def _run(command: Callable[[], object]) -> int:
    """Run a command; an error that was meant ends in one line on stderr and exit status 1."""
    if sys.stdout is None:  # no harm to a command that prints nothing, as some do with --out
        sys.stdout = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  (for as long as the command runs)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a narrow terminal shows escapes
    try:
        status = _status(command)
        sys.stdout.flush()
    except TopicmlError as error:
        say("\n".join(map(escaped, f"error: {error}".split("\n"))))
        status = 1
    except UnsupportedOperation:
        say("error: standard output is closed, so there is nowhere to write to")
        status = 1
    except OSError as error:
        say(f"error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        status = 1
    return status


def _status(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0
