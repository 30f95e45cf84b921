"""Copies of real data in which nothing is left between accounts that could be called concert."""

from __future__ import annotations

import numpy as np
import polars as pl

POST = ["account_id", "created_at"]


def exchange_contents(traces: pl.DataFrame, *, seed: int, stretch: str = "1d") -> pl.DataFrame:
    """Return TRACES in which each account's objects of a kind are dealt out again among its own moments.

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
    What accounts post is no longer tied to when they do. **Their moments are left as they are**: of two accounts that
    always post in the same second, whatever they post, as many posts still fall together, and of the few things that
    both post on a day some meet by chance. To exchange with outsiders that is concert, and rightly so. An object may
    now come before its own beginning; times of birth do not fit any more and must be left out.
    """
    keys = ["account_id", "object_kind", "_stretch"]
    dealt = np.random.default_rng(seed).random(len(traces))
    rows = traces.with_row_index("_row").with_columns(_stretch=pl.col("created_at").dt.truncate(stretch), _dealt=dealt)
    moments = rows.sort(*keys, "_row")
    contents = rows.sort(*keys, "_dealt", "_row")
    exchanged = moments.with_columns(object_id=contents["object_id"])
    return exchanged.sort("_row").select(traces.columns)


def exchange_hours(traces: pl.DataFrame, moments: pl.DataFrame, *, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return TRACES and moments in which each account's times of day are dealt out again among its own days.

    Parameters
    ----------
    traces : TRACES
        Any order.
    moments : (account_id, created_at, ...)
        Every post of every account.
    seed : int
        Same seed, same copy.

    Returns
    -------
    TRACES, (n_traces,) and moments, (n_moments,)
        The same rows in the same order. Each account posts the same things on the same days and has the same times of
        day in all, but on other days: what is posted at one instant stays together.

    Notes
    -----
    Rhythm, clocks and what is posted on a day stay; that two accounts post in the same seconds of the same days goes.
    """
    instants = pl.concat([traces.select(POST), moments.select(POST)]).unique().sort(POST)
    rows = instants.with_columns(
        _day=pl.col("created_at").dt.truncate("1d"),
        _dealt=np.random.default_rng(seed).random(len(instants)),
    ).with_columns(_hour=pl.col("created_at") - pl.col("_day"))
    dealt = rows.sort("account_id", "_dealt", "created_at")
    known = rows.with_columns(_then=pl.col("_day") + dealt["_hour"]).select(*POST, "_then")
    return _at_other_hours(traces, known), _at_other_hours(moments, known)


def _at_other_hours(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    moved = rows.join(known, on=POST, how="left", maintain_order="left")
    return moved.with_columns(created_at=pl.col("_then").cast(rows.schema["created_at"])).select(rows.columns)
