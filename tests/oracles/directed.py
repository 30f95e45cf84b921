"""Slow, obvious twin of who comes after whom: every slot that one member could hold, tried in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dideban.proof.blocks import Blocks


def is_near(time: float, others: Sequence[float], window_s: float) -> bool:
    """Whether a share at ``time`` comes at most a window after one of the others."""
    return any(0 <= time - other <= window_s for other in others)


def chance_of(blocks: Blocks, row: int, group: Sequence[int], *, left_out: int = -1) -> tuple[float, bool]:
    """Chance that the account in ``row`` is near, over its own slot and the outsiders'; and whether it is."""
    traces = blocks.traces
    block = blocks.block_of_row[row]
    slots = range(blocks.bounds[block], blocks.bounds[block + 1])
    mine = traces.account[row]
    inside = [k for k in slots if traces.account[k] in group and k != row]
    others = [traces.time[k] for k in inside if traces.account[k] != left_out]
    free = [k for k in slots if k not in inside]
    assert mine in group
    near = [is_near(traces.time[k], others, blocks.scale.window_s) for k in free]
    return sum(near) / len(near), is_near(traces.time[row], others, blocks.scale.window_s)


def moved(blocks: Blocks, row: int, group: Sequence[int]) -> Iterator[tuple[np.ndarray, int]]:
    """Accounts and the row of one member, for every way it can change places with an outsider of its block (or not)."""
    account, block = blocks.traces.account, blocks.block_of_row[row]
    for k in range(blocks.bounds[block], blocks.bounds[block + 1]):
        if k == row or account[k] not in group:
            changed = account.copy()
            changed[row], changed[k] = account[k], account[row]
            yield changed, k
