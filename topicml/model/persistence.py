"""Save a classifier to a folder, and load it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import ModelFormatError
from topicml.files import as_path, shown_path
from topicml.formatting import escaped
from topicml.model.calibration import Calibration
from topicml.model.classifier import FittedClassifier
from topicml.model.familiarity import Familiarity
from topicml.model.feature_settings import FeatureSettings
from topicml.model.folder import (
    MODEL_JSON,
    OPTIONAL_DTYPES,
    WRONG_VALUES,
    StoredArray,
    array_dtypes,
    check_writable,
    folder_size,
    read_array,
    read_content,
    saving_to,
    stored_fingerprint,
    write_folder,
)
from topicml.model.sparse import CoefDtype, Coefficients
from topicml.model.vectorizer import TermStrings, Vectorizer

if TYPE_CHECKING:
    from topicml.model.reference import Reference

FORMAT_VERSION = 3

_GOLDEN_LABELS = 5
_IDENTIFIED = 3  # the first version that holds the fingerprint and examples of probabilities
_CLOSE = 1e-6
_LARGEST = 1e9  # of what training finds; products of several such numbers are still finite
_SECTIONS = {  # those that decide scores and probabilities, and their entries
    "features": {setting.name for setting in fields(FeatureSettings)},
    "calibration": {"slope", "offset", "power"},
}


def load_classifier(folder: str | Path, *, verify: bool = False, name: str = "") -> FittedClassifier:
    """Read a model from a folder; its arrays are mapped, not copied, so that processes share them.

    Parameters
    ----------
    folder : str or Path
    verify : bool, default=False
        Also compare the fingerprint with the content, and predict the examples stored in the model.
    name : str, default=""
        What the model is called when it is shown.

    Raises
    ------
    ModelFormatError
        If something is missing, damaged or unknown; the message names the file.
    """
    path = as_path(folder)
    if not path.is_dir():
        found = "a file" if path.exists() else "nothing"
        raise ModelFormatError(
            f"no model at {shown_path(path)}: expected a folder with a model.json, found {found} there"
        )
    while True:
        content = read_content(path, newest=FORMAT_VERSION)
        try:
            return _loaded(path, content, name, verify=verify)
        except ModelFormatError as error:
            # Somebody may have saved another model in between, and removed the arrays of this one; or another
            # and then this one again, whose array is now back.
            same = content == read_content(path, newest=FORMAT_VERSION)
            missing = error.__cause__.filename if isinstance(error.__cause__, FileNotFoundError) else None
            if same and not (missing and Path(missing).exists()):
                raise


def _loaded(path: Path, content: Mapping[str, Any], name: str, *, verify: bool) -> FittedClassifier:
    with _naming(path / MODEL_JSON):
        _check_known(path / MODEL_JSON, content)
        arrays = {
            array: read_array(path, array, dtype, content["arrays"][array])
            for array, dtype in _array_dtypes(content).items()
        }
        fingerprints = _left_on_disk(path, "fingerprints", content["arrays"])
        classifier = replace(
            _assembled(content, arrays),
            familiarity=_familiarity(path, content),
            reference=_reference(content),
            fingerprints=fingerprints,
            name=name,
        )
        if content["format_version"] >= _IDENTIFIED:
            _require(isinstance(content["fingerprint"], str), "fingerprint")
            vars(classifier)["fingerprint"] = content["fingerprint"]  # which need not be worked out again
        if verify:
            np.asarray(fingerprints)
            _verify(classifier, content, path / MODEL_JSON)
    return classifier


def _array_dtypes(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the type of each array of a model; version 1 knew float32 alone, and offsets of terms."""
    if content["format_version"] > 1:
        return array_dtypes(content["coef_dtype"])
    dtypes = array_dtypes("float32")
    del dtypes["term_lengths"]
    return {**dtypes, "term_offsets": "<i8"}


