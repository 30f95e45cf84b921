"""Shares as sorted integer arrays, without the rows that cannot matter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dideban.arrays import I4, I8, read_only
from dideban.errors import InputError
from dideban.kernels.coshare import Rows
from dideban.kernels.shares import (
    count_objects,
    group_rows,
    group_starts,
    invert,
    mark_alone,
    mark_live,
    sort_times,
    take_rows,
    window_bounds,
)

T = TypeVar("T")

MAX_ROWS = 2_000_000_000
"""Positions are 32-bit."""
SETTLED = 0.97
"""Pruning stops when a round keeps at least this share of the rows."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Rows for the kernels and the way back."""

    rows: Rows
    source: I4
    """Row of the input at each position."""
    account_codes: I4
    """Input code of each account of ``rows``."""


def lay_out(
    accounts: I4,
    objects: I4,
    times: I8,
    *,
    n_objects: int,
    window: int,
    min_weight: int,
    min_participation: int,
    threads: int,
) -> Layout:
    """Sort shares by (object, time) and keep those that can be part of an edge.

    An edge of ``min_weight`` objects needs two accounts with that many objects each, and only rows with another
    account within the window count, so everything else goes, round after round. Exact: no edge is lost.

    Parameters
    ----------
    accounts, objects : i4, (n,)
        Dense codes.
    times : i8, (n,)
        Microseconds.
    window : microseconds, >= 0
    min_weight : count, >= 1
    min_participation : count
        Accounts with fewer distinct objects in the whole table are left out first.
    """
    if accounts.size > MAX_ROWS:
        raise InputError("evidence.too-many-shares", hint="hint.split-period", n=accounts.size, most=MAX_ROWS)
    n_accounts = int(accounts.max(initial=-1)) + 1
    source, a, o, t = _sorted_rows(accounts, objects, times, n_objects=n_objects, threads=threads)
    counts = count_objects(a, o, np.ones(a.size, np.bool_), n_accounts)
    keep = counts[a] >= max(min_participation, min_weight)
    low, high = np.empty(0, np.int32), np.empty(0, np.int32)
    while True:
        a, o, t, source = a[keep], o[keep], t[keep], source[keep]
        low, high = np.empty(a.size, np.int32), np.empty(a.size, np.int32)
        window_bounds(o, t, window, low, high)
        live = mark_live(a, low, high)
        keep = live & (count_objects(a, o, live, n_accounts)[a] >= min_weight)
        if keep.sum() >= SETTLED * keep.size:
            break
    sizes = np.bincount(a, minlength=n_accounts)
    present = np.flatnonzero(sizes).astype(np.int32)
    present = present[np.argsort(-sizes[present], kind="stable")]  # busy accounts meet often: keep them close in memory
    dense = np.empty(n_accounts, np.int32)
    dense[present] = np.arange(present.size, dtype=np.int32)
    a = dense[a]
    starts = group_starts(a, present.size)
    own = group_rows(a, starts)
    own_objects = o[own]
    alone = mark_alone(starts, own, own_objects)
    rows = Rows(starts, own, own_objects, invert(own), a, o, t, low, high, alone)
    return Layout(rows=rows, source=source, account_codes=present)


def _sorted_rows(accounts: I4, objects: I4, times: I8, *, n_objects: int, threads: int) -> tuple[I4, I4, I4, I8]:
    """Rows in order of object and time, and their accounts, objects and times."""
    starts = group_starts(objects, n_objects)
    sizes = np.diff(starts)
    order, times = group_rows(objects, starts), read_only(times)
    a, t = np.empty(order.size, np.int32), np.empty(order.size, np.int64)

    def arrange(first: int, last: int) -> None:
        sort_times(starts, order, times, first, last)
        take_rows(order, accounts, times, int(starts[first]), int(starts[last]), a, t)

    for _ in run_chunks(arrange, sizes, threads):
        pass
    return order, a, np.repeat(np.arange(n_objects, dtype=np.int32), sizes), t


def run_chunks(work: Callable[[int, int], T], costs: NDArray[np.integer], threads: int) -> Iterator[T]:
    """Run ``work(first, last)`` on stretches of about equal cost; results come in order, whatever the threads.

    Without costs there is one stretch, empty.
    """
    if not costs.size:
        yield work(0, 0)
        return
    total = np.cumsum(costs + np.int64(1))
    n_chunks = int(np.clip(costs.size // 16, 1, 128))
    marks = np.linspace(0, total[-1] if total.size else 0, n_chunks + 1)[1:-1]
    cuts = np.unique(np.concatenate(([0], np.searchsorted(total, marks, side="right"), [costs.size])))
    n_threads = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(work, int(first), int(last)) for first, last in pairwise(cuts)]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
