"""Members proved one by one: who came after others too often, whatever habit of its own is taken for the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dideban.arrays import F8, I4, I8, unique_pairs
from dideban.figures import TOLERANCE
from dideban.proof.directed_exchange import (
    Follows,
    find_occasions,
    find_supports,
    leaving_out,
)
from dideban.proof.kinds_together import smallest_of_members, weigh_follows
from dideban.proof.moments import Moments
from dideban.proof.placement import Hypotheses
from dideban.proof.split import Split
from dideban.proof.strata import Stratum
from dideban.stats.error_control import e_bh

MIN_NAMED = 3
"""Fewest proved members of a finding."""
LEAST_IN_PHASE = 0.5
"""Share of an account's posts in phase with the clock of its group from which it is taken to keep it too."""
LEAST_LEFT = float(np.log(2.0))
"""Evidence (log) that must be left of a proved member when the account that it follows most is left out."""


@dataclass(frozen=True, kw_only=True)
class NamedMembers:
    """The members of one group that are proved."""

    log_e: F8
    """(n,) log e-values of all members of the hypothesis, in their order, on its own proving part."""
    accounts: I4
    """Account codes of those that were tested, ascending: of the hypothesis, and whom the other part adds."""
    members: I4
    """Account codes of those that are proved, ascending."""
    strength: float = 0.0
    """Sum of the log e-values of those that are proved."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What is known of the accounts beyond what they shared: sittings of every row, and clocks."""

    moments: Moments
    sittings: list[I8]
    """Per stratum, (n_rows,) sitting of each row."""
    clocks: F8
    """(n_accounts, 3) clocks that accounts keep; rows of accounts that were not asked about are 0."""


def watch_accounts(
    strata: Sequence[Stratum], moments: Moments, groups: Sequence[I4], *, sittings: list[I8] | None = None
) -> Watch:
    """Find the sittings of all rows, and the clocks of the members of some groups.

    Somebody who posts too seldom to show a clock alone has the clock that its whole group shows, where its own posts
    do not speak against it.

    Parameters
    ----------
    sittings : list of (n_rows,), or None
        Of each stratum, where they are known: groups play no part in them.
    """
    clocks = np.zeros((len(moments.bounds) - 1, 3))
    some = np.unique(np.concatenate([np.empty(0, np.int32), *groups]))
    clocks[some] = moments.clocks(some)
    for members in groups:
        seldom = members[clocks[members, 0] == 0]
        if len(seldom) and (clock := moments.pooled_clock(members))[0] > 0:
            clocks[seldom[moments.in_phase(seldom, clock) >= LEAST_IN_PHASE]] = clock
    return Watch(moments=moments, sittings=sittings or sittings_of_rows(strata, moments), clocks=clocks)


def sittings_of_rows(strata: Sequence[Stratum], moments: Moments) -> list[I8]:
    """Return, of each stratum, (n_rows,) the sitting of each row."""
    known: dict[str, I8] = {}
    for stratum in strata:
        if stratum.kind not in known:
            known[stratum.kind] = moments.sittings_of(stratum.blocks.traces)
    return [known[stratum.kind] for stratum in strata]


def prove_members(
    strata: Sequence[Stratum], split: Split, groups: Sequence[I4], *, watch: Watch, habits: bool = True
) -> list[F8]:
    """Return the log e-values of the members of each group, the smallest over all nulls.

    Parameters
    ----------
    groups : sorted account codes
        Chosen without a look at the proving part.
    habits : bool
        Hold members to the habits that they show in the proposing part too.
    """
    asked = Hypotheses(groups)
    if not len(asked):
        return []
    n = len(asked.flat)
    masks = [stratum.proposing(split) for stratum in strata]
    seen, follows = (
        [
            find_occasions(stratum.blocks, stratum.rows, asked, allowed=part, clocks=watch.clocks)
            for stratum, part in zip(strata, parts, strict=True)
        ]
        for parts in (masks, [~mask for mask in masks])
    )
    promise = weigh_follows(strata, seen, watch.sittings, n_members=n)
    log_e = weigh_follows(strata, follows, watch.sittings, n_members=n)
    if habits:
        log_e = smallest_of_members(strata, masks, asked, follows, log_e, sittings=watch.sittings, clocks=watch.clocks)
    weight = _weights(promise, asked)
    total = np.logaddexp.reduce(log_e + np.log(weight), axis=1)
    return np.split(total, asked.cuts[1:-1])


