"""``dideban scan`` of samples with text, by number of posts: whole process, Parquet, beside the QUT toolkit's bare run.

The toolkit only links accounts of as many shares (``coshare``'s table); it runs where BENCH_QUT names its program.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import bench_coshare_qut
import measure

SIZES = {"small": [10_000, 100_000], "full": [100_000, 1_000_000, 2_000_000]}


def run(scale: str) -> list[dict]:
    rows: list[dict] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in SIZES[scale]:
            table = sample(n, folder)
            cost = measure.dideban("scan", table, "--out", folder / "out", "--key-file", folder / "key", "--quiet")
            rows.append(
                {
                    "posts": n,
                    "seconds": cost.seconds,
                    "cpu_s": cost.cpu_seconds,
                    "growth": cost.cpu_seconds / rows[-1]["cpu_s"] if rows else None,
                    "peak_mb": cost.peak_mb,
                    "times_qut": _times_toolkit(cost.seconds, n),
                }
            )
            table.unlink()
    return rows


def sample(n: int, folder: Path) -> Path:
    """Write a sample of so many posts."""
    path = folder / f"posts_{n}.parquet"
    measure.dideban("sample", path, "--posts", n, "--quiet")
    return path


def _times_toolkit(seconds: float, n: int) -> float | None:
    if not os.environ.get("BENCH_QUT") or n > 1_000_000:
        return None
    with tempfile.TemporaryDirectory() as name:
        peer = bench_coshare_qut.toolkit_seconds(os.environ["BENCH_QUT"], n, Path(name))
    return seconds / peer
