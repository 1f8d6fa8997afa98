"""``topicml export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.terminal import say
from topicml.formatting import escaped

_WHAT_TO_KNOW = {
    "sklearn": "it is a pickle, which runs code when it is loaded: load it only if you trust where it "
    "comes from. It needs topicml and scikit-learn, of the versions that are here.",
    "onnx": "it takes texts, and needs ONNX Runtime. Its output 'exact' is false for texts that it may "
    "read in another way than topicml does.",
}


def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's folder.")],
    *,
    to: Annotated[
        Literal["sklearn", "onnx"], typer.Option(help="A scikit-learn Pipeline (joblib), or an ONNX graph.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
) -> None:
    """Write a model as a file for scikit-learn or ONNX Runtime that predicts the same.

    Exit status: 0 done, 1 the model cannot be used or cannot be told in that format, 2 wrong usage.
    """
    from topicml.interop.pipeline import export_model
    from topicml.predict import load_model

    export_model(load_model(model), out, to=to)
    say(f"{escaped(str(out))}: {_WHAT_TO_KNOW[to]}")
