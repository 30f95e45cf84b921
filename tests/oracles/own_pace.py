"""Slow, obvious twin of own pace: every arrangement of an account's delays over its objects, tried in turn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Share:
    """One share of one object."""

    account: int
    item: int
    at: float


@dataclass(frozen=True)
class Sample:
    """A member came after whoever was first: ``by`` is a member, or -1 for an outsider."""

    member: int
    item: int
    by: int
    delay: float


def samples_of(shares: Sequence[Share], group: Sequence[int]) -> list[Sample]:
    """Samples of a group by the definition; no two shares of one object at one instant."""
    found = []
    for item in sorted({share.item for share in shares}):
        mine = sorted((s for s in shares if s.item == item), key=lambda s: s.at)
        first, inside = mine[0], [s for s in mine if s.account in group]
        for share in inside:
            few_others = len(mine) - len(inside) <= len(inside)
            if share is not first and (first.account not in group or few_others):
                by = first.account if first.account in group else -1
                found.append(Sample(share.account, item, by, share.at - first.at))
    return found


def arrangements(n_joint: int, n_other: int, hits: int) -> Iterator[int]:
    """How many of the quick delays fall on the joint objects, in every arrangement of all delays."""
    delays = [1] * hits + [0] * (n_joint + n_other - hits)
    for order in itertools.permutations(range(len(delays))):
        yield sum(delays[k] for k in order[:n_joint])


def bet(n_joint: int, n_other: int, hits_joint: int, hits_other: int, r: float) -> float:
    """r ** N over its mean over every arrangement."""
    every = [r**k for k in arrangements(n_joint, n_other, hits_joint + hits_other)]
    return float(r**hits_joint / np.mean(every))


def exchanged(delays: Sequence[float], owners: Sequence[int]) -> Iterator[list[float]]:
    """Every arrangement of the delays of each owner among its own places, all owners at once."""
    places = [[k for k, one in enumerate(owners) if one == owner] for owner in sorted(set(owners))]
    for orders in itertools.product(*(itertools.permutations(mine) for mine in places)):
        result = list(delays)
        for mine, order in zip(places, orders, strict=True):
            for to, source in zip(mine, order, strict=True):
                result[to] = delays[source]
        yield result
