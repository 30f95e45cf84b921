"""How many posts of a search fall into each step of time, and how many of them proved groups shared together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from django.conf import settings

from dideban.arrays import I8, U4
from dideban.room.findings.packages import joint_posts
from dideban.room.posts.matches import EPOCH, Matches, kinds_of, reopened
from dideban.schema import post_key

MOST_FINDINGS = 1_000
"""Findings whose posts are looked for, the latest."""
KEPT_FILES = 2_048
_rows: OrderedDict[tuple[Path, int], U4] = OrderedDict()
"""Data file and which findings to the rows of the posts that they shared: data files never change."""
_lock = threading.Lock()


def count_steps(
    matches: Matches, *, since: datetime, step: timedelta, n: int, by: str = ""
) -> dict[str | None, list[int]]:
    """Return posts per step of time: under "" for all, or for each ``place``, ``source``, ``platform`` or ``lang``.

    Parameters
    ----------
    since : datetime
        Where the first of ``n`` steps begins; what lies outside is not counted.
    """
    ix = (_micros_of(matches) - (since - EPOCH) // datetime.resolution) // (step // datetime.resolution)
    inside = (ix >= 0) & (ix < n)
    if not by:
        return {"": np.bincount(ix[inside], minlength=n)[:n].tolist()}
    kinds = kinds_of(matches, by).filter(pl.Series(inside))
    counted = pl.DataFrame({"kind": kinds, "ix": ix[inside]}).group_by("kind", "ix").agg(n=pl.len())
    found: dict[str | None, list[int]] = {}
    for kind, at, count in counted.sort("kind", "ix").iter_rows():
        found.setdefault(kind, [0] * n)[at] = count
    return found


def _micros_of(matches: Matches) -> I8:
    return matches.rows["created_at"].to_physical().to_numpy()


def count_proved(room: str, matches: Matches, *, findings: Iterable[str]) -> int:
    """Return how many posts of a search the accounts of proved groups shared together.

    Parameters
    ----------
    findings : finding ids
        The current ones that the member may see, the latest first.
    """
    names = tuple(sorted(list(findings)[:MOST_FINDINGS]))
    if not names or matches.rows.is_empty():
        return 0
    shared = reopened(lambda: _shared_rows(room, names, matches.files))
    total = 0
    for (file,), rows in matches.rows.group_by("file"):
        mine = shared[int(str(file))]
        total += int(np.isin(rows["row"].to_numpy(), mine, assume_unique=True).sum()) if len(mine) else 0
    return total


def _shared_rows(room: str, names: tuple[str, ...], files: Sequence[Path]) -> list[U4]:
    mark = hash(names)
    with _lock:
        known = {path: _rows[path, mark] for path in files if (path, mark) in _rows}
    missing = [path for path in files if path not in known]
    if missing:
        posts = _posts_of(str(settings.DATA), room, names)
        wanted = [
            pl.scan_parquet(path, glob=False, hive_partitioning=False, row_index_name="row")
            .filter(post_key().is_in(posts.implode()))
            .select(pl.col("row").cast(pl.UInt32))
            for path in missing
        ]
        known |= {path: one["row"].to_numpy() for path, one in zip(missing, pl.collect_all(wanted), strict=True)}
    with _lock:
        for path in files:
            _rows[path, mark] = known[path]
            _rows.move_to_end((path, mark))
        while len(_rows) > KEPT_FILES:
            _rows.popitem(last=False)
    return [known[path] for path in files]


@lru_cache(maxsize=4)
def _posts_of(home: str, room: str, names: tuple[str, ...]) -> pl.Series:
    """Return the names of the posts of findings; read once while the findings are the same."""
    parts = [pl.Series("post", joint_posts(room, name), dtype=pl.String) for name in names]
    return pl.concat(parts).unique().sort()


__all__ = ["count_proved", "count_steps"]
