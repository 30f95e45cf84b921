"""Figures as they are written and compared: six digits for readers, and decisions that no last bit can turn.

Processors differ in the last bits of logarithms, exponentials and sums. What is written is therefore cut to the digits
that it deserves, and what is decided by comparing computed numbers is decided with a stated tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dideban.arrays import F8

DIGITS = 6
"""Significant digits of a written figure."""
TOLERANCE = 1e-9
"""Two computed numbers that differ by less, relative to the larger, count as equal (logarithms: absolute)."""
EXACT = frozenset({"scale_s", "window_s", "error_rate"})
"""Settings repeated in a result: written as they were given."""

_WITHOUT_FLOATS = frozenset({str, int, bool, type(None)})
_SPARE_BITS = 20
"""Bits of the 52 after the binary point that do not count in :func:`settle`: 32 are left, a part in 4 000 million."""


def figure(value: float) -> float:
    """Return the number with DIGITS significant digits.

    Examples
    --------
    >>> figure(15676283.160440618)
    15676300.0
    >>> figure(0.30000000000000004)
    0.3
    """
    return float(f"{value:.{DIGITS}g}")


def figures(data: Any, *, name: str = "") -> Any:
    """Return plain data with every float inside as a :func:`figure`, except the settings in EXACT.

    Examples
    --------
    >>> figures({"e_value": 1234567.8, "n": 1234567, "scale_s": [1234567.5]})
    {'e_value': 1234570.0, 'n': 1234567, 'scale_s': [1234567.5]}
    """
    if isinstance(data, float):
        return data if name in EXACT else figure(data)
    if isinstance(data, list):
        return [value if type(value) in _WITHOUT_FLOATS else figures(value, name=name) for value in data]
    if type(data) is dict or isinstance(data, Mapping):  # a dict is asked for first: the other question is slow
        return {
            key: value if type(value) in _WITHOUT_FLOATS else figures(value, name=str(key))
            for key, value in data.items()
        }
    return data


def is_figure_of(stated: float, value: float) -> bool:
    """Return whether ``stated`` is what :func:`figure` makes of ``value``, give or take TOLERANCE before rounding.

    Examples
    --------
    >>> is_figure_of(0.333333, 1 / 3), is_figure_of(0.333334, 1 / 3)
    (True, False)
    """
    if math.isnan(stated) or math.isnan(value):
        return math.isnan(stated) and math.isnan(value)
    return stated in {figure(value * (1 - TOLERANCE)), figure(value), figure(value * (1 + TOLERANCE))}


def settle(values: ArrayLike) -> F8:
    """Return the numbers rounded to 32 binary digits, for sorting: what differs in its last bits becomes equal.

    Rounding is done on the bits themselves, so it is the same on every machine, keeps the order and leaves whole and
    short numbers as they are.

    Examples
    --------
    >>> settle([0.1 + 0.2, 2.5]).tolist() == settle([0.3, 2.5]).tolist()
    True
    """
    bits = np.array(values, dtype=np.float64, copy=True, ndmin=1).view(np.int64)
    half = np.int64(1 << (_SPARE_BITS - 1))
    rounded = (bits + half) & np.int64(-1 << _SPARE_BITS)
    is_finite = (bits & np.int64(0x7FF << 52)) != np.int64(0x7FF << 52)
    settled: F8 = np.where(is_finite, rounded, bits).view(np.float64).reshape(np.shape(values))
    return settled
