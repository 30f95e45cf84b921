"""The joint claim: groups that the rooms together prove, whichever single one of them is left out.

Members are named by the rule of a single room: e-BH over groups, e-BH over the members of claimed groups, evidence that
does not rest on one other account, three named at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.figures import TOLERANCE
from dideban.joint.evidence import RoomShare
from dideban.joint.orders import Orders, placed_by
from dideban.proof.hypotheses import MEMBER_SHARE
from dideban.proof.members import MIN_NAMED, proved_among
from dideban.proof.overlapping_claims import overlapping_claims
from dideban.stats.error_control import claim

LOST = -1e6
"""Log e-value of what falls to 0 or below under some null: it counts for nothing, as in a single room."""


def least_rooms(liars: int) -> int:
    """Return how many rooms must answer: leaving those out that may lie must leave more than them."""
    return 2 * liars + 1


@dataclass(frozen=True, kw_only=True)
class HeardGroup:
    """One proposed group, and what rooms answered."""

    proposal: str
    """Its id."""
    proposer: str
    names: tuple[str, ...]
    """Blinded names of the members, ascending."""
    weights: F8
    """(n_strata,) weights of kinds and scales, fixed by the proposing room; sum 1."""
    shares: Mapping[str, RoomShare]
    """Room to its share; rooms that did not answer count as saying nothing."""


@dataclass(frozen=True, kw_only=True)
class JointJudgement:
    """What all rooms together say of a group: each figure is the least over leaving out the rooms that may lie."""

    log_e: float
    members: F8
    """(n,) log e-values of the members with every room."""
    least: F8
    """(n,) the least of them over leaving out the rooms that may lie, one unless the charter says more."""
    left: F8
    """(n,) the same when coming after the one other account that matters most does not count."""
    all_rooms: float
    """Log e-value with every room: what would be said if each were trusted."""


@dataclass(frozen=True, kw_only=True)
class JointClaim:
    """A group that the rooms proved together."""

    heard: HeardGroup
    judged: JointJudgement
    named: tuple[str, ...]
    """Blinded names of the proved members, ascending."""


def judge(heard: HeardGroup, *, liars: int = 1) -> JointJudgement:
    """Join what the rooms say of one group.

    Parameters
    ----------
    liars : count
        Rooms that may lie together: the claim must hold whichever of them are left out.

    Notes
    -----
    Rooms speak for different stretches of time: their e-values are multiplied, bet by bet. Bets, kinds and scales are
    averaged afterwards. The least over leaving ``liars`` rooms out is at most the e-value without those that lie.
    """
    rooms = sorted(heard.shares)
    without = _without(rooms, liars)
    members = [_members(heard, some) for some in without]
    groups = [_group(heard, some, one) for some, one in zip(without, members, strict=True)]
    together = _members(heard, rooms)
    return JointJudgement(
        log_e=min(groups),
        members=together,
        least=np.min(members, axis=0),
        left=np.min([_left(heard, some, one) for some, one in zip(without, members, strict=True)], axis=0),
        all_rooms=_group(heard, rooms, together),
    )


def _without(rooms: Sequence[str], liars: int) -> list[list[str]]:
    """Return who is left when those are left out that may lie, in every way; nobody where too few answer."""
    if len(rooms) < least_rooms(liars):
        return [[]]
    return [[one for one in rooms if one not in out] for out in combinations(rooms, liars)]


def alone(heard: HeardGroup) -> dict[str, float]:
    """Return the log e-value of a group from what each room says by itself, below 0 where it speaks against it."""
    found = {}
    for room in heard.shares:
        group = _mean(heard.shares[room].group[:, 0], heard.weights)
        found[room] = max(float(group), _group(heard, [room], _members(heard, [room])))
    return found


def _mean(log_e: F8, weights: F8) -> F8:
    """(n_strata, ..., n_bets) log e -> (...,): mean over bets, weighted mean over strata."""
    over_bets = np.logaddexp.reduce(log_e, axis=-1) - np.log(log_e.shape[-1])
    with np.errstate(divide="ignore"):
        scaled = over_bets + np.log(weights).reshape(-1, *[1] * (over_bets.ndim - 1))
    return np.asarray(np.logaddexp.reduce(scaled, axis=0))


def _members(heard: HeardGroup, rooms: Sequence[str]) -> F8:
    """(n,) log e-value of each member, the least over nulls: kind by kind and scale by scale, as in a single room."""
    zero = np.zeros((len(heard.weights), len(heard.names), 1, 1))
    return _least(sum((heard.shares[room].members for room in rooms), zero), heard.weights)


def _least(log_e: F8, weights: F8) -> F8:
    """(n_strata, ..., n_nulls, n_bets) log e -> (...,): mean over bets, least over nulls, weighted mean over strata."""
    over_bets = np.logaddexp.reduce(log_e, axis=-1) - np.log(log_e.shape[-1])
    least = over_bets.min(axis=-1)
    with np.errstate(divide="ignore"):
        scaled = np.where(least > TOLERANCE, least, LOST) + np.log(weights).reshape(-1, *[1] * (least.ndim - 1))
    return np.asarray(np.logaddexp.reduce(scaled, axis=0))


def _group(heard: HeardGroup, rooms: Sequence[str], members: F8) -> float:
    zero = np.zeros((len(heard.weights), 1, 1))
    placed = _least(sum((heard.shares[room].group for room in rooms), zero), heard.weights)
    one_by_one = np.logaddexp.reduce(members) - np.log(len(members))
    return float(np.logaddexp(placed, one_by_one) - np.log(2))


def _left(heard: HeardGroup, rooms: Sequence[str], members: F8) -> F8:
    """(n,) log e-value of each member where coming after the one other that it came after most does not count."""
    alone: Counter[tuple[int, int]] = Counter()
    for room in rooms:
        alone.update(heard.shares[room].alone)
    hubs: dict[int, int] = {}
    for (member, other), _ in sorted(alone.items(), key=lambda one: (-one[1], one[0])):
        hubs.setdefault(member, other)
    least = members.copy()
    for member, other in hubs.items():
        total = np.zeros((len(heard.weights), 1))
        for room in rooms:
            share = heard.shares[room]
            total = total + share.left.get((member, other), share.members[:, member, 0])
        least[member] = float(_mean(total, heard.weights))
    return least


def claim_jointly(heard: Sequence[HeardGroup], *, fdr: float, n_rooms: int, liars: int = 1) -> list[JointClaim]:
    """Claim groups over everything that was proposed in an epoch, overlapping ones as one.

    Parameters
    ----------
    heard : HeardGroup
        **All** proposals of the epoch, those that nobody answered too: each is a hypothesis.
    n_rooms : count
        Rooms of the federation: each has an even share of the error budget, which its own proposals divide among
        themselves, so that no room can use up another's.
    liars : count
        Rooms that may lie together.
    """
    if not heard:
        return []
    ordered = sorted(heard, key=lambda one: one.proposal)
    judged = [judge(one, liars=liars) for one in ordered]
    proposers = [one.proposer for one in ordered]
    share = np.array([1 / (n_rooms * proposers.count(room)) for room in proposers])
    places = {name: i for i, name in enumerate(sorted({name for one in ordered for name in one.names}))}
    codes = [np.array([places[name] for name in one.names], np.int32) for one in ordered]
    named = [
        _named(group, one, told, fdr=fdr, liars=liars) for group, one, told in zip(codes, judged, ordered, strict=True)
    ]
    log_e = np.array([
        one.log_e if len(some) >= MIN_NAMED else -np.inf for one, some in zip(judged, named, strict=True)
    ])  # fmt: skip
    standing = np.where(np.isfinite(log_e), log_e, -1e9)

    def n_findings(mask: B1) -> int:
        some = np.flatnonzero(mask)
        return int(overlapping_claims([named[i] for i in some], standing[some]).max() + 1)

    claimed = np.flatnonzero(claim(log_e, share, fdr=(1 - MEMBER_SHARE) * fdr, count=n_findings))
    family = overlapping_claims([named[i] for i in claimed], standing[claimed])
    back = sorted(places)
    claims = []
    for number in range(int(family.max(initial=-1)) + 1):
        mine = claimed[family == number]
        i = int(mine[np.lexsort((mine, -standing[mine]))[0]])
        members = tuple(back[code] for code in named[i].tolist())
        claims.append(JointClaim(heard=ordered[i], judged=judged[i], named=members))
    return claims


def _named(group: I4, judged: JointJudgement, heard: HeardGroup, *, fdr: float, liars: int) -> I4:
    """Return the members that are proved by the rule of a single room, and that no single room made so.

    Nobody is named around whom others may have been placed, whichever rooms are left out: in the group that was
    proposed, and among those who are left.
    """
    proved = proved_among(group, judged.members, judged.left, fdr=MEMBER_SHARE * fdr)
    proved = proved[np.isin(proved, group[judged.least >= -np.log(fdr)])]
    if len(proved) < MIN_NAMED:
        return proved
    rooms = sorted(heard.shares)
    told = [[heard.shares[room].orders for room in some] for some in (rooms, *_without(rooms, liars))]
    among = np.arange(len(group))
    kept = among[np.isin(group, proved) & ~_placed(told, among)]
    while len(kept) >= MIN_NAMED and (placed := _placed(told, kept)).any():
        kept = kept[~placed]
    return group[kept]


def _placed(told: Sequence[Sequence[Orders]], among: I8) -> B1:
    """Say who keeps a place as all rooms tell it, who come first, or as it is told without those that may lie."""
    everybody, *without = told
    looks = [placed_by(some, among, n_looks=len(without)) for some in without]
    return np.asarray(np.any([placed_by(everybody, among), *looks], axis=0))
