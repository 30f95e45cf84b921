"""All kinds of objects together: what a group shows with links, reposts and tags in different stretches adds up.

Kinds may share posts, so that within one stretch of time (of a member, within one sitting) their e-values are averaged,
as those of objects of one kind are; stretches are multiplied, whatever kinds stand in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.figures import TOLERANCE
from dideban.proof.directed_exchange import Follows, log_e_members, log_e_together, under_odds
from dideban.proof.nuisance_nulls import NUISANCE_NULLS, MemberOdds, Memory, slot_odds
from dideban.proof.placement import (
    Hypotheses,
    Occupancy,
    PlacedBets,
    bet_together,
    log_e_values,
    mean_of_bets,
    placed_bets,
    seat_groups,
)
from dideban.proof.strata import Stratum

MEMBER_HABITS = tuple(habit for habit in NUISANCE_NULLS if habit not in ("even", "own"))
"""Of one account, its own habits are those of the group."""


def by_scale(strata: Sequence[Stratum]) -> list[list[int]]:
    """Return the positions of the strata of each scale, scales in the order in which they first stand."""
    found: dict[float, list[int]] = {}
    for c, stratum in enumerate(strata):
        found.setdefault(stratum.scale_s, []).append(c)
    return list(found.values())


def columns_of(strata: Sequence[Stratum]) -> list[list[int]]:
    """Return which strata each column of evidence rests on: each alone, then all kinds of each scale with several."""
    return [[c] for c in range(len(strata))] + [some for some in by_scale(strata) if len(some) > 1]


def _resting_on(some: Sequence[int], columns: Sequence[Sequence[int]]) -> list[int]:
    """Return the columns that rest on these strata and no others."""
    return [k for k, rests_on in enumerate(columns) if set(rests_on) <= set(some)]


def weigh_placements(strata: Sequence[Stratum], seated: Sequence[Occupancy], groups: Hypotheses) -> F8:
    """(n, n_columns) log e-values of groups from where they sit in each stratum, all placements equally likely."""
    columns = columns_of(strata)
    if not len(groups):
        return np.zeros((0, len(columns)))
    alone = [log_e_values(one.blocks, seats, groups) for one, seats in zip(strata, seated, strict=True)]
    bets = [placed_bets(one.blocks, seats, groups) for one, seats in zip(strata, seated, strict=True)]
    both = [mean_of_bets(bet_together([bets[c] for c in some], len(groups))) for some in columns[len(strata) :]]
    return np.stack([*alone, *both], axis=1) if columns else np.zeros((len(groups), 0))


def smallest_over_nulls(strata: Sequence[Stratum], masks: Sequence[B1], groups: Sequence[I4], log_e: F8) -> F8:
    """Return the smallest log e-values over all nulls; -inf for those that fall to 0 or below.

    Parameters
    ----------
    masks : per stratum, (n_blocks,) bool
        The proposing part, from which habits are learned.
    log_e : (n, n_columns)
        With all placements equally likely.
    """
    result = np.where(log_e > TOLERANCE, log_e, -np.inf)
    columns = columns_of(strata)
    for some in by_scale(strata):
        mine = _resting_on(some, columns)
        alive = np.flatnonzero((result[:, mine] > TOLERANCE).any(axis=1))
        parts = [(strata[c], masks[c], Memory(strata[c].blocks, masks[c])) for c in some]
        n_seated, seats, known = -1, list[Occupancy](), list[dict[str, F8]]()
        for habit in NUISANCE_NULLS:
            if not len(alive):
                break
            if len(alive) != n_seated:
                asked = Hypotheses(groups[i] for i in alive.tolist())
                seats = [seat_groups(one.blocks, one.rows, asked, allowed=~mask) for one, mask, _ in parts]
                known, n_seated = [{} for _ in parts], len(alive)
            found = [
                _under(part, occupancy, asked, habit, traits)
                for part, occupancy, traits in zip(parts, seats, known, strict=True)
            ]
            if all(bets is None for bets in found):
                continue
            for k in mine:
                chosen = [found[some.index(c)] for c in columns[k]]
                if any(bets is None for bets in chosen):
                    chosen = [
                        _under(parts[some.index(c)], seats[some.index(c)], asked, "both", known[some.index(c)])
                        if bets is None
                        else bets
                        for c, bets in zip(columns[k], chosen, strict=True)
                    ]
                told = [bets for bets in chosen if bets is not None]
                result[alive, k] = np.minimum(result[alive, k], mean_of_bets(bet_together(told, len(asked))))
            result = np.where(result > TOLERANCE, result, -np.inf)
            alive = alive[(result[alive][:, mine] > TOLERANCE).any(axis=1)]
    return result


def _under(
    part: tuple[Stratum, B1, Memory], seats: Occupancy, groups: Hypotheses, habit: str, known: dict[str, F8]
) -> PlacedBets | None:
    """Return the bets of one stratum under a habit; None where it cannot be learned."""
    stratum, _, memory = part
    if habit == "even":
        return placed_bets(stratum.blocks, seats, groups)
    odds = slot_odds(memory, seats, groups, stratum.rows, habit=habit, known=known)
    return None if odds is None else placed_bets(stratum.blocks, seats, groups, odds)


def weigh_follows(
    strata: Sequence[Stratum], follows: Sequence[Follows], sittings: Sequence[I8], *, n_members: int
) -> F8:
    """(n_members, n_columns) log e-values of members from when they came after others in each stratum."""
    columns = columns_of(strata)
    if not columns:
        return np.zeros((n_members, 0))
    alone = [log_e_members(one, known, n_members=n_members) for one, known in zip(follows, sittings, strict=True)]
    both = [
        log_e_together([(follows[c], sittings[c]) for c in some], n_members=n_members)
        for some in columns[len(strata) :]
    ]
    return np.stack([*alone, *both], axis=1)


def smallest_of_members(
    strata: Sequence[Stratum],
    masks: Sequence[B1],
    groups: Hypotheses,
    follows: Sequence[Follows],
    log_e: F8,
    *,
    sittings: Sequence[I8],
    clocks: F8,
) -> F8:
    """Return the smallest log e-values over the habits of each member; what falls to 0 or below counts for nothing.

    Parameters
    ----------
    log_e : (n_members, n_columns)
        With all slots equally likely.
    """
    result = np.where(log_e > TOLERANCE, log_e, -np.inf)
    columns = columns_of(strata)
    for scale in by_scale(strata):
        mine = _resting_on(scale, columns)
        alive = np.asarray((result[:, mine] > TOLERANCE).any(axis=1))
        some = {c: follows[c].choose(alive[follows[c].place]) for c in scale}
        known = {c: _odds_of(strata[c], masks[c], groups, some[c]) for c in scale}
        for habit in MEMBER_HABITS:
            again = {c: _held_to(strata[c], some[c], groups, known[c], habit, alive, clocks) for c in scale}
            if not alive.any() or all(one is None for one in again.values()):
                continue
            for k in mine:
                told = list[tuple[Follows, I8]]()
                if len(columns[k]) == 1 and again[columns[k][0]] is None:
                    continue
                for c in columns[k]:
                    one = again[c]
                    if one is None:  # no origin of this kind is known
                        one = _held_to(strata[c], some[c], groups, known[c], "both", alive, clocks)
                    told += [] if one is None else [(one, sittings[c])]
                result[:, k] = np.minimum(result[:, k], log_e_together(told, n_members=len(result)))
            result[:, mine] = np.where(result[:, mine] > TOLERANCE, result[:, mine], -np.inf)
            alive = np.asarray((result[:, mine] > TOLERANCE).any(axis=1))
    return result


def _odds_of(stratum: Stratum, mask: B1, groups: Hypotheses, follows: Follows) -> MemberOdds:
    block = stratum.blocks.block_of_row[follows.row].astype(np.int64)
    return MemberOdds(Memory(stratum.blocks, mask), groups.flat[follows.place], block, stratum.rows)


def _held_to(
    stratum: Stratum, follows: Follows, groups: Hypotheses, known: MemberOdds, habit: str, alive: B1, clocks: F8
) -> Follows | None:
    """Return the occasions of those still looked at under a habit; None where it cannot be learned."""
    if not len(follows.place):
        return follows
    if (odds := known.under(habit)) is None:
        return None
    kept = alive[follows.place]
    return under_odds(
        stratum.blocks, follows.choose(kept), groups, odds=odds, odds_bounds=known.starts[kept], clocks=clocks
    )


__all__ = [
    "MEMBER_HABITS",
    "by_scale",
    "columns_of",
    "smallest_of_members",
    "smallest_over_nulls",
    "weigh_follows",
    "weigh_placements",
]
