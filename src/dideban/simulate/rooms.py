"""Rooms that see different, overlapping parts of one stream."""

from __future__ import annotations

import dataclasses

import polars as pl

from dideban.simulate.draws import generator
from dideban.simulate.model import Stream, require

MOST_ROOMS = 30
KEYS = ["object_kind", "object_id"]


def split_stream(stream: Stream, *, n_rooms: int, overlap: float, seed: int) -> list[Stream]:
    """Divide a stream among rooms.

    Parameters
    ----------
    stream : Stream
    n_rooms : count, 2 to 30
    overlap : share, 0..1
        Share of objects, with all posts that share them, that every room sees; each of the others is seen by one room.
    seed : int
        Same stream and seed, same rooms.

    Returns
    -------
    list of Stream
        Each with the traces, objects and moments that its room sees. Truth, operations and accounts are those of the
        whole: what nobody in the room knows.

    Notes
    -----
    Operations of a planted campaign go round the rooms, so that each sees about as many. A post that shares objects of
    several rooms is seen by all of them; posts that share nothing are divided like objects.
    """
    require(2 <= n_rooms <= MOST_ROOMS, "n_rooms", n_rooms, "within", least=2, most=MOST_ROOMS)
    require(0 <= overlap <= 1, "overlap", overlap, "within", least=0, most=1)
    homes = _homes(stream, n_rooms=n_rooms, overlap=overlap, seed=seed)
    posts = _alone(stream, n_rooms=n_rooms, overlap=overlap, seed=seed)
    return [_seen_by(stream, homes, posts, room=room) for room in range(n_rooms)]


def _homes(stream: Stream, *, n_rooms: int, overlap: float, seed: int) -> pl.DataFrame:
    """Return of each object the room that sees it; -1 = all rooms."""
    rng = generator(seed, "rooms of objects")
    objects = stream.objects.select(KEYS)
    home = pl.Series("home", rng.integers(0, n_rooms, len(objects)))
    shared = pl.Series("shared", rng.random(len(objects)) < overlap)
    first = rng.integers(0, n_rooms, max(stream.operations["group"].n_unique(), 1))
    turns = stream.operations.select(*KEYS, "group", "operation").unique(KEYS, keep="first", maintain_order=True)
    groups = turns.select(pl.col("group").unique(maintain_order=True)).with_columns(
        start=pl.Series(first[: turns["group"].n_unique()], dtype=pl.Int64)
    )
    turns = turns.join(groups, on="group", how="left").select(
        *KEYS, turn=(pl.col("operation") + pl.col("start")) % n_rooms
    )
    known = objects.with_columns(home, shared).join(turns, on=KEYS, how="left", maintain_order="left")
    one = pl.coalesce("turn", "home").cast(pl.Int64)
    return known.select(*KEYS, home=pl.when("shared").then(-1).otherwise(one))


def _alone(stream: Stream, *, n_rooms: int, overlap: float, seed: int) -> pl.DataFrame:
    """Return of each post that shares nothing the room that sees it; -1 = all rooms."""
    rng = generator(seed, "rooms of posts that share nothing")
    alone = stream.moments.join(stream.traces.select("post_id"), on="post_id", how="anti", maintain_order="left")
    home = pl.Series("home", rng.integers(0, n_rooms, len(alone)))
    shared = pl.Series("shared", rng.random(len(alone)) < overlap)
    return alone.with_columns(home, shared).select(
        *alone.columns, home=pl.when("shared").then(-1).otherwise("home").cast(pl.Int64)
    )


def _seen_by(stream: Stream, homes: pl.DataFrame, posts: pl.DataFrame, *, room: int) -> Stream:
    seen = homes.filter(pl.col("home").is_in([room, -1])).select(KEYS)
    traces = stream.traces.join(seen, on=KEYS, how="semi", maintain_order="left")
    shared = traces.select(stream.moments.columns).unique(maintain_order=True)
    plain = posts.filter(pl.col("home").is_in([room, -1])).select(stream.moments.columns)
    return dataclasses.replace(
        stream,
        traces=traces,
        objects=stream.objects.join(seen, on=KEYS, how="semi", maintain_order="left"),
        moments=pl.concat([shared, plain]).sort("created_at", "account_id", "post_id"),
    )
