"""Every choice that training makes, in one value."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, Literal, get_args

from topicml.arguments import number, whole_number
from topicml.article import TargetType, canonical
from topicml.displays.tables import FieldsShown
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.metrics.names import Measure
from topicml.model.feature_settings import FeatureSettings
from topicml.model.sparse import CoefDtype


@dataclass(frozen=True, slots=True)
class SolverSettings:
    """How the weights are found.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the l2 penalty.
    tol : float, default=0.01
        When the dual coordinate descent stops. Half the time of scikit-learn's 1e-4 for the same
        accuracy; LIBLINEAR's own 0.1 is faster yet and loses an article in five hundred now and then.
    max_iter : int, default=1000
    class_weight : {"balanced"} or tuple of (str, float), optional
        "balanced" weighs the articles of a label by how rare it is, as scikit-learn does. Labels with
        numbers, such as ``(("sport", 2.0),)``, weigh the articles that have them; others count 1. May also
        be a mapping.
    """

    C: float = 1.0
    tol: float = 0.01
    max_iter: int = 1000
    class_weight: Literal["balanced"] | tuple[tuple[str, float], ...] | None = None

    def __post_init__(self) -> None:
        numbers = (self.C, self.tol, self.max_iter)
        if not all(isinstance(one, Real) and 0 < one <= sys.float_info.max for one in numbers):
            raise TopicmlValueError(f"C, tol and max_iter must be finite and more than 0, found {self}")
        if self.class_weight not in (None, "balanced"):
            object.__setattr__(self, "class_weight", _weights(self.class_weight))

    @property
    def weights(self) -> tuple[tuple[str, float], ...]:
        """The labels that have a weight of their own."""
        return self.class_weight if isinstance(self.class_weight, tuple) else ()

    @property
    def weighting(self) -> str | None:
        """How labels are weighed, in a word or two; None if all weigh the same."""
        return "by label" if isinstance(self.class_weight, tuple) else self.class_weight


Search = Literal["none", "light", "full"]

_WHOLE = {
    "min_articles": 1,
    "min_df": 1,
    "max_terms": 1,
    "pruned_to": 1,
    "n_folds": 2,
    "max_size": 1,
    "random_state": 0,
}
"""Settings that are whole numbers, and the lowest that they may be."""
_ALWAYS_SET = frozenset({"min_articles", "max_terms", "random_state"})
MANY_ARTICLES = 200_000
"""Above it, one fifth is held out instead of folds, and a sample of articles selects the terms."""


@dataclass(frozen=True, slots=True, repr=False)
class TrainingSettings(FieldsShown):
    """Every choice that training makes for its caller.

    Parameters
    ----------
    target_type : {"multiclass", "multilabel"}, optional
        By default inferred: multiclass if every article has exactly one label.
    labels : tuple of str, optional
        The allowed labels; by default those that occur.
    min_articles : int, default=1
        Articles that a label must have. Labels with fewer are left out, and so are articles that have no
        other label; both are counted in the notes and on record.
    features : FeatureSettings
        Which words and pieces of words become terms.
    min_df : int, optional
        Documents that a term must occur in; by default 2, and 1 in a corpus of fewer than 200.
    max_df : float, default=1.0
        Largest share of the documents that a term may occur in.
    max_terms : int, default=100_000
        Terms to keep at most: those that separate the labels best.
    pruned_to : int, optional
        Terms to keep of these after a first fit: those with the largest coefficients. By default all. A
        `max_size` chooses it again.
    stop_words : tuple of str, default=()
        Words that no term may contain. Each is split as text is. If a word falls apart ("don't"), its
        pieces stay, and a note names them.
    solver : SolverSettings
        How the linear model is fitted.
    n_folds : int, optional
        Folds for out-of-fold scores; by default 5, 3 from 5,000 articles on, and one fifth held out
        from 200,000 on.
    search : {"none", "light", "full"}, default="light"
        How far to search for better features, number of terms and solver, see `topicml.training.tuning`.
        A setting that is not at its default is not changed.
    measure : {"macro_f1", "micro_f1", "accuracy"}, default="macro_f1"
        The measure to maximise by the search and by the thresholds of multilabel models.
    abstain_precision : float, optional
        Precision to promise for the articles that are answered: less sure articles go to a person. By
        default all are answered.
    min_precision : tuple of (str, float), default=()
        Labels and precisions to promise for them, such as ``(("counterterrorism", 0.95),)``: a less
        sure article does not get the label. May also be a mapping.
    allow_unkept : bool, default=False
        Whether to continue if the training articles cannot support a promise: the articles that it
        concerns then go to a person. By default this is an error that names the highest precision that
        can be promised.
    coef_dtype : {"int8", "int16", "float32"}, default="int8"
        How coefficients are stored: "int8" and "int16" are whole numbers with a scale for each term.
        Out-of-fold scores use coefficients stored in this way.
    max_size : int, optional
        Largest size of the saved model in bytes. The number of terms and the type of coefficients are
        chosen for the best measure out of fold; see `topicml.training.size_budget`.
    random_state : int, default=0
        Random seed.
    fingerprints : bool, default=True
        Whether the model keeps 40 bytes of each article, so that articles seen in training are recognised
        when it is measured or retrained. Anyone with the model and a text can find out whether it was
        trained on that text.
    """

    target_type: TargetType | None = None
    labels: tuple[str, ...] | None = None
    min_articles: int = 1
    features: FeatureSettings = field(default_factory=FeatureSettings)
    min_df: int | None = None
    max_df: float = 1.0
    max_terms: int = 100_000
    pruned_to: int | None = None
    stop_words: tuple[str, ...] = ()
    solver: SolverSettings = field(default_factory=SolverSettings)
    n_folds: int | None = None
    search: Search = "light"
    measure: Measure = "macro_f1"
    abstain_precision: float | None = None
    min_precision: tuple[tuple[str, float], ...] = ()
    allow_unkept: bool = False
    coef_dtype: CoefDtype = "int8"
    max_size: int | None = None
    random_state: int = 0
    fingerprints: bool = True

    @classmethod
    def recorded(cls, record: Mapping[str, Any]) -> TrainingSettings:
        """Return the settings that a model's provenance records, for example ``provenance["settings"]``.

        Raises
        ------
        TopicmlValueError
            If they are not settings of this topicml, or impossible.

        Examples
        --------
        >>> TrainingSettings.recorded({"max_terms": 500, "features": {"ngram_range": [1, 1]}}).features.orders
        range(1, 2)
        """
        try:
            values = dict(record)
            for name, kind in (("features", FeatureSettings), ("solver", SolverSettings)):
                values[name] = kind(**_without_lists(values.get(name, {})))
            return cls(**_without_lists(values))
        except TopicmlValueError:
            raise
        except (TypeError, ValueError, AttributeError, LookupError, OverflowError) as error:
            raise TopicmlValueError(
                f"the model's record of its settings is not of this topicml ({error}); train a new one"
            ) from error

    def without_promises(self) -> TrainingSettings:
        """Return the same settings with every article answered, as small sets of articles are measured."""
        return replace(self, abstain_precision=None, min_precision=())

    def promising(self, highest: Mapping[str | None, float | None]) -> TrainingSettings:
        """Return the same settings with other precisions for some promises, as `UnkeptPromiseError` has them.

        >>> settings = TrainingSettings(abstain_precision=0.9, min_precision={"sport": 0.9, "art": 0.9})
        >>> lower = settings.promising({None: 0.8, "art": None})
        >>> lower.abstain_precision, lower.min_precision
        (0.8, (('sport', 0.9),))
        """
        lowered = ((label, highest.get(label, precision)) for label, precision in self.min_precision)
        return replace(
            self,
            abstain_precision=highest.get(None, self.abstain_precision),
            min_precision=tuple((label, precision) for label, precision in lowered if precision is not None),
        )

    def __post_init__(self) -> None:
        for name, lowest in _WHOLE.items():
            object.__setattr__(self, name, _whole(name, getattr(self, name), lowest))
        if not 0 < number("max_df", self.max_df) <= 1:
            raise TopicmlValueError(f"max_df must be more than 0 and 1 at most, found {self.max_df}")
        if (
            self.abstain_precision is not None
            and not 0 < number("abstain_precision", self.abstain_precision) < 1
        ):
            raise TopicmlValueError(
                f"abstain_precision must be between 0 and 1, found {self.abstain_precision}"
            )
        for name in ("labels", "stop_words"):
            if isinstance(found := getattr(self, name), str):  # its characters would be taken for words
                raise TopicmlTypeError(f"{name} must be a tuple of str, found {found!r}: write ({found!r},)")
        if self.labels is not None:
            object.__setattr__(self, "labels", tuple(map(_as_label, self.labels)))
        object.__setattr__(self, "min_precision", _pairs(self.min_precision))
        for name, allowed in (("search", Search), ("measure", Measure), ("coef_dtype", CoefDtype)):
            if getattr(self, name) not in get_args(allowed):
                raise TopicmlValueError(
                    f"{name} must be one of {get_args(allowed)}, found {getattr(self, name)!r}"
                )


def as_settings(given: TrainingSettings | None) -> TrainingSettings:
    """Return the settings that were given, by default the usual ones."""
    if given is not None and not isinstance(given, TrainingSettings):
        raise TopicmlTypeError(
            f"settings must be TrainingSettings, found {type(given).__name__}: write "
            "settings=TrainingSettings(max_terms=10), for example"
        )
    return given or TrainingSettings()


def _without_lists(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the lists that JSON makes of tuples back, at any depth."""

    def turned(value: Any) -> Any:  # noqa: ANN401  (whatever JSON can hold)
        return tuple(map(turned, value)) if isinstance(value, list) else value

    return {name: turned(value) for name, value in values.items()}


