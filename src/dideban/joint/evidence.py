"""What one room's own posts say of a proposed group: a few numbers for each member, and none that is a post.

The numbers are logarithms of bets that :mod:`dideban.proof` makes inside one room, before they are averaged, so that
rooms that looked at different stretches of time can be multiplied bet by bet.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.joint.orders import Orders, orders_of
from dideban.joint.view import RoomView, without_clocks
from dideban.kernels.directed import sole_supports
from dideban.proof.directed_exchange import HITS, Follows, find_occasions, leaving_out, member_bets, under_odds
from dideban.proof.kinds_together import MEMBER_HABITS
from dideban.proof.members import Watch
from dideban.proof.nuisance_nulls import NUISANCE_NULLS, MemberOdds, slot_odds
from dideban.proof.placement import N_BETS, Hypotheses, log_e_bets, seat_groups

N_HITS = len(HITS)
N_NULLS = 1 + len(MEMBER_HABITS)
"""Null hypotheses of a member: even odds of slots, and each of its habits."""
N_GROUP_NULLS = len(NUISANCE_NULLS)


@dataclass(frozen=True, kw_only=True)
class RoomShare:
    """What one room contributes to a proposed group of n members, stratum by stratum (kinds x scales)."""

    group: F8
    """(n_strata, N_GROUP_NULLS, N_BETS) log e-values of the placement of all members."""
    members: F8
    """(n_strata, n, N_NULLS, N_HITS) log e-values of each member's coming after others; 0 where it is unknown here."""
    left: dict[tuple[int, int], F8]
    """(member, other) -> (n_strata, N_HITS): a member's, slots even, where coming after that other does not count."""
    alone: dict[tuple[int, int], int]
    """(member, other) -> how often the member came just after that other and nobody else."""
    orders: Orders = ()
    """Who came before whom, act by act, of each kind; nothing where nothing is told."""


def share_of(
    view: RoomView, codes: I4, *, owned: AbstractSet[int], also_ordered: AbstractSet[int] = frozenset()
) -> RoomShare:
    """Return what the stretches of time that a room owns say of a group.

    Parameters
    ----------
    codes : (n,) account codes of the members, -1 = unknown here
    owned : stretches
    also_ordered : stretches
        Those that made this room propose the group: they prove nothing, and show in which order its members come.

    Notes
    -----
    Each null hypothesis of :mod:`dideban.proof` is tested; what is usual for an account in one part of time is learned
    in the other part.
    """
    known = np.flatnonzero(codes >= 0)
    order = known[np.argsort(codes[known], kind="stable")]
    members = codes[order].astype(np.int32)
    n, n_strata = len(codes), len(view.cutting.strata)
    share = RoomShare(
        group=np.zeros((n_strata, N_GROUP_NULLS, N_BETS)),
        members=np.zeros((n_strata, n, N_NULLS, N_HITS)),
        left={},
        alone={},
        orders=orders_of(view, members, positions=order, stretches=owned | also_ordered),
    )
    if len(members) < 2 or not owned:
        return share
    watch = view.watch([members])
    place = {int(code): int(at) for code, at in zip(members, order, strict=True)}
    mine = np.array(sorted(owned), np.int64)
    for c, at_stratum in enumerate(view.places):
        allowed = np.isin(view.stretch_of_block[c], mine)
        share.group[at_stratum] = _group_bets(view, c, members, allowed=allowed, watch=watch)
        found, left, alone = _member_bets(view, c, members, allowed=allowed, watch=watch)
        share.members[at_stratum, order] = found
        for (at, other), bets in left.items():
            key = int(order[at]), place[other]
            share.alone[key] = share.alone.get(key, 0) + alone[at, other]
            share.left.setdefault(key, np.full((n_strata, N_HITS), np.nan))[at_stratum] = bets
    return _filled(share)


def _filled(share: RoomShare) -> RoomShare:
    """Where coming after another plays no part in a stratum, leaving that other out changes nothing there."""
    for (member, _), bets in share.left.items():
        untouched = np.isnan(bets).any(axis=1)
        bets[untouched] = share.members[untouched, member, 0]
    return share


