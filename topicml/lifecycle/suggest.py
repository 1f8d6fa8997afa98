"""Which articles to label next: those that stand for many, and those whose labels teach a model most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.arguments import whole_number
from topicml.article import Article
from topicml.corpus.near_duplicates import Stories
from topicml.corpus.seen_articles import seen_in_training
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.formatting import counted, percent
from topicml.lifecycle.clusters import Groups, evenly, nearness, points_of, representatives
from topicml.lifecycle.suggestions import Suggestion, Suggestions
from topicml.model.classifier import FittedClassifier
from topicml.model.feature_settings import FeatureSettings
from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.inputs import TextInput, as_texts
from topicml.model.predictions import REASON_CODES, Predictions
from topicml.model.sparse import SparseRows
from topicml.training.vocabulary import fit_vectorizer

_WORDS = FeatureSettings(ngram_range=(1, 1))
_MOST_TERMS = 20_000
_STRANGE = tuple(REASON_CODES.index(reason) for reason in ("no_known_terms", "unusual_language"))
_MOST_LABELLED = 1_000  # that articles are compared with
_LEAST_WEIGHT = 1e-6
_TO_MEASURE = "drawn at random, to measure with"

_Floats = NDArray[np.float64]
_Rows = NDArray[np.int64]


def suggest(
    articles: Iterable[TextInput],
    *,
    n: int = 50,
    model: ModelInput | None = None,
    labelled: Iterable[TextInput] = (),
    to_measure: bool = False,
    n_jobs: int = -1,
    random_state: int = 0,
) -> Suggestions:
    """Choose the articles of an archive that are worth labelling next.

    Similar articles are grouped into `n` groups, and the article in the middle of each group is chosen. So
    the choice is diverse, has no near copies, and no article that is like no other. The less an article
    is like the labelled ones, the more it counts when groups are made; and with a model, the less sure the
    model is of it. Groups are therefore small and many where labels are missing or in doubt. A model that
    has seen few labels is unsure of nearly all articles, and the choice is nearly that without a model. A
    model that has seen many is asked about the few articles that it does not understand.

    Articles that have labels, those that the model was trained on, and copies and near copies of both are
    left out, and so are articles without text.

    Parameters
    ----------
    articles : iterable of Article, or of texts
        The archive.
    n : int, default=50
        Articles to choose.
    model : FittedClassifier, or a result of training, optional
        Trained on the articles that are labelled so far.
    labelled : iterable of Article, or of texts, optional
        Articles that are labelled already and are not in the archive, or are there without their labels.
    to_measure : bool, default=False
        Draw articles at random instead, so that their labels measure a model: those that are chosen to teach
        one are harder than others. The model's guess is kept back, because people follow it.
    n_jobs : int, default=-1
        Threads to work in; -1 is one for each core. The result does not depend on it.
    random_state : int, default=0
        Where the grouping starts, or what is drawn.

    Returns
    -------
    Suggestions
        In the order in which they are best labelled; all articles that are left if they are fewer than `n`.

    Raises
    ------
    CorpusError
        If no article is left to choose from, or the model knows few words of most of them: it was trained
        on another language, or on other topics.
    TopicmlTypeError
        If an item is not a text, or `model` is no model.
    TopicmlValueError
        If `n` is below 1.

    Examples
    --------
    >>> archive = [f"cup final, goal number {k}" for k in range(30)]
    >>> archive += [f"storm warning, rain on day {k}" for k in range(20)]
    >>> for suggestion in suggest(archive, n=2):
    ...     print(suggestion.reason)
    stands for 30 similar articles
    stands for 20 similar articles
    """
    n, listed = whole_number("n", n, 1), _as_articles(articles)
    classifier = None if model is None else as_classifier(model)
    pool = _Pool.of(listed, _as_articles(labelled), classifier, n_jobs=n_jobs)
    labels = () if classifier is None else tuple(classifier.classes_)
    if to_measure:
        return Suggestions(_drawn(pool, n, random_state), len(pool.rows), labels, pool.notes(n))
    answers = None if classifier is None else _answers(classifier, pool.candidates, n_jobs)
    chosen = _chosen(pool, n, answers, n_jobs=n_jobs, random_state=random_state)
    return Suggestions(
        tuple(
            _suggestion(pool, row, size, answers)
            for row, size in zip(chosen.rows.tolist(), chosen.sizes.tolist(), strict=True)
        ),
        len(pool.rows),
        labels,
        pool.notes(n),
    )


def _drawn(pool: _Pool, n: int, random_state: int) -> tuple[Suggestion, ...]:
    """Draw articles at random, in an order by chance, so that the first of them are a draw, too."""
    rows = pool.rows[np.random.default_rng(random_state).permutation(len(pool.rows))[:n]]
    return tuple(Suggestion(pool.articles[row], row, 1, _TO_MEASURE) for row in rows.tolist())


def _as_articles(values: Iterable[TextInput]) -> list[Article]:
    if isinstance(values, str | Article):
        raise TopicmlTypeError("expected an iterable of articles, found one text: put it into a list")
    found = list(values)
    list(as_texts(found))  # which names an item that is no text by its position
    return [value if isinstance(value, Article) else Article(value) for value in found]


@dataclass(frozen=True, eq=False, slots=True)
class _Pool:
    """The articles that can be chosen, one of each story, and what was left out.

    `rows` are places in the archive; `labelled` are the texts that have labels already.
    """

    articles: Sequence[Article]
    rows: _Rows
    labelled: Sequence[Article]
    n_labelled: int
    n_empty: int
    n_copies: int

    @classmethod
    def of(
        cls,
        articles: Sequence[Article],
        labelled: Sequence[Article],
        model: FittedClassifier | None,
        *,
        n_jobs: int,
    ) -> _Pool:
        """Leave out what need not be labelled."""
        if not articles:
            raise CorpusError("there are no articles to choose from: the archive is empty")
        everything = [*articles, *labelled]
        texts = list(as_texts(everything))
        stories = Stories.of(texts, n_jobs=n_jobs)
        done = np.array([article.labels is not None for article in articles] + [True] * len(labelled))
        if model is not None:
            seen = seen_in_training(model, everything, sketches=stories.sketches)
            done |= False if seen is None else seen
        of_done = np.isin(stories.groups, stories.groups[done])[: len(articles)]
        empty = np.array([not text.strip() for text in texts[: len(articles)]]) & ~of_done
        _, first = np.unique(stories.groups[: len(articles)], return_index=True)
        free = np.zeros(len(articles), bool)
        free[first] = True
        n_copies = int((~free & ~empty & ~of_done).sum())
        rows = np.flatnonzero(free & ~empty & ~of_done)
        own = [everything[row] for row in np.flatnonzero(done).tolist()]
        found = cls(articles, rows, own, int(of_done.sum()), int(empty.sum()), n_copies)
        if not len(rows):
            raise CorpusError(f"no article is left to choose from: {'; '.join(found._left_out())}")
        return found

    @property
    def candidates(self) -> list[Article]:
        """The articles that can be chosen."""
        return [self.articles[row] for row in self.rows.tolist()]

    def notes(self, n: int) -> tuple[str, ...]:
        """Say what was left out, and whether there are fewer articles than asked for."""
        left_out = self._left_out()
        of_all = counted(len(self.articles), "article")
        notes = [f"left out of {of_all}: {'; '.join(left_out)}"] if left_out else []
        if len(self.rows) < n:
            notes.append(f"only {counted(len(self.rows), 'article')} can be labelled, fewer than {n:,}")
        return tuple(notes)

    def _left_out(self) -> list[str]:
        found = {
            f"{self.n_labelled:,} labelled already, or copies of labelled ones": self.n_labelled,
            f"{counted(self.n_copies, 'copy', 'copies')} of other articles": self.n_copies,
            f"{self.n_empty:,} without text": self.n_empty,
        }
        return [text for text, number in found.items() if number]


@dataclass(frozen=True, eq=False, slots=True)
class _Answers:
    """What a model says of the articles that can be chosen."""

    predictions: Predictions
    multilabel: bool

    @property
    def unsure(self) -> _Floats:
        """How unsure the model is of each article, from 0 to 1.

        It is 1 where the two most probable labels of a multiclass model are equally probable. Of a
        multilabel model each label is a question of its own, and the most doubtful one counts.
        """
        probabilities = self.predictions.probabilities
        if self.multilabel or probabilities.shape[1] == 1:
            doubt: _Floats = 1 - np.abs(2 * probabilities - 1).min(axis=1)
            return doubt
        ranked = np.sort(probabilities, axis=1)
        margin: _Floats = ranked[:, -1] - ranked[:, -2]
        return 1 - margin

    def guess(self, row: int) -> tuple[tuple[str, ...], float, str]:
        """Return the labels of an article, their probability, and where the model hesitates."""
        prediction = self.predictions[row]
        ranked = prediction.ranked()
        if self.multilabel or len(ranked) == 1:
            label, probability = min(ranked, key=lambda pair: abs(pair[1] - 0.5))
            return prediction.labels, prediction.probability, f"{label!r} ({percent(probability)}) or not"
        (first, probability), (second, other) = ranked[:2]
        doubt = f"{first!r} ({percent(probability)}) or {second!r} ({percent(other)})"
        return (first,), probability, doubt


def _answers(model: FittedClassifier, articles: Sequence[Article], n_jobs: int) -> _Answers:
    predictions = model.predict(articles, n_jobs=n_jobs)
    n_strange = int(np.isin(predictions.reasons, _STRANGE).sum())
    if 2 * n_strange > len(articles):
        raise CorpusError(
            f"the model knows few words of {n_strange:,} of {counted(len(articles), 'article')}: it was "
            "trained on another language, or on other topics; name another model, or none"
        )
    return _Answers(predictions, model.multilabel)


def _chosen(pool: _Pool, n: int, answers: _Answers | None, *, n_jobs: int, random_state: int) -> Groups:
    """Choose the middle of each of n groups of similar articles.

    Articles count more, the less sure the model is of them, and the less they are like labelled ones.
    """
    labelled = [pool.labelled[row] for row in evenly(len(pool.labelled), _MOST_LABELLED).tolist()]
    points = points_of(_word_rows([*pool.candidates, *labelled], n_jobs), random_state=random_state)
    free, known = points[: len(pool.rows)], points[len(pool.rows) :]
    weight = 1 - nearness(free, known)
    if answers is not None:
        weight *= answers.unsure
    weight = np.maximum(weight, _LEAST_WEIGHT)
    return representatives(free, n, weight=weight, random_state=random_state)


def _word_rows(articles: Sequence[Article], n_jobs: int) -> SparseRows:
    """Return TF-IDF rows of the most frequent words."""
    texts = list(as_texts(articles))
    words = fit_vectorizer(texts, _WORDS, min_df=1)
    frequent = np.sort(np.argsort(words.idf, kind="stable")[:_MOST_TERMS])
    return words.restricted(frequent).transform(texts, n_jobs=n_jobs)[0]


def _suggestion(pool: _Pool, row: int, size: int, answers: _Answers | None) -> Suggestion:
    position = int(pool.rows[row])
    stands = f"stands for {counted(size, 'similar article')}" if size > 1 else "unlike other articles"
    if answers is None:
        return Suggestion(pool.articles[position], position, size, stands)
    guess, probability, doubt = answers.guess(row)
    return Suggestion(pool.articles[position], position, size, f"{doubt}; {stands}", guess, probability)
