"""Posts that their platforms removed: heard from sources that tell of it, or brought by a member as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.sealed_ids import pseudonym_of
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys


@dataclass(frozen=True, kw_only=True)
class RemovalsHeard:
    """What is known of removals on one platform."""

    platform: str
    since: datetime
    """The first removal that was heard of."""
    n: int
    n_accounts: int


def note_removals(
    room: str, platform: str, *, posts: Sequence[tuple[str, int]] = (), accounts: Sequence[tuple[str, int]] = ()
) -> None:
    """Note posts (id, microseconds since 1970) and accounts (original id) that are gone; unknown ones are left out.

    A post that was taken in a moment ago and lies in the spool is not known yet: its removal is missed.
    """
    keys = PostKeys(folder_of(room).index)
    if posts:
        keys.note_gone((platform, post_id, at) for post_id, at in posts)
    if accounts:
        keys.note_gone_accounts([(pseudonym_of(room, name), platform, at) for name, at in accounts])


def note_list(room: str, listed: pl.DataFrame) -> tuple[int, int]:
    """Note posts (``post_id``, ``gone_at``) of a list; return how many posts of the room are on it, and how many new.

    An id without a platform fits every platform.
    """
    folder = folder_of(room)
    names = listed.with_columns(at=pl.col("gone_at").dt.timestamp("us")).select("post_id", "at")
    table = PostTable(folder.posts).scan(columns=["platform", "post_id"])
    whole = pl.concat_str("platform", pl.lit("/"), "post_id")
    wanted = names["post_id"].implode()
    known = table.filter(pl.col("post_id").is_in(wanted) | whole.is_in(wanted)).collect()
    known = known.with_columns(written=whole)
    found = pl.concat([
        known.join(names, on="post_id"),
        known.join(names, left_on="written", right_on="post_id"),
    ]).unique(["platform", "post_id"], keep="any")  # fmt: skip
    n_new = PostKeys(folder.index).note_gone(found.select("platform", "post_id", "at").sort(pl.all()).iter_rows())
    return found.height, n_new


def heard_of(room: str) -> list[RemovalsHeard]:
    """Return of which platforms removals are known."""
    keys = PostKeys(folder_of(room).index)
    posts, accounts = keys.gone(), keys.gone_accounts()
    both = pl.concat([posts.select("platform", "at", is_post=True), accounts.select("platform", "at", is_post=False)])
    rows = both.group_by("platform").agg(
        since=pl.col("at").min(), n=pl.col("is_post").sum(), n_accounts=(~pl.col("is_post")).sum()
    )
    return [
        RemovalsHeard(platform=platform, since=datetime.fromtimestamp(since / 1e6, UTC), n=n, n_accounts=n_accounts)
        for platform, since, n, n_accounts in rows.sort("platform").iter_rows()
    ]
