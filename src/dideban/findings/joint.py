"""Which shares of a group were made together: the counting that every statement of a finding rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import B1, I8

OBJECT = ("group_ix", "object_kind", "object_id")
"""One object as seen by one group."""


@dataclass(frozen=True, kw_only=True)
class JointShares:
    """Shares of the members of every group, and the pairs among them.

    ``shares`` holds ``group_ix``, ``account_ix``, the TRACES columns, ``window_us`` (null where the kind is no
    evidence of the group), ``is_near``, ``is_joint`` (near, and the finding rests on the kind) and ``burst_ix`` (null
    where not near), sorted by group, kind, object, time, account, post. ``pairs`` holds ``group_ix, object_kind,
    n_pairs``.
    """

    shares: pl.DataFrame
    pairs: pl.DataFrame

    @property
    def near(self) -> pl.DataFrame:
        """Shares near one of another member, of every tested kind."""
        return self.shares.filter("is_near")

    @property
    def joint(self) -> pl.DataFrame:
        """The joint shares alone, in the same order."""
        return self.shares.filter("is_joint")


def find_joint_shares(
    traces: pl.DataFrame, *, members: pl.DataFrame, windows: pl.DataFrame, first_only: bool
) -> JointShares:
    """Mark every share that another member of the group made too, within the window.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Any order.
    members : (n_members,)
        ``group_ix, account_id``; an account may be in several groups.
    windows : (n_windows,)
        ``group_ix, object_kind, window_s, counts``: longest gap of two joint shares, seconds, inclusive, and whether
        the finding rests on the kind. Kinds without a row are kept but never joint.
    first_only : bool
        Count only the first share of an object by an account (the synchrony test does; the threshold rule does not).

    Returns
    -------
    JointShares

    Notes
    -----
    Deterministic for any order of rows. Time O(n log n) in the shares of members, whatever the number of pairs.
    """
    shares = _member_shares(traces, members=members, windows=windows)
    counted = pl.col("window_us").is_not_null()
    if first_only:
        counted &= pl.struct("account_ix", "object_kind", "object_id", "group_ix").is_first_distinct()
    rows = shares.filter(counted)
    near, burst_ix = _near_and_bursts(rows)
    pairs = _count_pairs(rows)
    marks = rows.select("row_ix").with_columns(is_near=pl.Series(near), burst_ix=pl.Series(burst_ix))
    marks = marks.with_columns(pl.when("is_near").then("burst_ix").alias("burst_ix"))
    marked = shares.join(marks, on="row_ix", how="left", maintain_order="left").drop("row_ix")
    is_near = pl.col("is_near").fill_null(value=False)
    is_joint = is_near & pl.col("counts").fill_null(value=False)
    return JointShares(shares=marked.with_columns(is_near=is_near, is_joint=is_joint), pairs=pairs)


def _member_shares(traces: pl.DataFrame, *, members: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    accounts = members.select(pl.col("account_id").unique().sort()).with_row_index("account_ix")
    codes = accounts.with_columns(pl.col("account_ix").cast(pl.Int64))
    micros = windows.select(
        "group_ix", "object_kind", "counts", window_us=(pl.col("window_s") * 1e6).round(0).cast(pl.Int64)
    ).with_columns(pl.col("object_kind").cast(traces.schema["object_kind"]))
    return (
        traces.join(codes, on="account_id", how="inner")
        .join(members.select("group_ix", "account_id"), on="account_id", how="inner")
        .join(micros, on=["group_ix", "object_kind"], how="left")
        .sort(*OBJECT, "created_at", "account_id", "post_id")
        .with_row_index("row_ix")
    )


def _starts(rows: pl.DataFrame, keys: tuple[str, ...]) -> B1:
    """Return where a new run of equal ``keys`` starts, for sorted rows."""
    changed = [pl.col(key).ne_missing(pl.col(key).shift()) for key in keys]
    flags: B1 = rows.select(pl.any_horizontal(changed)).to_series().to_numpy().copy()
    flags[:1] = True
    return flags


def _arrays(rows: pl.DataFrame) -> tuple[I8, I8]:
    times = rows["created_at"].to_physical().to_numpy()
    return times.astype(np.int64), rows["window_us"].to_numpy().astype(np.int64)


def _near_and_bursts(rows: pl.DataFrame) -> tuple[B1, I8]:
    """Return near flags and burst codes: a burst is a chain of near shares of one object, gaps within the window."""
    if rows.is_empty():
        return np.zeros(0, bool), np.zeros(0, np.int64)
    times, windows = _arrays(rows)
    new_object = _starts(rows, OBJECT)
    near = _near_other_account(times, windows, new_object, rows["account_ix"].to_numpy())
    where = np.flatnonzero(near)
    objects = np.cumsum(new_object)[where]
    is_start = np.ones(len(where), bool)
    is_start[1:] = (np.diff(objects) != 0) | (np.diff(times[where]) > windows[where][1:])
    bursts = np.zeros(len(rows), np.int64)
    bursts[where] = np.cumsum(is_start) - 1
    return near, bursts


def _near_other_account(times: I8, windows: I8, new_object: B1, accounts: I8) -> B1:
    """Return which shares have a share by another account within the window.

    Rows are sorted by object and time. The nearest earlier share by another account is the last row of the run
    before; the nearest later one is the first row of the run after.
    """
    new_run = new_object.copy()
    new_run[1:] |= accounts[1:] != accounts[:-1]
    run = np.cumsum(new_run) - 1
    first = np.flatnonzero(new_run)
    last = np.append(first[1:], len(times)) - 1
    same_before = np.append(False, ~new_object[first[1:]])
    same_after = np.append(same_before[1:], False)
    before = times[last[np.maximum(run - 1, 0)]]
    after = times[first[np.minimum(run + 1, len(first) - 1)]]
    near: B1 = (same_before[run] & (times - before <= windows)) | (same_after[run] & (after - times <= windows))
    return near


def _count_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Count pairs of shares by different members within the window, per group and kind."""
    by_account = rows.sort(*OBJECT, "account_ix", "created_at", maintain_order=True)
    counts = pl.concat(
        [
            rows.select("group_ix", "object_kind", n=pl.Series(_pairs_ahead(rows, OBJECT), dtype=pl.Int64)),
            by_account.select(
                "group_ix",
                "object_kind",
                n=pl.Series(-_pairs_ahead(by_account, (*OBJECT, "account_ix")), dtype=pl.Int64),
            ),
        ]
    )
    totals = counts.group_by("group_ix", "object_kind").agg(n_pairs=pl.col("n").sum())
    return totals.sort("group_ix", "object_kind")


def _pairs_ahead(rows: pl.DataFrame, keys: tuple[str, ...]) -> I8:
    """Return for every row how many later rows of its run lie within the window.

    Gaps are cut at just over the window, so that all runs fit on one line of time without overflow and one binary
    search answers for all of them.
    """
    if rows.is_empty():
        return np.zeros(0, np.int64)
    times, windows = _arrays(rows)
    gaps = np.diff(times)
    gaps = np.where(_starts(rows, keys)[1:], windows[:-1] + 1, np.minimum(gaps, windows[:-1] + 1))
    line = np.concatenate([np.zeros(1, np.int64), np.cumsum(gaps)])
    ahead: I8 = np.searchsorted(line, line + windows, side="right") - np.arange(len(line)) - 1
    return ahead
