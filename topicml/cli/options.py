"""The options that several commands share, defined once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer
from typer.models import ArgumentInfo

from topicml.article import TargetType
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions


def _data_path(text: str) -> Path:
    """Return a path of data; ``./-`` is a file of that name, and ``-`` alone standard input."""
    path = Path(text)
    return path.absolute() if str(path) == "-" != text else path


Data = Annotated[
    list[Path],
    typer.Argument(
        parser=_data_path,
        metavar="DATA...",
        help="Files (.jsonl .csv .tsv .parquet .xlsx .txt, also .gz .zip), folders of texts, or - for stdin.",
        show_default=False,
    ),
]
SomeData = Annotated[
    list[Path] | None,
    typer.Argument(
        parser=_data_path,
        metavar="[DATA...]",
        help="Files (.jsonl .csv .tsv .parquet .xlsx .txt, also .gz .zip), folders of texts, or - for stdin.",
        show_default=False,
    ),
]
Unlabelled = Annotated[
    list[Path] | None,
    typer.Option(
        "--unlabelled",
        parser=_data_path,
        metavar="ARCHIVE",
        help="Articles without labels to learn from, too; may be given several times.",
        show_default=False,
    ),
]
Model = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "-m",
        help="Folder of the model, or world-desk for the demo model (default: $TOPICML_MODEL, else ./model).",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text for people.")]
LabelMappingFile = Annotated[
    Path | None,
    typer.Option("--label-mapping", help="TOML file of labels to rename, merge, drop; see topicml labels."),
]
ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL", help="Folder of the model.")]


class WrongUsage(typer.BadParameter):
    """Wrong usage, in words of its own."""

    def format_message(self) -> str:
        """Return the message without the name of an option before it."""
        return self.message


def _checked_jobs(jobs: int) -> int:
    if jobs < 1 and jobs != -1:
        raise typer.BadParameter(f"expected 1 or more processes, or -1 for one for each core; found {jobs}")
    return jobs


def _checked_seed(seed: int) -> int:
    if not 0 <= seed < 1 << 32:
        raise typer.BadParameter(f"expected a whole number from 0 to {(1 << 32) - 1:,}; found {seed:,}")
    return seed


Jobs = Annotated[
    int,
    typer.Option("--jobs", "-j", callback=_checked_jobs, help="Processes to use; -1: one for each core."),
]
RandomState = Annotated[int, typer.Option("--random-state", callback=_checked_seed, help="Random seed.")]
SkipBadRows = Annotated[
    bool, typer.Option("--skip-bad-rows", help="Leave out rows that cannot be read, instead of stopping.")
]
Target = Annotated[
    TargetType | None,
    typer.Option(
        "--target",
        help="One label for each article, or any number (default: what the data has).",
        show_default=False,
    ),
]
MeasureName = Literal["macro_f1", "micro_f1", "accuracy"]
Measured = Annotated[MeasureName, typer.Option("--measure", help="Measure to use.")]
TopK = Annotated[
    int | None, typer.Option("--top-k", min=1, help="Probabilities to give for each row (default: all).")
]

_Format = Literal[
    "jsonl", "json", "csv", "tsv", "parquet", "spreadsheet", "page", "lines", "fasttext", "folder", "zip"
]
_READING: dict[str, tuple[Any, str]] = {
    "text_column": (str, "Column of the text (default: text, body, content or article)."),
    "title_column": (str, "Column of the title (default: title or headline)."),
    "label_column": (str, "Column of the label (default: label, section, topic or category)."),
    "id_column": (str, "Column of the key to carry through (default: id)."),
    "date_column": (str, "Column of the date (default: date)."),
    "source_column": (str, "Column of the outlet (default: source)."),
    "label_separator": (str, "Separator of several labels in one cell, such as ';'."),
    "label_columns": (str, "Columns that are labels, with 1 or 0 in each row, such as sport,economy."),
    "date_order": (Literal["dmy", "mdy"], "Order of dates such as 05/01/2024 (default: ISO 8601 alone)."),
    "json_key": (str, "Key of the list of articles in an object of JSON, such as articles."),
    "strip_html": (bool, "Take tags and entities of HTML out of titles and texts."),
    "delimiter": (str, "Separator of cells in CSV (default: found from the header)."),
    "encoding": (str, "Encoding of the files (default: UTF-8, or the byte order mark's)."),
    "input_format": (
        _Format,
        "jsonl, json, csv, tsv, parquet, spreadsheet, page, lines, fasttext, folder or zip "
        "(default: from the file name).",
    ),
}
_METAVARS = {
    "label_separator": "TEXT",
    "label_columns": "COLUMNS",
    "date_order": "ORDER",
    "json_key": "KEY",
    "delimiter": "CHARACTER",
    "encoding": "NAME",
    "input_format": "FORMAT",
}


def with_shared_arguments(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that it shares with others: how files are read, and --model for MODEL."""
    named = inspect.signature(command, eval_str=True).parameters
    return _model_first(reads_articles(command) if "reading" in named else command)


