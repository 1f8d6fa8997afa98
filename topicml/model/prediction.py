"""The value that answers a prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from topicml.exceptions import TopicmlValueError
from topicml.formatting import listed

AbstentionReason = Literal["no_known_terms", "unusual_language", "low_confidence"]

_SHOWN = 3  # probabilities that a representation names: a model may have hundreds of labels


@dataclass(frozen=True, slots=True, repr=False)
class Prediction:
    """What the model says of one article, and whether it says anything.

    A value: it can be compared, hashed, pickled, and turned into JSON by `to_dict`.

    Parameters
    ----------
    label : str or None
        The most probable of `labels`; of equals, the first by name. None when the model abstains, or
        when a multilabel model finds that no label applies; `abstained` tells the two apart.
    labels : tuple of str
        All assigned labels, the most probable first. One, for a multiclass model that answers.
    probability : float
        Of `label`; of the most probable label where that is None.
    abstained : bool
        Whether a person should decide.
    reason : str or None
        Why: ``"no_known_terms"`` (`known_terms` is 0),
        ``"unusual_language"`` (of the text's words fewer stand in the training articles than in any
        ordinary text of that length: it is of another language, or noise) or ``"low_confidence"``.
    known_terms : float
        Share of the text's terms (its words and the pairs of neighbours) that the model knows, from 0
        to 1. Pieces of words count only where a model has nothing else: nearly every text has some that
        are known. They may move the probabilities of a text without any known word.
    classes : tuple of str
        The labels of the model, sorted.
    class_probabilities : tuple of float
        One for each of `classes`. They sum to 1 for a multiclass model; each stands for itself for a
        multilabel one.

    Examples
    --------
    >>> prediction = Prediction("sport", ("sport",), 0.8, False, None, 1.0, ("art", "sport"), (0.2, 0.8))
    >>> prediction
    Prediction(label='sport', probabilities={'sport': 0.8, 'art': 0.2})
    >>> prediction.probabilities
    {'sport': 0.8, 'art': 0.2}
    """

    label: str | None
    labels: tuple[str, ...]
    probability: float
    abstained: bool
    reason: AbstentionReason | None
    known_terms: float
    classes: tuple[str, ...]
    class_probabilities: tuple[float, ...]

    @property
    def probabilities(self) -> dict[str, float]:
        """Every label's probability, the most probable first."""
        ranked = sorted(
            zip(self.class_probabilities, self.classes, strict=True), key=lambda pair: (-pair[0], pair[1])
        )
        return {label: probability for probability, label in ranked}

    def __repr__(self) -> str:
        labels = f"labels={self.labels!r}" if len(self.labels) > 1 else f"label={self.label!r}"
        reason = f", reason={self.reason!r}" if self.reason else ""
        pairs = (f"{label!r}: {probability:.3g}" for label, probability in self.probabilities.items())
        return f"Prediction({labels}{reason}, probabilities={{{listed(pairs, _SHOWN, more=', ...')}}})"

    def to_dict(self, *, top_k: int | None = None) -> dict[str, Any]:
        """Return the prediction as values that JSON can hold.

        Parameters
        ----------
        top_k : int, optional
            How many probabilities to give; by default all.

        Raises
        ------
        TopicmlValueError
            If `top_k` is no whole number of 1 or more. One above the number of labels gives them all.
        """
        check_top_k(top_k)
        return {
            "label": self.label,
            "labels": list(self.labels),
            "probability": self.probability,
            "probabilities": [[label, p] for label, p in list(self.probabilities.items())[:top_k]],
            "abstained": self.abstained,
            "reason": self.reason,
            "known_terms": self.known_terms,
        }


def check_top_k(top_k: int | None) -> None:
    """Refuse a number of answers that gives none, or that a list cannot be cut by.

    >>> check_top_k(2.5)
    Traceback (most recent call last):
    topicml.exceptions.TopicmlValueError: top_k must be a whole number of 1 or more, found 2.5
    """
    if top_k is not None and (not hasattr(top_k, "__index__") or isinstance(top_k, bool) or top_k < 1):
        raise TopicmlValueError(f"top_k must be a whole number of 1 or more, found {top_k!r}")
