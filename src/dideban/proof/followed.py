"""Accounts that were followed: members of a group came after them, and nothing is proved about them.

Whoever was followed may be a source, a target or an instigator, and may know nothing of it: the data cannot say which.
They are shown apart and never counted as members.
"""

from __future__ import annotations

import polars as pl

from dideban.figures import settle
from dideban.schema import FOLLOWED, PROOF_TRACES

LEAST_OBJECTS = 2
"""Objects on which a member must have come after an account before it is called followed."""
OBJECT = ["object_kind", "object_id"]


def best_scales(proof_traces: pl.DataFrame) -> pl.DataFrame:
    """Keep the scale with the best evidence per group and kind, ties to the finer; ``p`` is its p-value, settled."""
    table = proof_traces.select(PROOF_TRACES.names)  # leads state no p-values
    settled = table.with_columns(p=pl.Series(settle(table["p_value"].fill_null(1.0))))
    return settled.sort("group_ix", "object_kind", "p", "scale_s").unique(
        ["group_ix", "object_kind"], keep="first", maintain_order=True
    )


def count_followed(
    traces: pl.DataFrame, *, groups: pl.DataFrame, asked: pl.DataFrame, windows: pl.DataFrame
) -> pl.DataFrame:
    """Count how often the members of each group came after some accounts.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Any order; the first share of an object by an account counts.
    groups : (n_members,) with group_ix, account_id
        Members.
    asked : (n_asked,) with group_ix, account_id
        Accounts that are not members of that group.
    windows : (n_kinds,) with group_ix, object_kind, scale_s
        How long after counts as after, per kind.

    Returns
    -------
    FOLLOWED, (n_followed,)
        Accounts with LEAST_OBJECTS objects or more, counted over all of the data, among objects that two members or
        more share: those are what a finding package holds.
    """
    if not asked.height:
        return FOLLOWED.empty()
    both = pl.concat([groups.select("account_id"), asked.select("account_id")]).unique()
    held = traces.join(asked.select("account_id").unique(), on="account_id", how="semi").select(OBJECT).unique()
    shares = (
        traces.join(both, on="account_id", how="semi")
        .join(held, on=OBJECT, how="semi")
        .group_by("account_id", *OBJECT)
        .agg(at=pl.col("created_at").min())
    )
    kind = traces.schema["object_kind"]
    within = windows.select("group_ix", pl.col("object_kind").cast(kind), window_us=pl.col("scale_s") * 1e6)
    before = shares.join(asked.select("group_ix", "account_id"), on="account_id").join(
        within, on=["group_ix", "object_kind"]
    )
    after = shares.join(groups.select("group_ix", "account_id"), on="account_id")
    after = after.filter(pl.len().over("group_ix", *OBJECT) > 1)
    pairs = before.join(after, on=["group_ix", *OBJECT], suffix="_member")
    gap_us = (pl.col("at_member") - pl.col("at")).dt.total_microseconds()
    counted = (
        pairs.filter((gap_us >= 0) & (gap_us <= pl.col("window_us")))
        .group_by("group_ix", "account_id")
        .agg(
            n_objects=pl.struct(OBJECT).n_unique().cast(pl.Int64),
            n_members=pl.col("account_id_member").n_unique().cast(pl.Int64),
        )
    )
    return FOLLOWED.check(
        counted.filter(pl.col("n_objects") >= LEAST_OBJECTS).select(FOLLOWED.names).sort("group_ix", "account_id")
    )
