"""The best model that is no larger than it may be: with fewer terms, or with coefficients in fewer bits.

What a term takes is known before it is chosen, so for each way to choose terms and each way to store their
coefficients there is one number of terms that fills the budget. These few are fitted and scored on articles
held out, chosen and stored as in the saved model.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import TopicmlValueError
from topicml.formatting import size_text
from topicml.metrics.names import MEASURES, Measure
from topicml.metrics.paired import Difference, paired_differences
from topicml.metrics.scores import quick_score
from topicml.model.classifier import FittedClassifier
from topicml.model.persistence import bytes_per_term, saved_size
from topicml.model.sparse import CoefDtype
from topicml.training.crossfit import NO_ROWS, CountedData, CrossFit, TrainingData, fit_parts
from topicml.training.model_card import model_card
from topicml.training.selection import ranked_terms, strongest_terms
from topicml.training.settings import TrainingSettings
from topicml.training.term_strings import term_strings
from topicml.training.tuning import held_out_decisions

SelectedBy = Literal["chi2", "coef"]

_NARROW: tuple[CoefDtype, ...] = ("int8", "int16")  # float32 scores no better than int16, in twice the room
_PARTS = (1, 2, 4)
"""Of the terms that would fit, so many times fewer are tried, too. Where many labels are rare, fewer are
better: on Reuters-21578, 2,000 pruned terms give a micro F1 of 0.899 out of fold, 8,000 give 0.893, and all
100,000 give 0.878."""
_FEWEST_TERMS = 100
_OVERHEAD = 4_000
_OVERHEAD_A_LABEL = 700
"""Bytes beside the terms, of model.json and the card, most of them scores of each label. A guess on the high
side; if it is too low, the finished model shows it."""


@dataclass(frozen=True, slots=True)
class SizeTrial:
    """A way to store a model, with its score.

    Parameters
    ----------
    selected_by : {"chi2", "coef"}
        Whether terms were chosen before fitting, or pruned after it, see `TrainingSettings.pruned_to`.
    coef_dtype : {"int8", "int16", "float32"}
    n_terms : int
    n_bytes : int
        Its size, estimated before the model is made: the part beside the terms is a guess.
    value : float
        Of the measure, out of fold.
    """

    selected_by: SelectedBy
    coef_dtype: CoefDtype
    n_terms: int
    n_bytes: int
    value: float


@dataclass(frozen=True, slots=True)
class SizeCost:
    """What it cost to keep a model small.

    Parameters
    ----------
    max_size : int
    measure : {"macro_f1", "micro_f1", "accuracy"}
    unlimited : SizeTrial
        The model that there would be without the limit.
    tried : tuple of SizeTrial
        What would fit, the simplest first.
    chosen : SizeTrial
    difference : Difference
        Of the measure on the same articles, each held out: ``a`` without the limit, ``b`` within it.
    """

    max_size: int
    measure: Measure
    unlimited: SizeTrial
    tried: tuple[SizeTrial, ...]
    chosen: SizeTrial
    difference: Difference

    @property
    def note(self) -> str:
        """The cost in a sentence."""
        low, high = self.difference.interval
        return (
            f"to fit into {size_text(self.max_size)}, {self.chosen.n_terms:,} of "
            f"{self.unlimited.n_terms:,} terms were kept, with coefficients as {self.chosen.coef_dtype}: "
            f"{MEASURES[self.measure]} {self.difference.b:.3f}, instead of {self.difference.a:.3f} without "
            f"the limit ({size_text(self.unlimited.n_bytes)}, {self.unlimited.coef_dtype}); "
            f"difference {self.difference.difference:+.3f}, 95% interval {low:+.3f} to {high:+.3f}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the cost as values that JSON can hold."""
        return asdict(self)


@dataclass(frozen=True, eq=False, slots=True)
class SizePlan:
    """Settings whose model should fit.

    Parameters
    ----------
    n_bytes, overhead : int
        What their model takes, reckoned before it is made, and what of it for all but the terms.
    smallest : bool
        Whether fewer terms are out of the question.
    cost : SizeCost, optional
        None if the limit changes nothing.
    """

    settings: TrainingSettings
    n_bytes: int
    overhead: int
    smallest: bool
    cost: SizeCost | None

    def overhead_found(self, classifier: FittedClassifier) -> int | None:
        """Return the overhead to plan with again if the model came out too large, else None.

        It is an error if it cannot be smaller.
        """
        found = saved_size(classifier, card=model_card(classifier))
        limit = self.settings.max_size
        if limit is None or found <= limit:
            return None
        if self.smallest:
            n_terms = len(classifier.vectorizer)
            raise TopicmlValueError(
                f"max_size is {limit:,}, but the smallest model of these articles takes {found:,} bytes, "
                f"with {n_terms:,} terms and coefficients as {self.settings.coef_dtype}; allow "
                f"{(found // 1000 + 1) * 1000:,} bytes or more{_without_fingerprints(classifier)}"
            )
        return self.overhead + found - self.n_bytes


