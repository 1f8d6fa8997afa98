"""Two models on the same articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topicml.arguments import whole_number
from topicml.article import Article
from topicml.corpus.near_duplicates import Sketches, Stories
from topicml.corpus.seen_articles import seen_in_training
from topicml.corpus.targets import encode_labels
from topicml.displays.tables import html_view, table_of_rows
from topicml.evaluation.evaluate import check_labels_known, labelled_articles
from topicml.evaluation.result import plain
from topicml.exceptions import TopicmlValueError
from topicml.formatting import counted, escaped, listed, table_lines, wrapped
from topicml.metrics.names import COMPARED, MEASURES, Measure
from topicml.metrics.paired import (
    FEWEST_DIFFERING,
    Difference,
    McNemar,
    mcnemar,
    minimum_detectable_difference,
    paired_differences,
)
from topicml.model.classifier import FittedClassifier
from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.inputs import TextInput, as_texts

Verdict = Literal["better", "worse", "no difference shown", "no verdict"]

_LISTED = 10  # articles shown
_NAMED = 5  # labels in a note


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An article to which two models give different labels.

    Parameters
    ----------
    position : int
        Place among the given articles, counted from 0.
    id : str, optional
        Its own, or else where it was read.
    truth, a, b : tuple of str
        Its labels, and the labels that each model gave it; sorted.
    """

    position: int
    id: str | None
    truth: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How model B does against model A on the same articles.

    Articles that one of the models was trained on say nothing about new ones, so they are left out. If fewer
    than six other stories are left, there is no verdict, and all figures are about all articles.

    Parameters
    ----------
    measure : {"macro_f1", "accuracy", "micro_f1"}
        Measure that the verdict is about.
    n : int
        Articles that the figures come from.
    n_stories : int
        Stories: copies count as one, and are drawn together.
    n_differing : int
        Stories on which the models' decisions differ.
    differences : mapping of str to Difference
        The difference in each measure, as `topicml.evaluate` defines them.
    mcnemar : McNemar
        On the stories that one model got more right than the other.
    minimum_detectable : float or None
        The smallest difference of accuracy that these articles could detect with a power of 80%, see
        `topicml.metrics.paired.minimum_detectable_difference`; None if they could detect none.
    labels : mapping of str to Difference
        F1 of each label that occurs. One label in twenty looks different by chance.
    support : mapping of str to int
        Articles with each of these labels.
    disagreements : tuple of Disagreement
        Articles to which the models give different labels.
    notes : tuple of str
        Remarks for the reader: labels that only one model knows, too few differences for a verdict.
    n_given : int
        Articles that were given, also those left out.
    n_in_training : mapping of str to int
        How many of these each model, ``A`` and ``B``, was trained on, exactly or nearly.
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
    n_given: int
    n_in_training: Mapping[str, int]

    @property
    def verdict(self) -> Verdict:
        """Whether B is better or worse than A beyond chance.

        It is if the interval does not include 0 and the models differ on six stories or more: with fewer,
        chance does as much once in sixteen times or more often even if all are in favour of one model, which
        resampling cannot know. There is no verdict if too few articles are new to both models.
        """
        if any(self.n_in_training.values()) and self.n == self.n_given:
            return "no verdict"
        low, high = self.differences[self.measure].interval
        if self.n_differing < FEWEST_DIFFERING or low <= 0 <= high:
            return "no difference shown"
        return "better" if low > 0 else "worse"

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as values that JSON can hold."""
        return {"verdict": self.verdict, **plain(self)}

    def __repr__(self) -> str:
        return f"Comparison({self._verdict_text()})"

    def _repr_html_(self) -> str:
        measures = [_difference_row("measure", MEASURES[name], own) for name, own in self.differences.items()]
        labels = [_difference_row("label", name, own) for name, own in self.labels.items()]
        tables = table_of_rows("Measures", measures), table_of_rows("F1 of labels", labels)
        return html_view([self._verdict_text(), *self._left_out_lines(), *self.notes], *tables)

    def __str__(self) -> str:
        """Return the verdict in words, then the differences of measures and labels if there is a verdict."""
        lines = [self._verdict_text(), *self._left_out_lines()]
        return "\n".join(lines if self.verdict == "no verdict" else [*lines, *self._tables()])

    def _verdict_text(self) -> str:
        about = f"({COMPARED[self.measure]}, {counted(self.n, 'article')})"
        match self.verdict:
            case "no verdict":
                (model, n), *others = [found for found in self.n_in_training.items() if found[1]]
                more = "".join(f", {n:,} in that of model {name}" for name, n in others)
                of_all = f"{n:,} of {counted(self.n_given, 'article')}"
                return f"no verdict: {of_all} were in the training data of model {model}{more}"
            case "no difference shown":
                return f"no difference shown between A and B {about}"
            case better_or_worse:
                return f"B is {better_or_worse} than A {about}"

    def _left_out_lines(self) -> list[str]:
        """Say which articles are not compared on, or what to do where there is no verdict."""
        if self.verdict == "no verdict":
            return ["compare the models on articles that are new to both"]
        if self.n == self.n_given:
            return []
        seen = ", ".join(f"{name}: {n:,}" for name, n in self.n_in_training.items())
        left_out = f"{self.n_given - self.n:,} of {counted(self.n_given, 'article')}"
        return [f"left out: {left_out}, which are in training data ({seen})"]

    def _tables(self) -> list[str]:
        found = self.differences
        said_twice = self.measure != "micro_f1" and found["micro_f1"] == found["accuracy"]  # one label each
        overall = {
            name: found[measure]
            for measure, name in COMPARED.items()
            if measure != "micro_f1" or not said_twice
        }
        by_gain = dict(sorted(self.labels.items(), key=lambda item: item[1].difference))
        test, least = self.mcnemar, self.minimum_detectable
        return [
            "",
            *_difference_lines("measure", overall),
            "",
            *_difference_lines("F1 of label", by_gain),
            "",
            f"only A is right: {test.only_a}, only B: {test.only_b}",
            f"McNemar's test: p = {test.p_value:.3g} ({test.method})",
            f"smallest difference in accuracy this test set could detect (80% power): {least:.3f}"
            if least
            else "no difference in accuracy could be detected by this test set (80% power)",
            "",
            *_disagreement_lines(self.disagreements),
        ]


def compare(
    a: ModelInput,
    b: ModelInput,
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    measure: Measure = "macro_f1",
    n_resamples: int = 2000,
    random_state: int = 0,
    sketches: Sketches | None = None,
) -> Comparison:
    """Measure two models on the same labelled articles, and test whether they differ beyond chance.

    Both are resampled together, story by story (paired cluster bootstrap: Field and Welsh 2007,
    doi:10.1111/j.1467-9868.2007.00593.x), so that articles that are hard for both do not blur the difference.

    The models may know different labels: each is measured over all labels of both models and of the
    articles, and one that it does not know counts as missed, as in `topicml.evaluate`.

    Parameters
    ----------
    a, b : FittedClassifier, TrainingResult or TopicClassifier
        The old model and the new one. Articles that one of them was trained on are left out.
    articles : iterable of Article, or of texts
        A Corpus or a list. All labelled.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    measure : {"macro_f1", "accuracy", "micro_f1"}, default="macro_f1"
        Measure that the verdict is about.
    n_resamples : int, default=2000
        Bootstrap samples behind each interval.
    random_state : int, default=0
        Random seed.
    sketches : Sketches, optional
        Of the articles' texts, where the caller has them already.

    Returns
    -------
    Comparison

    Raises
    ------
    CorpusError
        If there are no articles, one is not labelled, or none has a label that a model knows.
    TopicmlTypeError
        If an item is not an Article.
    TopicmlValueError
        If one model is multiclass and the other multilabel, if they have no label in common, or if
        `measure` or `n_resamples` is impossible.
    """
    if measure not in COMPARED:
        raise TopicmlValueError(f"measure must be one of {', '.join(COMPARED)}, found {measure!r}")
    whole_number("n_resamples", n_resamples, 1)
    a, b = as_classifier(a), as_classifier(b)
    _check_comparable(a, b)
    given = labelled_articles(articles, labels)
    check_labels_known([*a.classes_, *b.classes_], given)
    every = Stories.of(list(as_texts(given)), sketches=sketches, n_jobs=-1)
    rows, n_in_training = _new_to_both({"A": a, "B": b}, given, every)
    tested, groups = (
        [given[row] for row in rows.tolist()],
        np.unique(every.groups[rows], return_inverse=True)[1],
    )
    in_data = {label for article in tested for label in article.labels or ()}
    classes = tuple(sorted({*a.classes_, *b.classes_, *in_data}))
    truth = encode_labels(tested, classes)
    given_a, given_b = (encode_labels(model.predict(tested), classes) for model in (a, b))
    overall, by_label = paired_differences(
        truth, given_a, given_b, classes, groups=groups, n_resamples=n_resamples, random_state=random_state
    )
    test, n_differing = _story_by_story(truth, given_a, given_b, groups)
    n_stories = int(groups.max()) + 1
    return Comparison(
        measure=measure,
        n=len(tested),
        n_stories=n_stories,
        n_differing=n_differing,
        differences=overall,
        mcnemar=test,
        minimum_detectable=minimum_detectable_difference(n_stories, (test.only_a + test.only_b) / n_stories),
        labels=by_label,
        support={label: int(truth[:, classes.index(label)].sum()) for label in by_label},
        disagreements=_disagreements(given, rows, truth, given_a, given_b, classes),
        notes=_notes(a, b, in_data, n_differing),
        n_given=len(given),
        n_in_training=n_in_training,
    )


def _new_to_both(
    models: Mapping[str, FittedClassifier], articles: Sequence[Article], stories: Stories
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Return the articles that no model was trained on, and how many each was; all if too few are left."""
    seen = {}
    for name, model in models.items():
        found = seen_in_training(model, articles, sketches=stories.sketches)
        seen[name] = np.zeros(len(articles), bool) if found is None else found
    new = np.flatnonzero(~np.logical_or.reduce(list(seen.values())))
    enough = len(np.unique(stories.groups[new])) >= FEWEST_DIFFERING
    rows = new if enough else np.arange(len(articles))
    return rows, {name: int(found.sum()) for name, found in seen.items()}


