"""``topicml export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.options import Json, ModelArgument
from topicml.cli.terminal import note, print_json, say
from topicml.formatting import escaped

_NOTES = {
    "sklearn": "a pickle runs code when it is loaded: load it only if you trust its origin; it needs the "
    "same versions of topicml and scikit-learn as here",
    "onnx": "it takes texts and needs ONNX Runtime; its output 'exact' is false for texts that it may read "
    "differently from topicml",
}


def export(
    model: ModelArgument,
    *,
    to: Annotated[
        Literal["sklearn", "onnx"], typer.Option(help="A scikit-learn Pipeline (joblib), or an ONNX graph.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    as_json: Json = False,
) -> None:
    """Write a model for scikit-learn or ONNX Runtime.

    The file predicts the same as the model. A model that cannot be exported to that format is an error.
    """
    from topicml.interop.pipeline import export_model
    from topicml.predict import load_model

    classifier = load_model(model)
    done = "overwritten" if out.exists() else "written"
    export_model(classifier, out, to=to)
    note(_NOTES[to])
    if as_json:
        print_json({"model": str(model), "format": to, "path": str(out)})
    else:
        say(f"{done}: {escaped(str(out))}")
