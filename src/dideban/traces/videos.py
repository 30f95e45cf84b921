"""Videos that show the same: a share of their frames looks the same."""

from __future__ import annotations

import numpy as np
import polars as pl

from dideban.arrays import U8
from dideban.messages import Message
from dideban.traces import pictures

PREFIX = "vpdq:"
"""What the PDQ hashes of frames are written behind, joined by full stops."""
PATTERN = r"^vpdq:[0-9a-f]{64}(\.[0-9a-f]{64}){0,63}$"
SHARE = 0.5
"""Share of the frames of the shorter video that the other has too."""
MOST_PAIRS = 2_000_000
"""Pairs of videos compared."""


def cluster_videos(hashes: pl.DataFrame) -> tuple[pl.DataFrame, list[Message]]:
    """Gather videos around leaders: the most frequent first, ties to the smaller value.

    Parameters
    ----------
    hashes : (value, n)
        Distinct values that match PATTERN, and how often each occurs.

    Returns
    -------
    (value, leader), notes

    Notes
    -----
    Only videos that have a frame in one cluster of frames are compared, frame by frame. Order never matters.
    """
    values = hashes.sort(["n", "value"], descending=[True, False])["value"].to_list()
    codes = [_codes(value) for value in values]
    frames = pl.DataFrame({"video": range(len(values)), "frame": [_frames(value) for value in values]}).explode("frame")
    alike, notes = pictures.cluster_pictures(frames["frame"].value_counts(name="n").rename({"frame": "value"}))
    scenes = frames.join(alike, left_on="frame", right_on="value").select("video", "leader").unique()
    homes: dict[str, list[int]] = dict(scenes.group_by("leader").agg(pl.col("video").sort()).iter_rows())
    seen_in: dict[int, list[str]] = dict(scenes.group_by("video").agg(pl.col("leader").sort()).iter_rows())
    leaders, left = list(range(len(values))), MOST_PAIRS
    is_free = [True] * len(values)
    for video, mine in enumerate(codes):
        if not is_free[video]:
            continue
        others = {
            other for scene in seen_in.get(video, []) for other in homes[scene] if other > video and is_free[other]
        }
        for other in sorted(others)[: max(left, 0)]:
            if _share(mine, codes[other]) >= SHARE:
                leaders[other], is_free[other] = video, False
        left -= len(others)
    if left < 0 and (note := Message("note.pictures-alike")) not in notes:
        notes.append(note)
    return pl.DataFrame({"value": values, "leader": [values[leader] for leader in leaders]}), notes


def is_near(one: str, two: str) -> bool:
    """Whether two values that match PATTERN may be one video."""
    return _share(_codes(one), _codes(two)) >= SHARE


def _frames(value: str) -> list[str]:
    return [pictures.PREFIX + code for code in value.removeprefix(PREFIX).split(".")]


def _codes(value: str) -> U8:
    return pictures.words_of(pl.Series(value.removeprefix(PREFIX).split(".")))


def _share(one: U8, two: U8) -> float:
    """Return the share of the frames of the shorter video that the longer one has; of two as long, the larger share."""
    is_near = np.bitwise_count(one[:, None, :] ^ two[None, :, :]).sum(axis=2) <= pictures.DISTANCE
    of_one, of_two = float(is_near.any(axis=1).mean()), float(is_near.any(axis=0).mean())
    if len(one) == len(two):
        return max(of_one, of_two)
    return of_one if len(one) < len(two) else of_two
