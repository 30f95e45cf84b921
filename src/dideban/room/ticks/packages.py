"""What a tick writes to disk: shares of its findings at once, packages after the alerts, while no posts are waiting."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Collection
from pathlib import Path

import polars as pl

from dideban.atomic import write_bytes
from dideban.pipelines.packages import make_packages
from dideban.room.ticks.analysis import HorizonAnalysis

MAX_PACKAGES = 200
"""Packages of one tick, those with the strongest evidence first; the next goes on."""
AT_ONCE = 10
"""Packages between two looks at whether anybody waits."""


def write_shares(found: HorizonAnalysis, *, home: Path, wanted: Collection[str]) -> int:
    """Write the shares of every finding of ``wanted`` that has none yet: what timelines draw; return how many."""
    names = [one.id for one in found.findings if one.id in wanted]
    fresh = [name for name in names if not (home / f"{name}.shares.parquet").exists()]
    shares = found.found.shares.filter(pl.col("finding_id").is_in(fresh))
    parts = shares.partition_by("finding_id", as_dict=True, maintain_order=True)
    for name in fresh:
        write_bytes(home / f"{name}.shares.parquet", _parquet(parts.get((name,), shares.clear())), survives="kill")
    return len(fresh)


def write_packages(
    found: HorizonAnalysis,
    *,
    home: Path,
    wanted: Collection[str],
    first: Collection[str] = (),
    is_awaited: Callable[[], bool] = lambda: False,
    beat: Callable[[], None] = lambda: None,
) -> int:
    """Write a package for every finding of ``wanted`` that has none yet; return how many.

    Parameters
    ----------
    wanted : finding ids
        Those that the room stored: others say what an earlier one says.
    first : finding ids
        Those that somebody was just told of.
    is_awaited : function
        Asked now and then; True = new posts wait for the next tick, which goes on with what is left.
    beat : function
        Called after each package: the tick is alive.
    """
    began = time.monotonic()
    named = [one for one in found.findings if one.id in wanted]
    fresh = [one for one in named if not (home / one.id / "manifest.json").exists()][:MAX_PACKAGES]
    fresh.sort(key=lambda one: one.id not in first)
    for start in range(0, len(fresh), AT_ONCE):
        some = fresh[start : start + AT_ONCE]
        if start and is_awaited():
            fresh = fresh[:start]
            break
        for _ in make_packages(found.found, findings=some, home=home):
            beat()
    found.seconds["packages"] = round(time.monotonic() - began, 3)
    return len(fresh)


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


__all__ = ["write_packages", "write_shares"]
