"""Exchange with outsiders, member by member, credited only for coming after another member.

Null hypothesis of member ``j`` of a group: in each block, given the slots of the other members, j holds any one of its
own and the outsiders' slots, with given odds. The bet is on slots at most a window *after* a share by another member:
whoever is merely followed wins nothing by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels.directed import find_follows, sole_supports, weigh_follows
from dideban.kernels.occupancy import bet_on_stretches
from dideban.proof.blocks import Blocks
from dideban.proof.placement import Hypotheses

HITS = np.array([0.4, 0.8, 0.95])
"""Chance that a member comes within the window after another, under the alternatives that are bet on."""
MAX_CHANCE = 0.95
"""Occasions on which nearly every slot is near say nothing."""
MAX_WEIGHED = 5_000
"""Blocks with more slots say nothing about members that keep a clock: their sums would cost too much."""


@dataclass(frozen=True, kw_only=True)
class Follows:
    """Occasions on which members of groups could have come after another: one row per (group, member, block)."""

    place: I8
    """(m,) position of the member in the flat list of all groups' members, ascending."""
    row: I8
    """(m,) row of the traces that the member holds."""
    chance: F8
    """(m,) chance of a near slot."""
    hit: B1
    """(m,) whether the member's own is near."""

    def choose(self, kept: B1) -> Follows:
        """Return the occasions marked."""
        return Follows(place=self.place[kept], row=self.row[kept], chance=self.chance[kept], hit=self.hit[kept])


def find_occasions(blocks: Blocks, rows: tuple[I8, I4], groups: Hypotheses, *, allowed: B1, clocks: F8) -> Follows:
    """Find where members could have come after others, all slots equally likely.

    Parameters
    ----------
    rows : CSR
        Rows of the traces held by each account.
    allowed : (n_blocks,) bool
        The part of the data to look at.
    clocks : (n_accounts, 3) f8
        Clocks that accounts keep; members that do are exchanged with slots of their own phase only.
    """
    traces = blocks.traces
    place, row, near, free, hit = find_follows(
        groups.cuts, groups.flat, *rows, blocks.block_of_row, blocks.bounds, allowed, traces.time,
        blocks.scale.window_s,
    )  # fmt: skip
    chance = near / np.maximum(free, 1)
    by_clock = clocks[traces.account[row], 0] > 0
    if by_clock.any():
        chance[by_clock], _ = _weighed(blocks, groups, place[by_clock], row[by_clock], clocks)
        large = np.diff(blocks.bounds)[blocks.block_of_row[row]] > MAX_WEIGHED
        chance[by_clock & large] = 1.0
    return _informing(Follows(place=place, row=row, chance=chance, hit=hit))


def _informing(follows: Follows) -> Follows:
    return follows.choose((follows.chance > 0) & (follows.chance < MAX_CHANCE))


def under_odds(
    blocks: Blocks, follows: Follows, groups: Hypotheses, *, odds: F8, odds_bounds: I8, clocks: F8
) -> Follows:
    """Return the same occasions with the chances that odds of slots give them."""
    chance, hit = _weighed(blocks, groups, follows.place, follows.row, clocks, odds=odds, odds_bounds=odds_bounds)
    return Follows(place=follows.place, row=follows.row, chance=chance, hit=hit)


def find_supports(blocks: Blocks, follows: Follows, groups: Hypotheses, *, n_accounts: int) -> I8:
    """(m,) the one member that each occasion shows just before the account: -1 where there is none, or several."""
    traces = blocks.traces
    found: I8 = sole_supports(
        follows.row, _group_of(groups, follows.place), groups.cuts, groups.flat, n_accounts, traces.time,
        traces.account, blocks.block_of_row, blocks.bounds, blocks.scale.window_s,
    )  # fmt: skip
    return found


def leaving_out(blocks: Blocks, follows: Follows, groups: Hypotheses, *, left_out: I8, clocks: F8) -> Follows:
    """Return the same occasions as they are where coming after one account, (m,) ``left_out``, does not count."""
    chance, hit = _weighed(blocks, groups, follows.place, follows.row, clocks, left_out=left_out)
    return _informing(Follows(place=follows.place, row=follows.row, chance=chance, hit=hit))


