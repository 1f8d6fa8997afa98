"""The options that several commands share, defined once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from topicml.article import TargetType
from topicml.reading.columns import ReadOptions

Data = Annotated[
    list[Path],
    typer.Argument(
        metavar="DATA...",
        help="Files (.jsonl .csv .tsv .parquet .txt, also .gz), folders of text files, or - for stdin.",
        show_default=False,
    ),
]
Model = Annotated[
    Path | None,
    typer.Option("--model", "-m", help="The model's folder; by default $TOPICML_MODEL or the shipped model."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text for people.")]
LabelMappingFile = Annotated[
    Path | None,
    typer.Option("--label-mapping", help="TOML file of labels to rename, merge, drop; see topicml labels."),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="Processes to use; -1 is one for each core.")]
RandomState = Annotated[
    int, typer.Option("--random-state", min=0, max=2**32 - 1, help="Seed of all that is drawn by chance.")
]
SkipBadRows = Annotated[
    bool, typer.Option("--skip-bad-rows", help="Leave out rows that cannot be read, instead of stopping.")
]
Target = Annotated[
    TargetType | None,
    typer.Option(
        "--target",
        help="One label an article, or any number; by default as the data has it.",
        show_default=False,
    ),
]
MeasureName = Literal["macro_f1", "micro_f1", "accuracy"]
Measured = Annotated[MeasureName, typer.Option("--measure", help="What gains and losses are of.")]
TopK = Annotated[
    int | None, typer.Option("--top-k", min=1, help="Probabilities to give for each row; by default all.")
]

_Format = Literal["jsonl", "csv", "tsv", "parquet", "page", "lines", "folder"]
_READING: dict[str, tuple[Any, str]] = {
    "text_column": (str, "Column that holds the text; by convention text, body, content or article."),
    "title_column": (str, "Column that holds the title; by convention title or headline."),
    "label_column": (str, "Column that holds the label; by convention label, section, topic or category."),
    "id_column": (str, "Column that holds the key to carry through; by convention id."),
    "date_column": (str, "Column that holds the date; by convention date."),
    "source_column": (str, "Column that holds the outlet; by convention source."),
    "label_separator": (str, "What stands between the labels of one cell, such as ';'."),
    "delimiter": (str, "What stands between the cells of CSV; by default found from the header."),
    "encoding": (str, "Encoding of the files; by default UTF-8, or what a byte order mark says."),
    "input_format": (_Format, "Format of the input; by default by its name."),
}


def reads_articles(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how files are read, as its one argument ``reading``."""

    def parsed(**arguments: Any) -> None:  # noqa: ANN401  (whatever the command's own options are)
        reading = ReadOptions(**{name: arguments.pop(name) for name in _READING})
        command(**arguments, reading=reading)

    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(command, eval_str=True).parameters.values()
        if parameter.name != "reading"
    ]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kind | None, _option(name, text)],
        )
        for name, (kind, text) in _READING.items()
    ]
    parsed.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]  # PEP 362
    parsed.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *added]}
    parsed.__doc__, parsed.__name__ = command.__doc__, command.__name__
    return parsed


def _option(name: str, text: str) -> Any:  # noqa: ANN401  (Typer types its options so)
    return typer.Option(f"--{name.replace('_', '-')}", help=text)
