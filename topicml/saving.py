"""A classifier into a folder, the same one into the same bytes, on every machine and at every hour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.classifier import FittedClassifier
from topicml.familiarity import Familiarity
from topicml.model_folder import folder_size, write_folder
from topicml.persistence import FORMAT_VERSION, OPTIONAL_DTYPES, array_dtypes
from topicml.sparse_rows import CoefDtype

_GOLDEN_LABELS = 5


def save_model(classifier: FittedClassifier, folder: str | Path, *, card: str = "") -> None:
    """Write a model into a folder, in place of the model that may be there.

    Parameters
    ----------
    classifier : FittedClassifier
    folder : str or Path
        Made if it is not there. Must be empty or hold a model.
    card : str, optional
        Text of ``MODEL_CARD.md``, which is for people and never read back.

    Raises
    ------
    TopicmlError
        If the folder cannot be written, or holds other things. The model that was there is left as
        it was.
    """
    write_folder(folder, _content(classifier), _arrays(classifier), card=card)


def saved_size(classifier: FittedClassifier, *, card: str = "") -> int:
    """Return how many bytes `save_model` would write."""
    return folder_size(_content(classifier), _arrays(classifier), card=card)


def bytes_per_term(n_classes: int, coef_dtype: CoefDtype) -> int:
    """Return what a term takes in a saved model, besides the letters that it is written with.

    >>> bytes_per_term(20, "int8"), bytes_per_term(20, "float32")
    (38, 94)
    """
    dtypes = array_dtypes(FORMAT_VERSION, coef_dtype)
    sizes = {name: np.dtype(dtype).itemsize for name, dtype in dtypes.items() if name != "term_blob"}
    return sum(sizes.values()) + (n_classes - 1) * sizes["coef"]


def _arrays(classifier: FittedClassifier) -> dict[str, NDArray[Any]]:
    vectorizer, coefficients = classifier.vectorizer, classifier.coefficients
    familiarity, fingerprints = classifier.familiarity, classifier.fingerprints
    arrays = {
        "hashes": vectorizer.hashes,
        "idf": vectorizer.idf,
        "coef": coefficients.values,
        "coef_scale": coefficients.scale,
        "term_lengths": vectorizer.terms.lengths,
        "term_blob": vectorizer.terms.blob,
        "familiar_words": familiarity and familiarity.words.bits,
        "fingerprints": None if fingerprints is None else np.asarray(fingerprints),
    }
    dtypes = {**array_dtypes(FORMAT_VERSION, coefficients.dtype), **OPTIONAL_DTYPES}
    return {
        name: np.asarray(arrays[name], np.dtype(dtype))
        for name, dtype in dtypes.items()
        if arrays[name] is not None
    }


def _golden_texts(classifier: FittedClassifier) -> list[str]:
    """Make up texts whose scores go into the model: strongest terms, and nothing of its data's prose."""
    texts = [""]
    for k in range(min(len(classifier.classes_), _GOLDEN_LABELS)):
        strongest = np.argsort(-classifier.coefficients.column(k), kind="stable")[:5]
        texts.append(" ".join(classifier.vectorizer.terms[int(column)] for column in strongest))
    return texts


def _content(classifier: FittedClassifier) -> dict[str, Any]:
    settings = classifier.vectorizer.settings
    texts = _golden_texts(classifier)
    scores = classifier.decision_function(texts)
    return {
        "format": "topicml",
        "format_version": FORMAT_VERSION,
        "coef_dtype": classifier.coefficients.dtype,
        "classes": list(classifier.classes_),
        "target_type": classifier.target_type,
        "features": {
            "ngram_range": _listed(settings.ngram_range),
            "char_ngram_range": _listed(settings.char_ngram_range),
            "title_weight": settings.title_weight,
            "min_token_length": settings.min_token_length,
            "sublinear_tf": settings.sublinear_tf,
        },
        "intercept": classifier.intercept.tolist(),
        "calibration": {
            "slope": classifier.calibration.slope.tolist(),
            "offset": classifier.calibration.offset.tolist(),
            "power": classifier.calibration.power,
        },
        "thresholds": classifier.thresholds.tolist(),
        "min_confidence": classifier.min_confidence,
        "min_label_confidence": dict(classifier.min_label_confidence),
        **_familiarity_content(classifier.familiarity),
        "golden": [{"text": text, "scores": row.tolist()} for text, row in zip(texts, scores, strict=True)],
        "provenance": classifier.provenance,
    }


def _familiarity_content(familiarity: Familiarity | None) -> dict[str, Any]:
    if familiarity is None:
        return {}
    steps = {"n_words": familiarity.n_words.tolist(), "least_known": familiarity.least_known.tolist()}
    return {"familiarity": steps}


def _listed(bounds: tuple[int, int] | None) -> list[int] | None:
    return None if bounds is None else list(bounds)
