"""Prove proposed groups on data that did not propose them: exact e-values over placements of their members.

Null hypothesis of a group: within each block its members hold a uniformly random subset of the slots, independently
over stretches of time. The bet: under the alternative a subset is favoured by ``r ** links`` where links are
neighbouring members at most a window apart. The bet's mean under the null is computed exactly, so no draws are needed
and the tail has no floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels.occupancy import bet_on_stretches, seat_members
from dideban.kernels.placement import even_bets, nuisance_bets, own_bets
from dideban.proof.blocks import Blocks

LIFTS = np.array([0.5, 0.8, 0.97])
"""Chance that a member follows another within the window, under the alternatives that are bet on."""
TAKES = np.array([0.1, 0.5])
"""Share of stretches in which the group acts in concert, under those alternatives."""
N_BETS = len(LIFTS) * (len(TAKES) + 2)
"""Alternatives that are bet on in all: two more stakes rise with the share of members that are present."""

MOST_COUNTED = 4096
"""From this number of members on, blocks are weighed as if one fewer were present."""
MAX_OWN = 6
"""Up to this many members in a block, each may have odds of its own; beyond, all have those of the group."""


class Hypotheses(list[I4]):
    """Groups to test, and what is asked of all of them again and again. Not to be changed once made."""

    @cached_property
    def sizes(self) -> I8:
        """(n,) members of each."""
        return np.array([len(one) for one in self], np.int64)

    @cached_property
    def cuts(self) -> I8:
        """(n + 1,) where each begins in ``flat``."""
        return np.append(0, np.cumsum(self.sizes)).astype(np.int64)

    @cached_property
    def flat(self) -> I8:
        """(sum of sizes,) members, group by group."""
        return np.concatenate(self).astype(np.int64) if len(self) else np.empty(0, np.int64)


def _hypotheses(groups: Sequence[I4]) -> Hypotheses:
    return groups if isinstance(groups, Hypotheses) else Hypotheses(groups)


@dataclass(frozen=True, kw_only=True)
class Odds:
    """Odds of slots, listed occupancy row by occupancy row: of the group as a whole, or of each member."""

    group: F8
    """(sum of slots,) f8 > 0."""
    own: F8 | None = None
    """(sum of members * slots over rows with at most MAX_OWN members,) f8 > 0."""


@dataclass(frozen=True, kw_only=True)
class Occupancy:
    """Where proposed groups sit: one row per (group, block) with two members or more and an outsider."""

    group: I8
    block: I8
    n_members: I8
    n_links: I8 | F8
    """Links of members; parts of links where a null hypothesis is made true."""
    members: I8
    """(sum of n_members,) account codes, row by row, in the order of their slots."""


def seat_groups(blocks: Blocks, rows: tuple[I8, I4], groups: Sequence[I4], *, allowed: B1) -> Occupancy:
    """Find the blocks in which groups sit and count the links of their members.

    Parameters
    ----------
    rows : CSR
        Rows of the traces held by each account, ascending, informing blocks only.
    allowed : (n_blocks,) bool
        The part of the data to look at.
    """
    return find_seats(blocks, rows, groups, allowed=allowed)


def seat_parts(blocks: Blocks, rows: tuple[I8, I4], groups: Sequence[I4], *, mask: B1) -> tuple[Occupancy, Occupancy]:
    """Seat groups in the blocks marked and in all others: :func:`seat_groups` of both parts, looked up once."""
    whole = find_seats(blocks, rows, groups, allowed=np.ones(len(mask), bool))
    inside = mask[whole.block]
    return _choose(whole, inside), _choose(whole, ~inside)


def _choose(occupancy: Occupancy, chosen: B1) -> Occupancy:
    return Occupancy(
        group=occupancy.group[chosen],
        block=occupancy.block[chosen],
        n_members=occupancy.n_members[chosen],
        n_links=occupancy.n_links[chosen],
        members=occupancy.members[np.repeat(chosen, occupancy.n_members)],
    )


def find_seats(
    blocks: Blocks,
    rows: tuple[I8, I4],
    groups: Sequence[I4],
    *,
    allowed: B1,
    own_share: float = 0.0,
) -> Occupancy:
    """Find blocks with two members or more: with an outsider too, or with members on ``own_share`` of the slots."""
    groups = _hypotheses(groups)
    group, block, n_members, n_links, seated = seat_members(
        groups.cuts, groups.flat, *rows, blocks.block_of_row, blocks.bounds, allowed, blocks.traces.time,
        blocks.scale.window_s, own_share,
    )  # fmt: skip
    return Occupancy(
        group=group,
        block=block,
        n_members=n_members,
        n_links=n_links,
        members=blocks.traces.account[seated].astype(np.int64),
    )


def log_e_values(blocks: Blocks, occupancy: Occupancy, groups: Sequence[I4], odds: Odds | None = None) -> F8:
    """Return the log e-value of each group from its occupancy; 0 where nothing informs.

    Parameters
    ----------
    odds : Odds
        Odds of each slot; None = all placements equally likely.

    Notes
    -----
    Blocks of one stretch of time are averaged, because accounts come and go in sessions; stretches are multiplied.
    The alternatives (LIFTS x takes) are averaged last. Each step keeps the mean under the null at most 1.
    """
    if not len(occupancy.group):
        return np.zeros(len(groups))
    return mean_of_bets(log_e_bets(blocks, occupancy, groups, odds))


def log_e_bets(blocks: Blocks, occupancy: Occupancy, groups: Sequence[I4], odds: Odds | None = None) -> F8:
    """(n, n_bets) log e-value of each group under each alternative: :func:`log_e_values` before they are averaged."""
    return bet_together([placed_bets(blocks, occupancy, groups, odds)], len(groups))


@dataclass(frozen=True, kw_only=True)
class PlacedBets:
    """What placements say, block by block: one row per (group, block), groups ascending."""

    group: I8
    stretch: I8
    weight: F8
    """Weights inside a stretch; they do not look at who sits where."""
    log_e: F8
    """(m, n_lifts) log e-values."""
    take: F8
    """(m, n_takes) stakes."""


def placed_bets(blocks: Blocks, occupancy: Occupancy, groups: Sequence[I4], odds: Odds | None = None) -> PlacedBets:
    """Bet on every block in which a group sits: :func:`log_e_bets` before stretches are multiplied."""
    if not len(occupancy.group):
        nothing = np.empty(0, np.int64)
        return PlacedBets(
            group=nothing, stretch=nothing, weight=np.empty(0), log_e=np.empty((0, len(LIFTS))),
            take=_takes(np.empty(0)),
        )  # fmt: skip
    bets = _even_bets(blocks, occupancy) if odds is None else _nuisance_bets(blocks, occupancy, odds)
    log_e = occupancy.n_links[:, None] * bets[:, : len(LIFTS)] - bets[:, len(LIFTS) :]
    present = occupancy.n_members / _hypotheses(groups).sizes[occupancy.group]
    promise = (occupancy.n_members - 1) * bets[:, len(LIFTS) - 1] - bets[:, -1]
    return PlacedBets(
        group=occupancy.group,
        stretch=blocks.chunk[occupancy.block],
        weight=np.maximum(promise, 1e-6) * present**2,
        log_e=log_e,
        take=_takes(present),
    )


def bet_together(parts: Sequence[PlacedBets], n_groups: int) -> F8:
    """(n_groups, n_bets) log e-values: blocks of one stretch averaged, of whatever part; stretches multiplied.

    Parts are of one scale, so that their stretches are the same ones.
    """
    one = parts[0] if len(parts) == 1 else _joined(parts)
    if not len(one.group):
        return np.zeros((n_groups, N_BETS))
    sums: F8 = bet_on_stretches(one.group, one.stretch, one.weight, one.log_e, one.take, n_groups)
    return sums.reshape(n_groups, -1)


def _joined(parts: Sequence[PlacedBets]) -> PlacedBets:
    group = np.concatenate([one.group for one in parts])
    order = np.argsort(group, kind="stable")
    return PlacedBets(
        group=group[order],
        stretch=np.concatenate([one.stretch for one in parts])[order],
        weight=np.concatenate([one.weight for one in parts])[order],
        log_e=np.concatenate([one.log_e for one in parts])[order],
        take=np.concatenate([one.take for one in parts])[order],
    )


def mean_of_bets(log_e: F8) -> F8:
    """(n, n_bets) f8 -> (n,) log of the mean over bets."""
    top = log_e.max(axis=1)
    return np.asarray(top + np.log(np.exp(log_e - top[:, None]).mean(axis=1)))


def multiply_stretches(blocks: Blocks, occupancy: Occupancy, n_groups: int, log_e: F8, take: F8, *, weight: F8) -> F8:
    """Bet on every block, average over the blocks of a stretch, multiply over stretches, average over the bets.

    Parameters
    ----------
    log_e : (m, n_lifts) f8
        Log e-value of each occupancy row.
    take : (m, n_takes) f8, 0..1
        Stake on each row: ``1 - take + take * e``.
    weight : (m,) f8 > 0
        Weights inside a stretch; must not look at who sits where.
    """
    sums: F8 = bet_on_stretches(occupancy.group, blocks.chunk[occupancy.block], weight, log_e, take, n_groups)
    return mean_of_bets(sums.reshape(n_groups, -1))


def _takes(present: F8) -> F8:
    """(m, n_takes) chance that a block belongs to an operation: constants, and rising with the share of members."""
    constant = np.repeat(TAKES[None, :], len(present), axis=0)
    rising = np.stack([0.95 * present, 0.95 * present**3], axis=1)
    return np.hstack([constant, rising])


def _even_bets(blocks: Blocks, occupancy: Occupancy) -> F8:
    """(n_rows, 2 n_lifts) log r and log normaliser; equal (block, members) are computed once for all batches."""

    def weigh(codes: I8) -> F8:
        found: F8 = even_bets(
            blocks.traces.time, blocks.bounds, codes // MOST_COUNTED, codes % MOST_COUNTED, blocks.scale.window_s, LIFTS
        )
        return found

    n_members = np.minimum(occupancy.n_members, MOST_COUNTED - 1)
    return blocks.even_bets.of(occupancy.block * MOST_COUNTED + n_members, weigh)


def _nuisance_bets(blocks: Blocks, occupancy: Occupancy, odds: Odds) -> F8:
    size = np.diff(blocks.bounds)[occupancy.block]
    bounds = np.append(0, np.cumsum(size)).astype(np.int64)
    window = blocks.scale.window_s
    bets: F8 = nuisance_bets(
        blocks.traces.time, odds.group, bounds, blocks.bounds, occupancy.block, occupancy.n_members, window, LIFTS
    )
    if odds.own is not None:
        few = occupancy.n_members <= MAX_OWN
        own = np.append(0, np.cumsum((size * occupancy.n_members)[few])).astype(np.int64)
        bets[few] = own_bets(
            blocks.traces.time,
            odds.own,
            own,
            blocks.bounds,
            occupancy.block[few],
            occupancy.n_members[few],
            window,
            LIFTS,
        )
    return bets


def most_log_e(blocks: Blocks, occupancy: Occupancy, groups: Sequence[I4]) -> F8:
    """Return the largest log e-value each group could reach if all its members sat together wherever they sit."""
    if not len(occupancy.group):
        return np.zeros(len(groups))
    return log_e_values(blocks, all_together(occupancy), groups)


def all_together(occupancy: Occupancy) -> Occupancy:
    """Return the same seats as if all members sat together wherever they sit."""
    return replace(occupancy, n_links=occupancy.n_members - 1)
