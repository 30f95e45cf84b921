"""``dideban coshare --method qut`` against the QUT toolkit: whole processes, CSV, preprocess included.

Runs only where BENCH_QUT names a ``compute_networks`` program (pip install coordination-network-toolkit).
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

import measure
import polars as pl
import shares

SIZES = {"small": [10_000, 100_000], "full": [100_000, 1_000_000]}
WINDOW_S = 60


def run(scale: str) -> list[dict]:
    program = os.environ.get("BENCH_QUT")
    if not program:
        return [{"skipped": "set BENCH_QUT to the toolkit's compute_networks program"}]
    with tempfile.TemporaryDirectory() as name:
        return [_compare(program, n, Path(name)) for n in SIZES[scale]]


def _compare(program: str, n: int, folder: Path) -> dict:
    frame = shares.make(n)
    ours, database = folder / f"{n}.csv", folder / f"{n}.db"
    frame.write_csv(ours)
    theirs = _write_theirs(frame, folder / f"{n}_qut.csv")
    edges_of = {method: folder / f"{method}.parquet" for method in ("qut", "threshold")}
    mine = {
        method: measure.dideban(
            "coshare", ours, "--window", WINDOW_S, "--method", method, "--min-weight", 2, "--keep-ids", "--out", path
        )
        for method, path in edges_of.items()
    }
    load, compute = _toolkit(program, database, theirs)
    _same_edges(database, edges_of["qut"])
    toolkit = load.seconds + compute.seconds
    return {
        "shares": n,
        "qut_toolkit_s": toolkit,
        "toolkit_mb": max(load.peak_mb, compute.peak_mb),
        "dideban_qut_s": mine["qut"].seconds,
        "times_faster": toolkit / mine["qut"].seconds,
        "dideban_threshold_s": mine["threshold"].seconds,
        "times_faster_threshold": toolkit / mine["threshold"].seconds,
        "dideban_mb": max(cost.peak_mb for cost in mine.values()),
    }


def _write_theirs(frame: pl.DataFrame, path: Path) -> Path:
    frame.select(
        message_id="content_id", user_id="account_id", username="account_id", repost_id="object_id",
        reply_id=pl.lit(""), message=pl.lit("x"), timestamp="timestamp_share", urls=pl.lit(""),
    ).write_csv(path)  # fmt: skip
    return path


def _toolkit(program: str, database: Path, table: Path) -> tuple[measure.Cost, measure.Cost]:
    load = measure.run([program, str(database), "preprocess", str(table)])
    compute = measure.run(  # no --output_file: writing CSV fails in 1.5.2, and GraphML would cost it more
        [program, str(database), "compute", "co_retweet", "--time_window", str(WINDOW_S), "--min_edge_weight", "2"]
    )
    return load, compute


def toolkit_seconds(program: str, n: int, folder: Path) -> float:
    """Return how long the toolkit takes for ``n`` shares, loading included."""
    load, compute = _toolkit(program, folder / "peer.db", _write_theirs(shares.make(n), folder / "peer.csv"))
    return load.seconds + compute.seconds


def _same_edges(database: Path, ours: Path) -> None:
    """Stop where the two do not agree on every edge."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute("select user_1, user_2, weight from co_retweet_network where user_1 != user_2")
        theirs = sorted(rows.fetchall())
    if theirs != sorted(pl.read_parquet(ours).select("account_a", "account_b", "weight").rows()):
        raise AssertionError("the edges differ")
