"""A model as ONNX."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import MissingExtraError, UnexportableError
from topicml.model.calibration import Calibration
from topicml.model.characters import ALONE, code_point_classes
from topicml.model.classifier import FittedClassifier
from topicml.model.feature_settings import FeatureSettings
from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.ngrams import PIECE_BIT
from topicml.model.tokens import MAX_TOKEN_LENGTH
from topicml.version import __version__

if TYPE_CHECKING:
    from onnx import ModelProto


ML = "ai.onnx.ml"
MICROSOFT = "com.microsoft"
_OPSETS = {"": 20, ML: 2, MICROSOFT: 1}
_IR_VERSION = 9  # that of ONNX 1.15, as the operators are: the newest would need the newest runtime
_MOST_FOREIGN = 0.1  # of a model's terms: with more of them, most texts would be read in another way
_BETWEEN_WORDS = r"[^\pL\pN\pM_]+"
_LONG_RUN = rf"[0-9A-Za-z_]{{{MAX_TOKEN_LENGTH + 1},}}"
_SEPARATORS = "\xa0¡§«©®°¶·»¿‐‑‒–—―‘’‚‛“”„‟†‡•…‹›€£¥"
"""Characters beyond ASCII that news holds and that do nothing but separate words."""

_BLANK = " "  # stands for a word's bound in a piece
_GOES_ON = "…"
_BOUND, _OTHER, _FIRST_LETTER = 0, 1, 2  # numbers of characters; other ones are in no piece
_FLOAT = 1  # TensorProto.FLOAT
_LEAST = 1e-30  # a norm to divide by where there is none


def to_onnx(model: ModelInput) -> ModelProto:
    """Return a model as an ONNX graph from texts to labels, probabilities and scores.

    Its input is ``text``: strings of shape (n_texts,), at least one. A title comes before its text, on a
    line of its own. Its outputs are

    - ``label``: of a multiclass model, strings of shape (n_texts,), the most probable label; or
      ``labels``: of a multilabel one, bool of shape (n_texts, n_classes), which are assigned;
    - ``probabilities`` and ``scores``: float32 of shape (n_texts, n_classes);
    - ``abstained``: bool of shape (n_texts,), whether topicml would leave the text to a person; the graph
      cannot detect the reason ``"unusual_language"``;
    - ``exact``: bool of shape (n_texts,), false for a text with letters, digits or rare symbols beyond
      ASCII: topicml normalises these in ways that the graph cannot.

    The names of the columns are in the metadata, as a JSON list under ``classes``. Between text and
    scores a row has a number for each term of the model, known or not, so a few hundred texts at once
    are enough.

    Parameters
    ----------
    model : FittedClassifier
        The model to export.

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    UnexportableError
        If the model's settings or its language cannot be expressed in ONNX; the message names them.
    MissingExtraError
        If onnx is not installed.
    """
    model = as_classifier(model)
    settings = model.vectorizer.settings
    _check_settings(settings)
    words, pieces = _terms_by_kind(model)
    onnx = onnx_library()
    graph = Graph(onnx)
    blank = graph.strings(_BLANK)
    bounded = graph.add("StringConcat", graph.add("StringConcat", blank, "text"), blank)
    # This locale is on every machine, and folds A to Z; others are missing on most servers.
    lowered = graph.add("StringNormalizer", bounded, case_change_action="LOWER", locale="C")
    kinds = [_word_scores(graph, lowered, words, settings)] if words else []
    kinds += [_piece_scores(graph, lowered, pieces, settings)] if pieces else []
    scores = _add_up(graph, kinds, model.intercept)
    _decide(graph, model, scores, kinds[0].norm)
    graph.add("RegexFullMatch", "text", name="exact", pattern=rf"(?s)[\x00-\x7f{_SEPARATORS}]*")
    made = graph.finished({"text": ("STRING", ["n_texts"])}, _outputs(model))
    properties = {"classes": json.dumps(model.classes_), "target_type": model.target_type}
    onnx.helper.set_model_props(made, properties)
    return made


@dataclass(frozen=True, eq=False, slots=True)
class _Terms:
    """The terms of one kind, made of words, or of characters with a blank for a word's bound."""

    grams: list[tuple[str, ...]]
    idf: NDArray[np.float32]
    coef: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _KindScores:
    """What the terms of one kind give, by the names of the values.

    Scores, shape (n_texts, n_classes), are of rows that are not yet of unit length; norms, shape (n_texts,
    1), are their lengths.
    """

    scores: str
    norm: str


