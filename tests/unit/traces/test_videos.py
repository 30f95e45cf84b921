"""Videos gathered around leaders, against comparing all with all."""

from __future__ import annotations

import random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dideban.traces.media import is_same
from dideban.traces.videos import SHARE, cluster_videos


def film(scenes: list[int], *, flips: random.Random) -> str:
    """A value whose frames are those of scenes, each with a few bits changed."""
    codes = []
    for scene in scenes:
        code = random.Random(scene).getrandbits(256)
        for _ in range(8):
            code ^= 1 << flips.randrange(256)
        codes.append(f"{code:064x}")
    return "vpdq:" + ".".join(codes)


def share(one: str, two: str) -> float:
    """The slow, obvious twin."""
    frames = [[int(code, 16) for code in value.removeprefix("vpdq:").split(".")] for value in (one, two)]
    shares = []
    for few, many in (frames, frames[::-1]):
        near = [any((a ^ b).bit_count() <= 31 for b in many) for a in few]
        shares.append((-len(few), sum(near) / len(few)))
    return max(shares)[1]


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=8), st.integers(0, 99))
def test_every_video_is_near_its_leader_and_every_leader_apart_from_those_before(
    films: list[list[int]], seed: int
) -> None:
    values = sorted({film(scenes, flips=random.Random(seed + n)) for n, scenes in enumerate(films)})
    counts = pl.DataFrame({"value": values, "n": [1 + n % 3 for n in range(len(values))]})
    clusters, notes = cluster_videos(counts)
    again, _ = cluster_videos(counts.sample(fraction=1, shuffle=True, seed=seed))
    leader = dict(clusters.iter_rows())
    assert leader == dict(again.iter_rows())
    assert notes == []
    assert set(leader) == set(values)
    assert all(share(value, chosen) >= SHARE and is_same(chosen, value, distance=6) for value, chosen in leader.items())
    leaders = sorted(set(leader.values()))
    assert all(share(one, two) < SHARE for one in leaders for two in leaders if one < two)


def test_ids_and_pictures_are_no_videos() -> None:
    value = "vpdq:" + "5" * 64
    assert not is_same(value, "pdq:" + "5" * 64, distance=6)
    assert not is_same(value, "5" * 64, distance=6)
