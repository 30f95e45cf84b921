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

SOURCED = ("link", "domain", "repost", "reply")
"""Kinds whose origin is a source: a domain or an author. The origin of a text is only its language."""
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
        Evidence of the proposing part: of the cells of SOURCED kinds, the one with most is looked at.
    """
    result = np.zeros(len(groups), bool)
    sourced = [c for c, cell in enumerate(cells) if cell.kind in SOURCED and (cell.blocks.traces.origin >= 0).any()]
    if not sourced or not groups:
        return result
    best = np.array(sourced)[np.argmax(promise[:, sourced], axis=1)]
    for c in sourced:
        mine = np.flatnonzero((best == c) & (promise[:, c] > 0))
        blocks = cells[c].blocks
        sitting = seat_groups(blocks, cells[c].rows, [groups[i] for i in mine], allowed=masks[c])
        first = blocks.bounds[sitting.block]
        item = blocks.traces.object[first]
        age = blocks.traces.time[first] - blocks.traces.birth[item]
        cuts = np.searchsorted(sitting.group, np.arange(len(mine) + 1))
        for index, group in enumerate(mine):
            here = slice(cuts[index], cuts[index + 1])
            result[group] = _follows(blocks.traces.origin[item[here]], age[here], sitting.n_links[here])
    return result


def _follows(origin: NDArray[np.int32], age: F8, weight: NDArray[np.int64]) -> bool:
    linked = weight > 0
    origin, age, weight = origin[linked], age[linked], weight[linked]
    if not len(origin) or origin.min() < 0:
        return False
    top = np.bincount(origin, weight).max() / weight.sum()
    order = np.argsort(age, kind="stable")
    median = age[order][np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)]
    return bool(top >= ONE_ORIGIN and median <= PROMPT_S)
