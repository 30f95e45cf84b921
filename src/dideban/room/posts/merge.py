"""From the spool to the table: the first arrival of a post wins, a later one brings its reach only."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from dideban.room.locks import MERGE, only_one
from dideban.room.posts.search_files import keep_up
from dideban.room.posts.spool import Spool
from dideban.room.posts.thumbnails import take_in
from dideban.room.rooms.folder import folder_of
from dideban.store.delta import STORED, PostTable
from dideban.store.post_keys import PostKeys
from dideban.text import normal_form

log = logging.getLogger("dideban.room.merge")
MAX_POSTS = 50_000
"""Posts of one batch."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What one merge did."""

    n_new: int = 0
    n_repeats: int = 0
    by_source: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """Source slug to (new posts, newest arrival)."""


def merge(room: str) -> Merged | None:
    """Commit the next batch of a room; None = nothing waits, or another process is merging.

    Raises
    ------
    StoreError
        The disk is full: the spool keeps everything, the next merge goes on.
    """
    folder = folder_of(room)
    spool, table, keys = Spool(folder.spool), PostTable(folder.posts), PostKeys(folder.index)
    with only_one(folder.root / MERGE) as is_ours:
        if not is_ours:
            return None
        committed = table.committed()
        claimed = spool.claim(committed=committed, max_posts=MAX_POSTS)
        if claimed is None:
            return None
        batch, path = claimed
        waiting = spool.read(path).with_columns(day=pl.col("created_at").dt.strftime("%Y-%m-%d"))
        if erased := keys.erased():  # what was acknowledged while a deletion was under way
            waiting = waiting.filter(~pl.col("account_id").is_in(erased))
        is_new = keys.claim(waiting, batch=batch, committed=committed)
        fresh = waiting.filter(is_new)
        keys.seal(waiting.filter(pl.col("sealed").is_not_null()).select("account_id", "sealed").iter_rows())
        if not fresh.is_empty():
            table.append(_stored(fresh), batch=batch)
            take_in(room, fresh["media"])
        repeats = waiting.filter(~is_new & pl.col("reach").is_not_null())
        keys.add_reach(repeats.select("day", "platform", "post_id", "reach").iter_rows())
        spool.drop(path)
        keep_up(room)
    n_repeats = waiting.height - fresh.height
    log.debug("merged", extra={"room": room, "n": fresh.height})
    return Merged(n_new=fresh.height, n_repeats=n_repeats, by_source=_by_source(fresh))


def merge_all(room: str) -> int:
    """Merge until nothing waits; return how many new posts. For tests, uploads and the demo."""
    total = 0
    while (done := merge(room)) is not None:
        total += done.n_new
    return total


def _stored(posts: pl.DataFrame) -> pl.DataFrame:
    ordered = posts.sort("created_at", "platform", "post_id")
    return ordered.with_columns(normal_form(ordered["text"]).alias("norm")).select(STORED.names)


def _by_source(fresh: pl.DataFrame) -> dict[str, tuple[int, datetime]]:
    rows = fresh.group_by("source").agg(n=pl.len(), last=pl.col("arrived_at").max()).sort("source")
    return {source: (n, last) for source, n, last in rows.iter_rows()}
