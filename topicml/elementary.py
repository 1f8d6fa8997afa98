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
_N = 1 << _BITS  # steps of a table: enough for polynomials of degree 3 and 4
_AT_ONCE = 1 << 13  # numbers that stay in the processor's cache from one step to the next


def _constant(value: float) -> _Floats:
    """Return a number as NumPy takes it in half the time that a Python number costs."""
    return np.array(value)


_LN2 = 0.6931471805599453
_STEP = _LN2 / _N
_STEPS_PER_UNIT = _constant(_N / _LN2)
_LEAST_STEP = _constant(-1022.0 * _N)
_SMALLEST = _constant(1 / (1 << 1022))  # of the normal numbers: what lies at that step
_TO_WHOLE = _constant(1.5 * (1 << 52))  # once added, the low bits of a number are its nearest whole one,
_TO_STEP = _constant(1.5 * (1 << (52 - _BITS)))  # or its nearest step of the table
_ONE, _HALF, _THIRD, _MINUS_QUARTER = (_constant(1 / n) for n in (1, 2, 3, -4))
_E1, _E2, _E3 = map(_constant, (_STEP, _STEP * _STEP / 2, _STEP * _STEP * _STEP / 6))
"""The series of e to the power of a part of a step."""
_LOW_BITS = np.array((1 << 12) - 1)  # that hold a number of steps, of which there are 1,024 at most
_PLACE, _TO_EXPONENT = np.array(_N - 1), np.array(52 - _BITS)
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
    """Return e to the power of each number; 0 from -708.4 on down, where no normal number would do.

    Its error is 2e-15 of the value, 3e-16 more for each unit of the argument, and 2**-1022.

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
    part = np.maximum(x * _STEPS_PER_UNIT, _LEAST_STEP)
    shifted = part + _TO_WHOLE
    steps = shifted.view(np.int64)
    part -= shifted - _TO_WHOLE  # x = (steps + part) ln(2) / 1024
    bits = _POWERS.take(steps & _PLACE)
    bits += steps << _TO_EXPONENT
    power = bits.view(np.float64)  # 2 ** (steps / 1024)
    rest = part * _E3
    rest += _E2
    rest *= part
    rest += _E1
    rest *= part
    rest *= power
    rest += power
    rest -= _SMALLEST  # so that all below is 0; what is 300 orders larger does not notice
    return rest


def _log1p(x: _Floats) -> _Floats:
    shifted = x + _TO_STEP
    j = shifted.view(np.int64) & _LOW_BITS
    r = x - (shifted - _TO_STEP)
    r *= _RECIPROCALS.take(j)  # 1 + x = (1 + j / 1024) (1 + r)
    logarithm = r * _MINUS_QUARTER
    logarithm += _THIRD
    logarithm *= r
    logarithm -= _HALF
    logarithm *= r
    logarithm += _ONE
    logarithm *= r
    logarithm += _LOGARITHMS.take(j)
    return logarithm


def _log(x: _Floats) -> _Floats:
    bits = x.view(np.int64)
    exponent = (bits >> 52) - _EXPONENT_OF_1
    fraction = ((bits & _FRACTION) | (_EXPONENT_OF_1 << 52)).view(np.float64)
    logarithm = _log1p(fraction - _ONE)
    logarithm += exponent * _LN2
    return logarithm
