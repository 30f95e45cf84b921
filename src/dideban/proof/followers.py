"""Prompt followers of one origin: accounts that take up what one source publishes, soon after it does.

Programs that pass on a feed, and people who wait for one author, come close to each other because the source sets the
time. Inside the data of one platform they cannot be told from a group that acts in concert on that source, so they are
never findings, only leads. Who is one is judged on the proposing part alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dideban.proof.blocks import F8
from dideban.proof.cells import Cell
from dideban.proof.placement import seat_groups

ONE_ORIGIN = 0.7
"""Share of a group's links, weighted, that come from one origin."""
PROMPT_S = 3600.0
"""Median age of the objects at those links, seconds."""


def prompt_followers(
    cells: Sequence[Cell], masks: Sequence[NDArray[np.bool_]], groups: list[NDArray[np.int32]], promise: F8
) -> NDArray[np.bool_]:
    """Say for each group whether its links in the proposing part are prompt and come from one origin.

    Parameters
    ----------
    masks : per cell, (n_blocks,) bool
        The proposing part.
    promise : (n_groups, n_cells) f8
        Evidence of the proposing part: the cell with most is looked at.
    """
    result = np.zeros(len(groups), bool)
    best = np.argmax(promise, axis=1) if len(cells) else np.zeros(len(groups), int)
    for c, (cell, mask) in enumerate(zip(cells, masks, strict=True)):
        mine = np.flatnonzero(best == c)
        if not len(mine) or not (cell.blocks.traces.origin >= 0).any():
            continue
        sitting = seat_groups(cell.blocks, cell.rows, [groups[i] for i in mine], allowed=mask)
        first = cell.blocks.bounds[sitting.block]
        item = cell.blocks.traces.object[first]
        age = cell.blocks.traces.time[first] - cell.blocks.traces.birth[item]
        origin = cell.blocks.traces.origin[item]
        for index, group in enumerate(mine):
            here = (sitting.group == index) & (sitting.n_links > 0)
            result[group] = _follows(origin[here], age[here], sitting.n_links[here])
    return result


def _follows(origin: NDArray[np.int32], age: F8, weight: NDArray[np.int64]) -> bool:
    if not len(origin) or origin.min() < 0:
        return False
    top = np.bincount(origin, weight).max() / weight.sum()
    order = np.argsort(age, kind="stable")
    median = age[order][np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)]
    return bool(top >= ONE_ORIGIN and median <= PROMPT_S)
