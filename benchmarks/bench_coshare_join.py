"""The sliding window against what CooRTweet does: every pair of rows of an object first, the window afterwards.

Both in this process on the same table, the join by Polars and NumPy; only the step from shares to edges is timed.
"""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import shares

from dideban.config import CoShareConfig
from dideban.evidence import link_shares

SIZES = {"small": [10_000, 30_000, 100_000], "full": [10_000, 30_000, 100_000, 300_000, 1_000_000]}
PAIRS_AT_ONCE = 300_000_000
"""The join stops at tables with more pairs than this: it would not end in reasonable time."""
WINDOW_S = 60


def run(scale: str) -> list[dict]:
    rows = []
    config = CoShareConfig(window_s=WINDOW_S, min_weight=1, min_participation=1)
    for n in SIZES[scale]:
        table = shares.make(n).rename({"content_id": "post_id", "timestamp_share": "created_s"})
        link_shares(table.head(100), config=config)
        seconds, edges = _time(lambda table=table: link_shares(table, config=config).height)
        counts = table["object_id"].value_counts()["count"].to_numpy().astype(np.float64)
        n_pairs = int((counts * (counts - 1) / 2).sum())
        row = {"shares": n, "window_s": seconds, "edges": edges, "pairs_of_rows": n_pairs, "join_s": None}
        if n_pairs <= PAIRS_AT_ONCE:
            row["join_s"], joined = _time(lambda table=table: all_pairs(table))
            if joined != edges:
                raise AssertionError(f"{joined} edges by the join, {edges} by the window")
            row["times"] = row["join_s"] / seconds
        rows.append(row)
    return rows


def _time(work) -> tuple[float, int]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def all_pairs(table: pl.DataFrame) -> int:
    """Edges by writing down every pair of rows of each object, as calc_group_combinations does."""
    found = []
    for part in table.partition_by("object_id"):
        if part.height < 2:
            continue
        i, j = np.triu_indices(part.height, 1)
        moment = part["created_s"].to_numpy()
        near = np.abs(moment[i] - moment[j]) <= WINDOW_S
        account = part["account_id"].to_numpy()
        a, b = account[i[near]], account[j[near]]
        found.append(pl.DataFrame({"a": a, "b": b}, schema={"a": pl.String, "b": pl.String}))
    ends = pl.concat(found).filter(pl.col("a") != pl.col("b"))
    return ends.select(pl.min_horizontal("a", "b").alias("a"), pl.max_horizontal("a", "b").alias("b")).unique().height
