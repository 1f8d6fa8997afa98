"""The answer of a model for one article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Literal

from topicml.exceptions import TopicmlValueError
from topicml.formatting import listed, percent

AbstentionReason = Literal["no_known_terms", "unusual_language", "low_confidence"]
Reason = AbstentionReason | Literal["no_label_reached"]

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "no_known_terms": "no word of this text is known to the model",
        "unusual_language": "too few of its words are known to the model",
        "low_confidence": "the model is not sure enough",
        "no_label_reached": "no label is probable enough",
    }
)
"""Why an article is for a person to review, in words; keys are the values of `Prediction.reason`."""

_SHOWN = 3  # probabilities that a representation names: a model may have hundreds of labels
_LISTED = 10  # those in a notebook


@dataclass(frozen=True, slots=True, repr=False)
class Prediction:
    """The sections that a model gives one article, or why a person should review it.

    A value: it can be compared, hashed, pickled, and turned into JSON by `to_dict`.

    Parameters
    ----------
    label : str or None
        The most probable of `labels`; if several are equal, the first by name. None without labels.
    labels : tuple of str
        All assigned labels, the most probable first. Empty if the model abstains, or if no label of a
        multilabel model is probable enough.
    probability : float
        Probability of `label`, or of the most probable label where that is None.
    abstained : bool
        Whether the model leaves the article to a person.
    reason : str or None
        Why a person should review the article. The model abstains because of ``"no_known_terms"``
        (`known_terms` is 0), ``"unusual_language"`` (fewer words of the text are in the training articles
        than in any ordinary text of that length: another language, or noise) or ``"low_confidence"``. It
        gives no label, but does not abstain, where there is ``"no_label_reached"``: no label of a
        multilabel model reached its threshold. `topicml.model.prediction.REASONS` has these in words.
    known_terms : float
        Share of the text's terms (its words and the pairs of neighbours) that the model knows, from 0
        to 1. Pieces of words count only where a model has nothing else: nearly every text has some that
        are known. They may move the probabilities of a text without any known word.
    classes : tuple of str
        The labels of the model, sorted.
    class_probabilities : tuple of float
        One for each of `classes`. They sum to 1 for a multiclass model; in a multilabel one, each label has
        a probability of its own.
    fingerprint : str
        Twelve hexadecimal digits: which model answered, see `FittedClassifier.fingerprint`.

    Examples
    --------
    >>> prediction = Prediction(
    ...     "sport", ("sport",), 0.8, False, None, 1.0, ("art", "sport"), (0.2, 0.8), "0123456789ab"
    ... )
    >>> prediction
    Prediction(label='sport', probabilities={'sport': 0.8, 'art': 0.2})
    >>> prediction.probabilities
    {'sport': 0.8, 'art': 0.2}
    >>> prediction.needs_review
    False
    """

    label: str | None
    labels: tuple[str, ...]
    probability: float
    abstained: bool
    reason: Reason | None
    known_terms: float
    classes: tuple[str, ...]
    class_probabilities: tuple[float, ...]
    fingerprint: str

    @property
    def needs_review(self) -> bool:
        """Whether a person should review the article: the model abstained, or gave no label."""
        return self.reason is not None

    @property
    def probabilities(self) -> dict[str, float]:
        """Every label's probability, the most probable first."""
        return dict(self.ranked())

    def ranked(self, top_k: int | None = None) -> list[tuple[str, float]]:
        """Return the most probable labels with their probabilities, the most probable first.

        Parameters
        ----------
        top_k : int, optional
            How many to return; by default all.
        """
        pairs = zip(self.classes, self.class_probabilities, strict=True)
        # A stable sort: equal probabilities stay in the order of `classes`, which is that of their names.
        return sorted(pairs, key=itemgetter(1), reverse=True)[:top_k]

    def __repr__(self) -> str:
        labels = f"labels={self.labels!r}" if len(self.labels) > 1 else f"label={self.label!r}"
        reason = f", reason={self.reason!r}" if self.reason else ""
        pairs = (f"{label!r}: {probability:.3g}" for label, probability in self.probabilities.items())
        return f"Prediction({labels}{reason}, probabilities={{{listed(pairs, _SHOWN, more=', ...')}}})"

    def _repr_html_(self) -> str:
        from topicml.displays.tables import html_view, table_of_rows  # noqa: PLC0415  (prediction needs none)

        told = ", ".join(self.labels) or "no label"
        reason = f"needs review: {REASONS[self.reason]}" if self.reason else "needs no review"
        rows = [{"label": label, "probability": percent(p)} for label, p in self.ranked(_LISTED)]
        return html_view([told, reason], table_of_rows("Probabilities", rows))

    def to_dict(self, *, top_k: int | None = None) -> dict[str, Any]:
        """Return the prediction as values that JSON can hold.

        Parameters
        ----------
        top_k : int, optional
            How many probabilities to give; by default all.

        Raises
        ------
        TopicmlValueError
            If `top_k` is not a whole number of 1 or more.
        """
        check_top_k(top_k)
        return {
            "label": self.label,
            "labels": list(self.labels),
            "probability": self.probability,
            "probabilities": [list(pair) for pair in self.ranked(top_k)],
            "abstained": self.abstained,
            "reason": self.reason,
            "known_terms": self.known_terms,
            "fingerprint": self.fingerprint,
        }


def check_top_k(top_k: int | None) -> None:
    """Refuse a number of probabilities that is not a whole number of 1 or more.

    >>> check_top_k(2.5)
    Traceback (most recent call last):
    topicml.exceptions.TopicmlValueError: top_k must be a whole number of 1 or more, found 2.5
    """
    if top_k is not None and (not hasattr(top_k, "__index__") or isinstance(top_k, bool) or top_k < 1):
        raise TopicmlValueError(f"top_k must be a whole number of 1 or more, found {top_k!r}")