def _group_of(groups: Hypotheses, place: I8) -> I8:
    return np.asarray(np.searchsorted(groups.cuts, place, side="right") - 1, dtype=np.int64)


def _weighed(
    blocks: Blocks,
    groups: Hypotheses,
    place: I8,
    row: I8,
    clocks: F8,
    *,
    odds: F8 | None = None,
    odds_bounds: I8 | None = None,
    left_out: I8 | None = None,
) -> tuple[F8, B1]:
    traces = blocks.traces
    found: tuple[F8, B1] = weigh_follows(
        row, _group_of(groups, place), groups.cuts, groups.flat, len(clocks), traces.time, traces.account,
        blocks.block_of_row, blocks.bounds, blocks.scale.window_s, np.empty(0) if odds is None else odds,
        np.zeros(1, np.int64) if odds_bounds is None else odds_bounds, clocks,
        np.full(len(row), -1, np.int64) if left_out is None else left_out,
    )  # fmt: skip
    return found


LEAST_CHANCE = 1e-12
"""Made-up data can give an account no chance at all: nothing is divided by zero, and no evidence is infinite."""


def log_bets(chance: F8, hit: B1) -> F8:
    """(m, n_hits) log factors: mean 1 over where the member could have been."""
    q = chance[:, None]
    lifted = np.maximum(HITS[None, :], q)
    with np.errstate(divide="ignore", invalid="ignore"):
        miss = np.where(q < 1, np.log1p(-lifted) - np.log1p(-np.minimum(q, 1 - 1e-12)), 0.0)
        return np.asarray(np.where(hit[:, None], np.log(lifted / np.maximum(q, LEAST_CHANCE)), miss))


def log_e_members(follows: Follows, sittings: I8, *, n_members: int) -> F8:
    """Return the log e-value of each member of each group: sittings multiplied, what lies in one averaged.

    Parameters
    ----------
    sittings : (n_rows,) i8
        Sitting of each row of the traces.
    n_members : count
        Members of all groups.
    """
    if not len(follows.place):
        return np.zeros(n_members)
    flat = member_bets(follows, sittings, n_members=n_members)
    return np.asarray(np.logaddexp.reduce(flat, axis=1) - np.log(flat.shape[1]))


def log_e_together(parts: Sequence[tuple[Follows, I8]], *, n_members: int) -> F8:
    """Return the log e-value of each member from several kinds: what lies in one sitting averaged, of whatever kind.

    Parameters
    ----------
    parts : sequence of (Follows, (n_rows,) i8)
        Occasions of each kind, and the sitting of each row of its traces.
    """
    follows = [one for one, _ in parts]
    place = np.concatenate([np.empty(0, np.int64), *(one.place for one in follows)])
    order = np.argsort(place, kind="stable")
    row = np.concatenate([np.empty(0, np.int64), *(sittings[one.row] for one, sittings in parts)])[order]
    joined = Follows(
        place=place[order],
        row=np.arange(len(order)),
        chance=np.concatenate([np.empty(0), *(one.chance for one in follows)])[order],
        hit=np.concatenate([np.empty(0, bool), *(one.hit for one in follows)])[order],
    )
    return log_e_members(joined, row, n_members=n_members)


def member_bets(follows: Follows, sittings: I8, *, n_members: int) -> F8:
    """(n_members, n_hits) log e-value of each member under each bet: :func:`log_e_members` before they are averaged."""
    log_e = log_bets(follows.chance, follows.hit)
    promise = np.maximum(np.log(HITS[-1] / np.maximum(follows.chance, LEAST_CHANCE)), 1e-3)
    sums: F8 = bet_on_stretches(
        follows.place, sittings[follows.row], promise, log_e, np.ones((len(promise), 1)), n_members
    )
    return sums.reshape(n_members, -1)


__all__ = [
    "Follows",
    "find_occasions",
    "find_supports",
    "leaving_out",
    "log_bets",
    "log_e_members",
    "log_e_together",
    "member_bets",
    "under_odds",
]
