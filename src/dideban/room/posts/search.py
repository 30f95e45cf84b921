"""Searching the posts of a room, with the same normal form as the engine: a word finds all its spellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from dideban.errors import InputError
from dideban.room.posts.matches import (
    EPOCH,
    PAGE,
    Matches,
    condition,
    count_kinds,
    fetch,
    find_matches,
    kinds_of,
    posts_of_narrative,
    reopened,
)
from dideban.room.posts.query import DEFAULT_DAYS, Query, Scope
from dideban.room.rooms.folder import folder_of
from dideban.schema import post_key
from dideban.store.delta import STORED, PostTable

SHOWN = [name for name in STORED.names if name != "norm"]
NEWEST_FIRST = [True, False, False]


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """One page of a search."""

    posts: pl.DataFrame
    """STORED without ``norm``, newest first."""
    n_total: int
    next: str
    """Where the next page begins; empty = this was the last."""
    matches: Matches
    """Where all of them lie: what :func:`count_matches` counts."""


def search_posts(room: str, query: Query, *, scope: Scope, limit: int = 50, after: str = "") -> SearchResult:
    """Return one page of the posts that match, newest first.

    Parameters
    ----------
    room : str
        Slug.
    scope : Scope
        ``access.scope()``: what the member may see.
    limit : count, 1..500
    after : str
        ``SearchResult.next`` of the page before.

    Raises
    ------
    InputError
        A query that cannot be read.
    StoreError
        Too many searches are under way.
    """
    first = _read(after)
    return reopened(lambda: _page(find_matches(room, query, scope), max(1, min(limit, 500)), first))


def count_posts(room: str, query: Query, *, scope: Scope, every: str = "1h", by: str = "") -> pl.DataFrame:
    """Return how many posts match per stretch of time: (at, n), and ``by`` where given.

    Parameters
    ----------
    every : str
        Length of a stretch as Polars writes it: ``1h``, ``1d``.
    by : str
        ``place``, ``source``, ``platform`` or ``lang``.
    """
    return count_matches(find_matches(room, query, scope), every=every, by=by)


def count_matches(matches: Matches, *, every: str = "1h", by: str = "") -> pl.DataFrame:
    """Return what :func:`count_posts` does, of a search that was made."""
    rows = matches.rows.with_columns(kinds_of(matches, by)) if by else matches.rows
    groups = ["at", by] if by else ["at"]
    at = pl.col("created_at").dt.truncate(every).alias("at")
    return rows.group_by([at, *groups[1:]]).agg(n=pl.len()).sort(groups)


def count_by(room: str, query: Query, *, scope: Scope, kinds: Sequence[str]) -> list[dict[str, int]]:
    """Return how many posts match by ``place``, ``source``, ``platform`` or ``lang``: a count for each that is asked.

    The search is made once, whatever is counted of it.
    """
    matches = find_matches(room, query, scope)
    return [count_kinds(matches, kind) for kind in kinds]


def get_posts(
    room: str, keys: Sequence[str], *, scope: Scope, near: tuple[datetime, datetime] | None = None
) -> pl.DataFrame:
    """Return posts by their names (``platform/post_id``), oldest first.

    Parameters
    ----------
    near : (first, last)
        Times between which they were posted, both included, where known: fewer files are opened.
    """
    table = PostTable(folder_of(room).posts)
    until = near[1] + timedelta(microseconds=1) if near else None
    name = post_key()
    wanted = table.scan(since=near and near[0], until=until, columns=SHOWN).filter(name.is_in(list(keys)))
    if scope.places is not None:
        wanted = wanted.filter(pl.col("place").is_in(list(scope.places)))
    return wanted.sort("created_at", "platform", "post_id").collect()


def first_posts(room: str, query: Query, *, scope: Scope, most: int) -> pl.DataFrame:
    """Return the newest posts that match, whole and in order: for exports."""
    matches = find_matches(room, query, scope)
    rows = _newest(matches.rows, most)
    if rows.is_empty():
        return STORED.empty().select(SHOWN)
    return fetch(matches, rows, SHOWN).select(SHOWN).sort(PAGE, descending=NEWEST_FIRST).head(most)


def scan_matching(room: str, query: Query, *, scope: Scope) -> pl.LazyFrame:
    """Return all posts that match, lazily, without ``norm``, in no particular order."""
    table = PostTable(folder_of(room).posts)
    frame = table.scan(since=query.since, until=query.until).filter(condition(room, query, scope))
    if query.narrative:
        frame = frame.join(posts_of_narrative(room, query.narrative), on=["platform", "post_id"], how="semi")
    return frame.select(SHOWN)


def _page(matches: Matches, limit: int, after: tuple[datetime, str, str] | None) -> SearchResult:
    """Read the first posts of a page: a few more than it takes, where several are of one moment."""
    rows = matches.rows
    if after is None:
        near = _newest(rows, limit + 1)
    else:
        same = rows.filter(pl.col("created_at") == after[0])
        near = pl.concat([same, _newest(rows.filter(pl.col("created_at") < after[0]), limit + 1)])
    if near.height > 2 * limit + 100:  # many of one moment: their names first
        near = _in_order(fetch(matches, near, PAGE), after).head(limit + 1)
    posts = _in_order(fetch(matches, near, SHOWN), after) if near.height else STORED.empty()
    shown = posts.head(limit).select(SHOWN)
    more = posts.height > limit
    after_it = _mark(*shown.select(PAGE).row(-1)) if more else ""
    return SearchResult(posts=shown, n_total=rows.height, next=after_it, matches=matches)


def _in_order(posts: pl.DataFrame, after: tuple[datetime, str, str] | None) -> pl.DataFrame:
    ordered = posts.sort(PAGE, descending=NEWEST_FIRST)
    if after is None:
        return ordered
    at, platform, post_id = (pl.lit(value) for value in after)
    later = (pl.col("platform") > platform) | ((pl.col("platform") == platform) & (pl.col("post_id") > post_id))
    return ordered.filter((pl.col("created_at") < at) | ((pl.col("created_at") == at) & later))


def _newest(rows: pl.DataFrame, n: int) -> pl.DataFrame:
    """Return the newest ``n`` and what is of the same moment as the last of them."""
    if rows.height <= n:
        return rows
    return rows.filter(pl.col("created_at") >= rows["created_at"].top_k(n).min())


def _mark(at: datetime, platform: str, post_id: str) -> str:
    return f"{(at - EPOCH) // datetime.resolution}~{platform}~{post_id}"


def _read(mark: str) -> tuple[datetime, str, str] | None:
    if not mark:
        return None
    parts = mark.split("~", 2)
    try:
        if len(parts) == 3 and len(parts[0]) <= 18:
            return EPOCH + timedelta(microseconds=int(parts[0])), parts[1], parts[2]
    except (ValueError, OverflowError):
        pass
    raise InputError("room.cursor-unreadable", hint="room.search-again")


__all__ = [
    "DEFAULT_DAYS",
    "SHOWN",
    "Query",
    "Scope",
    "SearchResult",
    "count_by",
    "count_matches",
    "count_posts",
    "first_posts",
    "get_posts",
    "posts_of_narrative",
    "scan_matching",
    "search_posts",
]  # fmt: skip
