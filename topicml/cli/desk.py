"""``topicml desk``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Data, SkipBadRows, WrongUsage
from topicml.cli.reports import print_problems
from topicml.cli.serve import (
    ApiKeyFile,
    Host,
    Port,
    keys_of,
    server_module,
    signals_left_to_the_server,
    tell,
)
from topicml.cli.terminal import note, say
from topicml.formatting import counted
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.article import Article
    from topicml.model.classifier import FittedClassifier
    from topicml.serving.models import ServedModels


def desk(
    data: Data,
    *,
    reading: ReadOptions,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The file of decisions; one that is there is gone on with."),
    ],
    model: Annotated[
        Path | None, typer.Option("--model", "-m", help="A model that guesses from the start.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels",
            metavar="LABELS",
            help="Labels with commas between them, or a file with one on each line.",
            show_default=False,
        ),
    ] = None,
    labelled: Annotated[
        list[Path] | None,
        typer.Option("--labelled", help="Labelled articles to learn from, too; may be given several times."),
    ] = None,
    multilabel: Annotated[
        bool | None,
        typer.Option(
            "--multilabel/--one-label",
            help="Any number of labels for each article, or one (default: as the model or the data).",
            show_default=False,
        ),
    ] = None,
    retrain_every: Annotated[
        int, typer.Option("--retrain-every", min=5, help="Decisions after which the model learns from them.")
    ] = 25,
    overlap: Annotated[
        float, typer.Option("--overlap", min=0, max=1, help="Share of the articles that two people label.")
    ] = 0.0,
    claim_minutes: Annotated[
        float, typer.Option("--claim-minutes", min=0.01, help="Minutes that an article waits for an answer.")
    ] = 15.0,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    api_key_file: ApiKeyFile = None,
    skip_bad_rows: SkipBadRows = False,
) -> None:
    """Label articles in the browser, one at a time.

    Shows the articles whose labels teach most, with the model's guess. Each decision is in the file before
    the next article shows. The model learns in the background, and guesses better and better. Several people
    can work at once. topicml relabel reads the file.
    """
    server = server_module()
    from topicml.predict import load_model, resolve_model
    from topicml.reading.readers import read_corpus
    from topicml.serving.decision_log import opened_log
    from topicml.serving.desk import Desk
    from topicml.serving.desk_learning import Material

    _refuse_overwriting(out, [*data, *(labelled or ())])
    classifier = None if model is None else load_model(model)
    corpus = read_corpus(*data, options=reading, skip_bad_rows=skip_bad_rows)
    known = [article for article in corpus if article.labels is not None]
    known += read_corpus(*labelled, labelled=True, options=reading) if labelled else []
    print_problems(corpus.problems)
    material = Material(
        tuple(corpus),
        _labels(labels, classifier, known),
        _is_multilabel(classifier, known) if multilabel is None else multilabel,
        classifier,
        tuple(known),
        retrain_every,
    )
    keys = keys_of(api_key_file, host)
    with opened_log(out) as log, signals_left_to_the_server():
        found = Desk(material, log, overlap=overlap, claim_minutes=claim_minutes)
        _tell_of_file(out, len(log.entries), found.n_elsewhere, log.repaired)
        server.serve(
            {} if model is None else {"model": resolve_model(model)},
            host=host,
            port=port,
            keys=keys,
            desk=found,
            told=_tell_of_desk,
        )
    say(f"{counted(len(log.entries), 'decision')} in {out}")


def _labels(given: str | None, model: FittedClassifier | None, known: Sequence[Article]) -> tuple[str, ...]:
    """Return the labels to choose from: those given, those of the model, those of labelled articles."""
    found = [] if given is None else _given_labels(given)
    found += [] if model is None else list(map(str, model.classes_))
    found += sorted({label for article in known for label in article.labels or ()})
    if not found:
        raise WrongUsage(
            "there are no labels to choose from: give --labels 'sport,economy', or --model MODEL"
        )
    return tuple(dict.fromkeys(found))


def _is_multilabel(model: FittedClassifier | None, known: Sequence[Article]) -> bool:
    if model is not None:
        return model.multilabel
    return any(len(article.labels or ()) != 1 for article in known)


def _given_labels(given: str) -> list[str]:
    path = Path(given)
    if path.is_file():
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    elif path.suffix in (".txt", ".csv"):
        raise WrongUsage(f"--labels names a file that is not there: {given}")
    else:
        lines = given.split(",")
    return [line.strip() for line in lines if line.strip()]


def _tell_of_desk(address: str, models: ServedModels) -> None:
    tell(address, models)
    say(f"the label desk: {address}/desk")


def _tell_of_file(out: Path, n: int, n_elsewhere: int, repaired: str) -> None:
    if repaired:
        note(f"{out}: {repaired}")
    if n:
        say(f"{counted(n, 'decision')} in {out}: going on from there")
    if n_elsewhere:
        note(f"{counted(n_elsewhere, 'decision')} in {out}: about articles that are not in the archive")


def _refuse_overwriting(out: Path, inputs: Sequence[Path]) -> None:
    if out.resolve() in {path.resolve() for path in inputs}:
        raise WrongUsage(f"--out would write into {out}: name another file")
