"""The same step by each of the threshold methods: TRACES -> EDGES."""

from __future__ import annotations

import polars as pl

from dideban.config import CoShareConfig
from dideban.errors import ConfigError
from dideban.evidence import coortweet
from dideban.evidence.coshare import link_accounts
from dideban.evidence.qut import count_both_ways
from dideban.progress import SILENT, Progress
from dideban.schema import EDGES, OBJECT_KINDS, TRACES

THRESHOLD_METHODS = ("threshold", "coortweet", "qut")
DEFAULT_PERCENTILE = 0.5
"""CooRTweet's ``edge_weight`` where the configuration names no percentile."""


def link_by(
    traces: pl.DataFrame,
    *,
    method: str,
    config: CoShareConfig,
    threads: int = 0,
    progress: Progress = SILENT,
) -> pl.DataFrame:
    """Link accounts by a threshold method.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
    method : "threshold", "coortweet" or "qut"
        ``threshold`` is :func:`dideban.evidence.link_accounts`. The peers' methods see each kind as a table of its own
        and fill the columns of EDGES with what they count:

        - ``coortweet``: ``weight = n_pairs`` = pairs of shares; ``n_posts_a`` and ``n_posts_b`` = distinct older and
          newer posts of the pair; ``is_strong`` = above the quantile ``config.percentile`` (default 0.5) of the kind.
        - ``qut``: ``n_posts_a`` and ``n_posts_b`` = the two directed counts, ``weight`` = the larger one, ``is_strong``
          where it reaches ``config.min_weight``.
    config : CoShareConfig
    threads : count
        0 = all cores. Never changes the result.
    progress : Progress

    Returns
    -------
    EDGES, (n_edges,)

    Raises
    ------
    SchemaError
        A TRACES column is missing or mistyped.
    ConfigError
        Unknown method.
    InputError
        Too many pairs.
    """
    if method == "threshold":
        return link_accounts(traces, config=config, threads=threads, progress=progress)
    if method not in THRESHOLD_METHODS:
        raise ConfigError("config.not-one-of", key="method", value=method, allowed=list(THRESHOLD_METHODS))
    traces = TRACES.check(traces)
    rule = _by_coortweet if method == "coortweet" else _by_qut
    found = [EDGES.empty()]
    for kind in OBJECT_KINDS:
        rows = traces.filter(pl.col("object_kind") == kind)
        if rows.height:
            edges = rule(rows, config, threads)
            found.append(
                EDGES.check(
                    edges.with_columns(
                        object_kind=pl.lit(kind, EDGES.dtypes["object_kind"]), window_s=pl.lit(float(config.window_s))
                    )
                )
            )
    return pl.concat(found).sort("account_a", "account_b", "object_kind", "window_s")


def _by_coortweet(traces: pl.DataFrame, config: CoShareConfig, threads: int) -> pl.DataFrame:
    shares = traces.select(
        "object_id",
        "account_id",
        content_id="post_id",
        timestamp_share=pl.col("created_at").dt.timestamp("us") / 1e6,
    )
    pairs = coortweet.detect_groups(
        shares,
        time_window=config.window_s,
        min_participation=config.min_participation,
        remove_loops=config.remove_loops,
        threads=threads,
    )
    percentile = DEFAULT_PERCENTILE if config.percentile is None else config.percentile
    edges = coortweet.generate_coordinated_network(pairs, edge_weight=percentile)
    return edges.select(
        "account_a",
        "account_b",
        "weight",
        n_pairs="weight",
        mean_delay_s="avg_time_delta",
        n_posts_a="n_content_id",
        n_posts_b="n_content_id_y",
        symmetry="edge_symmetry_score",
        is_strong=pl.col("weight_threshold") == 1,
    )


def _by_qut(traces: pl.DataFrame, config: CoShareConfig, threads: int) -> pl.DataFrame:
    shares = traces.select("account_id", "object_id", "post_id", created_us=pl.col("created_at").dt.timestamp("us"))
    both = count_both_ways(shares, time_window=config.window_s, threads=threads)
    return both.select(
        "account_a",
        "account_b",
        weight=pl.max_horizontal("n_posts_a", "n_posts_b"),
        n_pairs="n_pairs",
        mean_delay_s="mean_delay_s",
        n_posts_a="n_posts_a",
        n_posts_b="n_posts_b",
        symmetry=pl.min_horizontal("n_posts_a", "n_posts_b") / pl.max_horizontal("n_posts_a", "n_posts_b"),
        is_strong=pl.max_horizontal("n_posts_a", "n_posts_b") >= config.min_weight,
    )
