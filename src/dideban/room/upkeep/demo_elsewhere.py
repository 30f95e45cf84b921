"""What else responses of a demo do: activity moves to another link, posts are removed; all made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from dideban.room.rooms.folder import folder_of
from dideban.store.post_keys import PostKeys

HOUR = timedelta(hours=1)
COPIES, WITHIN_H = 2, 40
"""Posts of each early account elsewhere, and the hours in which they come."""
EARLY = 30
"""Accounts of a target that move: the first ones."""
PLACES = 4
"""Links that they move to: none is told so often that it is noticed and compared with as a target of its own."""
USUAL, REMOVED = 0.05, 0.6
"""Share of posts that are removed anyway, and after a report."""


def plant_moves(posts: pl.DataFrame, answered: Mapping[str, datetime], *, now: datetime) -> pl.DataFrame:
    """Return posts with those that say the same, with another link, after a response.

    Parameters
    ----------
    answered : link -> when it was answered
    """
    moments = pl.DataFrame(
        {"link": list(answered), "at": list(answered.values())},
        schema={"link": pl.String, "at": pl.Datetime("us", "UTC")},
    )
    mine = posts.with_columns(link=pl.col("urls").list.first()).join(moments, on="link")
    first = mine.filter(pl.col("created_at") < pl.col("at")).sort("created_at", "post_id")
    first = first.unique(["link", "account_id"], keep="first", maintain_order=True)
    first = first.group_by("link", maintain_order=True).head(EARLY)
    copies = pl.concat([_copies(first, turn) for turn in range(COPIES)]).select(posts.columns)
    return pl.concat([posts, copies.filter(pl.col("created_at") < now)])


def _copies(first: pl.DataFrame, turn: int) -> pl.DataFrame:
    order = pl.int_range(pl.len()).over("link")
    minutes = (order * 37 + turn * 701) % (WITHIN_H * 60) + 60
    elsewhere = pl.format("https://copy-{}.{}", order % PLACES, pl.col("link").str.strip_prefix("https://"))
    return first.with_columns(
        post_id=pl.format("{}-copy-{}", "post_id", pl.lit(turn)),
        created_at=pl.col("at") + pl.duration(minutes=minutes), urls=pl.concat_list(elsewhere),
    )  # fmt: skip


def plant_removals(
    room: str, posts: pl.DataFrame, answered: Mapping[str, datetime], *, seed: int, now: datetime
) -> int:
    """Note posts as removed: a few of all, most of those of reported links; return how many.

    Parameters
    ----------
    posts : POSTS, in the table
    answered : link -> when it was reported
    """
    source = np.random.Generator(np.random.PCG64([seed, 2]))
    ordered = posts.sort("created_at", "post_id")
    chance, later = source.random(ordered.height), source.exponential(30, ordered.height)
    again, soon = source.random(ordered.height), source.uniform(1, WITHIN_H, ordered.height)
    rows = []
    for ix, (platform, post_id, born, links) in enumerate(
        ordered.select("platform", "post_id", "created_at", "urls").iter_rows()
    ):
        reported = answered.get(links[0]) if links else None
        at = born + float(later[ix]) * HOUR if chance[ix] < USUAL else None
        if reported and born < reported and again[ix] < REMOVED:
            at = min(at or now, reported + float(soon[ix]) * HOUR)
        if at is not None and at < now:
            rows.append((platform, post_id, round(at.timestamp() * 1e6)))
    return PostKeys(folder_of(room).index).note_gone(rows)
