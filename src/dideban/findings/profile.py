"""How a group pushes: what, when, in which order, in which bursts. Computed for all groups at once."""

from __future__ import annotations

import polars as pl

from dideban.findings.joint import OBJECT

MAX_OBJECTS = 50
"""Objects listed per finding; ``n_objects`` counts all."""


def count_objects(joint: pl.DataFrame) -> pl.DataFrame:
    """Return one row per group and joint object, most widely shared first.

    Parameters
    ----------
    joint : (n_joint,)
        Joint shares as from :func:`dideban.findings.joint.find_joint_shares`.

    Returns
    -------
    (n_objects,)
        ``group_ix, object_kind, object_id, n_accounts, n_posts, first_at, last_at``; ties go to more posts, then the
        earlier first share, then kind and id.
    """
    return (
        joint.group_by(OBJECT)
        .agg(
            n_accounts=pl.col("account_ix").n_unique().cast(pl.Int64),
            n_posts=pl.col("post_id").n_unique().cast(pl.Int64),
            first_at=pl.col("created_at").min(),
            last_at=pl.col("created_at").max(),
        )
        .sort(
            "group_ix", "n_accounts", "n_posts", "first_at", "object_kind", "object_id",
            descending=[False, True, True, False, False, False],
        )
    )  # fmt: skip


def count_kinds(joint: pl.DataFrame) -> pl.DataFrame:
    """Return ``group_ix, object_kind, n_objects, n_posts`` of the joint shares, sorted."""
    return (
        joint.group_by("group_ix", "object_kind")
        .agg(
            n_objects=pl.col("object_id").n_unique().cast(pl.Int64), n_posts=pl.col("post_id").n_unique().cast(pl.Int64)
        )
        .sort("group_ix", "object_kind")
    )


def measure_lags(joint: pl.DataFrame) -> pl.DataFrame:
    """Return ``group_ix, object_kind, object_id, account_id, lag_us``: delay behind the group's first joint share."""
    first = joint.group_by(*OBJECT, "account_id").agg(at=pl.col("created_at").min())
    lag = (pl.col("at") - pl.col("at").min().over(OBJECT)).dt.total_microseconds()
    return first.with_columns(lag_us=lag).drop("at")


def rank_leaders(lags: pl.DataFrame) -> pl.DataFrame:
    """Return one row per group and account: order of sharing, earliest first.

    Returns
    -------
    (n_members_with_joint_shares,)
        ``group_ix, account_id, n_objects, median_lag_s, n_first``; ties go to more objects, then the account id.
    """
    return (
        lags.group_by("group_ix", "account_id")
        .agg(
            n_objects=pl.len().cast(pl.Int64),
            median_lag_s=(pl.col("lag_us").median() / 1e6).round(6),
            n_first=(pl.col("lag_us") == 0).sum().cast(pl.Int64),
        )
        .sort("group_ix", "median_lag_s", "n_objects", "account_id", descending=[False, False, True, False])
    )


def measure_bursts(joint: pl.DataFrame) -> pl.DataFrame:
    """Return ``group_ix, n_bursts, median_span_s, median_accounts``: how the joint shares bunch."""
    span = (pl.col("created_at").max() - pl.col("created_at").min()).dt.total_microseconds()
    bursts = joint.group_by("group_ix", "burst_ix").agg(span=span, accounts=pl.col("account_ix").n_unique())
    return (
        bursts.group_by("group_ix")
        .agg(
            n_bursts=pl.len().cast(pl.Float64),
            median_span_s=(pl.col("span").median() / 1e6).round(6),
            median_accounts=pl.col("accounts").median().cast(pl.Float64),
        )
        .sort("group_ix")
    )
