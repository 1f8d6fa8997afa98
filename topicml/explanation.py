"""Why a label: the terms of the text, each with what it added to the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topicml.classifier import FittedClassifier
from topicml.exceptions import TopicmlValueError
from topicml.inputs import TextInput, as_texts

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A label's score, taken apart.

    Parameters
    ----------
    label : str
    score : float
        The label's value of ``decision_function``: the intercept and all contributions together.
    intercept : float
    contributions : tuple of (str, float)
        Each known term of the text with what it added, the largest first; the last ones spoke
        against the label.
    """

    label: str
    score: float
    intercept: float
    contributions: tuple[tuple[str, float], ...]


def explain(model: FittedClassifier, text: TextInput, label: str) -> Explanation:
    """Take a label's score of one text apart.

    A linear model gives this exactly: the contribution of a term is its weight in the text times the
    label's coefficient.

    Parameters
    ----------
    model : FittedClassifier
    text : str or Article
    label : str

    Returns
    -------
    Explanation

    Raises
    ------
    TopicmlValueError
        If the model does not know the label.
    """
    if label not in model.classes_:
        raise TopicmlValueError(
            f"the model does not know the label {label!r}; it knows {list(model.classes_)!r}"
        )
    column = model.classes_.index(label)
    rows, _ = model.vectorizer.transform(as_texts(text))
    added = rows.data.astype(np.float64) * model.coef[rows.indices, column]
    order = np.argsort(-added, kind="stable")
    terms = model.vectorizer.terms
    return Explanation(
        label=label,
        score=float(added.sum() + model.intercept[column]),
        intercept=float(model.intercept[column]),
        contributions=tuple((terms[int(rows.indices[i])], float(added[i])) for i in order),
    )