def plan_size(
    counted: CountedData,
    settings: TrainingSettings,
    *,
    recorded: int = 0,
    overhead: int | None = None,
    n_jobs: int = -1,
) -> SizePlan:
    """Choose how many terms to keep and how to store their coefficients, within `max_size`.

    The settings' `max_terms` is the most that is tried, their `coef_dtype` one of the ways to store
    coefficients; int8 and int16 are tried as well. Their `pruned_to` is chosen again. They do not change if
    their model fits; if no model fits by this estimate, they get the fewest terms, and the finished model
    shows whether it fits.

    `recorded` is the size of the record as far as it is known; `overhead` the size of everything but the
    terms, measured on an earlier model or, by default, guessed.
    """
    settings, Y = replace(settings, pruned_to=None), counted.data.targets.Y
    if overhead is None:
        overhead = _OVERHEAD + _OVERHEAD_A_LABEL * Y.shape[1] + recorded
    ranked = ranked_terms(counted.candidates.weigh(counted.counts), Y)[: settings.max_terms]
    columns = np.sort(ranked)
    room = _Room(overhead, Y.shape[1], _written_lengths(counted, columns))
    whole = int(room.taken(settings.coef_dtype, np.arange(len(columns)))[-1])
    if whole <= (settings.max_size or 0):
        smallest = _is_smallest(settings.coef_dtype, len(columns))
        return SizePlan(settings, whole, overhead, smallest, cost=None)
    [[full, *unlimited]] = _fits(counted, [settings], n_jobs, with_full=True)
    ways = _ways(settings, room, columns.searchsorted(ranked), strongest_terms(full.weights.coef))
    fits = _fits(counted, [way.settings for way in ways], n_jobs)
    unbounded = _Way(settings, "chi2", len(columns), whole)
    cost, best = _compared(counted.data, unbounded, unlimited, ways, fits)
    smallest = _is_smallest(best.settings.coef_dtype, best.n_terms)
    return SizePlan(best.settings, best.n_bytes, overhead, smallest, cost)


@dataclass(frozen=True, eq=False, slots=True)
class _Room:
    """What terms take: so many bytes beside them, and so many that each is written with."""

    overhead: int
    n_classes: int
    written: NDArray[np.int64]

    def taken(self, dtype: CoefDtype, order: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the size of the model with the first term of an order, with the first two, and so on."""
        sizes: NDArray[np.int64] = self.written[order] + bytes_per_term(self.n_classes, dtype)
        return self.overhead + sizes.cumsum()


@dataclass(frozen=True, slots=True)
class _Way:
    """Settings with what their model takes."""

    settings: TrainingSettings
    selected_by: SelectedBy
    n_terms: int
    n_bytes: int

    def trial(self, value: float) -> SizeTrial:
        return SizeTrial(self.selected_by, self.settings.coef_dtype, self.n_terms, self.n_bytes, value)


def _ways(
    settings: TrainingSettings, room: _Room, by_chi2: NDArray[np.int64], by_coef: NDArray[np.int64]
) -> list[_Way]:
    """Return all ways that fill the budget, the simplest first; if none does, the smallest there is."""
    fewest = min(_FEWEST_TERMS, len(by_chi2))
    dtypes = tuple(dict.fromkeys((settings.coef_dtype, *_NARROW)))
    ways = []
    orders: tuple[tuple[SelectedBy, NDArray[np.int64]], ...] = (("chi2", by_chi2), ("coef", by_coef))
    for selected_by, order in orders:
        for dtype in dtypes:
            taken = room.taken(dtype, order)
            fitting = int(taken.searchsorted(settings.max_size or 0, side="right"))
            for part in _PARTS if (selected_by, dtype) == ("coef", "int8") else (1,):
                n = fitting // part
                if n >= fewest:
                    one = replace(settings, coef_dtype=dtype)
                    one = replace(one, max_terms=n) if selected_by == "chi2" else replace(one, pruned_to=n)
                    ways.append(_Way(one, selected_by, n, int(taken[n - 1])))
    if not ways:
        one = replace(settings, coef_dtype="int8", max_terms=fewest)
        ways.append(_Way(one, "chi2", fewest, int(room.taken("int8", by_chi2)[fewest - 1])))
    return ways


def _without_fingerprints(classifier: FittedClassifier) -> str:
    """Say what could be left out beside terms: of very many articles fingerprints are most of a model."""
    if classifier.fingerprints is None:
        return ""
    return (
        f", or leave out {np.asarray(classifier.fingerprints).nbytes:,} bytes of article fingerprints "
        "(fingerprints=False, --no-fingerprints)"
    )


def _is_smallest(dtype: CoefDtype, n_terms: int) -> bool:
    return dtype == "int8" and n_terms <= _FEWEST_TERMS


def _fits(
    counted: CountedData, settings: list[TrainingSettings], n_jobs: int, *, with_full: bool = False
) -> list[list[CrossFit]]:
    parts = [*([NO_ROWS] if with_full else []), *counted.data.held_out()]
    return fit_parts(counted, parts, settings, n_jobs=n_jobs)


def _compared(
    data: TrainingData, whole: _Way, unlimited: list[CrossFit], ways: list[_Way], fits: list[list[CrossFit]]
) -> tuple[SizeCost, _Way]:
    """Score what fits beside what does not, out of fold; of equals, the first is the best."""
    settings, rows = whole.settings, np.concatenate(data.held_out())
    truth = data.targets.take(rows)
    decided = [held_out_decisions(truth, parts, settings.measure) for parts in (unlimited, *fits)]
    trials = [
        way.trial(quick_score(truth.Y, decisions, settings.measure))
        for way, decisions in zip((whole, *ways), decided, strict=True)
    ]
    best = max(range(1, len(trials)), key=lambda place: trials[place].value)
    differences, _ = paired_differences(
        truth.Y,
        decided[0],
        decided[best],
        truth.classes_,
        groups=data.groups[rows],
        random_state=settings.random_state,
    )
    cost = SizeCost(
        max_size=settings.max_size or 0,
        measure=settings.measure,
        unlimited=trials[0],
        tried=tuple(trials[1:]),
        chosen=trials[best],
        difference=differences[settings.measure],
    )
    return cost, ways[best - 1]


def _written_lengths(counted: CountedData, columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bytes that each of some terms is written with."""
    strings, _ = term_strings(counted.data.texts, counted.candidates.restricted(columns))
    return np.array([len(text.encode("utf-8", "surrogatepass")) for text in strings], np.int64)
