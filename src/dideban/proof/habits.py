"""Habits of a group, learned from the data that proposed it: quickness, hour and minute.

Accounts that follow a feed at a fixed delay, post at the full hour, or live in one time zone come close to each other
without acting in concert. A group must therefore stay convincing under every one of HABITS as a null: the e-value that
counts is the smallest. It is valid whenever one of these nulls is true.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dideban.kernels.habits import habit_odds, origin_odds
from dideban.proof.blocks import DAY_S, F8, HOUR_S, I8, Blocks
from dideban.proof.placement import MAX_OWN, Odds, Sitting

HABITS = ("even", "quickness", "clock", "both", "origin", "own")
TRAITS = ("quickness", "day", "minute")
KAPPA = 4.0
"""Pseudo-shares that pull the odds of a group with little history towards 1."""
AGE_WIDTH = 0.1
"""Ages within a tenth of each other count as the same quickness (never finer than the window)."""
DAY_WIDTH_S = 1800.0
"""Times of day within half an hour of each other count as the same."""


def slot_odds(
    blocks: Blocks,
    sitting: Sitting,
    groups: Sequence[NDArray[np.int32]],
    rows: tuple[I8, I8],
    *,
    learn: NDArray[np.bool_],
    habit: str,
) -> Odds | None:
    """Return the odds of every slot of every sitting row under one habit; None where it cannot be learned.

    Parameters
    ----------
    rows : CSR
        Rows of the traces held by each account.
    learn : (n_blocks,) bool
        The part that proposed the groups.
    habit : one of HABITS but ``even``
        ``quickness`` is the age of the object, ``clock`` the time of day and the minute of the hour, ``both`` their
        product, all of the group as a whole; ``origin`` learns quickness from objects of the same origin; ``own`` gives
        each member its own product.
    """
    if habit == "origin" and not (blocks.traces.origin >= 0).any():
        return None
    learned = learn[blocks.block_of_row] & blocks.informs[blocks.block_of_row]
    history = [_history(members, rows, learned) for members in groups]
    names = {"quickness": ("quickness",), "clock": ("day", "minute"), "origin": ("day", "minute")}.get(habit, TRAITS)
    odds = _product(blocks, history, learned, sitting.group, sitting.block, names)
    if habit == "origin":
        odds = odds * _origin_quickness(blocks, history, learned, sitting)
    if habit != "own":
        return Odds(group=odds)
    few = np.repeat(sitting.n_members <= MAX_OWN, sitting.n_members)
    members, owner = np.unique(sitting.members[few], return_inverse=True)
    own_history = [_history(np.array([member]), rows, learned) for member in members]
    where = np.repeat(sitting.block, sitting.n_members)[few]
    return Odds(group=odds, own=_product(blocks, own_history, learned, owner.astype(np.int64), where, TRAITS))


def _history(members: NDArray[np.integer], rows: tuple[I8, I8], learned: NDArray[np.bool_]) -> I8:
    bounds, listed = rows
    mine = np.concatenate([listed[bounds[a] : bounds[a + 1]] for a in members])
    return np.asarray(mine[learned[mine]])


def _product(
    blocks: Blocks, history: list[I8], learned: NDArray[np.bool_], owner: I8, block: I8, names: Sequence[str]
) -> F8:
    time, window = blocks.traces.time, blocks.scale.window_s
    result: F8 | None = None
    for name in names:
        if name == "quickness":
            value = time - blocks.traces.birth[blocks.traces.object]
            width = np.maximum(window, AGE_WIDTH * value)
        elif name == "day":
            value, width = time % DAY_S, np.full(len(time), max(DAY_WIDTH_S, window))
        else:
            value, width = time % HOUR_S, np.full(len(time), min(max(window, 60.0), 900.0))
        odds = _odds(blocks, history, learned, owner, block, value, width)
        result = odds if result is None else result * odds
    return result if result is not None else np.empty(0)


def _odds(
    blocks: Blocks, history: list[I8], learned: NDArray[np.bool_], owner: I8, block: I8, values: F8, widths: F8
) -> F8:
    own, own_bounds = _flat([np.sort(values[mine]) for mine in history])
    odds: F8 = habit_odds(
        values,
        blocks.bounds[block],
        blocks.bounds[block + 1],
        owner,
        own,
        own_bounds,
        np.sort(values[learned]),
        widths,
        KAPPA,
    )
    return odds


def _origin_quickness(blocks: Blocks, history: list[I8], learned: NDArray[np.bool_], sitting: Sitting) -> F8:
    """Odds by how quickly the group takes up what comes from one origin, compared with everyone who does."""
    age = blocks.traces.time - blocks.traces.birth[blocks.traces.object]
    origin_of_row = blocks.traces.origin[blocks.traces.object]
    origin = origin_of_row[blocks.bounds[sitting.block]].astype(np.int64)
    pairs, place = np.unique(np.stack([sitting.group, origin]), axis=1, return_inverse=True)
    local = [np.sort(age[history[g][origin_of_row[history[g]] == o]]) if o >= 0 else age[:0] for g, o in pairs.T]
    origins, crowd = np.unique(origin, return_inverse=True)
    rows = np.flatnonzero(learned)
    rows = rows[np.argsort(origin_of_row[rows], kind="stable")]
    cuts = np.searchsorted(origin_of_row[rows], [origins, origins + 1])
    there = [np.sort(age[rows[a:b]]) if o >= 0 else age[:0] for o, a, b in zip(origins, *cuts, strict=True)]
    odds: F8 = origin_odds(
        age,
        blocks.bounds[sitting.block],
        blocks.bounds[sitting.block + 1],
        sitting.group,
        place.astype(np.int64).reshape(-1),
        crowd.astype(np.int64),
        *_flat([np.sort(age[mine]) for mine in history]),
        *_flat(local),
        np.sort(age[learned]),
        *_flat(there),
        np.maximum(blocks.scale.window_s, AGE_WIDTH * age),
        KAPPA,
    )
    return odds


def _flat(parts: list[F8]) -> tuple[F8, I8]:
    bounds = np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64)
    return (np.concatenate(parts) if parts else np.empty(0)), bounds
