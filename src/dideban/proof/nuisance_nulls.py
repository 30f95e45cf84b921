"""Habits of a group, learned from the data that proposed it: quickness, hour and minute.

Accounts that follow a feed at a fixed delay, post at the full hour, or live in one time zone come close to each other
without acting in concert. A group must therefore stay convincing under every one of NUISANCE_NULLS: the e-value
that counts is the smallest. It is valid whenever one of these nulls is true.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from dideban.arrays import B1, F8, I4, I8, unique_pairs
from dideban.kernels.nuisance_odds import habit_odds, origin_odds
from dideban.proof.blocks import Blocks
from dideban.proof.placement import MAX_OWN, Hypotheses, Occupancy, Odds

NUISANCE_NULLS = ("even", "quickness", "clock", "both", "origin", "own")
TRAITS = ("quickness", "day", "minute")
TRAITS_OF = {"quickness": ("quickness",), "clock": ("day", "minute"), "origin": ("day", "minute")}
"""Traits whose product a habit is; all TRAITS where it is not listed."""
KAPPA = 4.0
"""Pseudo-shares that pull the odds of a group with little history towards 1."""
AGE_WIDTH = 0.1
"""Ages within a tenth of each other count as the same quickness (never finer than the window)."""
ROWS_AT_ONCE = 1_000_000
"""Rows of groups that are gathered at a time: bounds the memory."""
DAY_WIDTH_S = 1800.0
"""Times of day within half an hour of each other count as the same."""


class Memory:
    """The proposing part of one kind and scale, as habits are learned from it.

    Parameters
    ----------
    blocks : Blocks
    learn : (n_blocks,) bool
        The part that proposed the groups.
    """

    def __init__(self, blocks: Blocks, learn: B1) -> None:
        self.blocks = blocks
        self.learned = (learn & blocks.informs)[blocks.block_of_row]
        self._traits: dict[str, tuple[F8, tuple[float, float], F8, F8]] = {}

    @cached_property
    def by_origin(self) -> tuple[I4, F8]:
        """(n,) origins of the rows of the part, ascending, and their quickness, ascending in each origin."""
        traces = self.blocks.traces
        order = traces.by_origin[self.learned[traces.by_origin]]
        return traces.row_origin[order], traces.age[order]

    def trait(self, name: str) -> tuple[F8, tuple[float, float], F8, F8]:
        """Return of every row a trait, how far apart counts as the same; the part's sorted values; room for shares.

        How far is a width, and the part of the value from which it is wider. Room that is never asked for costs
        nothing, as long as it is all zeros.
        """
        if name not in self._traits:
            value, width = self._measure(name)
            self._traits[name] = value, width, np.sort(value[self.learned]), np.zeros(len(value))
        return self._traits[name]

    def _measure(self, name: str) -> tuple[F8, tuple[float, float]]:
        traces, window = self.blocks.traces, float(self.blocks.scale.window_s)
        if name == "quickness":
            return traces.age, (window, AGE_WIDTH)
        if name == "day":
            return traces.time_of_day, (max(DAY_WIDTH_S, window), 0.0)
        return traces.time_of_hour, (min(max(window, 60.0), 900.0), 0.0)


def slot_odds(
    memory: Memory,
    occupancy: Occupancy,
    groups: Sequence[I4],
    rows: tuple[I8, I4],
    *,
    habit: str,
    known: dict[str, F8] | None = None,
) -> Odds | None:
    """Return the odds of every slot of every occupancy row under one habit; None where it cannot be learned.

    Parameters
    ----------
    rows : CSR
        Rows of the traces held by each account.
    habit : one of NUISANCE_NULLS but ``even``
        ``quickness`` is the age of the object, ``clock`` the time of day and the minute of the hour, ``both`` their
        product, all of the group as a whole; ``origin`` learns quickness from objects of the same origin; ``own`` gives
        each member its own product.
    known : dict or None
        Traits of the same occupancy that were computed before; what is new is added.
    """
    if habit == "origin" and not (memory.blocks.traces.origin >= 0).any():
        return None
    asked = groups if isinstance(groups, Hypotheses) else Hypotheses(groups)
    history = cache(lambda: _histories(asked.flat, asked.cuts, rows, memory.learned))
    names = TRAITS_OF.get(habit, TRAITS)
    odds = _product(memory, history, occupancy.group, occupancy.block, names, known)
    if habit == "origin":
        odds = odds * _origin_quickness(memory, history(), occupancy)
    if habit != "own":
        return Odds(group=odds)
    few = np.repeat(occupancy.n_members <= MAX_OWN, occupancy.n_members)
    members, owner = np.unique(occupancy.members[few], return_inverse=True)
    own_history = cache(lambda: _each_history(members, rows, memory.learned))
    where = np.repeat(occupancy.block, occupancy.n_members)[few]
    return Odds(group=odds, own=_product(memory, own_history, owner.astype(np.int64), where, TRAITS))


class MemberOdds:
    """Odds of slots under the habits of single accounts: each trait of each account and block is computed once.

    Parameters
    ----------
    accounts : (m,) account codes
    block : (m,) blocks
    rows : CSR
        Rows of the traces held by each account.
    """

    def __init__(self, memory: Memory, accounts: I8, block: I8, rows: tuple[I8, I4]) -> None:
        pairs, place = np.unique(accounts.astype(np.int64) * len(memory.blocks.bounds) + block, return_inverse=True)
        asked, owner = np.unique(pairs // len(memory.blocks.bounds), return_inverse=True)
        self._memory = memory
        self._owner, self._block = owner.astype(np.int64), pairs % len(memory.blocks.bounds)
        self._history = _each_history(asked, rows, memory.learned)
        size = np.diff(memory.blocks.bounds)[self._block]
        self.starts: I8 = np.append(0, np.cumsum(size))[place.reshape(-1)].astype(np.int64)
        """(m,) where the odds of each row begin."""
        self._known: dict[str, F8] = {}

    def under(self, habit: str) -> F8 | None:
        """Return the odds of the slots of all accounts and blocks, one after the other; None where none is known."""
        if habit != "origin":
            return self._product(TRAITS_OF.get(habit, TRAITS))
        if not (self._memory.blocks.traces.origin >= 0).any():
            return None
        nobody = np.empty(0, np.int64)
        alone = Occupancy(group=self._owner, block=self._block, n_members=nobody, n_links=nobody, members=nobody)
        return self._product(TRAITS_OF[habit]) * _origin_quickness(self._memory, self._history, alone)

    def _product(self, names: Sequence[str]) -> F8:
        for name in names:
            if name not in self._known:
                self._known[name] = _odds(self._memory, self._history, self._owner, self._block, name)
        return np.asarray(np.prod([self._known[name] for name in names], axis=0))


def _each_history(accounts: NDArray[np.integer], rows: tuple[I8, I4], learned: B1) -> list[I4]:
    """Return the rows of each account in the part that proposed."""
    return _histories(accounts, np.arange(len(accounts) + 1), rows, learned)


def _histories(members: NDArray[np.integer], cuts: I8, rows: tuple[I8, I4], learned: B1) -> list[I4]:
    """Return the rows of each group in the part that proposed, member by member; of many groups at a time."""
    bounds, listed = rows
    first, n_held = bounds[members], bounds[members + 1] - bounds[members]
    before = np.append(0, np.cumsum(n_held))
    of_group = before[cuts]
    found: list[I4] = []
    start, n_groups = 0, len(cuts) - 1
    while start < n_groups:
        stop = max(start + 1, int(np.searchsorted(of_group, of_group[start] + ROWS_AT_ONCE, side="right")) - 1)
        some = slice(int(cuts[start]), int(cuts[stop]))
        place = np.arange(of_group[start], of_group[stop]) + np.repeat(first[some] - before[some], n_held[some])
        mine = listed[place]
        counts = np.append(0, np.cumsum(learned[mine]))
        ends = counts[of_group[start : stop + 1] - of_group[start]].tolist()
        mine = mine[learned[mine]]
        found += [mine[a:b] for a, b in itertools.pairwise(ends)]
        start = stop
    return found


def _product(
    memory: Memory, history: Callable[[], list[I4]], owner: I8, block: I8, names: Sequence[str],
    known: dict[str, F8] | None = None,
) -> F8:  # fmt: skip
    known = {} if known is None else known
    for name in names:
        if name not in known:
            known[name] = _odds(memory, history(), owner, block, name)
    return np.asarray(np.prod([known[name] for name in names], axis=0))


def _odds(memory: Memory, history: list[I4], owner: I8, block: I8, name: str) -> F8:
    value, width, everyone, known = memory.trait(name)
    own, own_bounds = _flat([np.sort(value[mine]) for mine in history])
    bounds = memory.blocks.bounds
    odds: F8 = habit_odds(
        value, bounds[block], bounds[block + 1], owner, own, own_bounds, everyone, known, *width, KAPPA
    )
    return odds


def _origin_quickness(memory: Memory, history: list[I4], occupancy: Occupancy) -> F8:
    """Odds by how quickly the group takes up what comes from one origin, compared with everyone who does."""
    blocks = memory.blocks
    age, width, everyone, known = memory.trait("quickness")
    row_origin = blocks.traces.row_origin
    origin = row_origin[blocks.bounds[occupancy.block]].astype(np.int64)
    held_by, held_from, place, _ = unique_pairs(occupancy.group, origin)
    ages_of, origins_of = [age[mine] for mine in history], [row_origin[mine] for mine in history]
    from_one = zip(held_by.tolist(), held_from.tolist(), strict=True)
    local = [np.sort(ages_of[g][origins_of[g] == o]) if o >= 0 else age[:0] for g, o in from_one]
    origins, crowd = np.unique(origin, return_inverse=True)
    listed, ages = memory.by_origin
    cuts = np.searchsorted(listed, np.array([origins, origins + 1], dtype=listed.dtype))
    there = [ages[a:b] if o >= 0 else ages[:0] for o, a, b in zip(origins, *cuts, strict=True)]
    odds: F8 = origin_odds(
        age,
        blocks.bounds[occupancy.block],
        blocks.bounds[occupancy.block + 1],
        occupancy.group,
        place,
        crowd.astype(np.int64),
        *_flat([np.sort(mine) for mine in ages_of]),
        *_flat(local),
        everyone,
        known,
        *_flat(there),
        *width,
        KAPPA,
    )
    return odds


def _flat(parts: list[F8]) -> tuple[F8, I8]:
    bounds = np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64)
    return (np.concatenate(parts) if parts else np.empty(0)), bounds
