"""Two sets of decisions about the same articles: differences, and whether chance explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import TopicmlValueError
from topicml.metrics.decisions import decision_statistics, f1_scores, measures
from topicml.metrics.names import COMPARED, OVERALL
from topicml.metrics.resampling import Estimate, percentile_interval, resampled_sums, summed_by_group

FEWEST_DIFFERING = 6  # five that all say the same have p = 2 / 2^5 = 0.0625
_FEW = 25
_Z_LEVEL, _Z_POWER = 1.959963984540054, 0.8416212335729143  # of the normal distribution, at 0.975 and 0.8


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's test of whether two models are right equally often.

    Parameters
    ----------
    only_a, only_b : int
        Pairs that only this model got right. The others say nothing of which is better.
    p_value : float
        Two-sided.
    method : {"exact", "mid-p"}
    """

    only_a: int
    only_b: int
    p_value: float
    method: Literal["exact", "mid-p"]


def mcnemar(only_a: int, only_b: int) -> McNemar:
    """Test discordant pairs: exactly for fewer than 25 of them, else with the mid-p value.

    The exact test keeps its promise always, and errs on the safe side by much where pairs are few. The
    mid-p value comes nearer to 5% and hardly ever exceeds it; the chi-squared test with continuity
    correction was refused, being as cautious as the exact one and less right (Fagerland, Lydersen and
    Laake 2013, "The McNemar test for binary matched-pairs data", doi:10.1186/1471-2288-13-91).

    >>> mcnemar(1, 7)  # 2 x (1 + 8) / 2^8
    McNemar(only_a=1, only_b=7, p_value=0.0703125, method='exact')
    >>> mcnemar(0, 0).p_value
    1.0
    """
    if min(only_a, only_b) < 0:
        raise TopicmlValueError(f"counts must not be negative, found {only_a} and {only_b}")
    p_value = mcnemar_p_values(np.array([only_a]), np.array([only_b]))[0]
    return McNemar(only_a, only_b, float(p_value), "exact" if only_a + only_b < _FEW else "mid-p")


