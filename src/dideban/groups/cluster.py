"""Clusters of accounts tied by strong edges."""

from __future__ import annotations

import numpy as np
import polars as pl

from dideban.arrays import F8, I4
from dideban.config import GroupConfig
from dideban.errors import ConfigError
from dideban.graph import components, k_core, leiden
from dideban.schema import EDGES, GROUPS

ALGORITHMS = ("components", "leiden")


def cluster_accounts(edges: pl.DataFrame, *, config: GroupConfig, seed: int) -> pl.DataFrame:
    """Cluster accounts that strong edges tie together.

    Strong edges of all kinds and windows are unioned and their weights summed; the k-core is kept; what remains is
    split into components or Leiden communities.

    Parameters
    ----------
    edges : EDGES, (n_edges,)
        Any order; weak edges and loops are passed over.
    config : GroupConfig
    seed : int
        Seed of the community search.

    Returns
    -------
    GROUPS, (n_members,)
        Groups of ``config.min_size`` accounts or more, ordered by size, then by first member.

    Raises
    ------
    SchemaError
        A column of EDGES is missing or mistyped.
    ConfigError
        Unknown algorithm.
    """
    if config.algorithm not in ALGORITHMS:
        raise ConfigError(
            "config.not-one-of",
            key="groups.algorithm",
            value=config.algorithm,
            allowed=list(ALGORITHMS),
        )
    strong = _union(EDGES.check(edges))
    if strong.is_empty():
        return GROUPS.empty()
    names = pl.concat([strong["account_a"], strong["account_b"]]).unique().sort()
    src, dst = (_codes(strong[column], names) for column in ("account_a", "account_b"))
    weight = strong["weight"].to_numpy().astype(np.float64)
    kept = k_core(names.len(), src, dst, k=config.core)
    inner = kept[src] & kept[dst]
    src, dst, weight = src[inner], dst[inner], weight[inner]
    if config.algorithm == "leiden":
        label = leiden(names.len(), src, dst, weight, resolution=config.resolution, seed=seed)
    else:
        label = components(names.len(), src, dst)
    members = pl.DataFrame(
        {"account_id": names, "label": label, "strength": _strength(label, src, dst, weight)}
    ).filter(pl.Series(kept))
    return _number(members, config.min_size)


def _union(edges: pl.DataFrame) -> pl.DataFrame:
    """Strong edges of every kind and window as one weight per pair, sorted."""
    return (
        edges.filter(pl.col("is_strong") & (pl.col("account_a") != pl.col("account_b")) & (pl.col("weight") > 0))
        .group_by("account_a", "account_b")
        .agg(pl.col("weight").sum())
        .sort("account_a", "account_b")
    )


def _codes(column: pl.Series, names: pl.Series) -> I4:
    return names.search_sorted(column).to_numpy().astype(np.int32)


def _strength(label: I4, src: I4, dst: I4, weight: F8) -> F8:
    """Sum of each node's edge weights to nodes of its own label."""
    same = label[src] == label[dst]
    ends, twice = np.append(src[same], dst[same]), np.append(weight[same], weight[same])
    total: F8 = np.bincount(ends, twice, minlength=label.size).astype(np.float64)
    return total


def _number(members: pl.DataFrame, min_size: int) -> pl.DataFrame:
    """Keep groups that are large enough and number them by size, then by first member."""
    sized = members.with_columns(
        pl.len().over("label").alias("size"), pl.col("account_id").min().over("label").alias("first")
    ).filter(pl.col("size") >= max(min_size, 1))
    return GROUPS.check(
        sized.sort(pl.col("size"), "first", "account_id", descending=[True, False, False])
        .with_columns(pl.col("first").rle_id().cast(pl.Int64).alias("group_ix"))
        .select(GROUPS.names)
    )
