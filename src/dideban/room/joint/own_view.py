"""What the room sees in the period of an epoch, and the ids by which other rooms know its accounts.

Original ids are opened here, in the memory of the process that makes blinded names, and nowhere written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from dideban.atomic import replacing
from dideban.config import load_config
from dideban.errors import InputError
from dideban.joint.charter import Charter
from dideban.joint.view import RoomView, look
from dideban.pipelines.post_source import LocalPosts
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import open_accounts
from dideban.schema import POSTS
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys


@dataclass(frozen=True, kw_only=True)
class OwnView:
    """The room's posts of an epoch, cut as the charter says."""

    view: RoomView
    public_ids: dict[str, str]
    posts: pl.DataFrame
    """(account_id, created_at, place)."""


def see(room: Room, charter: Charter) -> OwnView:
    """Return what the room sees: accounts whose original id it does not have play no part.

    Raises
    ------
    InputError
        The charter names no period.
    StoreError
        The key that opens sealed ids is not there.
    """
    if charter.period is None:
        raise InputError("joint.no-period")
    since, until, _ = charter.period
    folder = folder_of(room.slug)
    posts = POSTS.check(PostTable(folder.posts).scan(since=since, until=until, columns=POSTS.names).collect())
    public_ids = open_accounts(room.slug, posts["account_id"].unique().sort().to_list())
    posts = posts.filter(pl.col("account_id").is_in(list(public_ids)))
    source = LocalPosts(posts.lazy())
    traces = source.traces(config=load_config(flags={**room.engine, "threads": 0}))
    view = look(traces.traces, objects=traces.objects, moments=source.moments(), cutting=charter.cutting)
    return OwnView(view=view, public_ids=public_ids, posts=posts.select("account_id", "created_at", "place"))


def load_names(room: str, digest: str) -> dict[str, str]:
    """Return the blinded names that the room asked for in an epoch: account to name."""
    path = folder_of(room).joint / f"{digest[:16]}.parquet"
    return dict(pl.read_parquet(path, glob=False).iter_rows()) if path.exists() else {}


def keep_names(room: str, digest: str, names: dict[str, str]) -> None:
    """Keep blinded names for the rest of the epoch; none = forget them."""
    path = folder_of(room).joint / f"{digest[:16]}.parquet"
    if not names:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    frame = pl.DataFrame({"account_id": list(names), "name": list(names.values())}).sort("account_id")
    frame = frame.filter(~pl.col("account_id").is_in(erased_of(room)))
    with replacing(path, survives="kill") as part:
        frame.write_parquet(part)


def erased_of(room: str) -> list[str]:
    """Return the accounts that were deleted on request, also while a step was under way."""
    return PostKeys(folder_of(room).index).erased()


def occasions_of(own: OwnView, members: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Return when and where own members were together: day to posts, and slugs of places, most posts first."""
    codes = own.view.codes(sorted(members))
    codes = codes[codes >= 0]
    codes.sort()
    if len(codes) < 2:
        return {}, []
    stretches = sorted(own.view.occasions(codes))
    length_us = int(own.view.cutting.stretch_s * 1_000_000)
    at = pl.col("created_at").dt.epoch("us").floordiv(length_us)
    mine = own.posts.filter(pl.col("account_id").is_in(list(members)) & at.is_in(stretches))
    days = mine.group_by(day=pl.col("created_at").dt.date().cast(pl.String)).len().sort("day")
    places = mine.drop_nulls("place").group_by("place").len().sort(["len", "place"], descending=[True, False])
    return dict(days.iter_rows()), places["place"].to_list()
