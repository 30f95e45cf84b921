"""When accounts post at all: their moments, the sittings these fall into, and the clocks that some of them keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dideban.arrays import F8, I8
from dideban.kernels.directed import find_clocks, sitting_of
from dideban.proof.blocks import DAY_S, HOUR_S, STRETCH_S, KindTraces

SITTING_S = 900.0
"""Posts of one account that are less than this apart belong to one sitting."""
PERIODS_S = np.array(
    [60.0 * minutes for minutes in range(2, 61)] + [5400.0, 2 * HOUR_S, 3 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S, DAY_S]
)
"""Periods at which clocks are looked for: every whole minute up to the hour, then the usual ones."""
WIDTHS_S = np.array([10.0, 60.0, 1800.0])
"""Half widths of the band around a mark; never more than an eighth of the period."""
LEAST_GAIN = 9.0
"""Log likelihood ratio over an even spread from which an account is taken to keep a clock."""
MOST_POSTS = 400
"""Posts per account that are looked at for a clock."""


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Every moment at which each account posted anything, account by account."""

    bounds: I8
    """(n_accounts + 1,) where the moments of each account begin."""
    times: F8
    """(n,) seconds, ascending inside an account."""
    sittings: I8
    """(n,) sitting of each moment, ascending; no two accounts share one."""

    def sittings_of(self, traces: KindTraces) -> I8:
        """(n,) sitting of each row of traces."""
        found: I8 = sitting_of(traces.account, traces.time, self.bounds, self.times, self.sittings)
        return found

    def clocks(self, accounts: NDArray[np.integer]) -> F8:
        """Return, for some accounts, (m, 3) period, phase and half width of the clock they keep; period 0 = none."""
        asked = np.asarray(accounts, dtype=np.int64)
        found: F8 = find_clocks(self.bounds, self.times, asked, PERIODS_S, WIDTHS_S, LEAST_GAIN, MOST_POSTS)
        return found

    def pooled_clock(self, accounts: NDArray[np.integer]) -> F8:
        """Return the clock that several accounts keep together, (3,)."""
        both = np.sort(np.concatenate([self.times[self.bounds[a] : self.bounds[a + 1]] for a in accounts]))
        bounds = np.array([0, len(both)], np.int64)
        found: F8 = find_clocks(bounds, both, np.zeros(1, np.int64), PERIODS_S, WIDTHS_S, LEAST_GAIN, MOST_POSTS)
        return np.asarray(found[0], dtype=np.float64)

    def in_phase(self, accounts: NDArray[np.integer], clock: F8) -> F8:
        """(m,) share of the moments of each account that lie within the band of a clock."""
        period, phase, width = clock
        apart = [(self.times[self.bounds[a] : self.bounds[a + 1]] - phase) % period for a in accounts]
        return np.array([float((np.minimum(one, period - one) <= width).mean()) if len(one) else 0.0 for one in apart])


def account_moments(posts: pl.DataFrame, accounts: pl.Series, *, stretch_s: float = STRETCH_S) -> Moments:
    """Collect the moments of accounts.

    Parameters
    ----------
    posts : (n,) with account_id, created_at
        Posts, or traces where nothing else is known. Others than ``accounts`` are passed over.
    accounts : sorted account ids
        Their position is the code.
    stretch_s : seconds
        Sittings end where a stretch does.
    """
    known = accounts.to_frame("account_id").with_row_index("a")
    seen = (
        posts.select("account_id", "created_at")
        .unique()
        .join(known, on="account_id")
        .select(pl.col("a").cast(pl.Int64), t=pl.col("created_at").dt.epoch("us"))
        .sort("a", "t")
    )
    account, micros = seen["a"].to_numpy(), seen["t"].to_numpy()
    times = micros / 1e6
    stretch = np.floor(times / stretch_s).astype(np.int64)
    new = np.ones(len(times), bool)
    new[1:] = (np.diff(account) != 0) | (np.diff(times) > SITTING_S) | (np.diff(stretch) != 0)
    return Moments(
        bounds=np.searchsorted(account, np.arange(len(accounts) + 1)).astype(np.int64),
        times=times,
        sittings=np.cumsum(new).astype(np.int64),
    )
