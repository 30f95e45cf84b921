"""The smallest set of posts, found greedily, that still shows every member of a group acting with others."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

MIN_PARTNERS = 2
"""A member is shown with this many partners where the data have them."""


class _Share(NamedTuple):
    at_us: int
    account: int
    post_id: str
    object_ix: int
    window_us: int


def pick_posts(joint: pl.DataFrame, *, min_objects: int) -> list[str]:
    """Pick few posts that tie every member to its group.

    Bursts (joint shares of one object, gaps within the window) are taken one by one, each time the one that gives the
    most members an object they still lack; ties go to the burst with fewer posts, then the earlier one. It ends when
    every member has ``min_objects`` objects, each by another post, and two partners, or all that the data hold. Within
    a burst the first share of each member is taken. Greedy set cover is within a factor ln(n) + 1 of the smallest set.

    Parameters
    ----------
    joint : (n_joint,)
        Joint shares of one group, sorted, with ``burst_ix``, ``account_ix`` and ``window_us``.
    min_objects : count, >= 1
        Objects that each member should appear with.

    Returns
    -------
    list of str
        Posts as ``platform/post_id``, sorted.
    """
    bursts = _read_bursts(joint)
    cover = _Cover(min_objects)
    left = cover.take_for_objects(bursts)
    cover.take_for_partners(left)
    return sorted(cover.posts)


def _read_bursts(joint: pl.DataFrame) -> list[list[_Share]]:
    if joint.is_empty():
        return []
    objects = joint.select(pl.struct("object_kind", "object_id").rle_id()).to_series()
    at_us = joint["created_at"].to_physical()
    columns = (at_us, joint["account_ix"], joint["post_id"], objects, joint["window_us"])
    shares = list(map(_Share._make, zip(*(column.to_list() for column in columns), strict=True)))
    bursts: dict[int, list[_Share]] = defaultdict(list)
    for burst_ix, share in zip(joint["burst_ix"].to_list(), shares, strict=True):
        bursts[burst_ix].append(share)
    return [_lean(shares) for shares in bursts.values()]


def _lean(shares: list[_Share]) -> list[_Share]:
    """Keep the first share of each member, unless that leaves somebody without a partner in time."""
    first = {share.account: share for share in reversed(shares)}
    if len(first) == len(shares):
        return shares
    lean = [share for share in shares if first[share.account] is share]
    return lean if _are_tied(lean) else shares


def _are_tied(shares: list[_Share]) -> bool:
    """Return whether each of some shares by different members has a neighbour in time within its window."""
    at = [share.at_us for share in shares]
    gaps = [math.inf, *(later - at_us for at_us, later in itertools.pairwise(at)), math.inf]
    return all(min(gaps[i], gaps[i + 1]) <= share.window_us for i, share in enumerate(shares))


def _partners(shares: list[_Share], i: int) -> Iterator[int]:
    """Yield members who shared within the window of share ``i``: two neighbours in time on each side at most."""
    for j in (i - 1, i + 1, i - 2, i + 2):
        if 0 <= j < len(shares):
            gap = abs(shares[j].at_us - shares[i].at_us)
            if gap <= shares[i].window_us and shares[j].account != shares[i].account:
                yield shares[j].account


class _Cover:
    """What the posts taken so far show."""

    def __init__(self, min_objects: int) -> None:
        self.min_objects = min_objects
        self.posts: set[str] = set()
        self.objects: dict[int, set[int]] = defaultdict(set)
        self.partners: dict[int, set[int]] = defaultdict(set)

    def gain(self, burst: list[_Share]) -> int:
        """Count the members that lack objects and find a new one here, by a post not taken yet."""
        return len({share.account for share in burst if self._is_new(share)})

    def _is_new(self, share: _Share) -> bool:
        held = self.objects[share.account]
        return len(held) < self.min_objects and share.object_ix not in held and share.post_id not in self.posts

    def take(self, burst: list[_Share]) -> None:
        new = [share for share in burst if self._is_new(share)]
        for share in new:
            self.objects[share.account].add(share.object_ix)
        for i, share in enumerate(burst):
            self.posts.add(share.post_id)
            self.partners[share.account].update(_partners(burst, i))

    def take_for_objects(self, bursts: list[list[_Share]]) -> list[list[_Share]]:
        """Take bursts greedily; a gain can only shrink, so a stale one is an upper bound. Return those not taken."""
        heap = [(-len({s.account for s in b}), len(b), b[0].at_us, i) for i, b in enumerate(bursts)]
        heapq.heapify(heap)
        taken: set[int] = set()
        while heap:
            _, size, at_us, i = heapq.heappop(heap)
            entry = (-self.gain(bursts[i]), size, at_us, i)
            if entry[0] == 0:
                continue
            if heap and heap[0] < entry:
                heapq.heappush(heap, entry)
                continue
            self.take(bursts[i])
            taken.add(i)
        return [burst for i, burst in enumerate(bursts) if i not in taken]

    def take_for_partners(self, bursts: list[list[_Share]]) -> None:
        """Take the smallest bursts that give a partner to members who have too few."""
        lacking = {share.account for burst in bursts for share in burst if self._lacks(share.account)}
        some = [burst for burst in bursts if any(share.account in lacking for share in burst)]
        for burst in sorted(some, key=lambda b: (len(b), b[0].at_us)):
            if any(self._gains_partner(burst, i) for i in range(len(burst))):
                self.take(burst)

    def _lacks(self, account: int) -> bool:
        return len(self.partners[account]) < MIN_PARTNERS

    def _gains_partner(self, burst: list[_Share], i: int) -> bool:
        account = burst[i].account
        return self._lacks(account) and any(p not in self.partners[account] for p in _partners(burst, i))
