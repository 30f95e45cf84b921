"""Rooms that see different, overlapping parts of one stream."""

from __future__ import annotations

import functools

import polars as pl
import pytest

from dideban.errors import ConfigError
from dideban.simulate import Plant, Stream, make_stream, split_stream

KEYS = ["object_kind", "object_id"]


@functools.cache
def stream() -> Stream:
    plants = [Plant(n_accounts=5, n_operations=10, jitter_s=30.0)] * 2
    return make_stream(seed=3, n_accounts=300, n_shares=4_000, plants=plants, kinds=("link", "repost"))


def test_without_overlap_every_share_is_seen_once() -> None:
    parts = split_stream(stream(), n_rooms=4, overlap=0.0, seed=5)
    together = pl.concat([part.traces for part in parts])
    assert together.sort(together.columns).equals(stream().traces.sort(together.columns))


def test_with_full_overlap_every_room_sees_all() -> None:
    for part in split_stream(stream(), n_rooms=3, overlap=1.0, seed=5):
        assert part.traces.equals(stream().traces)
        assert part.moments.sort("post_id").equals(stream().moments.sort("post_id"))


def test_half_overlap_is_about_half_of_the_objects() -> None:
    parts = split_stream(stream(), n_rooms=3, overlap=0.5, seed=5)
    seen = pl.concat([part.objects.select(KEYS) for part in parts]).group_by(KEYS).len()
    assert set(seen["len"].unique().to_list()) == {1, 3}
    assert 0.4 < seen.filter(pl.col("len") == 3).height / seen.height < 0.6


def test_operations_go_round_the_rooms() -> None:
    parts = split_stream(stream(), n_rooms=5, overlap=0.0, seed=5)
    seen = [stream().operations.join(part.objects.select(KEYS), on=KEYS, how="semi") for part in parts]
    assert {len(one.filter(pl.col("group") == g)) for one in seen for g in ("plant-00", "plant-01")} <= {1, 2, 3}


def test_every_post_of_a_room_has_its_moment() -> None:
    for part in split_stream(stream(), n_rooms=3, overlap=0.3, seed=5):
        assert set(part.traces["post_id"]) <= set(part.moments["post_id"])


def test_the_same_seed_gives_the_same_rooms() -> None:
    one, other = (split_stream(stream(), n_rooms=3, overlap=0.3, seed=8) for _ in range(2))
    assert all(a.traces.equals(b.traces) and a.moments.equals(b.moments) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("n_rooms", "overlap"), [(1, 0.0), (31, 0.0), (3, -0.1), (3, 1.1)])
def test_what_makes_no_sense_is_refused(n_rooms: int, overlap: float) -> None:
    with pytest.raises(ConfigError):
        split_stream(stream(), n_rooms=n_rooms, overlap=overlap, seed=1)
