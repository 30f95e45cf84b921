"""Which groups a room proposes to the others: those that its posts promise most of, with who was beside them once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dideban.arrays import B1, F8, I4
from dideban.joint.companions import find_companions
from dideban.joint.view import RoomView
from dideban.proof.overlapping_claims import overlapping_claims
from dideban.proof.placement import Hypotheses, log_e_values, seat_groups
from dideban.proof.propose import propose_groups

MIN_MEMBERS, MAX_MEMBERS = 3, 80
MOST_TESTED = 5_000
"""Candidates of one part whose promise is computed."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A group worth proposing to others."""

    members: I4
    """Sorted account codes."""
    promise: float
    """Log e-value on the very data that propose it: says how much it promises, proves nothing."""
    weights: F8
    """(n_strata,) share of each kind and scale in the promise; sum 1."""
    used: frozenset[int]
    """Stretches that proposed it: they can prove nothing about it."""
    is_whole: bool
    """Whether everything that the room holds proposed it, so that it can only ask others."""


def find_candidates(view: RoomView, *, most: int, seed: int = 0) -> list[Candidate]:
    """Return the groups that promise most, proposed on the whole of a room's data and on each part of it.

    Parameters
    ----------
    most : count
        Proposals that the room may make in an epoch.

    Notes
    -----
    What the whole proposes is completed by whoever was beside it once; what a part proposes is not, so that both are
    tried where both promise much.
    """
    found = _foremost([one for part in (None, True, False) for one in _of_part(view, part, seed=seed)], most=most)
    return _completed(view, found)


def _completed(view: RoomView, found: list[Candidate]) -> list[Candidate]:
    """Add companions to what the whole proposes; every stretch in which two of them sit together is used then."""
    groups = {one.members.tobytes(): _with_companions(view, one.members) for one in found if one.is_whole}
    everywhere = [np.ones(len(first), np.bool_) for first in view.in_first_part]
    completed = _promising(view, Hypotheses(groups.values()), everywhere, is_whole=True)
    made = {one.members.tobytes(): one for one in completed}
    result: dict[tuple[bytes, bool], Candidate] = {}
    for one in found:
        new = made.get(groups[one.members.tobytes()].tobytes(), one) if one.is_whole else one
        result.setdefault((new.members.tobytes(), new.is_whole), new)
    return list(result.values())


def _with_companions(view: RoomView, members: I4) -> I4:
    most = min(len(members), MAX_MEMBERS - len(members))
    return np.sort(np.concatenate([members, find_companions(view, members, most=most)]))


def _of_part(view: RoomView, part: bool | None, *, seed: int) -> list[Candidate]:
    masks = [np.ones(len(first), np.bool_) if part is None else first == part for first in view.in_first_part]
    proposed: dict[bytes, tuple[I4, float]] = {}
    for stratum, mask in zip(view.strata, masks, strict=True):
        new = propose_groups(
            stratum.blocks, stratum.pairs, stratum.shared, allowed=mask, max_size=MAX_MEMBERS, seed=seed
        )
        for key, one in new.items():
            if key not in proposed or proposed[key][1] < one.density:
                proposed[key] = one.members, one.density
    ordered = sorted(proposed.values(), key=lambda one: (-one[1], -len(one[0]), one[0].tobytes()))[:MOST_TESTED]
    return _promising(view, Hypotheses(one[0] for one in ordered), masks, is_whole=part is None)


def _promising(view: RoomView, groups: Hypotheses, masks: list[B1], *, is_whole: bool) -> list[Candidate]:
    if not len(groups) or not view.strata:
        return []
    promise = np.zeros((len(groups), len(view.cutting.strata)))
    used: list[set[int]] = [set() for _ in groups]
    for c, (stratum, mask) in enumerate(zip(view.strata, masks, strict=True)):
        seats = seat_groups(stratum.blocks, stratum.rows, groups, allowed=mask)
        promise[:, view.places[c]] = log_e_values(stratum.blocks, seats, groups)
        for g, stretch in zip(seats.group.tolist(), view.stretch_of_block[c][seats.block].tolist(), strict=True):
            used[g].add(stretch)
    weights = np.clip(promise, 0, None) + 0.1
    weights /= weights.sum(axis=1, keepdims=True)
    total = np.logaddexp.reduce(promise + np.log(weights), axis=1)
    return [
        Candidate(
            members=groups[g], promise=float(total[g]), weights=weights[g], used=frozenset(used[g]), is_whole=is_whole
        )
        for g in range(len(groups))
        if total[g] > 0
    ]


def _foremost(found: list[Candidate], *, most: int) -> list[Candidate]:
    """Keep of each family of overlapping groups the best of the whole and of a part; of all families the best."""
    found = sorted(found, key=lambda one: (-one.promise, one.members.tobytes(), one.is_whole, len(one.used)))
    family = overlapping_claims([one.members for one in found], np.array([one.promise for one in found]))
    best: dict[tuple[int, bool], Candidate] = {}
    for one, number in zip(found, family.tolist(), strict=True):
        best.setdefault((number, one.is_whole), one)
    return list(best.values())[:most]
