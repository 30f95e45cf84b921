"""Every pair of shares of one object within a window, as CooRTweet writes them: older first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit


class TimedRows(NamedTuple):
    """Rows sorted by (object, time), ties in the order that decides who is older."""

    objects: I4
    accounts: I4
    posts: I4
    barred: B1
    """Rows that never pair (loops)."""
    times: F8
    """Seconds."""


@jit
def is_pair(rows: TimedRows, older: int, newer: int, loops: bool) -> bool:
    if loops:
        return True
    return not (
        rows.barred[older]
        or rows.barred[newer]
        or rows.accounts[older] == rows.accounts[newer]
        or rows.posts[older] == rows.posts[newer]
    )


@jit
def count_row_pairs(rows: TimedRows, begin: int, stop: int, window: float, loops: bool, limit: int) -> tuple[I8, int]:
    # positions begin .. stop as the older side -> (stop - begin,) i8 pairs of each, their sum; stops past ``limit``
    counts = np.zeros(stop - begin, np.int64)
    total = 0
    for older in range(begin, stop):
        newer = older + 1
        while (
            newer < rows.times.size
            and rows.objects[newer] == rows.objects[older]
            and abs(rows.times[newer] - rows.times[older]) <= window
        ):
            counts[older - begin] += is_pair(rows, older, newer, loops)
            newer += 1
        total += counts[older - begin]
        if total > limit:
            break
    return counts, total


@jit
def fill_row_pairs(rows: TimedRows, begin: int, counts: I8, window: float, loops: bool) -> tuple[I4, I4]:
    # the pairs counted above -> (n_pairs,) i4 older and newer positions
    total = counts.sum()
    olders = np.empty(total, np.int32)
    newers = np.empty(total, np.int32)
    at = 0
    for offset in range(counts.size):
        older = begin + offset
        newer = older + 1
        last = at + counts[offset]
        while at < last:
            if is_pair(rows, older, newer, loops):
                olders[at] = older
                newers[at] = newer
                at += 1
            newer += 1
    return olders, newers