def reads_articles(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how files are read, as its one argument ``reading``."""

    def parsed(**arguments: Any) -> None:  # noqa: ANN401  (whatever the command's own options are)
        given = {name: arguments.pop(name) for name in _READING}
        if given["label_columns"] is not None:
            given["label_columns"] = tuple(given["label_columns"].split(","))
        reading = ReadOptions(**given | {"strip_html": bool(given["strip_html"])})
        command(**arguments, reading=reading)

    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "reading"]
    added = [_keyword(name, kind | None, _option(name, text)) for name, (kind, text) in _READING.items()]
    return _with_signature(parsed, [*own, *added], like=command)


def _model_first(command: Callable[..., None]) -> Callable[..., None]:
    """Let what comes first, MODEL, be given as --model, too; all that stands on the line is data then."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())
    models = {p.name: p for p in own if p.name.startswith("model") and isinstance(_info(p), ArgumentInfo)}
    if not models:
        return command
    data = next((p for p in own if p.name == "data"), None)

    def parsed(**arguments: Any) -> None:  # noqa: ANN401
        named = arguments.pop("model_option") or []
        places = [arguments.pop(name) for name in models]
        given = [
            *named,
            *(place for place in places if place is not None),
            *(arguments.pop("data", None) or []),
        ]
        found, rest = given[: len(models)], given[len(models) :]
        _check_models(command.__name__, [_info(p).metavar for p in models.values()], named, found, rest)
        if data is not None:
            if not rest and data.default is inspect.Parameter.empty:
                raise WrongUsage(f"Missing argument '{_info(data).metavar}'.")
            arguments["data"] = rest or None
        elif rest:
            raise WrongUsage(f"Got unexpected extra argument ({escaped(str(rest[0]))})")
        command(**dict(zip(models, found, strict=True)), **arguments)

    optional = [*models, "data"]
    freed = [
        _keyword(p.name, get_args(p.annotation)[0] | None, _info(p)) if p.name in optional else p for p in own
    ]
    option = typer.Option("--model", "-m", metavar="PATH", help="MODEL, if it is not the first argument.")
    return _with_signature(
        parsed, [*freed, _keyword("model_option", list[Path] | None, option)], like=command
    )


def _check_models(
    command: str, metavars: list[str], named: list[Path], models: list[Path], data: list[Path]
) -> None:
    """Make sure that there are as many models as the command takes, and that they come first."""
    if len(models) < len(metavars):
        raise WrongUsage(f"Missing argument '{metavars[len(models)]}'.")
    if len(named) > len(metavars):
        raise WrongUsage(f"--model was given {len(named)} times, expected at most {len(metavars)}")
    if any(map(_is_model, data)) and not all(map(_is_model, models)):
        wrong = next(path for path in models if not _is_model(path))
        ordered = sorted([*models, *data], key=lambda path: not _is_model(path))
        line = " ".join(["topicml", command.replace("_", "-"), *map(str, ordered)])
        kind = "a file of articles, not a model" if wrong.is_file() else "not a model"
        raise WrongUsage(escaped(f"'{wrong}' is {kind}: did you mean `{line}`?"))


def one_source(command: str, data: list[Path] | None) -> Path | None:
    """Return the articles of a command that takes one file or folder of them, and its model by --model."""
    models = [path for path in data or () if _is_model(path)]
    articles = [path for path in data or () if path not in models]
    if models:
        named = " ".join(map(str, articles)) or "DATA"
        line = f"topicml {command} {named} --model {models[0]}"
        raise WrongUsage(escaped(f"'{models[0]}' is a model, not articles: did you mean `{line}`?"))
    if len(articles) > 1:
        raise WrongUsage(f"Got unexpected extra argument ({escaped(str(articles[1]))})")
    return articles[0] if articles else None


def _is_model(path: Path) -> bool:
    from topicml.model.folder import MODEL_JSON

    return (path / MODEL_JSON).is_file()


def _info(parameter: inspect.Parameter) -> Any:  # noqa: ANN401  (Typer's descriptions of options and arguments)
    return next(iter(getattr(parameter.annotation, "__metadata__", ())), None)


def _keyword(name: str, kind: Any, info: Any) -> inspect.Parameter:  # noqa: ANN401
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, info]
    )


def _with_signature(
    parsed: Callable[..., None], parameters: list[inspect.Parameter], *, like: Callable[..., None]
) -> Callable[..., None]:
    """Let Typer see a function as a command with these parameters."""
    keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    parsed.__signature__ = inspect.Signature(keyword_only)  # type: ignore[attr-defined]  # PEP 362
    parsed.__annotations__ = {parameter.name: parameter.annotation for parameter in keyword_only}
    parsed.__doc__, parsed.__name__ = like.__doc__, like.__name__
    return parsed


def _option(name: str, text: str) -> Any:  # noqa: ANN401  (Typer types its options so)
    metavar = _METAVARS.get(name) or ("COLUMN" if name.endswith("_column") else None)
    return typer.Option(
        f"--{name.replace('_', '-')}", help=text, metavar=metavar, rich_help_panel="How files are read"
    )