def _check_settings(settings: FeatureSettings) -> None:
    """Refuse what the operators cannot do."""
    if settings.title_weight > 1:
        raise UnexportableError(
            f"title_weight is {settings.title_weight}, and an ONNX graph takes title and text as one: "
            "train with title_weight=1, or export to sklearn"
        )
    shortest = min(settings.char_orders, default=settings.min_token_length + 1)
    if 1 < settings.min_token_length >= shortest:
        raise UnexportableError(
            f"min_token_length is {settings.min_token_length} and char_ngram_range begins with {shortest}: "
            "an ONNX graph cannot skip the pieces of words that are too short. Train with "
            "min_token_length=1 or longer pieces, or export to sklearn"
        )


def _terms_by_kind(model: FittedClassifier) -> tuple[_Terms | None, _Terms | None]:
    """Return the terms that are words and those that are pieces, None for a kind that there is not."""
    vectorizer, settings = model.vectorizer, model.vectorizer.settings
    if len(vectorizer.terms) != len(vectorizer):
        raise UnexportableError(
            "the model does not store the spelling of its terms, which an ONNX graph needs: export to "
            "sklearn, or retrain the model"
        )
    written = [vectorizer.terms[term] for term in range(len(vectorizer))]
    _check_language(written)
    piece = (vectorizer.hashes & PIECE_BIT).astype(bool) & bool(settings.char_orders) | (not settings.orders)
    found = np.array([not _stands_alone(term) for term in written], bool)
    words, pieces = (np.flatnonzero(found & of_kind) for of_kind in (~piece, piece))
    return (
        _terms(model, words, [tuple(written[k].split(_BLANK)) for k in words]) if settings.orders else None,
        _terms(model, pieces, [_characters(written[k]) for k in pieces]) if settings.char_orders else None,
    )


def _check_language(written: Sequence[str]) -> None:
    foreign = [term for term in written if not term.replace(_GOES_ON, "").isascii()]
    if len(foreign) > _MOST_FOREIGN * len(written):
        raise UnexportableError(
            f"{len(foreign):,} of the model's {len(written):,} terms have letters beyond ASCII, such as "
            f"{foreign[0]!r}, and an ONNX graph cannot normalise those as topicml does, nor find words where "
            f"there are no spaces: it allows {_MOST_FOREIGN:.0%} of them at most. Export to sklearn"
        )


def _stands_alone(term: str) -> bool:
    """Return whether a term has characters of a script without spaces, which the graph does not split."""
    return not term.isascii() and bool((code_point_classes()[[ord(c) for c in term]] >= ALONE).any())


def _characters(piece: str) -> tuple[str, ...]:
    """Return the characters of a piece of a word.

    >>> _characters("rai…"), _characters("…ai…")
    ((' ', 'r', 'a', 'i'), ('a', 'i'))
    """
    first = () if piece.startswith(_GOES_ON) else (_BLANK,)
    last = () if piece.endswith(_GOES_ON) else (_BLANK,)
    return (*first, *piece.strip(_GOES_ON), *last)


def _terms(model: FittedClassifier, columns: NDArray[np.int64], grams: list[tuple[str, ...]]) -> _Terms:
    if not grams:
        raise UnexportableError(
            "the model has no words, or no pieces of words, but its settings ask for both: export to sklearn"
        )
    order = sorted(range(len(grams)), key=lambda k: (len(grams[k]), grams[k]))
    place = columns[order]
    coef = np.asarray(model.coef, np.float32)[place]
    return _Terms([grams[k] for k in order], np.asarray(model.vectorizer.idf, np.float32)[place], coef)


def _word_scores(graph: Graph, text: str, terms: _Terms, settings: FeatureSettings) -> _KindScores:
    tokens = graph.add(
        "Tokenizer",
        text,
        domain=MICROSOFT,
        mark=0,
        pad_value="",
        separators=[_LONG_RUN, _BETWEEN_WORDS],  # one after the other: neighbours of a long run are a bigram
        mincharnum=settings.min_token_length,
    )
    pool = [word for gram in terms.grams for word in gram]
    return _kind_scores(graph, _counts(graph, tokens, terms, pool_strings=pool), terms, settings)