def mcnemar_p_values(only_a: NDArray[np.int64], only_b: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the p-value of each pair of counts, as `mcnemar` does.

    >>> mcnemar_p_values(np.array([1, 20]), np.array([7, 20])).tolist()
    [0.0703125, 1.0]
    """
    pairs = zip((only_a + only_b).tolist(), np.minimum(only_a, only_b).tolist(), strict=True)
    return np.array([_mcnemar_p_value(n, fewer) for n, fewer in pairs])


def _mcnemar_p_value(n: int, fewer: int) -> float:
    """Return twice the chance of so few heads among n coins, in the mid-p value less that of just as many."""
    just = comb(n, fewer) / (1 << n)  # of whole numbers, and so exact but for one rounding
    heads = np.arange(fewer, 0, -1)
    up_to = just * (1 + float(np.cumprod(heads / (n - heads + 1)).sum()))
    return min(2 * up_to if n < _FEW else 2 * up_to - just, 1.0)


def bootstrap_p_values(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each column of resampled differences how often chance alone would stray as far from 0.

    Twice the share of draws on the rarer side of 0, half of those that are 0 counted; the test that
    inverts the percentile interval (Efron and Tibshirani 1993, "An Introduction to the Bootstrap",
    chapters 13 and 15). One is added to both counts, since no finite number of draws shows that a thing
    never happens.

    >>> bootstrap_p_values(np.array([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]])).tolist()
    [0.75, 1.0]
    """
    ties = (draws == 0).sum(axis=0)
    rarer = np.minimum((draws < 0).sum(axis=0), (draws > 0).sum(axis=0))
    p_values: NDArray[np.float64] = np.minimum((2 * rarer + ties + 1) / (len(draws) + 1), 1.0)
    return p_values


def minimum_detectable_difference(n: int, discordant: float) -> float | None:
    """Return the smallest difference of accuracy that McNemar's test at 5% would find four times of five.

    Connor 1987, "Sample size for testing differences in proportions for the paired-sample design"
    (doi:10.2307/2531961), gives the pairs that a difference d takes where the models part on a share s:

        n = (z(1 - level / 2) sqrt(s) + z(power) sqrt(s - d^2))^2 / d^2

    This is that formula, solved for d; `discordant` is s. None is that no difference could be found, since
    it cannot exceed s.

    >>> round(minimum_detectable_difference(1000, 0.1), 4)
    0.028
    >>> minimum_detectable_difference(20, 0.1) is None
    True
    """
    inner = n + _Z_POWER * _Z_POWER - _Z_LEVEL * _Z_LEVEL
    if inner <= 0:
        return None
    difference = sqrt(discordant) * (_Z_LEVEL * sqrt(n) + _Z_POWER * sqrt(inner)) / (n + _Z_POWER * _Z_POWER)
    return difference if 0 < difference <= discordant else None


@dataclass(frozen=True, eq=False, slots=True)
class DrawnScores:
    """Scores of all articles, and of resamples of them.

    Parameters
    ----------
    n : ndarray of float64, shape (1 + n_resamples,)
        Articles in each draw; the first is all of them.
    measures : mapping of str to ndarray of float64, shape (1 + n_resamples,)
        Accuracy, micro F1 and macro F1, as `topicml.evaluate` defines them.
    label_f1 : ndarray of float64, shape (1 + n_resamples, n_classes)
    """

    n: NDArray[np.float64]
    measures: Mapping[str, NDArray[np.float64]]
    label_f1: NDArray[np.float64]


def drawn_scores(
    truth: NDArray[np.bool_],
    decided: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64],
    counted: NDArray[np.bool_] | None = None,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> DrawnScores:
    """Score decisions on all articles and on resamples of their stories (cluster bootstrap).

    With the same groups and seed, the same stories are drawn, whatever is decided: so scores of several
    models may be subtracted draw by draw. `counted` are the articles that the scores are of; the others are
    drawn, and add nothing. Truth and decisions are of shape (n_articles, n_classes). Articles of one group
    are drawn together (Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x).

    >>> truth = np.array([[True, False], [False, True]])
    >>> drawn = drawn_scores(truth, truth, groups=np.arange(2), n_resamples=3)
    >>> drawn.measures["accuracy"].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    n_classes = truth.shape[1]
    statistics = decision_statistics(truth, decided, np.ones(n_classes, bool))
    if counted is not None:
        statistics *= counted[:, None]
    sums = summed_by_group(statistics, groups)
    drawn = np.vstack((sums.sum(axis=0), resampled_sums(sums, n_resamples, random_state)))
    found, given, true = np.hsplit(drawn[:, 2:], 3)
    n = drawn[:, 0].copy()
    drawn[:, 0] = np.maximum(n, 1)  # a resample may lack every article that counts
    scores = measures(drawn, n_classes)
    return DrawnScores(n, {name: scores[name] for name in OVERALL}, f1_scores(found, given, true))


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two models.

    Parameters
    ----------
    a, b : float
    difference : float
        b - a: above 0 where B is better.
    interval : (float, float)
        95% bootstrap interval of the difference.
    p_value : float
        Two-sided, of the same resamples.
    """

    a: float
    b: float
    difference: float
    interval: tuple[float, float]
    p_value: float

    @property
    def texts(self) -> tuple[str, str]:
        """The difference and its interval as text."""
        found = Estimate(self.difference, self.interval)
        return found.value_text("+.3f"), found.interval_text("+.3f")

    def __str__(self) -> str:
        """Return the difference with its interval, such as ``+0.012 (-0.003 to +0.027)``."""
        return "{} ({})".format(*self.texts)


def paired_differences(
    truth: NDArray[np.bool_],
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    classes: Sequence[str],
    *,
    groups: NDArray[np.int64] | None = None,
    n_resamples: int = 2000,
    random_state: int = 0,
) -> tuple[dict[str, Difference], dict[str, Difference]]:
    """Compare two sets of decisions about the same articles, of shape (n_articles, n_classes).

    Returned are the differences of macro F1, accuracy and micro F1, and those of F1 of each label that is
    true or given anywhere. Articles of one group are drawn together; without groups each stands alone.
    """
    present = np.logical_or.reduce(truth | a | b, axis=0)
    statistics = np.hstack([decision_statistics(truth, decided, present) for decided in (a, b)])
    sums = summed_by_group(statistics, groups)
    drawn = np.vstack((sums.sum(axis=0), resampled_sums(sums, n_resamples, random_state)))
    of_a, of_b = np.hsplit(drawn, 2)
    n_labels = int(present.sum())
    scores_a, scores_b = measures(of_a, n_labels), measures(of_b, n_labels)
    overall = np.stack([[scores[name] for name in COMPARED] for scores in (scores_a, scores_b)])
    named = [label for label, there in zip(classes, present, strict=True) if there]
    by_label = np.stack([_label_f1(part, n_labels).T for part in (of_a, of_b)])
    return _differences(overall, tuple(COMPARED)), _differences(by_label, named)


def _label_f1(sums: NDArray[np.float64], n_labels: int) -> NDArray[np.float64]:
    found, given, true = np.hsplit(sums[:, 2:], 3) if n_labels else (sums[:, 2:],) * 3
    scores: NDArray[np.float64] = f1_scores(found, given, true)
    return scores


def _differences(scores: NDArray[np.float64], names: Sequence[str]) -> dict[str, Difference]:
    """Describe scores of shape (2, n_names, 1 + n_resamples), the first of all articles."""
    differences = scores[1] - scores[0]
    p_values = bootstrap_p_values(differences[:, 1:].T)
    return {
        name: Difference(
            a=float(scores[0, k, 0]),
            b=float(scores[1, k, 0]),
            difference=float(differences[k, 0]),
            interval=percentile_interval(differences[k, 1:]),
            p_value=float(p_values[k]),
        )
        for k, name in enumerate(names)
    }
