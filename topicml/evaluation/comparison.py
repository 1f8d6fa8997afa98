"""Two models on the same articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.near_duplicates import Sketches, Stories
from topicml.corpus.seen_articles import seen_notes
from topicml.corpus.targets import encode_labels
from topicml.evaluation.evaluate import labelled_articles
from topicml.evaluation.result import plain
from topicml.exceptions import TopicmlValueError
from topicml.formatting import counted, escaped, table_lines, wrapped
from topicml.metrics.names import COMPARED, Measure
from topicml.metrics.paired import (
    FEWEST_DIFFERING,
    Difference,
    McNemar,
    mcnemar,
    minimum_detectable_difference,
    paired_differences,
)
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import as_texts

Verdict = Literal["better", "worse", "no difference shown"]

_LISTED = 10  # articles told of


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An article to which two models give different labels.

    Parameters
    ----------
    position : int
        Among the articles, counted from 0.
    id : str, optional
        Its own, or else where it was read.
    truth, a, b : tuple of str
        Its labels, and those that each model gave it; sorted.
    """

    position: int
    id: str | None
    truth: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How model B does beside model A on the same articles.

    Parameters
    ----------
    measure : {"macro_f1", "accuracy", "micro_f1"}
        The one that the verdict is about.
    n : int
        Articles.
    n_stories : int
        Stories: copies are one, and are drawn together.
    n_differing : int
        Stories on which the models' decisions differ.
    differences : mapping of str to Difference
        Of each measure, as `topicml.evaluate` defines them.
    mcnemar : McNemar
        Of the stories that one model got more right than the other.
    minimum_detectable : float or None
        The smallest difference of accuracy that these articles would have shown four times in five, see
        `topicml.metrics.paired.minimum_detectable_difference`; None if no difference could have been.
    labels : mapping of str to Difference
        F1 of each label that occurs. Of twenty labels that do not differ, one will seem to.
    support : mapping of str to int
        Articles that bear each of these labels.
    disagreements : tuple of Disagreement
    notes : tuple of str
        What a person should know: labels that one model alone knows, too little to tell by.
    """

    measure: Measure
    n: int
    n_stories: int
    n_differing: int
    differences: Mapping[str, Difference]
    mcnemar: McNemar
    minimum_detectable: float | None
    labels: Mapping[str, Difference]
    support: Mapping[str, int]
    disagreements: tuple[Disagreement, ...]
    notes: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether B is better or worse than A beyond chance.

        It is if the interval lies on one side of 0 and the models differ on six stories or more: with
        fewer, even if all speak for one model, chance does as much once in sixteen times or oftener, and
        resampling cannot know it.
        """
        low, high = self.differences[self.measure].interval
        if self.n_differing < FEWEST_DIFFERING or low <= 0 <= high:
            return "no difference shown"
        return "better" if low > 0 else "worse"

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as values that JSON can hold."""
        return {"verdict": self.verdict, **plain(self)}

    def __str__(self) -> str:
        """Return the verdict, the differences of measures and labels, and what could have been shown."""
        overall = {name: self.differences[measure] for measure, name in COMPARED.items()}
        by_gain = dict(sorted(self.labels.items(), key=lambda item: item[1].difference))
        test, least = self.mcnemar, self.minimum_detectable
        shown = f"a difference of accuracy of {least:.3f} or more" if least else "no difference of accuracy"
        lines = [
            f"B beside A on {counted(self.n, 'article')}, by {COMPARED[self.measure]}: {self.verdict}",
            *_difference_lines("measure", overall),
            "",
            *_difference_lines("F1 of label", by_gain),
            "",
            f"only A is right: {test.only_a}, only B: {test.only_b}",
            f"McNemar's test: p = {test.p_value:.3g} ({test.method})",
            f"could have been shown, four times in five: {shown}",
            *_disagreement_lines(self.disagreements),
        ]
        return "\n".join(lines)


def compare(
    a: FittedClassifier,
    b: FittedClassifier,
    articles: Iterable[Article],
    *,
    measure: Measure = "macro_f1",
    n_resamples: int = 2000,
    random_state: int = 0,
    sketches: Sketches | None = None,
) -> Comparison:
    """Measure two models on the same labelled articles, and tell their difference from chance.

    Both are resampled together, story by story (paired cluster bootstrap: Field and Welsh 2007,
    doi:10.1111/j.1467-9868.2007.00593.x), so that what is hard for both does not blur their difference.

    The models may know different labels: each is measured over all labels of both models and of the
    articles, and one that it does not know counts as missed, as in `topicml.evaluate`.

    Parameters
    ----------
    a, b : FittedClassifier
        The old model and the new one, say. Neither was trained on the articles.
    articles : iterable of Article
        All labelled.
    measure : {"macro_f1", "accuracy", "micro_f1"}, default="macro_f1"
        What the verdict is about.
    n_resamples : int, default=2000
    random_state : int, default=0
    sketches : Sketches, optional
        Of the articles' texts, where the caller has them already.

    Returns
    -------
    Comparison

    Raises
    ------
    CorpusError
        If there are no articles, or one is not labelled.
    TopicmlTypeError
        If one of them is no Article.
    TopicmlValueError
        If one model is multiclass and the other multilabel, if they have no label in common, or if
        `measure` or `n_resamples` is impossible.
    """
    if measure not in COMPARED:
        raise TopicmlValueError(f"measure must be one of {', '.join(COMPARED)}, found {measure!r}")
    if n_resamples < 1:
        raise TopicmlValueError(f"n_resamples must be 1 or more, found {n_resamples}")
    _check_comparable(a, b)
    listed = labelled_articles(articles)
    borne = {label for article in listed for label in article.labels or ()}
    classes = tuple(sorted({*a.classes_, *b.classes_, *borne}))
    truth = encode_labels(listed, classes)
    given_a, given_b = (encode_labels(model.predict(listed), classes) for model in (a, b))
    stories = Stories.of(list(as_texts(listed)), sketches=sketches, n_jobs=-1)
    groups = stories.groups
    overall, labels = paired_differences(
        truth, given_a, given_b, classes, groups=groups, n_resamples=n_resamples, random_state=random_state
    )
    test, n_differing = _story_by_story(truth, given_a, given_b, groups)
    n_stories = int(groups.max()) + 1
    return Comparison(
        measure=measure,
        n=len(listed),
        n_stories=n_stories,
        n_differing=n_differing,
        differences=overall,
        mcnemar=test,
        minimum_detectable=minimum_detectable_difference(n_stories, (test.only_a + test.only_b) / n_stories),
        labels=labels,
        support={label: int(truth[:, classes.index(label)].sum()) for label in labels},
        disagreements=find_disagreements(listed, truth, given_a, given_b, classes),
        notes=(
            *_notes(a, b, borne, n_differing),
            *seen_notes({"model A": a, "model B": b}, listed, sketches=stories.sketches),
        ),
    )


def _check_comparable(a: FittedClassifier, b: FittedClassifier) -> None:
    if a.target_type != b.target_type:
        raise TopicmlValueError(
            f"model A is {a.target_type}, model B {b.target_type}: their answers are of different kinds; "
            "train both with the same target_type (--target)"
        )
    if not set(a.classes_) & set(b.classes_):
        raise TopicmlValueError(
            f"the models have no label in common: A begins with {list(a.classes_[:3])!r}, B with "
            f"{list(b.classes_[:3])!r}; compare models of the same sections"
        )


def _story_by_story(
    truth: NDArray[np.bool_], a: NDArray[np.bool_], b: NDArray[np.bool_], groups: NDArray[np.int64]
) -> tuple[McNemar, int]:
    """Test which model is right in more of each story's articles, and count the stories that differ.

    A story is one observation: McNemar's test is made for independent pairs.
    """
    right_a, right_b = ((truth == decided).all(axis=1).astype(np.int64) for decided in (a, b))
    lead = np.zeros(groups.max() + 1, np.int64)
    np.add.at(lead, groups, right_b - right_a)
    n_differing = len(np.unique(groups[(a != b).any(axis=1)]))
    return mcnemar(int((lead < 0).sum()), int((lead > 0).sum())), n_differing


def _notes(a: FittedClassifier, b: FittedClassifier, borne: set[str], n_differing: int) -> tuple[str, ...]:
    known_a, known_b = set(a.classes_), set(b.classes_)
    found = (
        ("labels that only model A knows", known_a - known_b),
        ("labels that only model B knows", known_b - known_a),
        ("labels of the articles that neither model knows", borne - known_a - known_b),
    )
    notes = [f"{what}: {', '.join(sorted(labels))}" for what, labels in found if labels]
    if n_differing < FEWEST_DIFFERING:
        notes.append(
            f"the models differ on {n_differing} stories only; with fewer than {FEWEST_DIFFERING}, no "
            "difference can be told from chance"
        )
    return tuple(notes)


def _difference_lines(head: str, differences: Mapping[str, Difference]) -> list[str]:
    table = [[head, "A", "B", "B - A", "95 % interval", "p"]]
    for name, found in differences.items():
        p_value = f"{found.p_value:.3f}" if found.p_value >= 0.001 else "< 0.001"
        table.append([escaped(name), f"{found.a:.3f}", f"{found.b:.3f}", *found.texts, p_value])
    return table_lines(table, right=[False, True, True, True, True, True])


def _disagreement_lines(disagreements: Sequence[Disagreement]) -> list[str]:
    """Return the first articles to which the models give different labels, first those where one is right."""
    lines = [f"different labels: {counted(len(disagreements), 'article')}"]
    if len(disagreements) > _LISTED:
        lines[0] += f", of which {_LISTED} follow (all in disagreements, with --json)"
    ranked = sorted(disagreements, key=lambda found: found.truth not in (found.a, found.b))
    for found in ranked[:_LISTED]:
        lines.append(escaped(found.id or str(found.position)))
        for name, labels in (("true", found.truth), ("A", found.a), ("B", found.b)):
            told = ", ".join(labels) or "none"
            lines += wrapped(told, indent=f"  {name:4}  ", hanging=" " * 8)
    return lines


def find_disagreements(
    articles: Sequence[Article],
    truth: NDArray[np.bool_],
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    classes: Sequence[str],
) -> tuple[Disagreement, ...]:
    """Return the articles about which two sets of decisions differ, in their order."""

    def borne(row: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(classes[k] for k in np.flatnonzero(row).tolist())

    rows = np.flatnonzero((a != b).any(axis=1)).tolist()
    names = [articles[row].id or articles[row].origin or None for row in rows]
    return tuple(
        Disagreement(row, name, borne(truth[row]), borne(a[row]), borne(b[row]))
        for row, name in zip(rows, names, strict=True)
    )
