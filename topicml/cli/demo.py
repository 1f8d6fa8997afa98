"""``topicml demo``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Jobs, Json
from topicml.cli.terminal import announce_overwriting, heading, print_json, say, training_bar
from topicml.formatting import counted, escaped, percent, wrapped

if TYPE_CHECKING:
    from topicml.model.classifier import FittedClassifier


_UNSEEN = (
    "Beijing's ambassador handed the world body's training fund a cheque for eight million dollars "
    "on Friday. It will pay for courses in which border officers from eleven African states learn to "
    "spot forged passports and the travel patterns of people who leave to join armed extremists.",
    "The field hospital's generator failed at dusk, and by midnight the nurses had moved the vaccine flasks "
    "into the cook's freezer. Forty-one measles cases have been counted in the delta since the rains began; "
    "the ministry wants every child under five reached before the road closes.",
    "A patrol of the blue helmets was stopped for nine hours at a roadblock of felled trees. The battalion's "
    "commander talked the militia's elders into clearing one lane, and the ceasefire monitors reached the "
    "bridge before dark.",
    "Kissa nukkui koko iltapäivän ikkunalaudalla, eikä mikään maailmassa saanut sitä hereille.",
)


def demo(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the model.")] = Path("demo/model"),
    write: Annotated[
        Path | None,
        typer.Option(
            "--write", metavar="FOLDER", help="Only write the articles there, to train and evaluate by hand."
        ),
    ] = None,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Train and measure a model on invented articles.

    With --write, the articles go to FOLDER instead: past.jsonl to train on, recent.jsonl of the following
    year to test on, and world_desk.jsonl with all of them.
    """
    if write is not None:
        _write(write, as_json=as_json)
        return
    from topicml.evaluation.evaluate import evaluate
    from topicml.evaluation.result import headline
    from topicml.reading.readers import read_corpus
    from topicml.shipped import shipped_corpus
    from topicml.training.saving import save_model
    from topicml.training.settings import TrainingSettings
    from topicml.training.train import train

    corpus = read_corpus(shipped_corpus(), labelled=True)
    last_year = max(article.date or "" for article in corpus)[:4]
    past = [article for article in corpus if (article.date or "") < last_year]
    recent = [article for article in corpus if (article.date or "") >= last_year]
    say(f"{len(corpus)} invented articles, {len(past)} of them from before {last_year} to train on")
    step = training_bar("light")
    result = train(past, settings=TrainingSettings(target_type="multilabel"), n_jobs=jobs, progress=step)
    save_model(result, out)
    step("")
    say(f"model: {escaped(str(out))} ({result.classifier.fingerprint})\n")
    evaluation = evaluate(result.classifier, recent)
    if as_json:
        predictions = [prediction.to_dict() for prediction in result.classifier.predict(_UNSEEN)]
        print_json({"model": str(out), "evaluation": evaluation.to_dict(), "predictions": predictions})
        return
    heading(f"Scores on the articles of {last_year}, which the model has not seen")
    print("\n".join(headline(evaluation)), end="\n\n")
    heading("New texts, their labels and the words that led to them")
    for text in _UNSEEN:
        _show(result.classifier, text)
    say(f"\nNow with your own text: topicml explain --model {escaped(str(out))} --text '...'")


def _show(model: FittedClassifier, text: str) -> None:
    """Print a text, its labels, and the words that led to them, or why a person should read it."""
    from topicml.model.prediction import REASONS

    print("\n" + "\n".join(wrapped(text, indent="  ", hanging="  ")))
    prediction = model.predict(text)
    if prediction.reason:
        print(f"    for a person: {REASONS[prediction.reason]}")
    for label in prediction.labels:
        words = ", ".join(found.word for found in model.explain(text, label, top=5).supporting)
        probability = percent(prediction.probabilities[label])
        print("\n".join(wrapped(f"{label} ({probability}): {words}", indent="    ", hanging="      ")))


def _write(folder: Path, *, as_json: bool) -> None:
    """Write the shipped articles, and those of the last year and of the years before apart."""
    from topicml.files import open_output
    from topicml.shipped import shipped_corpus

    lines = shipped_corpus().read_text("utf-8").splitlines(keepends=True)
    years = [json.loads(line)["date"][:4] for line in lines]
    recent = [year == max(years) for year in years]
    parts = {
        "past.jsonl": [line for line, new in zip(lines, recent, strict=True) if not new],
        "recent.jsonl": [line for line, new in zip(lines, recent, strict=True) if new],
        "world_desk.jsonl": lines,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        announce_overwriting(folder / name)
        with open_output(folder / name) as file:
            file.writelines(part)
        say(f"written: {escaped(str(folder / name))} ({counted(len(part), 'article')})")
    if as_json:
        print_json({"written": {str(folder / name): len(part) for name, part in parts.items()}})
    say(f"Next: topicml train {escaped(str(folder / 'past.jsonl'))}")
