"""Array types by the name of their dtype: a letter for the kind, then bytes per value."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

B1 = NDArray[np.bool_]
F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]
U1 = NDArray[np.uint8]
U4 = NDArray[np.uint32]
U8 = NDArray[np.uint64]
Array = NDArray[Any]
"""Of any of the types that a kernel takes."""
A = TypeVar("A", bound=Array)


def read_only(array: A) -> A:
    """Return the same array, not to be written to.

    A column of a table may be read only or not, by how the table came about, and a kernel is compiled for each.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def unique_pairs(one: I4 | I8, two: I4 | I8) -> tuple[I8, I8, I8, I8]:
    """Return the distinct pairs of two lists of whole numbers, in ascending order.

    As :func:`numpy.unique` along an axis, which compares pairs one by one and holds the interpreter lock; here a pair
    is one number.

    Parameters
    ----------
    one, two : (n,)
        The range of one times that of the other must stay below 2**63: codes of groups, accounts, objects.

    Returns
    -------
    (m,), (m,), (n,), (m,)
        First and second of each pair, the pair of each row, and how many rows each pair has.

    Examples
    --------
    >>> first, second, which, counts = unique_pairs(np.array([2, 1, 2]), np.array([-1, 5, -1]))
    >>> first.tolist(), second.tolist(), which.tolist(), counts.tolist()
    ([1, 2], [5, -1], [1, 0, 1], [1, 2])
    """
    if not len(one):
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing, nothing
    low = int(two.min())
    span = int(two.max()) - low + 1
    code = one.astype(np.int64) * span + (two.astype(np.int64) - low)
    keys, which, counts = np.unique(code, return_inverse=True, return_counts=True)
    return keys // span, keys % span + low, which.astype(np.int64), counts.astype(np.int64)
