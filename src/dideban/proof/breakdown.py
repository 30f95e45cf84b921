"""What a proved group's proof is made of, kind by kind and scale by scale; and the same again from a package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dideban.proof.cells import Cell
from dideban.proof.exclusive import log_e_exclusive, seat_exclusive
from dideban.proof.placement import Sitting, log_e_values, seat_groups
from dideban.schema import PROOF_TRACES

if TYPE_CHECKING:
    from dideban.proof.testing import Claim

MAX_LOG_E = 600.0


def breakdown(
    cells: Sequence[Cell], claim: Claim, *, group_ix: int, exclusive: bool = False
) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """Return PROOF_TRACES rows of a claim and, per member, the near pairs it takes part in.

    Only the part of the data that proved the group is counted, with all placements equally likely; kinds and scales
    that speak against the claim are left out unless all do.
    """
    rows = []
    strength = np.zeros(len(claim.members))
    for cell in cells:
        allowed = ~cell.proposing(claim.split)
        sitting, log_e = _evidence(cell, claim.members, allowed, exclusive=exclusive)
        n_pairs, per_member = _near_members(cell, sitting, claim.members)
        if n_pairs:
            strength += per_member
            rows.append(_row(cell, sitting, group_ix, n_pairs, log_e))
    carrying = [row for row in rows if row["e_value"] > 1] or rows
    return pl.DataFrame(carrying, schema=PROOF_TRACES.dtypes), strength


def _evidence(
    cell: Cell, members: NDArray[np.int32], allowed: NDArray[np.bool_], *, exclusive: bool
) -> tuple[Sitting, float]:
    """Blocks and log e-value: those of the test, or, for a lead that has them, blocks the group has to itself."""
    if exclusive:
        own = seat_exclusive(cell.blocks, cell.all_rows, [members], allowed=allowed)
        if len(own.block):
            return own, float(log_e_exclusive(cell.blocks, own, [members], allowed=allowed)[0])
    sitting = seat_groups(cell.blocks, cell.rows, [members], allowed=allowed)
    return sitting, float(log_e_values(cell.blocks, sitting, [members])[0])


def _row(cell: Cell, sitting: Sitting, group_ix: int, n_pairs: int, log_e: float) -> dict[str, Any]:
    g = sitting.n_members.astype(float)
    return {
        "group_ix": group_ix,
        "object_kind": cell.kind,
        "scale_s": cell.scale_s,
        "n_blocks": len(sitting.block),
        "n_pairs": n_pairs,
        "expected_pairs": float((g * (g - 1) / 2 * cell.blocks.near_share[sitting.block]).sum()),
        "p_value": float(min(1.0, np.exp(-log_e))),
        "e_value": float(np.exp(min(log_e, MAX_LOG_E))),
    }


def _near_members(cell: Cell, sitting: Sitting, members: NDArray[np.int32]) -> tuple[int, NDArray[np.float64]]:
    """Near pairs of members in the blocks where they sit, in all and per member."""
    blocks = cell.blocks
    counts = np.zeros(len(members))
    for block in sitting.block:
        rows = slice(blocks.bounds[block], blocks.bounds[block + 1])
        held = np.isin(blocks.traces.account[rows], members)
        times, who = blocks.traces.time[rows][held], np.searchsorted(members, blocks.traces.account[rows][held])
        near = np.abs(times[:, None] - times[None, :]) <= blocks.scale.window_s
        counts[who] += near.sum(axis=1) - 1
    return int(counts.sum()) // 2, counts
