"""Why a label: the terms of the text, where each stands, and what it added to the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.explanation_html import explanation_html
from topicml.formatting import escaped
from topicml.inputs import TextInput, as_texts
from topicml.locations import locate_terms
from topicml.prediction import AbstentionReason
from topicml.spans import source_map
from topicml.text import tokenize

if TYPE_CHECKING:
    from topicml.classifier import FittedClassifier
    from topicml.vectorizer import Vectorizer


@dataclass(frozen=True, slots=True)
class Evidence:
    """A known term of a text, and what it added to a label's score.

    Parameters
    ----------
    term : str
        As the model writes it: words in small letters with a blank between them; of a piece of a word,
        dots stand where the word goes on.
    contribution : float
        The term's weight in the text times the label's coefficient, all its occurrences together;
        negative if it spoke against the label.
    spans : tuple of (int, int)
        Where it stands, in characters of the explanation's text, end exclusive.
    """

    term: str
    contribution: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A label's score of one text, taken apart.

    ``print`` it for the terms; a notebook shows the text with its words marked.

    Parameters
    ----------
    text : str
        What was explained: of an article its `Article.full_text`. All spans refer to it.
    label : str
    probability : float
        What the model makes of the score; calibrated, as `Prediction.probabilities` is.
    score : float
        The label's value of ``decision_function``: the intercept and all contributions together.
    intercept : float
        What every text starts from.
    evidence : tuple of Evidence
        Every known term of the text, what spoke most for the label first, what spoke most against it last.
    top : int, default=10
        How many terms `supporting` and `opposing` name at most.
    reason : str, optional
        Why the model does not answer the text, as in `Prediction.reason`; None if it does.
    """

    text: str
    label: str
    probability: float
    score: float
    intercept: float
    evidence: tuple[Evidence, ...]
    top: int = 10
    reason: AbstentionReason | None = None

    @property
    def supporting(self) -> tuple[Evidence, ...]:
        """The terms that spoke most for the label, the strongest first."""
        return tuple(found for found in self.evidence[: self.top] if found.contribution > 0)

    @property
    def opposing(self) -> tuple[Evidence, ...]:
        """The terms that spoke most against the label, the strongest first."""
        return tuple(found for found in self.evidence[::-1][: self.top] if found.contribution < 0)

    @property
    def rest(self) -> float:
        """What the terms add together that neither `supporting` nor `opposing` names."""
        unnamed = self.evidence[len(self.supporting) : len(self.evidence) - len(self.opposing)]
        return float(sum(found.contribution for found in unnamed))

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as values that JSON can hold.

        Intercept, contributions and ``rest`` add up to the score.
        """
        return {
            "label": self.label,
            "probability": self.probability,
            "score": self.score,
            "intercept": self.intercept,
            "supporting": list(map(_as_dict, self.supporting)),
            "opposing": list(map(_as_dict, self.opposing)),
            "rest": self.rest,
            "reason": self.reason,
            "text": self.text,
        }

    def __str__(self) -> str:
        supporting, opposing = self.supporting, self.opposing
        n_rest = len(self.evidence) - len(supporting) - len(opposing)
        lines = [
            f"{escaped(self.label)}: probability {self.probability:.1%}, score {self.score:+.3f}",
            *([f"not answered, but left to a person: {self.reason}"] if self.reason else []),
            *(["for"] if supporting else []),
            *map(_line, supporting),
            *(["against"] if opposing else []),
            *map(_line, opposing),
            "and",
            f"  {self.intercept:+.3f}  intercept, which every text starts from",
            *([f"  {self.rest:+.3f}  other terms ({n_rest})"] if n_rest else []),
            *([] if self.evidence else ["no term of the text is known"]),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return explanation_html(self)


def explain(
    model: FittedClassifier, text: TextInput, label: str | None = None, *, top: int = 10
) -> Explanation:
    """Take a label's score of one text apart; see `FittedClassifier.explain`."""
    if not isinstance(text, str | Article):
        raise TopicmlTypeError(f"expected one text or Article to explain, found {type(text).__name__}")
    _check_count("top", top)
    column = None if label is None else _column(model, label)
    (read,) = as_texts(text)
    rows, _ = model.vectorizer.transform([read])
    scores = model.coefficients.scores(rows) + model.intercept  # the same sums as predictions are made of
    probabilities = model.calibration.apply(scores)[0]
    k = int(probabilities.argmax()) if column is None else column
    added = rows.data.astype(np.float64) * model.coefficients.rows(rows.indices)[:, k]
    return Explanation(
        text=text.full_text if isinstance(text, Article) else str.__str__(text),
        label=model.classes_[k],
        probability=float(probabilities[k]),
        score=float(scores[0, k]),
        intercept=float(model.intercept[k]),
        evidence=_evidence(model.vectorizer, read, rows.indices, added),
        top=top,
        reason=model.predict(text).reason,
    )


def top_terms(model: FittedClassifier, label: str, n: int = 20) -> tuple[tuple[str, float], ...]:
    """Name a label's most characteristic terms; see `FittedClassifier.top_terms`."""
    _check_count("n", n)
    weights = model.coefficients.column(_column(model, label))
    best = np.argsort(-weights, kind="stable")[:n].tolist()
    found = [(model.vectorizer.terms[term], float(weights[term])) for term in best if weights[term] > 0]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _evidence(
    vectorizer: Vectorizer, text: str, columns: NDArray[np.int32], added: NDArray[np.float64]
) -> tuple[Evidence, ...]:
    """Give each term of a text, named by its column, its string and its places."""
    tokens = tokenize([text], min_token_length=vectorizer.settings.min_token_length)
    places = locate_terms(tokens, vectorizer.index, vectorizer.settings)
    spans = source_map(text).spans(places.start, places.end)
    ends = places.column.searchsorted(columns, side="right").tolist()
    begins = places.column.searchsorted(columns).tolist()
    found = [
        Evidence(vectorizer.terms[column], contribution, tuple(spans[begin:end]))
        for column, contribution, begin, end in zip(
            columns.tolist(), added.tolist(), begins, ends, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda evidence: (-evidence.contribution, evidence.term)))


def _column(model: FittedClassifier, label: str) -> int:
    if label not in model.classes_:
        raise TopicmlValueError(
            f"the model does not know the label {label!r}; it knows {list(model.classes_)!r}"
        )
    return model.classes_.index(label)


def _check_count(name: str, count: int) -> None:
    if count < 1:
        raise TopicmlValueError(f"{name} must be 1 or more, found {count}")


def _as_dict(found: Evidence) -> dict[str, Any]:
    return {
        "term": found.term,
        "contribution": found.contribution,
        "spans": [list(span) for span in found.spans],
    }


def _line(found: Evidence) -> str:
    times = f"  ({len(found.spans)} times)" if len(found.spans) > 1 else ""
    return f"  {found.contribution:+.3f}  {escaped(found.term)}{times}"
