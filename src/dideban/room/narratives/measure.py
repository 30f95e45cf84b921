"""Numbers of narratives, from who posted what when. Bursts are those of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import I8
from dideban.config import NarrativeConfig
from dideban.findings.narratives.builder import timeline_of
from dideban.stats.bursts import find_bursts

MOST_LISTED = 2_000
"""Narratives that a room lists: those with most posts of the last day, then of all."""
MOST_COUNTED = 10
MAX_FIRST = 12
"""First accounts of each narrative that are shown."""
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Bins that all narratives of a room are counted in."""

    start: datetime
    step_s: int
    n_bins: int

    def at(self, number: int) -> datetime:
        """Return where a bin begins."""
        return self.start + timedelta(seconds=number * self.step_s)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The listed narratives and everything that is counted of them."""

    timeline: Timeline
    sizes: pl.DataFrame
    """narrative, n_posts, n_texts, n_accounts, first_at, last_at, recent, before; the most active first."""
    counts: dict[int, I8]
    totals: I8
    days: dict[int, dict[str, int]]
    n_small: int
    """Narratives that are too small to list."""
    n_cut: int
    """Narratives that are not listed because there are so many."""

    def bursts(self, key: int, *, config: NarrativeConfig) -> list[dict[str, Any]]:
        """Return the bursts of one narrative, in order of time."""
        counts = self.counts[key]
        usual = counts.sum() / max(self.totals.sum(), 1)
        found = []
        for burst in find_bursts(counts, self.totals, raise_by=config.burst_raise, gamma=config.burst_gamma):
            inside, all_posts = counts[burst.start : burst.stop].sum(), self.totals[burst.start : burst.stop].sum()
            found.append(
                {
                    "start": self.timeline.at(burst.start).isoformat(),
                    "end": self.timeline.at(burst.stop).isoformat(),
                    "n_posts": int(inside),
                    "share": round(float(inside / max(all_posts, 1)), 6),
                    "usual_share": round(float(usual), 6),
                    "weight": round(burst.weight, 3),
                    "goes_on": burst.stop >= self.timeline.n_bins - 1,
                }
            )
        return found


def measure(members: pl.DataFrame, *, since: datetime, now: datetime, config: NarrativeConfig) -> Measured:
    """Count the narratives that are large enough to list.

    Parameters
    ----------
    members : MEMBERS
        See dideban.findings.narratives.incremental.
    since, now : datetime
        Where the timeline begins and ends.
    config : NarrativeConfig
        Least posts and accounts; settings of bursts.
    """
    told = members.drop_nulls("narrative")
    at = pl.col("created_at")
    sizes = told.group_by("narrative").agg(
        n_posts=pl.len(), n_texts=pl.col("text_id").n_unique(), n_accounts=pl.col("account_id").n_unique(),
        first_at=at.min(), last_at=at.max(), recent=(at > now - DAY).sum(),
        before=((at > now - 2 * DAY) & (at <= now - DAY)).sum(),
    )  # fmt: skip
    large = sizes.filter((pl.col("n_posts") >= config.min_posts) & (pl.col("n_accounts") >= config.min_accounts))
    ordered = large.sort(["recent", "n_posts", "narrative"], descending=[True, True, False])
    listed = ordered.head(MOST_LISTED)
    timeline, bins = _bins(told, since=since, now=now)
    totals = np.bincount(bins["bin"].to_numpy(), minlength=timeline.n_bins).astype(np.int64)
    mine = bins.join(listed.select("narrative"), on="narrative", how="semi")
    return Measured(
        timeline=timeline, sizes=listed, counts=_counts(mine, timeline.n_bins), totals=totals, days=_days(mine),
        n_small=sizes.height - large.height, n_cut=large.height - listed.height,
    )  # fmt: skip


def tallies(frame: pl.DataFrame, column: str, *, most: int = MOST_COUNTED) -> dict[int, dict[str, int]]:
    """Return, per narrative, how many rows have each value; most frequent first, ties by value."""
    counted = frame.drop_nulls(column).group_by("narrative", column).len()
    ordered = counted.sort(["narrative", "len", column], descending=[False, True, False])
    found: dict[int, dict[str, int]] = {}
    for key, value, n in ordered.iter_rows():
        mine = found.setdefault(key, {})
        if len(mine) < most:
            mine[str(value)] = n
    return found


def first_accounts(facts: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    """Return, per narrative, the accounts that told it first and their first post of it, in order of time."""
    ordered = facts.sort("created_at", "platform", "post_id")
    first = ordered.unique(["narrative", "account_id"], keep="first", maintain_order=True)
    kept = first.filter(pl.int_range(pl.len()).over("narrative") < MAX_FIRST)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in kept.iter_rows(named=True):
        found.setdefault(row["narrative"], []).append(
            {
                "account": row["account_id"], "at": row["created_at"].isoformat(), "source": row["source"] or "",
                "place": row["place"] or "", "platform": row["platform"], "post": f"{row['platform']}/{row['post_id']}",
            }
        )  # fmt: skip
    return found


def join_spread(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first accounts of both, each with its earliest post."""
    known: dict[str, dict[str, Any]] = {}
    for one in sorted([*before, *after], key=lambda row: (row["at"], row["post"])):
        known.setdefault(one["account"], one)
    return list(known.values())[:MAX_FIRST]


def join_days(before: Mapping[str, int], after: Mapping[str, int], *, since: datetime) -> dict[str, int]:
    """Return posts per day: as counted now within the horizon, as counted then before it."""
    first = (since + DAY).date().isoformat()  # the first day of the horizon is cut
    kept = {day: n for day, n in before.items() if day < first}
    fresh = {day: max(n, kept.get(day, 0)) for day, n in after.items()}
    return dict(sorted({**kept, **fresh}.items()))


def _bins(told: pl.DataFrame, *, since: datetime, now: datetime) -> tuple[Timeline, pl.DataFrame]:
    ends = pl.Series([since, now], dtype=pl.Datetime("us", "UTC")).dt.epoch("us")
    start_us, step_s, n_bins = timeline_of(ends)
    bins = told.select(
        "narrative", "created_at", bin=((pl.col("created_at").dt.epoch("us") - start_us) // (step_s * 1_000_000))
    )
    timeline = Timeline(start=datetime.fromtimestamp(start_us / 1e6, UTC), step_s=step_s, n_bins=n_bins)
    return timeline, bins.filter(pl.col("bin").is_between(0, n_bins - 1))


def _counts(bins: pl.DataFrame, n_bins: int) -> dict[int, I8]:
    counted = bins.group_by("narrative", "bin").len()
    found: dict[int, I8] = {}
    for key, number, n in counted.iter_rows():
        found.setdefault(key, np.zeros(n_bins, np.int64))[number] = n
    return found


def _days(bins: pl.DataFrame) -> dict[int, dict[str, int]]:
    day = pl.col("created_at").dt.strftime("%Y-%m-%d").alias("day")
    found: dict[int, dict[str, int]] = {}
    for key, name, n in bins.group_by("narrative", day).len().sort("narrative", "day").iter_rows():
        found.setdefault(key, {})[name] = n
    return found
