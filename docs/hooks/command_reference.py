"""The page of all commands, made from what the command line itself knows of them."""

from __future__ import annotations

import re
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING, Any

import typer
from mkdocs.structure.files import File, Files

from topicml.cli.app import app
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

_INTRODUCTION = """\
# Commands

`topicml COMMAND --help` shows the same in a terminal. [The command line](command_line.md)
has what all commands have in common: output, exit statuses, completion.
"""
_READING = {field.name for field in fields(ReadOptions)}
_READS = "\nIts other options say [how files are read](#reading-files).\n"
_READING_HEADING = """
## How files are read { #reading-files }

All commands that read articles take these.
"""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the page."""
    files.append(File.generated(config, "commands.md", content=_page()))
    return files


def _page() -> str:
    """Return all commands as Markdown, in the groups of ``topicml --help``."""
    group: Any = typer.main.get_command(app)
    top = group.context_class(group, info_name="topicml")
    panels: dict[str, list[str]] = {}
    reading: list[str] = []
    for name, command in group.commands.items():
        context = command.context_class(command, info_name=name, parent=top)
        panel = getattr(command, "rich_help_panel", None)
        panels.setdefault(panel if isinstance(panel, str) else "All commands", []).append(
            _section(command, context)
        )
        reading = reading or _options(command, context, reading=True)
    sections = [f"\n## {panel}\n{''.join(commands)}" for panel, commands in panels.items()]
    return "".join([_INTRODUCTION, *sections, _READING_HEADING, *reading])


def _section(command: Any, context: Any) -> str:  # noqa: ANN401  (Typer brings its own click, without types)
    """Return one command as Markdown."""
    usage = " ".join(["topicml", context.info_name, *command.collect_usage_pieces(context)])
    heading = f"\n### topicml {context.info_name} {{ #{context.info_name} }}\n\n```text\n{usage}\n```\n\n"
    text = "\n\n".join(map(_prose, re.split(r"\n\s*\n", f"{command.help}\n\n{command.epilog or ''}".strip())))
    reads = _READS if any(parameter.name in _READING for parameter in command.params) else ""
    return "".join([heading, text, "\n", *_options(command, context, reading=False), reads])


def _options(command: Any, context: Any, *, reading: bool) -> list[str]:  # noqa: ANN401
    """Return the arguments and options of a command, or those for reading files, as definitions."""
    records = [
        parameter.get_help_record(context)
        for parameter in command.params
        if (parameter.name in _READING) == reading
    ]
    return [f"\n`{names}`\n:   {_prose(text or '')}\n" for names, text in filter(None, records)]


def _prose(paragraph: str) -> str:
    """Return a paragraph of a help text as Markdown, with examples, options and pages of the docs marked."""
    if paragraph.startswith("\b"):  # its lines are kept: a heading, and examples
        heading, *lines = paragraph.strip("\b\n").split("\n")
        return "\n".join([heading, "", "```sh", *map(str.strip, lines), "```"])
    text = escape(paragraph, quote=False).replace("*", r"\*")
    text = re.sub(r"\bdocs/([a-z_]+\.md)", r"[docs/\1](\1)", text)
    return re.sub(r"(?<![\w`-])(--[a-z][a-z-]*|\$[A-Z_]{2,})", r"`\1`", text)
