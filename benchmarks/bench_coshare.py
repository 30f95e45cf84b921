"""``dideban coshare`` by number of shares: whole process, Parquet with string ids, 60 s window, weight 2 and over."""

from __future__ import annotations

import tempfile
from pathlib import Path

import measure
import polars as pl
import shares

SIZES = {"small": [10_000, 100_000, 1_000_000], "full": [100_000, 1_000_000, 10_000_000]}


def run(scale: str) -> list[dict]:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _warm_up(folder)
        for n in SIZES[scale]:
            table = shares.write(n, folder)
            cost = measure.dideban("coshare", table, "--window", 60, "--keep-ids", "--out", folder / "edges.parquet")
            rows.append(
                {
                    "shares": n,
                    "seconds": cost.seconds,
                    "growth": cost.seconds / rows[-1]["seconds"] if rows else None,
                    "cpu_s": cost.cpu_seconds,
                    "peak_mb": cost.peak_mb,
                    "edges": pl.scan_parquet(folder / "edges.parquet").select(pl.len()).collect().item(),
                }
            )
            table.unlink()
    return rows


def _warm_up(folder: Path) -> None:
    """Compile the kernels once; they stay on disk."""
    table = shares.write(1_000, folder)
    measure.dideban("coshare", table, "--keep-ids", "--out", folder / "edges.parquet")