def _piece_scores(graph: Graph, text: str, terms: _Terms, settings: FeatureSettings) -> _KindScores:
    """Count n-grams of characters: what separates words is the bound, which no piece holds in its middle."""
    letters = sorted({character for gram in terms.grams for character in gram} - {_BLANK})
    number = {letter: _FIRST_LETTER + place for place, letter in enumerate(letters)}
    between = [chr(code) for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")]
    number |= dict.fromkeys(["", *between, *_SEPARATORS], _BOUND)  # "" is what fills short rows
    cut: dict[str, Any] = {"domain": MICROSOFT, "mark": 0, "pad_value": "", "mincharnum": 1}
    segments = graph.add("Tokenizer", text, separators=[_LONG_RUN], **cut)
    characters = graph.add("Tokenizer", segments, separators=[""], **cut)
    numbers = graph.add(
        "LabelEncoder",
        characters,
        domain=ML,
        keys_strings=list(number),
        values_int64s=list(number.values()),
        default_int64=_OTHER,
    )
    rows = graph.add("Reshape", numbers, graph.integers(0, -1))
    pool = [number[character] for gram in terms.grams for character in gram]
    return _kind_scores(graph, _counts(graph, rows, terms, pool_int64s=pool), terms, settings)


def _counts(graph: Graph, tokens: str, terms: _Terms, **pool: Any) -> str:  # noqa: ANN401  (strings or integers)
    """Count the n-grams that are terms; they are sorted by their lengths, as the operator wants them."""
    sizes = np.array([len(gram) for gram in terms.grams])
    in_order = np.bincount(sizes, weights=sizes).astype(int)[1:]  # entries of the pool, by length of gram
    return graph.add(
        "TfIdfVectorizer",
        tokens,
        mode="TF",
        min_gram_length=int(sizes[0]),
        max_gram_length=int(sizes[-1]),
        max_skip_count=0,
        ngram_counts=(in_order.cumsum() - in_order).tolist(),
        ngram_indexes=list(range(len(sizes))),
        **pool,
    )


def _kind_scores(graph: Graph, counts: str, terms: _Terms, settings: FeatureSettings) -> _KindScores:
    tf = counts
    if settings.sublinear_tf:
        one = graph.number(1)
        tf = graph.add("Add", graph.add("Min", counts, one), graph.add("Log", graph.add("Max", counts, one)))
    weights = graph.add("Mul", tf, graph.number(terms.idf))
    norm = graph.add("ReduceL2", weights, graph.integers(1))
    return _KindScores(graph.add("MatMul", weights, graph.number(terms.coef)), norm)


def _add_up(graph: Graph, kinds: Sequence[_KindScores], intercept: NDArray[np.float64]) -> str:
    """Give each kind of terms the same length, and all together length 1, as `Vectorizer.weigh` does."""
    least, one = graph.number(_LEAST), graph.number(1)
    scaled = [graph.add("Div", kind.scores, graph.add("Max", kind.norm, least)) for kind in kinds]
    n_kinds = graph.add("Max", graph.add("Sum", *(graph.add("Sign", kind.norm) for kind in kinds)), one)
    together = graph.add("Div", graph.add("Sum", *scaled), graph.add("Sqrt", n_kinds))
    return graph.add("Add", together, graph.number(intercept), name="scores")


def _decide(graph: Graph, model: FittedClassifier, scores: str, norm: str) -> None:
    """Add probabilities, labels and abstention; a norm of 0 says that no term is known."""
    logits = _logits(graph, model.calibration, scores)
    probabilities = _probabilities(graph, model.calibration, logits)
    best = graph.add("ReduceMax", probabilities, graph.integers(1), keepdims=0)
    # By logits: in float32 the highest probabilities of two labels may both be 1.
    place = graph.add("ArgMax", logits, axis=1, keepdims=0)
    needed = graph.number(np.array([model.needed_confidence(k) for k in range(len(model.classes_))]))
    unsure = graph.add("Less", best, graph.add("Gather", needed, place))
    unknown = graph.add("Equal", graph.add("Squeeze", norm, graph.integers(1)), graph.number(0))
    if model.multilabel:
        reached = graph.add("GreaterOrEqual", probabilities, graph.number(model.thresholds))
        if model.min_label_confidence:
            unsure = graph.add("Or", unsure, _below_bars(graph, model, probabilities, reached))
    abstained = graph.add("Or", unsure, unknown, name="abstained")
    if model.multilabel:
        answered = graph.add("Unsqueeze", graph.add("Not", abstained), graph.integers(1))
        graph.add("And", reached, answered, name="labels")
    else:
        graph.add("Gather", graph.strings(*model.classes_), place, name="label")


def _below_bars(graph: Graph, model: FittedClassifier, probabilities: str, reached: str) -> str:
    """Do what `topicml.model.decision.below_bars` does."""
    bars = np.array([model.min_label_confidence.get(label, 0.0) for label in model.classes_])
    below = graph.add("And", reached, graph.add("Less", probabilities, graph.number(bars)))
    highest = graph.add("ReduceMax", graph.add("Cast", below, to=_FLOAT), graph.integers(1), keepdims=0)
    return graph.add("Greater", highest, graph.number(0))


def _logits(graph: Graph, calibration: Calibration, scores: str) -> str:
    steep = graph.add("Mul", scores, graph.number(calibration.slope))
    return graph.add("Add", steep, graph.number(calibration.offset))


def _probabilities(graph: Graph, calibration: Calibration, logits: str) -> str:
    """Do what `Calibration.apply` does."""
    if calibration.multilabel:
        return graph.add("Sigmoid", logits, name="probabilities")
    if calibration.power is not None:  # Softplus(-x) is -ln(sigmoid(x))
        lost = graph.add("Softplus", graph.add("Neg", logits))
        logits = graph.add("Mul", lost, graph.number(-calibration.power))
    return graph.add("Softmax", logits, axis=1, name="probabilities")


def _outputs(model: FittedClassifier) -> dict[str, tuple[str, list[str | int]]]:
    by_class: list[str | int] = ["n_texts", len(model.classes_)]
    label: dict[str, tuple[str, list[str | int]]] = (
        {"labels": ("BOOL", by_class)} if model.multilabel else {"label": ("STRING", ["n_texts"])}
    )
    each: list[str | int] = ["n_texts"]
    return label | {
        "probabilities": ("FLOAT", by_class),
        "scores": ("FLOAT", by_class),
        "abstained": ("BOOL", each),
        "exact": ("BOOL", each),
    }


def onnx_library() -> ModuleType:
    """Return the package onnx, or say how to install it."""
    try:
        return import_module("onnx")
    except ImportError as error:
        raise MissingExtraError("writing ONNX needs onnx: pip install 'topicml[onnx]'") from error


@dataclass(frozen=True, eq=False, slots=True)
class Graph:
    """Operators and constants in the order in which they were added."""

    onnx: ModuleType
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def add(
        self,
        operator: str,
        *inputs: str,
        name: str = "",
        domain: str = "",
        **attributes: Any,  # noqa: ANN401  (numbers, strings and lists of them)
    ) -> str:
        """Add an operator of one output and return the output's name."""
        name = name or f"value_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [name], domain=domain, **attributes))
        return name

    def number(self, values: object) -> str:
        """Add a constant of float32 and return its name."""
        array = np.ascontiguousarray(values, np.float32)
        return self._constant(self.onnx.numpy_helper.from_array(array))

    def integers(self, *values: int) -> str:
        """Add a constant of int64, shape (n_values,), and return its name."""
        return self._constant(self.onnx.numpy_helper.from_array(np.array(values, np.int64)))

    def strings(self, *values: str) -> str:
        """Add a constant of strings, shape (n_values,), and return its name."""
        encoded = [value.encode("utf-8") for value in values]
        kind = self.onnx.TensorProto.STRING
        return self._constant(self.onnx.helper.make_tensor("", kind, [len(encoded)], encoded))

    def finished(
        self, inputs: Mapping[str, tuple[str, list[Any]]], outputs: Mapping[str, tuple[str, list[Any]]]
    ) -> ModelProto:
        """Return the whole, checked.

        Inputs and outputs have types as ``onnx.TensorProto`` names them, and shapes, where a str means
        any number.
        """
        helper = self.onnx.helper
        graph = helper.make_graph(
            self.nodes, "topicml", self._described(inputs), self._described(outputs), self.constants
        )
        made: ModelProto = helper.make_model(
            graph,
            producer_name="topicml",
            producer_version=__version__,
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid(*opset) for opset in _OPSETS.items()],
        )
        self.onnx.checker.check_model(made)
        return made

    def _constant(self, tensor: Any) -> str:  # noqa: ANN401  (onnx is not there when types are checked)
        tensor.name = f"constant_{len(self.constants)}"
        self.constants.append(tensor)
        return str(tensor.name)

    def _described(self, values: Mapping[str, tuple[str, list[Any]]]) -> list[Any]:
        kinds = self.onnx.TensorProto
        return [
            self.onnx.helper.make_tensor_value_info(name, getattr(kinds, kind), shape)
            for name, (kind, shape) in values.items()
        ]
