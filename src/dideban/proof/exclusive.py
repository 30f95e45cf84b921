"""Leads: groups whose objects hardly anybody else shares, judged by the pace of comparable objects.

Where only a group shares an object there is no one to exchange its members with, and the test of this package says
nothing. A lead rests on a stronger assumption: objects of one kind, shared by as many accounts in one stretch of time,
are taken up at the same pace whoever takes them up. It is shown apart, never as a finding.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.proof.blocks import Blocks
from dideban.proof.placement import LIFTS, TAKES, Occupancy, find_seats, multiply_stretches

EXCLUSIVE = 0.8
"""A block is the group's own when its members hold this share of the slots."""
MIN_REFERENCE = 30
"""Comparable blocks needed to speak of a usual pace."""
EDGES = np.array([2, 3, 4, 5, 7, 10, 15, 25, 50, 100, 10**9])
"""Blocks are comparable when their numbers of slots fall between the same two of these."""


def seat_exclusive(blocks: Blocks, rows: tuple[I8, I8], groups: Sequence[I4], *, allowed: B1) -> Occupancy:
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
        size, pace = np.diff(blocks.bounds)[allowed], blocks.pace[allowed]
        order = np.lexsort((pace, np.digitize(size, EDGES)))
        cuts = np.searchsorted(np.digitize(size, EDGES)[order], np.arange(len(EDGES) + 2))
        self._classes = [_counted(pace[order[a:b]]) for a, b in itertools.pairwise(cuts)]

    def usual(self, size_class: int) -> tuple[F8, F8]:
        """Return the paces of one class of sizes (position in EDGES), each once, and how many blocks have each."""
        return self._classes[size_class]


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
    kinds = np.digitize(np.diff(blocks.bounds)[occupancy.block], EDGES) * 1_000 + np.minimum(members, 999)
    for code in np.unique(kinds):
        here = np.flatnonzero(kinds == code)
        pace, n_blocks = paces.usual(int(code) // 1_000)
        g = int(members[here[0]])
        usual = float((pace * n_blocks).sum() / max(n_blocks.sum(), 1.0))
        if n_blocks.sum() < MIN_REFERENCE or usual <= 0.0:
            continue
        for h, lift in enumerate(LIFTS):
            if lift > usual:
                log_r = np.log(lift / (1 - lift)) + np.log((1 - usual) / usual)
                mean = np.logaddexp.reduce(log_r * pace * (g - 1) + np.log(n_blocks)) - np.log(n_blocks.sum())
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
    size_class = np.digitize(np.diff(blocks.bounds)[chosen], EDGES)
    drawn = np.lexsort((np.random.default_rng(seed).random(len(chosen)), size_class))
    pace = np.zeros(len(allowed))
    pace[chosen[np.argsort(size_class, kind="stable")]] = blocks.pace[chosen[drawn]]
    return np.asarray(pace[occupancy.block] * (occupancy.n_members - 1), dtype=np.float64)


def _counted(ordered: F8) -> tuple[F8, F8]:
    values, counts = np.unique(ordered, return_counts=True)
    return values, counts.astype(np.float64)


__all__ = ["Paces", "exchange_pace", "log_e_exclusive", "seat_exclusive"]
