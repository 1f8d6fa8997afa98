"""The fitted model: plain arrays, and the decision that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, TargetType
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.formatting import counted, did_you_mean, listed
from topicml.model.calibration import Calibration
from topicml.model.decision import assign_labels, below_bars
from topicml.model.folder import OPTIONAL_DTYPES, StoredArray, array_dtypes, fingerprint_of
from topicml.model.inputs import TextInput, as_texts
from topicml.model.prediction import Prediction
from topicml.model.predictions import NO_LABEL_REACHED, REASON_CODES, Predictions, reasons_of
from topicml.model.sparse import Coefficients, SparseRows
from topicml.model.tokens import Tokens, chunked, tokenize
from topicml.model.vectorizer import Vectorizer
from topicml.parallel import in_threads, n_threads

_SHOWN, _TYPICAL = 30, 5  # labels in a notebook, and words of each

if TYPE_CHECKING:
    from topicml.model.explanation import Explanation
    from topicml.model.familiarity import Familiarity
    from topicml.model.reference import Reference


@dataclass(frozen=True, eq=False)
class FittedClassifier:
    """A trained classifier of articles. It needs NumPy and the standard library only.

    Made by `topicml.train`, or read from a folder by `topicml.predict.load_model`. It is never
    changed after that, so any number of threads and processes may share one.

    Parameters
    ----------
    classes_ : tuple of str
        The labels, sorted as text. Columns of scores and probabilities follow them.
    target_type : {"multiclass", "multilabel"}
        Whether an article has one label, or any number of labels, also none.
    vectorizer : Vectorizer
        Turns texts into the weights of terms.
    coefficients : Coefficients, shape (n_terms, n_classes)
        What a term adds to each label's score.
    intercept : ndarray of float64, shape (n_classes,)
        Each label's score for a text without known terms.
    calibration : Calibration
        Turns scores into probabilities.
    thresholds : ndarray of float64, shape (n_classes,)
        Probability from which an article gets a label of a multilabel model.
    min_confidence : float, default=0.0
        An article whose best probability is below it is left to a person.
    min_label_confidence : mapping of str to float, optional
        The same for single labels, where they are the most probable ones; in a multilabel model also where
        they reach their thresholds.
    familiarity : Familiarity, optional
        Which words the training articles use. A text of other words is left to a person; none is by default.
    provenance : mapping, optional
        How the model was made, as values that JSON can hold.
    fingerprints : ndarray of uint64 or StoredArray, optional
        They recognise training articles, see `topicml.corpus.seen_articles`; not needed to predict.
    reference : Reference, optional
        What it did with training articles that were held out, see `topicml.watch`; not needed to predict.
    name : str, default=""
        Its name where it is shown; not saved.
    """

    classes_: tuple[str, ...]
    target_type: TargetType
    vectorizer: Vectorizer
    coefficients: Coefficients
    intercept: NDArray[np.float64]
    calibration: Calibration
    thresholds: NDArray[np.float64]
    min_confidence: float = 0.0
    min_label_confidence: Mapping[str, float] = field(default_factory=dict)
    familiarity: Familiarity | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    fingerprints: NDArray[np.uint64] | StoredArray | None = None
    reference: Reference | None = None
    name: str = ""

    def __repr__(self) -> str:
        n_articles = self.provenance.get("n_articles")  # whatever the model's maker gave
        facts = [
            counted(len(self.classes_), "label"),
            self.target_type,
            f"{len(self.vectorizer):,} terms",
            *([f"trained on {n_articles:,} articles"] if isinstance(n_articles, int) else []),
        ]
        return f"FittedClassifier({', '.join(facts)}{f'; {self.name}' if self.name else ''})"

    def _repr_html_(self) -> str:
        from topicml.displays.tables import html_view, table_of_rows  # noqa: PLC0415  (prediction needs none)

        rows = [
            {"label": label, "typical words": ", ".join(word for word, _ in self.top_words(label, _TYPICAL))}
            for label in self.classes_[:_SHOWN]
        ]
        more = len(self.classes_) - len(rows)
        told = [f"and {counted(more, 'more label')}"] if more else []
        return html_view(
            [repr(self), f"fingerprint {self.fingerprint}", *told], table_of_rows("Labels", rows)
        )

    @property
    def multilabel(self) -> bool:
        """Whether an article may have several labels or none."""
        return self.target_type == "multilabel"

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that differ from those of any other model, in memory as in a folder."""
        return fingerprint_of(self.content(), self.arrays())

    def content(self) -> dict[str, Any]:
        """Return the content of a saved model without its arrays, as values that JSON can hold."""
        familiarity = self.familiarity
        return {
            "coef_dtype": self.coefficients.dtype,
            "classes": list(self.classes_),
            "target_type": self.target_type,
            "features": self.vectorizer.settings.content(),
            "intercept": self.intercept.tolist(),
            "calibration": self.calibration.content(),
            "thresholds": self.thresholds.tolist(),
            "min_confidence": float(self.min_confidence),
            "min_label_confidence": {label: float(p) for label, p in self.min_label_confidence.items()},
            **({} if familiarity is None else {"familiarity": familiarity.content()}),
            **({} if self.reference is None else {"reference": self.reference.content()}),
            "provenance": self.provenance,
        }

    def arrays(self) -> dict[str, NDArray[Any] | StoredArray]:
        """Return the arrays of a saved model by name, in the types that they are saved in."""
        found = {
            **self.vectorizer.arrays(),
            **self.coefficients.arrays(),
            **({} if self.familiarity is None else {"familiar_words": self.familiarity.words.bits}),
        }
        dtypes = {**array_dtypes(self.coefficients.dtype), **OPTIONAL_DTYPES}
        arrays = {name: np.asarray(array, np.dtype(dtypes[name])) for name, array in found.items()}
        return {**arrays, **({} if self.fingerprints is None else {"fingerprints": self.fingerprints})}

    @property
    def coef(self) -> NDArray[np.float32]:
        """The coefficients as one matrix of shape (n_terms, n_classes), a new one each time."""
        return self.coefficients.dense()

    def needed_confidence(self, label: int) -> float:
        """Return the probability from which a label is an answer, where it is the most probable one.

        Parameters
        ----------
        label : int
            Its place in `classes_`.
        """
        return max(self.min_confidence, self.min_label_confidence.get(self.classes_[label], 0.0))

    def low_confidence(self, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which articles are left to a person because of their probabilities.

        Parameters
        ----------
        probabilities : ndarray of float64, shape (n_articles, n_classes)
            Columns as in `classes_`.

        Returns
        -------
        ndarray of bool, shape (n_articles,)
        """
        best = probabilities.argmax(axis=1)
        low: NDArray[np.bool_] = probabilities.max(axis=1, initial=0.0) < self._needed.take(best)
        if self.multilabel and self.min_label_confidence:
            bars = [self.min_label_confidence.get(label, 0.0) for label in self.classes_]
            low |= below_bars(probabilities, self.thresholds, np.array(bars))
        return low

    def decision_function(
        self, X: TextInput | Iterable[TextInput], *, n_jobs: int = -1
    ) -> NDArray[np.float64]:
        """Return the linear score of each label, shape (n_articles, n_classes).

        A text without known terms scores the intercepts. Parameters are those of `predict`.
        """
        return self._scored(X, n_jobs).scores

    def predict_proba(self, X: TextInput | Iterable[TextInput], *, n_jobs: int = -1) -> NDArray[np.float64]:
        """Return each label's probability, shape (n_articles, n_classes), columns as in `classes_`.

        It does not abstain. Parameters are those of `predict`.
        """
        return self.calibration.apply(self._scored(X, n_jobs).scores)

    @overload
    def predict(self, X: TextInput, *, n_jobs: int = ..., always_label: bool = ...) -> Prediction: ...  # type: ignore[overload-overlap]  # str is iterable, too
    @overload
    def predict(
        self, X: Iterable[TextInput], *, n_jobs: int = ..., always_label: bool = ...
    ) -> Predictions: ...
    def predict(
        self, X: TextInput | Iterable[TextInput], *, n_jobs: int = -1, always_label: bool = False
    ) -> Prediction | Predictions:
        """Predict the sections that an article belongs to.

        Parameters
        ----------
        X : str, Article, or iterable of them
            Titles are read as part of the text, as in training.
        n_jobs : int, default=-1
            Threads to work in; -1 is one for each core. It does not change the predictions.
        always_label : bool, default=False
            Where no label of a multilabel model reaches its threshold, give the most probable one instead of
            none. Where the model abstains there is still no label.

        Returns
        -------
        Prediction or Predictions
            One prediction for one text; for an iterable a sequence of them, in the same order.

        Raises
        ------
        TopicmlTypeError
            If an item is not a text; the message names its position.
        TopicmlValueError
            If `n_jobs` is 0.
        """
        predictions = self._predictions(self._scored(X, n_jobs), always_label=always_label)
        return next(iter(predictions)) if isinstance(X, str | Article) else predictions

    def predict_iter(
        self,
        X: Iterable[TextInput],
        *,
        batch_size: int = 1000,
        n_jobs: int = -1,
        always_label: bool = False,
    ) -> Iterator[Prediction]:
        """Predict a stream of articles in constant memory.

        Parameters
        ----------
        X : iterable of str or Article
            Read as needed; exceptions that it raises are passed on.
        batch_size : int, default=1000
            Articles worked on at once. Their number does not change the predictions.
        n_jobs : int, default=-1
            Threads to work in; -1 is one for each core.
        always_label : bool, default=False
            As for `predict`.

        Returns
        -------
        iterator of Prediction
            One for each article, in order.

        Raises
        ------
        TopicmlValueError
            If `batch_size` is less than 1, or `n_jobs` is 0.
        """
        _check_count("batch_size", batch_size)
        return self._batches(iter(as_texts(X)), batch_size, n_threads(n_jobs), always_label=always_label)

    def explain(self, text: TextInput, label: str | None = None, *, top: int = 10) -> Explanation:
        """Split a label's score for one text into the contributions of its words.

        A linear model gives this exactly: a term's contribution is its weight in the text times the
        label's coefficient. It is shared among the words that the term lies in, and the words'
        contributions and the intercept add up to the score.

        Parameters
        ----------
        text : str or Article
            The text to explain.
        label : str, optional
            By default the most probable one. In a multilabel model each label has its own explanation.
        top : int, default=10
            How many words to name that spoke for the label, and how many that spoke against it.

        Returns
        -------
        Explanation
            Without words, the intercept alone, if the model knows no word of the text.

        Raises
        ------
        TopicmlTypeError
            If `text` is not a single text, for example a list.
        TopicmlValueError
            If the model does not know the label, or `top` is less than 1.
        """
        from topicml.model.explanation import Explanation, taken_apart  # noqa: PLC0415  (prediction needs none)

        if not isinstance(text, str | Article):
            raise TopicmlTypeError(f"expected one text or Article to explain, found {type(text).__name__}")
        _check_count("top", top)
        asked = None if label is None else self._column(label)
        (read,) = as_texts(text)
        tokens, rows, scored = self._weighed([read])
        probabilities = self.calibration.apply(scored.scores)
        best = probabilities.argmax(axis=1)
        k = int(best[0]) if asked is None else asked
        added = self.coefficients.products(rows, k)
        evidence, words = taken_apart(self.vectorizer, read, tokens, rows.indices, added)
        return Explanation(
            text=text.full_text if isinstance(text, Article) else str.__str__(text),
            label=self.classes_[k],
            probability=float(probabilities[0, k]),
            score=float(scored.scores[0, k]),
            intercept=float(self.intercept[k]),
            words=words,
            evidence=evidence,
            top=top,
            reason=REASON_CODES[self._reasons(scored, probabilities)[0]],
        )

    def top_terms(self, label: str, n: int = 20) -> tuple[tuple[str, float], ...]:
        """Name the terms that speak most for a label in any text.

        Parameters
        ----------
        label : str
            One of `classes_`.
        n : int, default=20
            How many to name at most; those that speak against the label are left out.

        Returns
        -------
        tuple of (str, float)
            Terms with the label's coefficients, the largest first.

        Raises
        ------
        TopicmlValueError
            If the model does not know the label, or `n` is less than 1.
        """
        _check_count("n", n)
        weights = self.coefficients.column(self._column(label))
        best = np.argsort(-weights, kind="stable")[:n].tolist()
        found = [(self.vectorizer.terms[term], float(weights[term])) for term in best if weights[term] > 0]
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    def top_words(self, label: str, n: int = 20) -> tuple[tuple[str, float], ...]:
        """Name the words that speak most for a label in any text.

        A word's number is what a text of this word alone adds to the label's score, so its pieces count too.
        A known pair replaces its words if it adds more than each. A model that only knows pieces has them
        joined where they overlap. Only the thousand terms with the label's largest coefficients count.

        Parameters
        ----------
        label : str
            One of `classes_`.
        n : int, default=20
            How many to name at most; those that speak against the label are left out.

        Returns
        -------
        tuple of (str, float)
            Words and phrases in small letters, the largest number first.

        Raises
        ------
        TopicmlValueError
            If the model does not know the label, or `n` is less than 1.
        """
        from topicml.model.top_words import strongest_words  # noqa: PLC0415  (prediction needs none)

        _check_count("n", n)
        k = self._column(label)
        return strongest_words(
            self.vectorizer,
            self.coefficients.column(k),
            lambda texts: self._scored_chunk(texts).scores[:, k] - self.intercept[k],
            n,
        )

    def label_codes(self, labels: Iterable[str]) -> list[str | None] | None:
        """Return the codes of labels, such as those of IPTC Media Topics, if the model keeps any.

        Parameters
        ----------
        labels : iterable of str
            Labels of this model.

        Returns
        -------
        list of (str or None) or None
            None for a label without a code. None instead of a list for a model that keeps no codes.
        """
        record = self.provenance.get("label_mapping")  # whatever the model's maker gave
        codes = record.get("codes") if isinstance(record, dict) else None
        if not (isinstance(codes, dict) and codes):
            return None
        return [codes.get(label) for label in labels]

    def _column(self, label: str) -> int:
        if not isinstance(label, str):
            raise TopicmlTypeError(f"expected the name of a label, found {label!r}")
        if label not in self.classes_:
            hint = did_you_mean(label, self.classes_) or f"; it knows {listed(map(repr, self.classes_), 5)}"
            raise TopicmlValueError(f"the model does not know the label {label!r}{hint}")
        return self.classes_.index(label)

    def _batches(
        self, texts: Iterator[str], batch_size: int, n_jobs: int, *, always_label: bool
    ) -> Iterator[Prediction]:
        while batch := list(islice(texts, batch_size)):
            yield from self._predictions(self._scored(batch, n_jobs), always_label=always_label)

    def _scored(self, X: TextInput | Iterable[TextInput], n_jobs: int) -> _Scored:
        threads = n_threads(n_jobs)
        if isinstance(X, str | Article):
            return self._scored_chunk(list(as_texts(X)))
        parts = list(in_threads(self._scored_chunk, chunked(as_texts(X)), n_jobs=threads))
        return _Scored(*map(np.concatenate, zip(*(parts or [self._scored_chunk([])]), strict=True)))

    def _scored_chunk(self, texts: list[str]) -> _Scored:
        return self._weighed(texts)[2]

    def _weighed(self, texts: list[str]) -> tuple[Tokens, SparseRows, _Scored]:
        settings = self.vectorizer.settings
        tokens = tokenize(settings.as_read(texts), min_token_length=settings.min_token_length)
        hashes = tokens.hashes()
        counts = self.vectorizer.count_tokens(tokens, hashes)
        rows = self.vectorizer.weigh(counts)
        scores = self.coefficients.scores(rows) + self.intercept
        if self.familiarity is None:
            return tokens, rows, _Scored(scores, counts.known, np.zeros(len(texts), bool))
        return tokens, rows, _Scored(scores, counts.known, self.familiarity.unusual(tokens, hashes))

    def _predictions(self, scored: _Scored, *, always_label: bool) -> Predictions:
        probabilities = self.calibration.apply(scored.scores)
        best = probabilities.argmax(axis=1)
        reasons = self._reasons(scored, probabilities)
        assigned = assign_labels(probabilities, self.thresholds, multilabel=self.multilabel)
        without = ~assigned.any(axis=1)
        if always_label:
            assigned[without, best[without]] = True
        else:
            reasons[without & (reasons == 0)] = NO_LABEL_REACHED
        assigned[(reasons > 0) & (reasons < NO_LABEL_REACHED)] = False
        return Predictions(
            probabilities, assigned, reasons, scored.known, self.classes_, fingerprint=self.fingerprint
        )

    @cached_property
    def _needed(self) -> NDArray[np.float64]:
        return np.array([self.needed_confidence(k) for k in range(len(self.classes_))])

    def _reasons(self, scored: _Scored, probabilities: NDArray[np.float64]) -> NDArray[np.int8]:
        """Return why each article is left to a person, as `Predictions.reasons` has it."""
        low = self.low_confidence(probabilities)
        return reasons_of(no_known_terms=scored.known == 0, unusual=scored.unusual, low=low)


class _Scored(NamedTuple):
    """What is found of each article of a chunk: its scores, its share of known terms, odd words."""

    scores: NDArray[np.float64]
    known: NDArray[np.float64]
    unusual: NDArray[np.bool_]


def _check_count(name: str, count: int) -> None:
    if count < 1:
        raise TopicmlValueError(f"{name} must be 1 or more, found {count}")
