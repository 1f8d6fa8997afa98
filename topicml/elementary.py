"""exp, log and products of matrices whose results no processor chooses.

NumPy and the C library pick their own versions by what the processor has (AVX-512, FMA), and these differ
in the last digit; BLAS adds up in an order of its own on each. What is stored or printed must not depend on
that. So the functions here are made of single additions, multiplications and divisions, which IEEE 754
fixes, and of tables made of these: arguments are brought near an entry of a table, and a short polynomial
does the rest (Tang 1989, doi:10.1145/63522.214389, for exp; Tang 1990, doi:10.1145/98267.98294, for log).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Floats = NDArray[np.float64]
_Wholes = NDArray[np.int64]

_BITS = 10
_N = 1 << _BITS  # steps of a table: enough for polynomials of degree 3 and 5
_AT_ONCE = 1 << 13  # numbers that stay in the processor's cache from one step to the next


def _constant(value: float) -> _Floats:
    """Return a number as NumPy takes it in half the time that a Python number costs."""
    return np.array(value)


_LEAST = _constant(-708.0)  # e to the power of less is no normal number, and 0 here
_LN2_HIGH, _LN2_LOW = 0.6931471787393093, 1.8206359985041462e-09  # ln 2 in two parts, the first of 27 bits
_STEPS_PER_UNIT = _constant(_N / 0.6931471805599453)
_STEP_HIGH, _STEP_LOW = _constant(_LN2_HIGH / _N), _constant(_LN2_LOW / _N)
_ROUNDING = _constant(1.5 * 2.0**52)  # once added, the low bits of a number are its nearest whole one
_STEP, _PER_STEP = _constant(1 / _N), _constant(_N)
_ONE, _HALF, _THIRD, _QUARTER, _FIFTH, _SIXTH = (_constant(1 / n) for n in (1, 2, 3, 4, 5, 6))
_FRACTION = (1 << 52) - 1  # the bits of a number that are not its sign and exponent
_EXPONENT_OF_1 = 1023


def _powers_of_two() -> _Wholes:
    """Return the bits of ``2 ** (j / 1024)``, less those that `exp` adds for j."""
    table, root = np.ones(1), 2.0
    for _ in range(_BITS):
        root = float(np.sqrt(root))  # rounded as exactly as a sum is
        table = np.column_stack((table, table * root)).ravel()
    bits: _Wholes = table.view(np.int64) - (np.arange(_N) << (52 - _BITS))
    return bits


def _logarithms() -> _Floats:
    """Return ``ln(1 + j / 1024)`` for j from 0 to 1024: ``2 artanh(s)``, by its series."""
    nodes = 1 + np.arange(_N + 1) / _N
    s = (nodes - 1) / (nodes + 1)
    total = np.zeros_like(s)
    for n in range(39, 0, -2):
        total = total * (s * s) + 1 / n
    return 2 * s * total


_POWERS = _powers_of_two()
_LOGARITHMS = _logarithms()
_RECIPROCALS = 1 / (1 + np.arange(_N + 1) / _N)


def exp(x: ArrayLike) -> _Floats:
    """Return e to the power of each number; 0 below -708, where no normal number would do.

    Parameters
    ----------
    x : array_like
        Below 709.

    Examples
    --------
    >>> exp([0.0, 1.0, -1000.0]).round(12).tolist()
    [1.0, 2.718281828459, 0.0]
    """
    return _in_blocks(_exp, x)


def log(x: ArrayLike) -> _Floats:
    """Return the natural logarithm of each number.

    Parameters
    ----------
    x : array_like
        Positive normal numbers.

    Examples
    --------
    >>> log([1.0, 2.0, 1e-300]).round(12).tolist()
    [0.0, 0.69314718056, -690.775527898214]
    """
    return _in_blocks(_log, x)


def log1p(x: ArrayLike) -> _Floats:
    """Return ``ln(1 + x)`` of each number from 0 to 1, of small ones, too, to the last digits.

    >>> log1p([0.0, 0.5, 1.0]).round(12).tolist()
    [0.0, 0.405465108108, 0.69314718056]
    """
    return _in_blocks(_log1p, x)


def product(a: _Floats, b: _Floats) -> _Floats:
    """Return the product of a matrix of counts and any other matrix.

    Sums of whole numbers below 2**53 are exact in any order, so BLAS may add them up as it likes: each column
    of the second matrix is rounded to as many whole steps as leave its sums below that bound. Where 10,000
    things are counted, that leaves a column 39 bits.

    Parameters
    ----------
    a : ndarray of float64, shape (n, k)
        Whole numbers, none of them negative.
    b : ndarray of float64, shape (k, m)

    Examples
    --------
    >>> product(np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([[0.5, 1.0], [0.25, 7.0]])).tolist()
    [[1.0, 15.0], [0.75, 21.0]]
    """
    largest = a.sum(axis=1).max(initial=1.0) * np.abs(b).max(axis=0, initial=0.0)
    exponent = 52 - np.frexp(largest)[1]
    whole = np.rint(np.ldexp(b, exponent))
    scaled_back: _Floats = np.ldexp(a @ whole, -exponent)
    return scaled_back


def _in_blocks(function: Callable[[_Floats], _Floats], x: ArrayLike) -> _Floats:
    values = np.asarray(x, np.float64)
    if values.size <= _AT_ONCE:
        return function(values)
    flat = values.reshape(-1)
    parts = [function(flat[first : first + _AT_ONCE]) for first in range(0, flat.size, _AT_ONCE)]
    return np.concatenate(parts).reshape(values.shape)


def _exp(x: _Floats) -> _Floats:
    r = np.maximum(x, _LEAST)
    shifted = r * _STEPS_PER_UNIT
    shifted += _ROUNDING
    steps = shifted.view(np.int64)
    n = shifted - _ROUNDING
    r -= n * _STEP_HIGH
    n *= _STEP_LOW
    r -= n  # x = n ln(2) / 1024 + r
    bits = _POWERS.take(steps & (_N - 1))
    bits += steps << (52 - _BITS)
    power = bits.view(np.float64)  # 2 ** (n / 1024)
    rest = r * _SIXTH
    rest += _HALF
    rest *= r
    rest += _ONE
    rest *= r
    rest *= power
    rest += power
    rest *= x >= _LEAST
    return rest


def _log1p(x: _Floats) -> _Floats:
    j = (x * _PER_STEP).astype(np.int64)
    r = x - j * _STEP
    r *= _RECIPROCALS.take(j)  # 1 + x = (1 + j / 1024) (1 + r)
    logarithm = _near_one(r)
    logarithm += _LOGARITHMS.take(j)
    return logarithm


def _log(x: _Floats) -> _Floats:
    bits = x.view(np.int64)
    exponent = (bits >> 52) - _EXPONENT_OF_1
    fraction = ((bits & _FRACTION) | (_EXPONENT_OF_1 << 52)).view(np.float64)
    logarithm = _log1p(fraction - _ONE)
    logarithm += exponent * _constant(_LN2_LOW)
    logarithm += exponent * _constant(_LN2_HIGH)
    return logarithm


def _near_one(r: _Floats) -> _Floats:
    """Return ``ln(1 + r)`` of numbers from 0 to 2**-10, by its series."""
    total = r * _FIFTH
    total -= _QUARTER
    total *= r
    total += _THIRD
    total *= r
    total -= _HALF
    total *= r
    total += _ONE
    total *= r
    return total
