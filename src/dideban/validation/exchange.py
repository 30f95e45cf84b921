"""Copies of real data with contents exchanged inside accounts: everybody posts when they did, but other things."""

from __future__ import annotations

import numpy as np
import polars as pl


def exchange_contents(traces: pl.DataFrame, *, seed: int, stretch: str = "1d") -> pl.DataFrame:
    """Return TRACES in which each account's objects of a kind are dealt out anew among its own moments.

    Parameters
    ----------
    traces : TRACES
        Any order.
    seed : int
        Same seed, same copy.
    stretch : duration
        Objects stay inside a stretch of time of their account, so that each is still posted on the days it was.

    Returns
    -------
    TRACES, (n_traces,)
        The same accounts, kinds, posts and times in the same order; per account, kind and stretch the same objects.

    Notes
    -----
    Nothing but chance is left between accounts beyond which of them posted the same things on the same day. An object
    may now come before its own beginning; times of birth do not fit any more and must be left out.
    """
    keys = ["account_id", "object_kind", "_stretch"]
    dealt = np.random.default_rng(seed).random(len(traces))
    rows = traces.with_row_index("_row").with_columns(_stretch=pl.col("created_at").dt.truncate(stretch), _dealt=dealt)
    moments = rows.sort(*keys, "_row")
    contents = rows.sort(*keys, "_dealt", "_row")
    exchanged = moments.with_columns(object_id=contents["object_id"])
    return exchanged.sort("_row").select(traces.columns)