def _check_comparable(a: FittedClassifier, b: FittedClassifier) -> None:
    if a.target_type != b.target_type:
        raise TopicmlValueError(
            f"model A is {a.target_type}, model B {b.target_type}: they cannot be compared; "
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


def _notes(a: FittedClassifier, b: FittedClassifier, in_data: set[str], n_differing: int) -> tuple[str, ...]:
    known_a, known_b = set(a.classes_), set(b.classes_)
    found = (
        ("labels that only model A knows", known_a - known_b),
        ("labels that only model B knows", known_b - known_a),
        ("labels of the articles that neither model knows", in_data - known_a - known_b),
    )
    notes = [f"{name}: {listed(sorted(labels), _NAMED)}" for name, labels in found if labels]
    if n_differing < FEWEST_DIFFERING:
        stories = counted(n_differing, "story", "stories")
        notes.append(
            f"the models differ on only {stories}; a verdict needs {FEWEST_DIFFERING} or more: fewer "
            "may differ by chance"
        )
    return tuple(notes)


def _difference_row(head: str, name: str, found: Difference) -> dict[str, object]:
    difference, interval = found.texts
    return {
        head: name,
        "A": found.a,
        "B": found.b,
        "B - A": difference,
        "95% interval": interval,
        "p": found.p_value,
    }


def _difference_lines(head: str, differences: Mapping[str, Difference]) -> list[str]:
    table = [[head, "A", "B", "B - A", "95% interval", "p"]]
    for name, found in differences.items():
        p_value = f"{found.p_value:.3f}" if found.p_value >= 0.001 else "< 0.001"
        table.append([escaped(name), f"{found.a:.3f}", f"{found.b:.3f}", *found.texts, p_value])
    return table_lines(table, right=[False, True, True, True, True, True])


def _disagreement_lines(disagreements: Sequence[Disagreement]) -> list[str]:
    """Return the first articles to which the models give different labels, first those where one is right."""
    lines = [f"articles with different labels: {len(disagreements):,}"]
    if len(disagreements) > _LISTED:
        lines[0] += f"; the first {_LISTED} (--json lists all):"
    ranked = sorted(disagreements, key=lambda found: found.truth not in (found.a, found.b))
    for found in ranked[:_LISTED]:
        lines.append(escaped(found.id or str(found.position)))
        for name, labels in (("true", found.truth), ("A", found.a), ("B", found.b)):
            named = ", ".join(labels) or "none"
            lines += wrapped(named, indent=f"  {name:4}  ", hanging=" " * 8)
    return lines


def _disagreements(
    articles: Sequence[Article],
    rows: NDArray[np.int64],
    truth: NDArray[np.bool_],
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    classes: Sequence[str],
) -> tuple[Disagreement, ...]:
    """Return the articles about which two sets of decisions differ; the decisions are about these rows."""

    def labels_of(row: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(classes[k] for k in np.flatnonzero(row).tolist())

    return tuple(
        Disagreement(
            place := int(rows[row]),
            articles[place].id or articles[place].origin or None,
            labels_of(truth[row]),
            labels_of(a[row]),
            labels_of(b[row]),
        )
        for row in np.flatnonzero((a != b).any(axis=1)).tolist()
    )
