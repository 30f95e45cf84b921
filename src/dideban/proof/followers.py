"""Prompt followers of one origin: accounts that take up what one source publishes, soon after it does.

Programs that pass on a feed, and people who wait for one author, come close to each other because the source sets the
time. Inside the data of one platform they cannot be told from a group that acts in concert on that source, so they are
never findings, only leads. Who is one is judged on the proposing part alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dideban.arrays import B1, F8, I4, I8, unique_pairs
from dideban.figures import TOLERANCE, settle
from dideban.kernels.followers import follow_one
from dideban.kinds import slugs
from dideban.proof.blocks import Blocks
from dideban.proof.placement import Hypotheses, Occupancy, log_e_values, seat_groups
from dideban.proof.strata import Stratum

SOURCED = (slugs(lambda kind: kind.origin in ("site", "author")), slugs(lambda kind: kind.origin == "linked"))
"""Kinds whose origin is a source, judged apart: the domain of a link or an author; the link beside a text."""
ONE_ORIGIN = 0.7
"""Share of a group's links, weighted, that come from one origin."""
PROMPT_S = 3600.0
"""Median age of the objects at those links, seconds."""
LEAST_OBJECTS = 4
"""Objects from which it is told: of two or three things some are of one site by chance."""


def prompt_followers(
    strata: Sequence[Stratum], masks: Sequence[B1], groups: list[I4], promise: F8, *, least: int = LEAST_OBJECTS
) -> B1:
    """Say for each group whether its links in a part of the data are prompt and come from one origin.

    Parameters
    ----------
    masks : per stratum, (n_blocks,) bool
        The proposing part.
    promise : (n_groups, n_strata) f8
        Evidence of that part: the scale of the stratum with most, of each entry of SOURCED, is looked at.
    least : count
        Objects of which that can be told.
    """
    result = np.zeros(len(groups), bool)
    for kinds in SOURCED:
        sourced = [c for c, stratum in enumerate(strata) if stratum.kind in kinds and _has_origins(stratum)]
        if not sourced or not groups:
            continue
        best = np.array(sourced)[np.argmax(settle(promise[:, sourced]), axis=1)]
        told = promise[np.arange(len(groups)), best] > TOLERANCE
        scales = np.array([stratum.scale_s for stratum in strata])
        for scale_s in np.unique(scales[sourced]):
            mine = np.flatnonzero((scales[best] == scale_s) & told)
            parts = [(strata[c], masks[c]) for c in sourced if strata[c].scale_s == scale_s]
            result[mine] |= _following(parts, Hypotheses(groups[i] for i in mine), least=least)
    return result


def follow_one_source(strata: Sequence[Stratum], groups: Sequence[I4]) -> B1:
    """Say for each group whether all of the data show it as prompt followers of one origin.

    What proposed a group is half of the data: there it may have had too little to tell.
    """
    asked = Hypotheses(groups)
    masks = [np.ones(len(stratum.blocks.bounds) - 1, bool) for stratum in strata]
    promise = np.zeros((len(asked), len(strata)))
    for c, (stratum, mask) in enumerate(zip(strata, masks, strict=True)):
        seats = seat_groups(stratum.blocks, stratum.rows, asked, allowed=mask)
        promise[:, c] = log_e_values(stratum.blocks, seats, asked)
    return prompt_followers(strata, masks, asked, promise, least=LEAST_OBJECTS - 1)


def _has_origins(stratum: Stratum) -> bool:
    traces = stratum.blocks.traces
    return bool((traces.origin >= 0).any() if traces.source is None else (traces.source >= 0).any())


def _following(parts: Sequence[tuple[Stratum, B1]], groups: Hypotheses, *, least: int) -> B1:
    """Say of each group whether it follows one origin in the kinds of one scale."""
    found, n_origins, n_objects = list[tuple[I8, I8, F8, F8, I8]](), 0, 0
    for stratum, mask in parts:
        occupancy = seat_groups(stratum.blocks, stratum.rows, groups, allowed=mask)
        row, origins, age, weight = _origins(stratum.blocks, occupancy)
        traces, first = stratum.blocks.traces, stratum.blocks.bounds[occupancy.block[row]]
        origin = np.where(origins >= 0, origins.astype(np.int64) + n_origins, -1)
        item = traces.object[first].astype(np.int64) + n_objects
        found.append((occupancy.group[row], origin, age, weight, item))
        n_origins = max(n_origins, int(origin.max(initial=-1)) + 1)
        n_objects += int(traces.object.max(initial=-1)) + 1
    one_each = list(zip(*found, strict=True))
    order = np.argsort(np.concatenate(one_each[0]), kind="stable")
    group, origin, item = (np.concatenate(one_each[k])[order] for k in (0, 1, 4))
    age, weight = (np.concatenate(one_each[k])[order] for k in (2, 3))
    cuts = np.searchsorted(group, np.arange(len(groups) + 1))
    by_origin, by_age = np.lexsort((origin, group)), np.lexsort((age, group))
    follows: B1 = follow_one(origin.astype(np.int32), age, weight, cuts, by_origin, by_age, ONE_ORIGIN, PROMPT_S)
    holders = unique_pairs(group, item)[0]
    return np.asarray(follows & (np.bincount(holders, minlength=len(groups)) >= least))


def _origins(blocks: Blocks, occupancy: Occupancy) -> tuple[I8, I4, F8, F8]:
    """Return occupancy row, origin, age and weight: of each object; for texts, of what each member's post links to."""
    traces, index = blocks.traces, np.flatnonzero(occupancy.n_links > 0)
    if traces.source is None or traces.source_age is None:
        first = blocks.bounds[occupancy.block[index]]
        item = traces.object[first]
        age = traces.time[first] - traces.birth[item]
        return index.astype(np.int64), traces.origin[item], age, occupancy.n_links[index].astype(np.float64)
    linked = np.zeros(len(blocks.bounds) - 1, bool)
    linked[occupancy.block[index]] = True
    rows = np.flatnonzero(linked[blocks.block_of_row])
    n_accounts = int(traces.account.max(initial=0)) + 1
    key = blocks.block_of_row[rows].astype(np.int64) * n_accounts + traces.account[rows]
    order = np.argsort(key, kind="stable")
    row = np.repeat(index, occupancy.n_members[index]).astype(np.int64)
    members = occupancy.members[np.repeat(occupancy.n_links > 0, occupancy.n_members)]
    held = rows[order[np.searchsorted(key[order], occupancy.block[row] * n_accounts + members)]]
    weight = np.asarray(occupancy.n_links[row] / occupancy.n_members[row], dtype=np.float64)
    return row, traces.source[held], traces.source_age[held], weight
