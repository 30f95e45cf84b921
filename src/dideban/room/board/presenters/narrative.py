"""Narratives as pages show them: a timeline, who told it first, names for slugs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dideban.room.access import Access
from dideban.room.alerts.words import label_of
from dideban.room.board.presenters.charts import Bars, bars
from dideban.room.narratives.lines import read_lines
from dideban.room.narratives.models import Narrative
from dideban.room.posts.search import get_posts
from dideban.schema import post_key

SPARK_BINS = 48
CHART_BINS = 200
SHOWN_DAYS = 60


def with_lines(access: Access, narratives: Iterable[Narrative]) -> list[tuple[Narrative, str]]:
    """Return narratives, each with the line that people wrote of it; its own words where no line may be seen."""
    kept = list(narratives)
    lines = read_lines(access.room.slug, kept, places=access.scope().places)
    return [(one, lines.get(one.number) or label_of(one)) for one in kept]


@dataclass(frozen=True, kw_only=True)
class BurstView:
    """A burst as the page draws and names it."""

    start: datetime
    end: datetime
    n_posts: int
    share: float
    usual_share: float
    goes_on: bool
    x: float
    width: float
    """In bins of the drawing."""


@dataclass(frozen=True, kw_only=True)
class TimelineChart:
    """Posts over the horizon, with bursts marked."""

    bars: Bars
    bursts: list[BurstView]
    start: datetime
    middle: datetime
    end: datetime
    step_s: float
    """Seconds of one bar."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A value, its name for reading, and how many posts have it."""

    slug: str
    name: Any
    n: int
    width: float
    """Of the largest, 0..100."""


def spark(one: Narrative) -> list[int]:
    """Return posts over the horizon in few bins, for a small drawing."""
    return gathered(one.counts, most=SPARK_BINS)[0]


def gathered(counts: Sequence[int], *, most: int) -> tuple[list[int], int]:
    """Return sums of as many bins as needed to have ``most`` at most, and how many that is.

    Examples
    --------
    >>> gathered([1, 0, 2, 3, 4], most=3)
    ([1, 5, 4], 2)
    """
    by = max(1, -(-len(counts) // most))
    return [sum(counts[ix : ix + by]) for ix in range(0, len(counts), by)], by


def timeline_of(one: Narrative) -> TimelineChart | None:
    """Return the timeline of a narrative; None where nothing of it is in the horizon."""
    if not any(one.counts):
        return None
    counts, by = gathered(one.counts, most=CHART_BINS)
    step = one.step_s * by
    length = timedelta(seconds=step * len(counts))
    return TimelineChart(
        bars=bars(counts), start=one.start_at, middle=one.start_at + length / 2, end=one.start_at + length, step_s=step,
        bursts=[_burst(given, one.start_at, step) for given in one.bursts],
    )  # fmt: skip


def _burst(given: Mapping[str, Any], start: datetime, step_s: float) -> BurstView:
    first, last = datetime.fromisoformat(given["start"]), datetime.fromisoformat(given["end"])
    x = (first - start).total_seconds() / step_s
    return BurstView(
        start=first, end=last, n_posts=given["n_posts"], share=given["share"], usual_share=given["usual_share"],
        goes_on=bool(given.get("goes_on")), x=round(x, 3), width=round((last - first).total_seconds() / step_s, 3),
    )  # fmt: skip


def days_of(one: Narrative) -> list[tuple[datetime, int]]:
    """Return posts per day, the latest days last, also of days beyond the horizon."""
    return [(datetime.fromisoformat(f"{day}T00:00:00+00:00"), n) for day, n in list(one.days.items())[-SHOWN_DAYS:]]


def shares(counts: Mapping[str, int], names: Mapping[str, Any] | None = None) -> list[Share]:
    """Return counts for a table, the largest first; ``names`` limits them to what has one where it is given."""
    known = [(slug, n) for slug, n in counts.items() if names is None or slug in names]
    top = max((n for _, n in known), default=1)
    return [
        Share(slug=slug, name=names[slug] if names else slug, n=n, width=round(100 * n / top, 1)) for slug, n in known
    ]


def examples_of(access: Access, one: Narrative) -> list[tuple[str, dict[str, Any]]]:
    """Return role and post of the posts that stand for a narrative, as far as the member may see them."""
    roles = {row["post"]: row["role"] for row in one.examples}
    if not roles:
        return []
    times = [datetime.fromisoformat(row["at"]) for row in one.examples if row.get("at")]
    near = (min(times) - timedelta(days=1), max(times) + timedelta(days=1)) if times else None
    posts = get_posts(access.room.slug, list(roles), scope=access.scope(), near=near)
    named = posts.with_columns(name=post_key())
    rows = {row["name"]: row for row in named.iter_rows(named=True)}
    return [(role, rows[post]) for post, role in roles.items() if post in rows]


def spread_of(access: Access, one: Narrative) -> list[dict[str, Any]]:
    """Return the first accounts, as far as the member may see their posts."""
    scope = access.scope().places
    rows = [row for row in one.spread if scope is None or row["place"] in scope]
    first = datetime.fromisoformat(rows[0]["at"]) if rows else None
    return [
        {
            **row,
            "at": (at := datetime.fromisoformat(row["at"])),
            "after_s": (at - first).total_seconds() if first else 0,
        }
        for row in rows
    ]