def _weights(promise: F8, groups: Hypotheses) -> F8:
    """(n, n_columns) weights, alike for all members of a group: what the proposing part promised of each column."""
    group = np.repeat(np.arange(len(groups)), groups.sizes)
    pooled = np.zeros((len(groups), promise.shape[1]))
    np.add.at(pooled, group, np.clip(promise, 0, None))
    weight = pooled / groups.sizes[:, None] + 0.1
    return np.asarray((weight / weight.sum(axis=1, keepdims=True))[group])


def weigh_members(strata: Sequence[Stratum], split: Split, groups: Sequence[I4], *, watch: Watch) -> list[F8]:
    """Return (2, n) log e-values of the members of each group: with all others, and without the one followed most.

    Whoever follows a single account is not named by it: the evidence must not rest on one other account alone.
    """
    if not groups:
        return []
    found = prove_members(strata, split, groups, watch=watch)
    rest = without_hub(strata, split, groups, watch=watch)
    return [np.stack([log_e, left]) for log_e, left in zip(found, rest, strict=True)]


def proved_among(group: I4, log_e: F8, log_left: F8, *, fdr: float) -> I4:
    """Return the members of a group that are proved: e-BH over all of them, and something left without the one."""
    return np.asarray(group[e_bh(log_e, fdr=fdr) & (log_left >= LEAST_LEFT - TOLERANCE)], dtype=np.int32)


def without_hub(strata: Sequence[Stratum], split: Split, groups: Sequence[I4], *, watch: Watch) -> list[F8]:
    """Return the log e-values of members when coming after the one account that each follows most does not count."""
    asked = Hypotheses(groups)
    n = len(asked.flat)
    allowed = [~stratum.proposing(split) for stratum in strata]
    seen = [
        find_occasions(stratum.blocks, stratum.rows, asked, allowed=mask, clocks=watch.clocks)
        for stratum, mask in zip(strata, allowed, strict=True)
    ]
    hubs = _hubs(strata, seen, asked, n_accounts=len(watch.clocks))
    some = [
        leaving_out(stratum.blocks, follows, asked, left_out=hubs[follows.place], clocks=watch.clocks)
        for stratum, follows in zip(strata, seen, strict=True)
    ]
    log_e = weigh_follows(strata, some, watch.sittings, n_members=n)
    total = np.logaddexp.reduce(log_e, axis=1) - np.log(max(log_e.shape[1], 1))
    return np.split(total, asked.cuts[1:-1]) if len(asked) else []


def _hubs(strata: Sequence[Stratum], seen: Sequence[Follows], groups: Hypotheses, *, n_accounts: int) -> I8:
    """(n,) the account that each member comes after most often with no one else between; -1 = none."""
    places, supports = [], []
    for stratum, follows in zip(strata, seen, strict=True):
        found = find_supports(stratum.blocks, follows, groups, n_accounts=n_accounts)
        alone = follows.hit & (found >= 0)
        places.append(follows.place[alone])
        supports.append(found[alone])
    hubs = np.full(len(groups.flat), -1, np.int64)
    place, support, _, counts = unique_pairs(np.concatenate(places), np.concatenate(supports))
    order = np.lexsort((-support, counts))
    hubs[place[order]] = support[order]  # the most frequent is written last
    return hubs


__all__ = [
    "MIN_NAMED",
    "NamedMembers",
    "Watch",
    "prove_members",
    "sittings_of_rows",
    "watch_accounts",
    "weigh_members",
    "without_hub",
]