def _whole(name: str, value: object, lowest: int) -> int | None:
    """Return a whole number as JSON can hold it, NumPy's too; None where it is left out."""
    if value is None and name not in _ALWAYS_SET:
        return None
    return whole_number(name, value, lowest, unit=" of bytes" if name == "max_size" else "")


def _weights(given: object) -> tuple[tuple[str, float], ...]:
    """Return weights by label as pairs, which a frozen value can hold and compare."""
    expected = "class_weight must be None, 'balanced', or weights by label, such as {'sport': 2.0}"
    items = given.items() if isinstance(given, Mapping) else given
    if not isinstance(items, Iterable) or isinstance(items, str):
        raise TopicmlValueError(f"{expected}; found {given!r}")
    pairs = tuple(tuple(pair) if isinstance(pair, Iterable) else (pair,) for pair in items)
    for pair in pairs:
        if len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], Real):
            raise TopicmlTypeError(f"{expected}; found {given!r}")
        if not 0 < number("class_weight", pair[1]) <= sys.float_info.max:
            raise TopicmlValueError(
                f"class_weight must be finite and more than 0, found {pair[1]} for {pair[0]!r}"
            )
    if len(dict(pairs)) < len(pairs):
        raise TopicmlValueError("class_weight names a label twice: give each label one weight")
    return tuple((label, float(weight)) for label, weight in pairs)


def _as_label(label: Any) -> Any:  # noqa: ANN401  (what is no text is refused elsewhere)
    """Return a label in the one form that articles have it in."""
    return canonical(label) if isinstance(label, str) else label


def _pairs(promises: Mapping[str, float] | Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return promises as pairs, which a frozen value can hold and compare."""
    items = promises.items() if isinstance(promises, Mapping) else promises
    try:
        pairs = tuple((_as_label(label), precision) for label, precision in items)
    except (TypeError, ValueError) as error:
        raise TopicmlTypeError(
            f"min_precision must be labels with precisions, such as {{'sport': 0.95}}, found {promises!r}"
        ) from error
    for label, precision in pairs:
        if not 0 < number("min_precision", precision) < 1:
            raise TopicmlValueError(
                f"min_precision must be between 0 and 1 for each label, found {precision} for {label!r}"
            )
    if len(dict(pairs)) < len(pairs):
        raise TopicmlValueError("min_precision names a label twice: give each label one precision")
    return pairs
