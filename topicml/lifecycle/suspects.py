"""Labels that are likely wrong, found by models that did not see them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, excerpt, place_of
from topicml.corpus.targets import encode_labels
from topicml.exceptions import TopicmlValueError
from topicml.files import open_output
from topicml.formatting import counted, shortened, table_lines
from topicml.model.inputs import as_articles
from topicml.training.settings import TrainingSettings
from topicml.training.train import TrainingResult, train

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that is probably wrong.

    Parameters
    ----------
    position : int
        Of the article in the corpus, counted from 0.
    place : str
        Where it was read; else its id; else its row, counted from 1.
    given : str or None
        The label that it bears and probably should not. None where, in a multilabel corpus, one is
        probably missing.
    suggested : str or None
        The label that it probably should bear. None where, in a multilabel corpus, `given` is probably
        one too many.
    probability : float
        Out-of-fold, that the suggestion is right: of a model that had not seen the article.
    given_probability : float
        The same, that what the corpus says is right.
    excerpt : str
        How the article begins.
    """

    position: int
    place: str
    given: str | None
    suggested: str | None
    probability: float
    given_probability: float
    excerpt: str


@dataclass(frozen=True, slots=True)
class Suspects:
    """The labels of a corpus that are probably wrong.

    Parameters
    ----------
    n : int
        Articles that were judged: those that were held out.
    n_labels : int
        Labels that were judged: as many as articles for multiclass, each article's with each label of the
        corpus for multilabel.
    macro_f1 : float
        Out-of-fold, of the models that judge. The weaker they are, the more suspicions are their own faults.
    thresholds : mapping of str to float
        The probability from which an article is confidently of a label: the mean over those that bear it.
    suspects : tuple of Suspect
        First those where the suggestion is more probable than what is given by most.
    """

    n: int
    n_labels: int
    macro_f1: float
    thresholds: Mapping[str, float]
    suspects: tuple[Suspect, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            "n": self.n,
            "n_labels": self.n_labels,
            "n_suspects": len(self.suspects),
            "macro_f1": self.macro_f1,
            "thresholds": dict(self.thresholds),
            "suspects": self.rows(),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each suspect, for a table or a file."""
        return [asdict(suspect) for suspect in self.suspects]

    def pairs(self) -> dict[tuple[str | None, str | None], int]:
        """Count the suspects by what is given and what is suggested, the most frequent first."""
        counts: dict[tuple[str | None, str | None], int] = {}
        for suspect in self.suspects:
            pair = suspect.given, suspect.suggested
            counts[pair] = counts.get(pair, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    def __str__(self) -> str:
        found = (
            f"{counted(len(self.suspects), 'suspect label')} in {counted(self.n, 'article')}, by models with "
            f"a macro F1 of {self.macro_f1:.3f}"
        )
        if not self.suspects:
            return found
        table = [["given", "suggested", "p given", "p", "article"]]
        table += [
            [
                shortened(suspect.given or "-", 16),
                shortened(suspect.suggested or "-", 16),
                f"{suspect.given_probability:.3f}",
                f"{suspect.probability:.3f}",
                shortened(suspect.excerpt, 26),
            ]
            for suspect in self.suspects[:_SHOWN]
        ]
        lines = [found, *table_lines(table, right=[False, False, True, True, False])]
        if len(self.suspects) > _SHOWN:
            lines.append(f"and {len(self.suspects) - _SHOWN} more")
        return "\n".join(lines)


def suspect_labels(
    articles: Iterable[Article],
    result: TrainingResult | None = None,
    *,
    settings: TrainingSettings | None = None,
    n_jobs: int = -1,
) -> Suspects:
    """Find the labels of a training corpus that are probably wrong.

    Confident learning (Northcutt, Jiang and Chuang 2021, arXiv:1911.00068): an article is suspected if a
    model that has not seen it is confidently for another label, which is to say as sure as it is on
    average of the articles that bear that label. These are the pairs off the diagonal of the paper's
    confident joint, but for those where the model still holds the label that is given for more probable:
    of a rare label it may be no surer than 0.01 on average, and all that reach that are no suspects. In a
    multilabel corpus each label is judged by itself, as borne or not borne.

    A suspicion is a question to a person. Copies of an article are held out with it, so a wrong label is
    found though it was copied; a label that is wrong as a rule, in most articles of a kind, is learned as
    right and not found.

    Parameters
    ----------
    articles : iterable of Article
        All labelled.
    result : TrainingResult, optional
        Of training on these very articles; by default they are trained on here.
    settings : TrainingSettings, optional
        To train with; by default those of `topicml.train` without a search.
    n_jobs : int, default=-1
        Processes to use. The result does not depend on it.

    Returns
    -------
    Suspects

    Raises
    ------
    CorpusError
        If there are no articles, labels or terms to learn from.
    TopicmlTypeError
        If one of them is no Article.
    TopicmlValueError
        If `result` is of other articles, or both it and `settings` are given.

    Examples
    --------
    >>> sport = [Article(f"cup final number {k}", labels=("sport",)) for k in range(20)]
    >>> rain = [Article(f"heavy rain warning {k}", labels=("weather",)) for k in range(20)]
    >>> wrong = Article("heavy rain warning again", labels=("sport",))
    >>> found = suspect_labels([*sport, *rain, wrong], n_jobs=1)
    >>> [(suspect.place, suspect.given, suspect.suggested) for suspect in found.suspects]
    [('row 41', 'sport', 'weather')]
    """
    listed = as_articles(articles)
    if result is None:
        result = train(listed, settings=settings or TrainingSettings(search="none"), n_jobs=n_jobs)
    elif settings is not None:
        raise TopicmlValueError("settings are for training: give either them or a result, not both")
    model = result.classifier
    held_out = np.flatnonzero(result.folds >= 0)
    borne = {label for article in listed for label in article.labels or ()}
    if len(result.folds) != len(listed) or borne != set(model.classes_):
        raise TopicmlValueError(
            f"the result is of {len(result.folds)} articles with the labels {list(model.classes_)!r}, found "
            f"{len(listed)} articles with {sorted(borne)!r}: give the articles that it was trained on"
        )
    Y = encode_labels([listed[row] for row in held_out.tolist()], model.classes_)
    judge = _judge_each if model.multilabel else _judge_one
    found, thresholds = judge(_Judged(listed, held_out, Y, result.probabilities, model.classes_))
    return Suspects(
        n=len(held_out),
        n_labels=Y.size if model.multilabel else len(held_out),
        macro_f1=result.scores.macro_f1,
        thresholds={
            label: threshold
            for label, threshold in zip(model.classes_, thresholds.tolist(), strict=True)
            if np.isfinite(threshold)
        },
        suspects=tuple(sorted(found, key=lambda suspect: suspect.given_probability - suspect.probability)),
    )


def write_suspects(found: Suspects, path: str | Path) -> None:
    """Write suspects as CSV, gzipped if the name says so: a row for each, with a header.

    Cells are what `Suspects.rows` gives; None is an empty one.

    Raises
    ------
    TopicmlError
        If the file cannot be written.
    """
    with open_output(Path(path)) as stream:
        writer = csv.DictWriter(stream, [field.name for field in fields(Suspect)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found.rows())


@dataclass(frozen=True, eq=False, slots=True)
class _Judged:
    """The rows of some articles that were held out, what these bear, and what models say of them."""

    articles: Sequence[Article]
    rows: NDArray[np.int64]
    Y: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    classes: Sequence[str]

    def suspect(
        self, k: int, given: str | None, suggested: str | None, chance: NDArray[np.float64]
    ) -> Suspect:
        """Name a row; the chances are that what is suggested and what is given is right."""
        row = int(self.rows[k])
        article, place = self.articles[row], place_of(self.articles[row], row)
        return Suspect(row, place, given, suggested, float(chance[0]), float(chance[1]), excerpt(article))


def _judge_one(judged: _Judged) -> tuple[list[Suspect], NDArray[np.float64]]:
    """Judge the one label of each article; return the labels' thresholds, too."""
    given, chance, classes = judged.Y.argmax(axis=1), judged.probabilities, judged.classes
    confident = confident_classes(given, chance)
    found = []
    for k in np.flatnonzero(contradicted(given, confident, chance)).tolist():
        chances = chance[k, [confident[k], given[k]]]
        found.append(judged.suspect(k, classes[given[k]], classes[confident[k]], chances))
    return found, self_confidence(given, chance)


def _judge_each(judged: _Judged) -> tuple[list[Suspect], NDArray[np.float64]]:
    """Judge each label by itself: the second of its two classes is that an article bears it."""
    found, thresholds = [], np.zeros(len(judged.classes))
    for column, label in enumerate(judged.classes):
        borne = judged.probabilities[:, column]
        chance, given = np.column_stack((1 - borne, borne)), judged.Y[:, column].astype(np.int64)
        confident = confident_classes(given, chance)
        thresholds[column] = self_confidence(given, chance)[1]
        for k in np.flatnonzero(contradicted(given, confident, chance)).tolist():
            bears, lacks = (label, None) if given[k] else (None, label)
            found.append(judged.suspect(k, bears, lacks, chance[k, [confident[k], given[k]]]))
    return found, thresholds


def self_confidence(given: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean probability of each class over the rows that were given it: its threshold.

    Probabilities, shape (n, n_classes), are of a model that had not seen the row. A threshold is infinite for
    a class that no row was given: nothing is confidently of it.
    """
    rows = np.bincount(given, minlength=probabilities.shape[1])
    own = np.bincount(
        given, weights=probabilities[np.arange(len(given)), given], minlength=probabilities.shape[1]
    )
    return np.where(rows > 0, own / np.maximum(rows, 1), np.inf)


def confident_classes(given: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the class that each row is confidently of, and -1 where there is none.

    It is the most probable one of those that reach their thresholds (equation 1 of the paper). A fixed
    threshold would never find the errors of a label that the model is seldom sure of, and see too many
    in one that it is always sure of. (cleanlab takes the most probable of all classes if two reach their
    thresholds, also where that one does not; the paper's rule is kept here.)

    Examples
    --------
    >>> given = np.array([0, 0, 0, 1, 1])
    >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.4, 0.6]])
    >>> self_confidence(given, probabilities).round(2).tolist()
    [0.6, 0.65]
    >>> confident_classes(given, probabilities).tolist()
    [0, 0, 1, 1, -1]
    """
    # A sum of equal numbers divided by their count may exceed each by a rounding error.
    reached = probabilities >= self_confidence(given, probabilities) - 1e-9
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    return np.where(reached.any(axis=1), best, -1)


def contradicted(
    given: NDArray[np.int64], confident: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which rows are confidently of another class than the given one, and more probably, too.

    The second condition is not the paper's, but cleanlab's. Without it, 25,682 labels of the 7,770 training
    articles of Reuters-21578 would be suspected, by thresholds of its rare labels that all but reach 0;
    with it, 413.

    Examples
    --------
    >>> probabilities = np.array([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1]])
    >>> contradicted(np.array([0, 0, 0]), np.array([1, 1, -1]), probabilities).tolist()
    [True, False, False]
    """
    rows = np.arange(len(given))
    more_probable: NDArray[np.bool_] = probabilities[rows, confident] > probabilities[rows, given]
    found: NDArray[np.bool_] = (confident >= 0) & (confident != given) & more_probable
    return found
