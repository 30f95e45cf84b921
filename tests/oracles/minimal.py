"""The posts that show a group, picked the plain way: every burst is looked at again before each choice."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl

Share = dict[str, Any]


def pick_posts(joint: pl.DataFrame, *, min_objects: int) -> list[str]:
    """Take the burst that gives most members an object they lack, then partners to those with fewer than two."""
    bursts: dict[int, list[Share]] = defaultdict(list)
    for row in joint.iter_rows(named=True):
        share = {**row, "object": (row["object_kind"], row["object_id"]), "at": row["created_at"].timestamp() * 1e6}
        bursts[row["burst_ix"]].append(share)
    left = [lean(shares) for shares in bursts.values()]
    held: dict[str, set[Any]] = defaultdict(set)
    partners: dict[str, set[str]] = defaultdict(set)
    posts: set[str] = set()

    def new_in(burst: list[Share]) -> list[Share]:
        return [
            one for one in burst
            if len(held[one["account_id"]]) < min_objects
            and one["object"] not in held[one["account_id"]] and one["post_id"] not in posts
        ]  # fmt: skip

    def take(burst: list[Share]) -> None:
        for one in new_in(burst):
            held[one["account_id"]].add(one["object"])
        for i, one in enumerate(burst):
            posts.add(one["post_id"])
            partners[one["account_id"]] |= near(burst, i)

    while left:
        gains = [len({one["account_id"] for one in new_in(burst)}) for burst in left]
        order = [
            (-gain, len(burst), burst[0]["at"], i) for i, (gain, burst) in enumerate(zip(gains, left, strict=True))
        ]
        best = min(order)
        if best[0] == 0:
            break
        take(left.pop(best[3]))
    for burst in sorted(left, key=lambda one: (len(one), one[0]["at"])):
        if any(
            len(partners[one["account_id"]]) < 2 and near(burst, i) - partners[one["account_id"]]
            for i, one in enumerate(burst)
        ):
            take(burst)
    return sorted(posts)


def lean(shares: list[Share]) -> list[Share]:
    """Keep the first share of each member where everybody is still near another one."""
    first: list[Share] = []
    for one in shares:
        if one["account_id"] not in {other["account_id"] for other in first}:
            first.append(one)
    return first if all(near(first, i) for i in range(len(first))) else shares


def near(burst: list[Share], i: int) -> set[str]:
    """Return who of the two before and the two after is within the window, the member itself left out."""
    others = [burst[j] for j in range(max(0, i - 2), min(len(burst), i + 3)) if j != i]
    window_us = burst[i]["window_us"]
    return {
        one["account_id"] for one in others
        if abs(one["at"] - burst[i]["at"]) <= window_us and one["account_id"] != burst[i]["account_id"]
    }  # fmt: skip
