"""What a proved group's proof is made of, kind by kind and scale by scale; and the same again from a package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4
from dideban.figures import TOLERANCE
from dideban.kernels.occupancy import near_of_members
from dideban.proof.exclusive import Paces, log_e_exclusive, seat_exclusive
from dideban.proof.placement import Hypotheses, Occupancy, log_e_values, seat_groups
from dideban.proof.split import Split
from dideban.proof.strata import Stratum
from dideban.schema import PROOF_TRACES

MAX_LOG_E = 600.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """One kind and scale of the part of the data that proves; made once for all claims of a split."""

    stratum: Stratum
    allowed: B1

    @cached_property
    def paces(self) -> Paces:
        """How quickly comparable objects are taken up."""
        return Paces(self.stratum.blocks, self.allowed)


def proving_parts(strata: Sequence[Stratum], split: Split) -> list[Part]:
    """Return what proves under a split, kind by kind and scale by scale."""
    return [Part(stratum=stratum, allowed=~stratum.proposing(split)) for stratum in strata]


Breakdown = tuple[pl.DataFrame, F8]
"""PROOF_TRACES rows of a claim and, per member, the near pairs it takes part in."""


def breakdown(
    parts: Sequence[Part], members: I4, *, group_ix: int, exclusive: bool = False, every: bool = False
) -> Breakdown:
    """Return the :func:`breakdowns` of one claim."""
    return breakdowns(parts, [(group_ix, members, exclusive)], every=every)[0]


def breakdowns(
    parts: Sequence[Part], claims: Sequence[tuple[int, I4, bool]], *, every: bool = False
) -> list[Breakdown]:
    """Return what each claim's proof is made of.

    Only the part of the data that proved the group is counted, with all placements equally likely; kinds and scales
    that speak against the claim are left out unless all do, or ``every`` one is wanted.

    Parameters
    ----------
    parts : sequence of Part
        Those of the claims' split.
    claims : sequence of (group_ix, members, exclusive)
        Sorted account codes; ``exclusive`` claims are leads: blocks that they have to themselves come first.
    every : bool
        Keep every kind and scale with near pairs.
    """
    rows: list[list[dict[str, Any]]] = [[] for _ in claims]
    strength = [np.zeros(len(members)) for _, members, _ in claims]
    for part in parts:
        for k, occupancy, log_e in _evidence(part, claims):
            group_ix, members, _ = claims[k]
            n_pairs, per_member = _near_members(part.stratum, occupancy, members)
            if n_pairs:
                strength[k] += per_member
                rows[k].append(_row(part.stratum, occupancy, group_ix, n_pairs, log_e))
    carrying = [[row for row in mine if row["e_value"] > 1 + TOLERANCE] for mine in rows]
    kept = rows if every else [some or mine for some, mine in zip(carrying, rows, strict=True)]
    return [(pl.DataFrame(mine, schema=PROOF_TRACES.dtypes), s) for mine, s in zip(kept, strength, strict=True)]


def _evidence(part: Part, claims: Sequence[tuple[int, I4, bool]]) -> Iterator[tuple[int, Occupancy, float]]:
    """Blocks and log e-value of claims that sit anywhere: those of the test, or, for a lead that has them, its own."""
    stratum, allowed = part.stratum, part.allowed
    leads = [k for k, claim in enumerate(claims) if claim[2]]
    groups = Hypotheses(claims[k][1] for k in leads)
    own = seat_exclusive(stratum.blocks, stratum.all_rows, groups, allowed=allowed)
    if len(own.block):
        log_e = log_e_exclusive(stratum.blocks, own, groups, allowed=allowed, paces=part.paces)
        yield from ((leads[g], one, float(log_e[g])) for g, one in _each(own))
    alone = {leads[g] for g in own.group.tolist()}
    others = [k for k in range(len(claims)) if k not in alone]
    groups = Hypotheses(claims[k][1] for k in others)
    occupancy = seat_groups(stratum.blocks, stratum.rows, groups, allowed=allowed)
    log_e = log_e_values(stratum.blocks, occupancy, groups)
    yield from ((others[g], one, float(log_e[g])) for g, one in _each(occupancy))


def _each(occupancy: Occupancy) -> Iterator[tuple[int, Occupancy]]:
    """The rows of each group that has any; who sits there is left out."""
    found, starts = np.unique(occupancy.group, return_index=True)
    ends = np.append(starts, len(occupancy.group))[1:]
    for g, start, stop in zip(found.tolist(), starts, ends, strict=True):
        mine = slice(start, stop)
        yield (
            g,
            Occupancy(
                group=occupancy.group[mine],
                block=occupancy.block[mine],
                n_members=occupancy.n_members[mine],
                n_links=occupancy.n_links[mine],
                members=occupancy.members[:0],
            ),
        )


def _row(stratum: Stratum, occupancy: Occupancy, group_ix: int, n_pairs: int, log_e: float) -> dict[str, Any]:
    g = occupancy.n_members.astype(float)
    return {
        "group_ix": group_ix,
        "object_kind": stratum.kind,
        "scale_s": stratum.scale_s,
        "n_blocks": len(occupancy.block),
        "n_pairs": n_pairs,
        "expected_pairs": float((g * (g - 1) / 2 * stratum.blocks.near_share[occupancy.block]).sum()),
        "p_value": float(min(1.0, np.exp(-log_e))),
        "e_value": float(np.exp(min(log_e, MAX_LOG_E))),
    }


def _near_members(stratum: Stratum, occupancy: Occupancy, members: I4) -> tuple[int, F8]:
    """Near pairs of members in the blocks where they sit, in all and per member."""
    blocks, traces = stratum.blocks, stratum.blocks.traces
    counts = near_of_members(
        occupancy.block, blocks.bounds, traces.time, traces.account, members.astype(np.int32), blocks.scale.window_s
    )
    return int(counts.sum()) // 2, counts.astype(np.float64)