def _left_on_disk(path: Path, name: str, entries: Mapping[str, Any]) -> StoredArray | None:
    """Describe an optional array that is read when somebody asks for it."""
    if name not in entries:
        return None
    entry = entries[name]
    _require(isinstance(entry, dict) and {"file", "shape", "sha256"} <= set(entry), name)
    _require(isinstance(entry["file"], str), name)
    return StoredArray(path, name, OPTIONAL_DTYPES[name], entry)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn any error that a wrong shape of the JSON causes into one that names the file."""
    try:
        yield
    except ModelFormatError:
        raise
    except WRONG_VALUES as error:
        raise ModelFormatError(
            f"{path}: an entry is missing or wrong ({type(error).__name__}: {error})"
        ) from error


def _check_known(path: Path, content: Mapping[str, Any]) -> None:
    """Refuse entries of a later topicml in the sections that decide scores: without them, scores are wrong.

    Unknown entries and sections elsewhere are passed over.
    """
    for section, known in _SECTIONS.items():
        for name in sorted(set(content[section]) - known):
            raise ModelFormatError(
                f"{path}: the model's {section} use {escaped(name)!r}, which this topicml does not know; "
                "update topicml, or train the model again"
            )


def _assembled(content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> FittedClassifier:
    classes = content["classes"]
    n_terms, n_classes = len(arrays["hashes"]), len(classes)
    _require(classes == sorted(set(classes)) and all(isinstance(label, str) for label in classes), "classes")
    _require(bool(classes), "classes: no label")
    _require(content["target_type"] in ("multiclass", "multilabel"), "target_type")
    _check_arrays(arrays, n_terms, n_classes)
    return FittedClassifier(
        classes_=tuple(classes),
        target_type=content["target_type"],
        vectorizer=Vectorizer(
            _feature_settings(content["features"]),
            arrays["hashes"],
            arrays["idf"],
            _term_strings(arrays, n_terms),
        ),
        coefficients=_coefficients(arrays, n_terms),
        intercept=_row(content["intercept"], n_classes),
        calibration=_calibration(content, n_classes),
        thresholds=_row(content["thresholds"], n_classes),
        min_confidence=float(_row([content["min_confidence"]], 1)[0]),
        min_label_confidence=_by_label(content.get("min_label_confidence", {}), classes),
        provenance=dict(content["provenance"]),
    )


def _check_arrays(arrays: Mapping[str, NDArray[Any]], n_terms: int, n_classes: int) -> None:
    hashes, idf = arrays["hashes"], arrays["idf"]
    _require(hashes.ndim == 1, "shape of hashes")
    _require(arrays["term_blob"].ndim == 1, "shape of term_blob")
    _require(arrays["coef"].shape == (n_terms, n_classes), "shape of coef")
    _require(idf.shape == (n_terms,), "shape of idf")
    _require(bool((hashes[1:] > hashes[:-1]).all()), "hashes, which must ascend")
    _require(bool((idf > 0).all() and np.isfinite(idf).all()), "numbers in idf")


def _term_strings(arrays: Mapping[str, NDArray[Any]], n_terms: int) -> TermStrings:
    blob = arrays["term_blob"]
    if "term_lengths" in arrays:
        lengths = arrays["term_lengths"]
        _require(
            lengths.shape == (n_terms,) and int(lengths.sum(dtype=np.int64)) == len(blob), "term_lengths"
        )
        return TermStrings(blob, lengths)
    offsets = arrays["term_offsets"]
    _require(offsets.shape == (n_terms + 1,) and offsets[0] == 0 and offsets[-1] == len(blob), "term_offsets")
    lengths = np.diff(offsets)
    _require(bool(((lengths >= 0) & (lengths < 1 << 16)).all()), "term_offsets")
    return TermStrings(blob, lengths.astype(np.uint16))


def _coefficients(arrays: Mapping[str, NDArray[Any]], n_terms: int) -> Coefficients:
    values, scale = arrays["coef"], arrays.get("coef_scale")
    if scale is None:
        _require(bool(np.isfinite(values).all()), "numbers in coef: not finite")
        return Coefficients(values)
    _require(scale.shape == (n_terms,), "shape of coef_scale")
    highest = float(np.finfo(np.float32).max) / -np.iinfo(values.dtype).min
    _require(bool(((scale >= 0) & (scale <= highest)).all()), "numbers in coef_scale")
    return Coefficients(values, scale)


def _feature_settings(features: Mapping[str, Any]) -> FeatureSettings:
    """Read the settings of features; version 1 knew words alone, and titles that count once."""
    lengths = {name: features.get(name, 1) for name in ("title_weight", "min_token_length")}
    flags = {"sublinear_tf": features["sublinear_tf"], "fold_dotted_i": features.get("fold_dotted_i", False)}
    _require(all(type(flag) is bool for flag in flags.values()), "sublinear_tf or fold_dotted_i")
    return FeatureSettings(
        ngram_range=_range(features, "ngram_range"),
        char_ngram_range=_range(features, "char_ngram_range"),
        **flags,
        **lengths,
    )


def _familiarity(path: Path, content: Mapping[str, Any]) -> Familiarity | None:
    """Read which words are familiar; a model need not say it, and older readers pass it over."""
    if "familiarity" not in content:
        return None
    from topicml.model.familiarity import Familiarity, WordSet  # noqa: PLC0415  (not every model needs it)

    name = "familiar_words"
    bits = read_array(path, name, OPTIONAL_DTYPES[name], content["arrays"][name])
    _require(bits.ndim == 1 and len(bits).bit_count() == 1, "size of familiar_words: no power of two")
    steps = content["familiarity"]
    n_words, least_known = np.array(steps["n_words"]), np.array(steps["least_known"], np.float64)
    _require(n_words.dtype == np.int64 and n_words.shape == least_known.shape == (len(n_words),), "n_words")
    _require(len(n_words) > 0 and bool((np.diff(n_words) > 0).all()), "n_words, which must ascend")
    _require(bool(((least_known >= 0) & (least_known <= 1)).all()), "least_known")
    return Familiarity(WordSet(bits), n_words, least_known, **_shares_of_words(steps))


def _shares_of_words(steps: Mapping[str, Any]) -> dict[str, float]:
    shares = {name: steps[name] for name in ("unknown_share", "rare_share") if name in steps}
    _require(all(type(share) is float and 0 <= share <= 1 for share in shares.values()), "shares of words")
    return shares


def _reference(content: Mapping[str, Any]) -> Reference | None:
    """Read what new articles are compared with; a model need not have it, and older readers pass it over."""
    if "reference" not in content:
        return None
    from topicml.model.reference import Reference  # noqa: PLC0415  (prediction does without)

    return Reference.read(content["reference"], len(content["classes"]))


def _calibration(content: Mapping[str, Any], n_classes: int) -> Calibration:
    """Read a calibration, which had no power in version 1."""
    stored, multilabel = content["calibration"], content["target_type"] == "multilabel"
    slope, offset = _row(stored["slope"], n_classes), _row(stored["offset"], n_classes)
    power = stored.get("power")
    if power is None:
        return Calibration(slope, offset, multilabel)
    _require(isinstance(power, int | float) and 0 < power <= _LARGEST, "power of the calibration")
    return Calibration(slope, offset, multilabel, float(power))


def _range(features: Mapping[str, Any], name: str) -> tuple[int, int] | None:
    bounds = features.get(name)
    if bounds is None:
        return None
    _require(len(bounds) == 2 and all(type(n) is int for n in bounds), name)
    low, high = bounds
    return low, high


def _require(met: bool, entry: str) -> None:  # noqa: FBT001  (reads as "require this of that")
    if not met:
        raise ValueError(f"unexpected {entry}")


def _row(values: list[float], n_classes: int) -> NDArray[np.float64]:
    row = np.array(values, np.float64)
    _require(row.shape == (n_classes,), "number of values for each label")
    _require(
        bool((np.abs(row) <= _LARGEST).all()), f"values for a label: not from -{_LARGEST:g} to {_LARGEST:g}"
    )
    return row


def _by_label(values: Mapping[str, float], classes: list[str]) -> dict[str, float]:
    """Read values of single labels, which version 1 did not always have."""
    _require(set(values) <= set(classes), "label in min_label_confidence")
    row = _row(list(values.values()), len(values))
    return dict(zip(values, row.tolist(), strict=True))


def _verify(classifier: FittedClassifier, content: Mapping[str, Any], path: Path) -> None:
    """Make sure that the model is the one that was saved, and still answers as it did."""
    golden = content["golden"]
    texts = [example["text"] for example in golden]
    scores = classifier.decision_function(texts)
    found = {"scores": scores}
    if content["format_version"] >= _IDENTIFIED:
        _require(content["fingerprint"] == stored_fingerprint(content), "fingerprint: not of this content")
        found["probabilities"] = classifier.calibration.apply(scores)
    for name, rows in found.items():
        expected = np.array([example[name] for example in golden])
        if rows.shape != expected.shape or not np.allclose(rows, expected, rtol=_CLOSE, atol=_CLOSE):
            raise _other(name, path)
    given = [list(prediction.labels) for prediction in classifier.predict(texts)]
    expected_labels = [example.get("labels") for example in golden]  # which older models do not say
    if any(expected is not None for expected in expected_labels) and given != expected_labels:
        raise _other("labels", path)


def _other(name: str, path: Path) -> ModelFormatError:
    return ModelFormatError(
        f"{path}: the model's {name} of its own examples are not those it was saved with; train it again"
    )


def save_classifier(classifier: FittedClassifier, folder: str | Path, *, card: str = "") -> None:
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
    check_writable(folder)
    with saving_to(as_path(folder)):
        write_classifier(classifier, folder, card=card)


def write_classifier(classifier: FittedClassifier, folder: str | Path, *, card: str) -> None:
    """Do the same for a caller that has the folder to itself, by `topicml.model.folder.saving_to`."""
    write_folder(as_path(folder), _content(classifier), classifier.arrays(), card=card)


def saved_size(classifier: FittedClassifier, *, card: str = "") -> int:
    """Return how many bytes `save_classifier` would write."""
    return folder_size(_content(classifier), classifier.arrays(), card=card)


def bytes_per_term(n_classes: int, coef_dtype: CoefDtype) -> int:
    """Return the bytes that a term takes in a saved model, besides its own letters.

    >>> bytes_per_term(20, "int8"), bytes_per_term(20, "float32")
    (38, 94)
    """
    dtypes = array_dtypes(coef_dtype)
    sizes = {name: np.dtype(dtype).itemsize for name, dtype in dtypes.items() if name != "term_blob"}
    return sum(sizes.values()) + (n_classes - 1) * sizes["coef"]


def _golden(classifier: FittedClassifier) -> list[dict[str, Any]]:
    """Make up examples for the model: its strongest terms, and nothing of its data's prose."""
    texts = [""]
    for k in range(min(len(classifier.classes_), _GOLDEN_LABELS)):
        strongest = np.argsort(-classifier.coefficients.column(k), kind="stable")[:5]
        texts.append(" ".join(classifier.vectorizer.terms[int(column)] for column in strongest))
    scores = classifier.decision_function(texts)
    probabilities = classifier.calibration.apply(scores)
    predictions = classifier.predict(texts)
    return [
        {"text": text, "scores": row, "probabilities": chances, "labels": list(prediction.labels)}
        for text, row, chances, prediction in zip(
            texts, scores.tolist(), probabilities.tolist(), predictions, strict=True
        )
    ]


def _content(classifier: FittedClassifier) -> dict[str, Any]:
    return {
        "format": "topicml",
        "format_version": FORMAT_VERSION,
        "golden": _golden(classifier),
        **classifier.content(),
    }
