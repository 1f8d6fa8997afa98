"""``topicml demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Jobs
from topicml.cli.terminal import progress_bar, say
from topicml.formatting import escaped

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
    jobs: Jobs = -1,
) -> None:
    """Train on the articles that ship with topicml, print scores, and predict unseen ones.

    Exit status: 0 done, 1 the folder cannot be written, 2 wrong usage.
    """
    from topicml.cli.reports import print_overall, print_scores
    from topicml.evaluation.evaluate import evaluate
    from topicml.reading.readers import read_corpus
    from topicml.shipped import shipped_corpus
    from topicml.training.saving import save_model
    from topicml.training.settings import TrainingSettings
    from topicml.training.train import STEPS, train

    corpus = read_corpus(shipped_corpus(), labelled=True)
    last_year = max(article.date or "" for article in corpus)[:4]
    past = [article for article in corpus if (article.date or "") < last_year]
    recent = [article for article in corpus if (article.date or "") >= last_year]
    say(f"{len(corpus)} invented articles; {len(past)} from before {last_year} to train on")
    settings = TrainingSettings(target_type="multilabel")
    step = progress_bar(len(STEPS))
    result = train(past, settings=settings, n_jobs=jobs, progress=step)
    save_model(result, out)
    step("")
    say(f"model in {out}\n")
    print_scores(result.scores, title="Out-of-fold scores")
    print()
    print_overall(
        evaluate(result.classifier, recent).scores, title=f"Scores on the year that came later, {last_year},"
    )
    print()
    for text in _UNSEEN:
        _show(result.classifier, text)
    say(f"More of the same: topicml predict --model {out} --text '...'")


def _show(model: FittedClassifier, text: str) -> None:
    """Print a text's beginning, what the model says of it, and the terms that decided."""
    prediction = model.predict(text)
    print(f"  {escaped(text[:96])}...")
    if prediction.abstained:
        print(f"    for a person: {prediction.reason}\n")
        return
    for label in prediction.labels or (next(iter(prediction.probabilities)),):
        decisive = ", ".join(found.word for found in model.explain(text, label, top=5).supporting)
        mark = "" if label in prediction.labels else "  (below its threshold: no label)"
        print(f"    {prediction.probabilities[label]:.1%}  {label}{mark}: {decisive}")
    print()
