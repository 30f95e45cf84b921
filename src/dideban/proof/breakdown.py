"""What a proved group's proof is made of, kind by kind and scale by scale; and the same again from a package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dideban.kernels.seats import near_of_members
from dideban.proof.cells import Cell
from dideban.proof.exclusive import Paces, log_e_exclusive, seat_exclusive
from dideban.proof.placement import Sitting, log_e_values, seat_groups
from dideban.proof.split import Split
from dideban.schema import PROOF_TRACES

MAX_LOG_E = 600.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """One kind and scale of the part of the data that proves; made once for all claims of a split."""

    cell: Cell
    allowed: NDArray[np.bool_]

    @cached_property
    def paces(self) -> Paces:
        """How quickly comparable objects are taken up."""
        return Paces(self.cell.blocks, self.allowed)


def proving_parts(cells: Sequence[Cell], split: Split) -> list[Part]:
    """Return what proves under a split, kind by kind and scale by scale."""
    return [Part(cell=cell, allowed=~cell.proposing(split)) for cell in cells]


def breakdown(
    parts: Sequence[Part], members: NDArray[np.int32], *, group_ix: int, exclusive: bool = False, every: bool = False
) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """Return PROOF_TRACES rows of a claim and, per member, the near pairs it takes part in.

    Only the part of the data that proved the group is counted, with all placements equally likely; kinds and scales
    that speak against the claim are left out unless all do, or ``every`` one is wanted.

    Parameters
    ----------
    parts : sequence of Part
        Those of the claim's split.
    members : (g,) i4
        Sorted account codes.
    exclusive : bool
        The claim is a lead: blocks that it has to itself come first.
    every : bool
        Keep every kind and scale with near pairs.
    """
    rows = []
    strength = np.zeros(len(members))
    for part in parts:
        sitting, log_e = _evidence(part, members, exclusive=exclusive)
        n_pairs, per_member = _near_members(part.cell, sitting, members)
        if n_pairs:
            strength += per_member
            rows.append(_row(part.cell, sitting, group_ix, n_pairs, log_e))
    carrying = [row for row in rows if row["e_value"] > 1]
    return pl.DataFrame(rows if every else carrying or rows, schema=PROOF_TRACES.dtypes), strength


def _evidence(part: Part, members: NDArray[np.int32], *, exclusive: bool) -> tuple[Sitting, float]:
    """Blocks and log e-value: those of the test, or, for a lead that has them, blocks the group has to itself."""
    cell, allowed = part.cell, part.allowed
    if exclusive:
        own = seat_exclusive(cell.blocks, cell.all_rows, [members], allowed=allowed)
        if len(own.block):
            log_e = log_e_exclusive(cell.blocks, own, [members], allowed=allowed, paces=part.paces)
            return own, float(log_e[0])
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
    blocks, traces = cell.blocks, cell.blocks.traces
    counts = near_of_members(
        sitting.block, blocks.bounds, traces.time, traces.account, members.astype(np.int32), blocks.scale.window_s
    )
    return int(counts.sum()) // 2, counts.astype(np.float64)
