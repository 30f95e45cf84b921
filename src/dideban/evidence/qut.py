"""The directed counts of the QUT coordination-network-toolkit 1.5.2, restated, defects included.

References
----------
Graham, QUT Digital Observatory 2020, coordination-network-toolkit, doi:10.25912/5fc5ac9c8a5b1.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dideban.errors import ConfigError
from dideban.evidence.coshare import find_pairs, name_pairs
from dideban.progress import SILENT, Progress


def count_directed(
    shares: pl.DataFrame,
    *,
    time_window: float,
    min_edge_weight: int = 1,
    loops: bool = False,
    links: bool = False,
    threads: int = 0,
    progress: Progress = SILENT,
) -> pl.DataFrame:
    """Count, for each ordered pair of users, the messages of the first that the second echoes within the window.

    Parameters
    ----------
    shares : (n,)
        ``account_id, object_id, post_id`` String and ``created_s`` (or ``created_us``).
    time_window : seconds, >= 0
        Longest gap either way, inclusive.
    min_edge_weight : count
        Directions with fewer messages are left out, each on its own.
    loops : bool
        Also give the edges from a user to itself. As QUT 1.5.2: every message matches itself, so the weight is the
        number of its messages.
    links : bool
        False, ``co_retweet``: a message has one object, the first row of a message id stands and rows without object
        are passed over. True, ``co_link``: a message may have several, and as QUT 1.5.2 an empty link is a link like
        any other, so all who shared none are tied together.
    threads : count
        0 = all cores. Never changes the result.
    progress : Progress

    Returns
    -------
    (n_edges,)
        ``account_a`` (their user_1), ``account_b`` (user_2), ``weight``; sorted.

    Raises
    ------
    ConfigError
        A negative window.
    InputError
        Too many close pairs; see :func:`dideban.evidence.link_accounts`.

    Notes
    -----
    Gaps are compared in whole microseconds; the toolkit compares binary fractions.
    """
    shares = _messages(shares, links=links)
    edges = count_both_ways(
        shares, time_window=time_window, min_edge_weight=min_edge_weight, threads=threads, progress=progress
    )
    parts = [
        edges.select("account_a", "account_b", weight="n_posts_a"),
        edges.select(account_a="account_b", account_b="account_a", weight="n_posts_b"),
    ]
    if loops:
        counts = shares.group_by("account_id").agg(weight=pl.col("post_id").n_unique().cast(pl.Int64))
        parts.append(counts.select(account_a="account_id", account_b="account_id", weight="weight"))
    return pl.concat(parts).filter(pl.col("weight") >= min_edge_weight).sort("account_a", "account_b")


def count_both_ways(
    shares: pl.DataFrame,
    *,
    time_window: float,
    min_edge_weight: int = 1,
    threads: int = 0,
    progress: Progress = SILENT,
) -> pl.DataFrame:
    """Count both directions of every pair at once; at least one reaches ``min_edge_weight``.

    Parameters
    ----------
    shares : (n,)
        As for :func:`count_directed`, one row per message and object.

    Returns
    -------
    (n_pairs,)
        ``account_a < account_b``, ``n_posts_a`` (messages of a that b echoes), ``n_posts_b``, ``n_pairs``,
        ``mean_delay_s``; sorted.
    """
    if not time_window >= 0:
        raise ConfigError("config.not-seconds", key="coshare.window_s", value=time_window)
    pairs = find_pairs(
        shares,
        windows=np.array([round(time_window * 1e6)], np.int64),
        min_weight=1,
        min_participation=0,
        threads=threads,
        progress=progress,
    )
    facts = pairs.facts[:, 0]
    enough = facts[:, 3:].max(axis=1) >= min_edge_weight
    named = name_pairs(pairs.a[enough], pairs.b[enough], pairs.accounts)
    facts = facts[enough][named.order]
    return pl.DataFrame(
        {
            "account_a": named.a,
            "account_b": named.b,
            "n_posts_a": np.where(named.swapped, facts[:, 4], facts[:, 3]),
            "n_posts_b": np.where(named.swapped, facts[:, 3], facts[:, 4]),
            "n_pairs": facts[:, 1],
            "mean_delay_s": facts[:, 2] / 1e6 / np.maximum(facts[:, 1], 1),
        }
    )


def _messages(shares: pl.DataFrame, *, links: bool) -> pl.DataFrame:
    """The rows that the toolkit would keep."""
    shares = shares.filter(pl.col("object_id").is_not_null() & (pl.col("account_id") != ""))
    if links:
        marked = pl.when(pl.col("object_id") == "").then(pl.lit("\0none")).otherwise("object_id").alias("object_id")
        return shares.with_columns(marked).unique(["post_id", "object_id"], keep="first", maintain_order=True)
    return shares.unique("post_id", keep="first", maintain_order=True).filter(pl.col("object_id") != "")
