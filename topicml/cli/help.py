"""How help looks: whole lines, options in groups, readable types, on any width and without a terminal.

On a terminal Typer draws it with rich. In a pipe, in a log and on a narrow terminal it is plain text.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

_NARROW = 60  # below that, panels leave no room for text
_VERY_NARROW = 38  # below that, explanations stand under names
_WIDEST = 80
_LONG = 24  # characters of choices, which take the place of the text beside them
_METAVARS: Mapping[Any, str] = MappingProxyType({Path: "PATH", int: "N", float: "NUMBER", str: "TEXT"})


class Command(TyperCommand):
    """A command whose help has its options in groups, also as plain text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (what Typer gives it)
        super().__init__(*args, **kwargs)
        paragraphs = inspect.cleandoc(self.help or "").split("\n\n")
        self.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401  (Typer's own kind of context)
        """Return arguments and options, without a type where the name says it."""
        return _untyped(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Read the command line; say what is wrong with it without the words of the library below."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = _plain(error.message)
            raise

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401
        """Return the arguments as they are called, since Typer would put brackets around their names."""
        arguments = [found for found in self.get_params(ctx) if isinstance(found, TyperArgument)]
        return ["[OPTIONS]", *(found.metavar or found.name or "" for found in arguments)]

    def format_usage(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write how the command is called."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write arguments and options, group by group."""
        _write_parameters(self, ctx, formatter)


class Commands(TyperGroup):
    """The commands, in groups, also as plain text."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """Return the options, without a type where the name says it."""
        return _untyped(super().get_params(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write how the commands are called."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the options, then the commands, group by group."""
        _write_parameters(self, ctx, formatter)
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            panel = getattr(command, "rich_help_panel", None)
            groups.setdefault(panel or "Commands", []).append((name, summary(command.help or "")))
        _write_groups(groups, formatter)


def _plain(message: str) -> str:
    """Return a library's message about a value in words that do not need to know the library.

    >>> _plain("Value error, 'f1' is not one of 'macro_f1'")
    "'f1' is not one of 'macro_f1'"
    >>> _plain("Input should be a valid number, unable to parse string as a number")
    'expected a number'
    >>> _plain("Input should be greater than or equal to 2")
    'expected a value greater than or equal to 2'
    """
    message = message.removeprefix("Value error, ")
    message = re.sub(r"^Input should be a valid (\w+), unable to parse .*", r"expected a \1", message)
    message = message.replace("expected a integer", "expected a whole number")
    return re.sub(r"^Input should be (greater|less)", r"expected a value \1", message)


def _untyped(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if isinstance(parameter, TyperArgument) or getattr(parameter, "is_flag", False):
            parameter.display_type_rich = _no_type
    return parameters


def _no_type(ctx: object) -> None:
    del ctx


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
    """Write the line of usage; with little room it breaks between words alone."""
    pieces = " ".join(command.collect_usage_pieces(ctx))
    if formatter.width < _VERY_NARROW:
        formatter.write_text(f"Usage: {ctx.command_path} {pieces}")
    else:
        formatter.write_usage(ctx.command_path, pieces)


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        if record := parameter.get_help_record(ctx):
            kind = "Arguments" if isinstance(parameter, TyperArgument) else "Options"
            groups.setdefault(getattr(parameter, "rich_help_panel", None) or kind, []).append(record)
    _write_groups(groups, formatter)


def _write_groups(groups: Mapping[str, list[tuple[str, str]]], formatter: Any) -> None:  # noqa: ANN401
    for title, rows in groups.items():
        with formatter.section(title):
            beside = 0 if formatter.width < _VERY_NARROW else min(30, formatter.width // 3)
            formatter.write_dl(rows, col_max=beside)


def summary(text: str) -> str:
    """Return the first line of a help text."""
    return text.strip().partition("\n")[0]


def docstring(command: Callable[..., None]) -> str | None:
    """Return a command's docstring; out of its source where PYTHONOPTIMIZE=2 has Python leave it out."""
    if command.__doc__:
        return command.__doc__
    import ast

    with suppress(OSError):  # the package may be there without its source
        (function,) = ast.parse(inspect.getsource(command)).body
        return ast.get_docstring(function) if isinstance(function, ast.FunctionDef) else None
    return None


def epilog(examples: tuple[str, ...], docs: str) -> str:
    r"""Return what stands at the end of a command's help; ``\b`` keeps its lines as they are."""
    lines = "".join(f"\n  {example}" for example in examples)
    return f"\b\nExamples:{lines}\n\nExit statuses: docs/command_line.md. More about it: {docs}."


def drawn() -> Literal["rich"] | None:
    """Return how help and wrong usage are shown: by rich on a terminal that has room, else as plain text."""
    if os.environ.get("TERM") == "dumb" or shutil.get_terminal_size().columns < _NARROW:
        return None
    return "rich" if all(stream and stream.isatty() for stream in (sys.stdout, sys.stderr)) else None


def text_width() -> int:
    """Return how wide plain help is."""
    return max(min(shutil.get_terminal_size().columns, _WIDEST) - 2, 20)


def readable(command: Callable[..., None]) -> Callable[..., None]:
    """Give options without a metavar one that people read, in place of ``<int range>`` and the like."""
    parameters = inspect.signature(command, eval_str=True).parameters
    for parameter in parameters.values():
        if get_origin(parameter.annotation) is Annotated:
            kind, info, *_ = get_args(parameter.annotation)
            choices = ", ".join(_choices(kind))
            if info.metavar is None and len(choices) > _LONG:
                info.metavar, info.help = "NAME", f"{info.help} One of {choices}."
            info.metavar = info.metavar or _metavar(kind)
    command.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    return command


def _choices(kind: object) -> tuple[str, ...]:
    """Return the values that a type allows, if it lists them.

    >>> _choices(Literal["a", "b"] | None), _choices(int)
    (('a', 'b'), ())
    """
    if get_origin(kind) is Literal:
        return get_args(kind)
    return next(filter(None, map(_choices, get_args(kind))), ())


def _metavar(kind: object) -> str | None:
    """Return what stands for a value of this type; nothing for a flag or a choice, which Typer spells out."""
    if kind in _METAVARS:
        return _METAVARS[kind]
    return next(filter(None, map(_metavar, get_args(kind))), None)