def _group_bets(view: RoomView, c: int, members: I4, *, allowed: B1, watch: Watch) -> F8:
    """(N_GROUP_NULLS, N_BETS) log e-value of a placement under each null and each alternative."""
    stratum, groups = view.strata[c], Hypotheses([members])
    rows = without_clocks(stratum, watch.clocks)
    total = np.zeros((len(NUISANCE_NULLS), N_BETS))
    for first in (True, False):
        part = allowed & (view.in_first_part[c] != first)
        seats = seat_groups(stratum.blocks, rows, groups, allowed=part)
        if not len(seats.block):
            continue
        memory, known = view.memory(c, first=first), dict[str, F8]()
        even = log_e_bets(stratum.blocks, seats, groups)[0]
        for i, habit in enumerate(NUISANCE_NULLS):
            odds = None if habit == "even" else slot_odds(memory, seats, groups, rows, habit=habit, known=known)
            total[i] += even if odds is None else log_e_bets(stratum.blocks, seats, groups, odds)[0]
    return total


def _member_bets(
    view: RoomView, c: int, members: I4, *, allowed: B1, watch: Watch
) -> tuple[F8, dict[tuple[int, int], F8], dict[tuple[int, int], int]]:
    """(m, N_NULLS, N_HITS) log e-value of each member under each null; and without single others, slots even."""
    stratum, groups, sittings = view.strata[c], Hypotheses([members]), watch.sittings[c]
    total = np.zeros((N_NULLS, len(members), N_HITS))
    parts = []
    for first in (True, False):
        part = allowed & (view.in_first_part[c] != first)
        follows = find_occasions(stratum.blocks, stratum.rows, groups, allowed=part, clocks=watch.clocks)
        if not len(follows.place):
            continue
        parts.append(follows)
        total += member_bets(follows, sittings, n_members=len(members))
        _add_habits(view, c, groups, follows, total, first=first, watch=watch)
    alone: dict[tuple[int, int], int] = {}
    for follows in parts:
        for pair in _sole(view, c, groups, follows):
            alone[pair] = alone.get(pair, 0) + 1
    left: dict[tuple[int, int], F8] = {}
    for other in sorted({other for _, other in alone}):
        bets = sum((_without(view, c, groups, some, other=other, watch=watch) for some in parts), np.zeros((1, N_HITS)))
        left.update({pair: bets[pair[0]] for pair in alone if pair[1] == other})
    return np.asarray(total.swapaxes(0, 1)), left, alone


def _add_habits(
    view: RoomView, c: int, groups: Hypotheses, follows: Follows, total: F8, *, first: bool, watch: Watch
) -> None:
    """Add to the log e-values of each null what other odds than even ones change in them."""
    stratum, sittings, n = view.strata[c], watch.sittings[c], len(groups.flat)
    block = stratum.blocks.block_of_row[follows.row].astype(np.int64)
    odds_of = MemberOdds(view.memory(c, first=first), groups.flat[follows.place], block, stratum.rows)
    even = member_bets(follows, sittings, n_members=n)
    for i, habit in enumerate(MEMBER_HABITS, start=1):
        if (odds := odds_of.under(habit)) is None:
            continue
        again = under_odds(stratum.blocks, follows, groups, odds=odds, odds_bounds=odds_of.starts, clocks=watch.clocks)
        total[i] += member_bets(again, sittings, n_members=n) - even


def _sole(view: RoomView, c: int, groups: Hypotheses, follows: Follows) -> list[tuple[int, int]]:
    """(member, account code) wherever a member came just after that account and nobody else."""
    blocks = view.strata[c].blocks
    group = np.zeros(len(follows.row), np.int64)
    supports: I8 = sole_supports(
        follows.row, group, groups.cuts, groups.flat, len(view.accounts), blocks.traces.time, blocks.traces.account,
        blocks.block_of_row, blocks.bounds, blocks.scale.window_s,
    )  # fmt: skip
    hits = follows.hit & (supports >= 0)
    return list(zip(follows.place[hits].tolist(), supports[hits].tolist(), strict=True))


def _without(view: RoomView, c: int, groups: Hypotheses, follows: Follows, *, other: int, watch: Watch) -> F8:
    blocks = view.strata[c].blocks
    nobody = np.full(len(follows.row), other, np.int64)
    some = leaving_out(blocks, follows, groups, left_out=nobody, clocks=watch.clocks)
    if not len(some.place):
        return np.zeros((len(groups.flat), N_HITS))
    return member_bets(some, watch.sittings[c], n_members=len(groups.flat))
