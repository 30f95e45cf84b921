"""Small charts as paths of SVG: no library, no script, the same in print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Bars of equal width in a drawing of ``n`` by 100 units."""

    path: str
    n: int
    most: int
    total: int


def bars(counts: Sequence[int]) -> Bars:
    """Return a bar per count, the tallest 96 units high; zero draws nothing."""
    most = max(counts, default=0)
    path = "".join(
        f"M{ix + 0.1:.2f} 100V{100 - 96 * n / most:.1f}h.8V100z" for ix, n in enumerate(counts) if n > 0 and most
    )
    return Bars(path=path, n=max(len(counts), 1), most=most, total=sum(counts))


def per_step(frame: pl.DataFrame, *, since: datetime, n: int, step: timedelta) -> list[int]:
    """Return counts of ``frame`` (at, n) in ``n`` steps from ``since``; steps without a row count zero."""
    counts = [0] * n
    for at, count in frame.select("at", "n").iter_rows():
        ix = int((at - since) / step)
        if 0 <= ix < n:
            counts[ix] += count
    return counts
