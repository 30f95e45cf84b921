"""Leads: groups whose objects hardly anybody else shares, judged by the pace of comparable objects.

Where only a group shares an object there is no one to exchange its members with, and the test of this package says
nothing. A lead rests on a stronger assumption: objects of one kind, shared by as many accounts in one stretch of time,
are taken up at the same pace whoever takes them up. It is shown apart, never as a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.proof.blocks import SIZE_EDGES, Blocks
from dideban.proof.placement import LIFTS, TAKES, Occupancy, find_seats, multiply_stretches

EXCLUSIVE = 0.8
"""A block is the group's own when its members hold this share of the slots."""
MIN_REFERENCE = 30
"""Comparable blocks needed to speak of a usual pace."""


def seat_exclusive(blocks: Blocks, rows: tuple[I8, I4], groups: Sequence[I4], *, allowed: B1) -> Occupancy:
    """Find the blocks that groups have nearly to themselves, and count the links of their members there."""
    return find_seats(blocks, rows, groups, allowed=allowed, own_share=EXCLUSIVE)


class Paces:
    """How quickly objects of one part are taken up, by their numbers of slots: what a group's own are compared with.

    Parameters
    ----------
    blocks : Blocks
    allowed : (n_blocks,) bool
        The part of the data.
    """

    def __init__(self, blocks: Blocks, allowed: B1) -> None:
        order, size_class = blocks.by_pace
        kept = order[allowed[order]]
        self._pace = blocks.pace[kept]
        self._cuts = np.searchsorted(size_class[kept], np.arange(len(SIZE_EDGES) + 2))
        self._known: dict[int, tuple[F8, F8]] = {}
        self._bets: dict[tuple[int, int], tuple[tuple[float, float], ...]] = {}

    def usual(self, size_class: int) -> tuple[F8, F8]:
        """Return the paces of a class of sizes (position in SIZE_EDGES, > 0), each once, and how many have each."""
        if size_class not in self._known:
            self._known[size_class] = _counted(self._pace[self._cuts[size_class] : self._cuts[size_class + 1]])
        return self._known[size_class]

    def bets(self, size_class: int, n_members: int) -> tuple[tuple[float, float], ...]:
        """Return, for each of LIFTS, the log factor of a link and the log mean of the bet; zeros where none is made."""
        if (size_class, n_members) not in self._bets:
            self._bets[size_class, n_members] = tuple(_bets(*self.usual(size_class), n_members))
        return self._bets[size_class, n_members]


def _bets(pace: F8, n_blocks: F8, n_members: int) -> Iterator[tuple[float, float]]:
    usual = float((pace * n_blocks).sum() / max(n_blocks.sum(), 1.0))
    if n_blocks.sum() < MIN_REFERENCE or usual <= 0.0:
        return
    for lift in LIFTS:
        if lift <= usual:
            yield 0.0, 0.0
            continue
        log_r = np.log(lift / (1 - lift)) + np.log((1 - usual) / usual)
        mean = np.logaddexp.reduce(log_r * pace * (n_members - 1) + np.log(n_blocks)) - np.log(n_blocks.sum())
        yield float(log_r), float(mean)


def log_e_exclusive(
    blocks: Blocks,
    occupancy: Occupancy,
    groups: Sequence[I4],
    *,
    allowed: B1,
    paces: Paces | None = None,
    n_links: F8 | None = None,
) -> F8:
    """Return the log e-value of each group from blocks of its own; 0 where nothing informs.

    The mean of the bet is taken over all comparable blocks of the same part, the group's own included, so that it is an
    e-value when blocks are exchangeable.

    Parameters
    ----------
    allowed : (n_blocks,) bool
        The part of the data.
    paces : Paces
        Those of the same blocks and part, where they are known already.
    n_links : (n_seats,) f8
        Links to judge instead of those that were seen.
    """
    if not len(occupancy.group):
        return np.zeros(len(groups))
    paces = paces or Paces(blocks, allowed)
    members = occupancy.n_members
    links = occupancy.n_links if n_links is None else n_links
    log_e = np.zeros((len(members), len(LIFTS)))
    kinds = blocks.by_pace[1][occupancy.block].astype(np.int64) * 1_000 + np.minimum(members, 999)
    for code in np.unique(kinds):
        here = np.flatnonzero(kinds == code)
        for h, (log_r, mean) in enumerate(paces.bets(int(code) // 1_000, int(members[here[0]]))):
            log_e[here, h] = log_r * links[here] - mean
    take = np.repeat(np.append(TAKES, 0.9)[None, :], len(members), axis=0)
    weight = np.asarray(members - 1.0, dtype=np.float64)
    return multiply_stretches(blocks, occupancy, len(groups), log_e, take, weight=weight)


def exchange_pace(blocks: Blocks, occupancy: Occupancy, *, allowed: B1, seed: int) -> F8:
    """Return the links of each seat with the pace of comparable blocks exchanged at random: a lead's null made true.

    Every block of the part takes the share of near neighbours of another of its class of sizes; links become that share
    of the gaps between members, so they need not be whole.
    """
    chosen = np.flatnonzero(allowed)
    size_class = blocks.by_pace[1][chosen]
    drawn = np.lexsort((np.random.default_rng(seed).random(len(chosen)), size_class))
    pace = np.zeros(len(allowed))
    pace[chosen[np.argsort(size_class, kind="stable")]] = blocks.pace[chosen[drawn]]
    return np.asarray(pace[occupancy.block] * (occupancy.n_members - 1), dtype=np.float64)


def _counted(ordered: F8) -> tuple[F8, F8]:
    starts = np.flatnonzero(np.diff(ordered, prepend=-np.inf))
    return ordered[starts], np.diff(np.append(starts, len(ordered))).astype(np.float64)


__all__ = ["Paces", "exchange_pace", "log_e_exclusive", "seat_exclusive"]
