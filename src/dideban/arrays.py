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
