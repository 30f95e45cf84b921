"""Responses that never happened, to every target of a real set: nothing may be claimed of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I8
from dideban.effect.exact import p_values
from dideban.effect.match import Known, match
from dideban.effect.model import EffectConfig, MatchedSet, TimedResponse
from dideban.effect.series import MAX_HOURS, Series

LEAST_UNITS = 25
"""Real sets with fewer targets are left out."""
MOST_UNITS = 1_500
DELAYS_H = (3, 13)
"""Hours from being noticed to a placebo response."""
LARGE = 0.8
"""Targets with more posts than this share of the others are what a desk is likely to pick."""


def real_series(folder: Path) -> Iterator[tuple[str, Series]]:
    """Yield hourly posts of shared objects of the real sets."""
    for name, table, kinds in _tables(folder):
        for kind in kinds:
            some = table.filter(pl.col("kind") == kind) if kind else table
            if (series := hourly(some)) is not None:
                yield f"{name} {kind}".strip(), series


def _tables(folder: Path) -> Iterator[tuple[str, pl.DataFrame, list[str]]]:
    german = folder / "coortweet_german"
    if german.is_dir():
        objects = pl.read_parquet(german / "objects.parquet")
        posts = pl.read_parquet(german / "posts.parquet", columns=["post_id", "created_at"])
        yield "coortweet_german", objects.join(posts, on="post_id"), sorted(objects["kind"].unique().to_list())
    if (russian := folder / "coortweet_russian").is_dir():
        posts = pl.read_parquet(russian / "posts.parquet", columns=["repost_of", "created_at"]).drop_nulls()
        yield "coortweet_russian", posts.rename({"repost_of": "object_id"}), [""]
    if (ira := folder / "ira_traces").is_dir():
        traces = pl.read_parquet(ira / "traces.parquet", columns=["object_kind", "object_id", "created_at"])
        traces = traces.with_columns(
            kind=pl.format("{} {}", pl.col("object_kind").cast(pl.String), pl.col("created_at").dt.year())
        )
        yield "ira_traces", traces, sorted(traces["kind"].unique().to_list())


def hourly(table: pl.DataFrame) -> Series | None:
    """Return posts of the largest objects by the hour; None where there are too few."""
    some = table.drop_nulls(["object_id", "created_at"]).with_columns(h=pl.col("created_at").dt.epoch("s") // 3600)
    sizes = (
        some.group_by("object_id").len().filter(pl.col("len") >= 40).sort("len", "object_id", descending=[True, False])
    )
    if sizes.height < LEAST_UNITS:
        return None
    names = sizes.head(MOST_UNITS).with_row_index("row")
    inside = some.join(names.select("object_id", "row"), on="object_id")
    first, last = int(inside["h"].min()), int(inside["h"].max())  # type: ignore[arg-type]
    if last - first > MAX_HOURS:
        return None
    cells = inside.group_by("row", "h").len()
    counts = np.zeros((names.height, last - first + 1), np.int32)
    counts[cells["row"].to_numpy(), cells["h"].to_numpy() - first] = cells["len"].to_numpy()
    return Series(counts, np.ones(counts.shape[1], np.bool_), first_hour_of_day=first % 24)


@dataclass(frozen=True, kw_only=True)
class Placebos:
    """Every target at every delay, each as if it alone had been answered."""

    n_asked: int
    targets: I8
    """(n,) of those that could be used."""
    p: F8
    """(n, 2) p (fewer) and p (more)."""
    large: B1
    """(n,) among the largest at that moment."""

    def claims(self) -> dict[str, Any]:
        """Return what was claimed, as plain data."""
        level = EffectConfig().level
        fewer, more = (self.p <= level).astype(int).T.tolist()
        return {
            "n_asked": self.n_asked, "targets": self.targets.tolist(), "fewer": fewer, "more": more,
            "large": self.large.astype(int).tolist(),
        }  # fmt: skip


def every_placebo(series: Series, *, horizon_h: int, config: EffectConfig | None = None) -> Placebos:
    """Answer every target of a real series at every delay, one at a time, and return what is claimed.

    Notes
    -----
    Without another response targets of one age are compared with the same others whichever was answered, so one fit
    serves all of them.
    """
    known = Known.of(series, [], config=config or EffectConfig())
    n_asked, targets, p, large = 0, [], [], []
    for age in range(*DELAYS_H):
        n_ready, matched = _of_age(known, age, horizon_h=horizon_h)
        n_asked += n_ready
        if matched is None:
            continue
        size = series.total[matched.rows, matched.hours]
        targets.append(np.sort(matched.rows))
        large.append((size >= np.quantile(size, LARGE))[np.argsort(matched.rows)])
        p.append(each_answered(known, matched, horizon_h=horizon_h))
    none = np.zeros(0, np.int64)
    return Placebos(
        n_asked=n_asked, targets=np.concatenate([none, *targets]), p=np.concatenate([np.zeros((0, 2)), *p]),
        large=np.concatenate([none.astype(np.bool_), *large]),
    )  # fmt: skip


def _of_age(known: Known, age: int, *, horizon_h: int) -> tuple[int, MatchedSet | None]:
    """Return how many targets could be answered at an age, and the set that all of them belong to."""
    hours = known.noticed + age
    inside = (hours >= known.config.quiet_before_h) & (hours + 1 + horizon_h <= known.series.n_hours)
    ready = np.flatnonzero((known.noticed >= 0) & inside)
    for unit in ready.tolist():
        response = TimedResponse(name="placebo", unit=unit, hour=float(hours[unit]), horizon_h=horizon_h)
        matched, reasons, _ = match(known, response)
        if matched is not None or reasons[0].code in ("effect.few-controls", "effect.silent"):
            return len(ready), matched
    return len(ready), None


def each_answered(known: Known, matched: MatchedSet, *, horizon_h: int) -> F8:
    """Return p (fewer) and p (more) of each unit of a set, in the order of rows, as if it had been the answered one."""
    errors = matched.errors(float(matched.outcome[0]))
    by_row = np.argsort(matched.rows)
    found = np.empty((len(by_row), 2))
    for place in range(len(by_row)):
        order = np.concatenate([by_row[place : place + 1], np.delete(by_row, place)])
        tie = known.tie(matched.rows[order], matched.hours[order], horizon_h=horizon_h)
        found[place] = p_values(errors[order], matched.odds, tie=tie)
    return found


__all__ = ["DELAYS_H", "Placebos", "each_answered", "every_placebo", "hourly", "real_series"]
