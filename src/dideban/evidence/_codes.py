"""Dense integer codes for strings, exact and fast."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from dideban.arrays import I4, read_only
from dideban.kernels.shares import code_hashes


def code_strings(values: pl.Series) -> tuple[I4, pl.Series]:
    """Return the code of each value and the distinct values by code, numbered by first appearance.

    Values are distinguished by a 64-bit hash and the codes are then checked against the values, so a collision costs
    time, never an error.
    """
    codes, first = code_hashes(read_only(values.hash().to_numpy()))
    distinct = values.gather(first)
    if (distinct.gather(codes) == values).all():
        return codes, distinct
    return _code_slowly(values)


def code_both(first: pl.Series, second: pl.Series, *, threads: int) -> tuple[I4, pl.Series, I4, pl.Series]:
    """Code two columns at the same time where there is a second thread."""
    with ThreadPoolExecutor(1 if threads == 1 else 2) as pool:
        one, two = pool.map(code_strings, (first, second))
    return *one, *two


def _code_slowly(values: pl.Series) -> tuple[I4, pl.Series]:
    distinct = values.unique(maintain_order=True)
    codes = values.replace_strict(distinct, np.arange(distinct.len(), dtype=np.int32), return_dtype=pl.Int32)
    return codes.to_numpy(), distinct
