"""How long training takes beside scikit-learn's plain fit, in one run."""

from __future__ import annotations

from joblib.externals.loky import get_reusable_executor

from benchmarks.contender_scikit_learn import ScikitLearn
from benchmarks.markdown import number, print_section
from benchmarks.stopwatch import alternated_medians
from benchmarks.training_quality import settings_for
from benchmarks.training_sets import Part, TrainingSet
from topicml import train
from topicml.training.settings import Search

__all__ = ["print_seconds"]


def print_seconds(chosen: TrainingSet, parts: list[Part], *, repeats: int) -> None:
    """Time plain and tuned training in turn, and print a table."""
    articles = parts[0].train

    def plain() -> object:
        return ScikitLearn().train(articles, multilabel=chosen.multilabel)

    def topicml(search: Search) -> object:
        get_reusable_executor().shutdown(
            wait=True
        )  # each training starts its own processes, as a first one does
        return train(articles, settings=settings_for(chosen, search))

    seconds = alternated_medians([plain, lambda: topicml("light"), lambda: topicml("full")], repeats=repeats)
    rows = zip(("scikit-learn, plain fit", "topicml", "topicml --tune"), seconds, strict=True)
    print_section(
        f"Seconds of training on {chosen.name}",
        ("work", "seconds", "of scikit-learn's"),
        [[name, number(spent), number(spent / seconds[0])] for name, spent in rows],
        note="topicml's seconds include grouping copies, out-of-fold scores with intervals, and calibration.",
    )
