"""Prompt followers of one origin: accounts that take up what one source publishes, soon after it does.

Programs that pass on a feed, and people who wait for one author, come close to each other because the source sets the
time. Inside the data of one platform they cannot be told from a group that acts in concert on that source, so they are
never findings, only leads. Who is one is judged on the proposing part alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.figures import TOLERANCE, settle
from dideban.kernels.followers import follow_one
from dideban.kinds import slugs
from dideban.proof.blocks import Blocks
from dideban.proof.placement import Hypotheses, Occupancy, seat_groups
from dideban.proof.strata import Stratum

SOURCED = (slugs(lambda kind: kind.origin in ("site", "author")), slugs(lambda kind: kind.origin == "linked"))
"""Kinds whose origin is a source, judged apart: the domain of a link or an author; the link beside a text."""
ONE_ORIGIN = 0.7
"""Share of a group's links, weighted, that come from one origin."""
PROMPT_S = 3600.0
"""Median age of the objects at those links, seconds."""


def prompt_followers(strata: Sequence[Stratum], masks: Sequence[B1], groups: list[I4], promise: F8) -> B1:
    """Say for each group whether its links in the proposing part are prompt and come from one origin.

    Parameters
    ----------
    masks : per stratum, (n_blocks,) bool
        The proposing part.
    promise : (n_groups, n_strata) f8
        Evidence of the proposing part: of the strata of each entry of SOURCED, the one with most is looked at.
    """
    result = np.zeros(len(groups), bool)
    for kinds in SOURCED:
        sourced = [c for c, stratum in enumerate(strata) if stratum.kind in kinds and _has_origins(stratum)]
        if not sourced or not groups:
            continue
        best = np.array(sourced)[np.argmax(settle(promise[:, sourced]), axis=1)]
        for c in sourced:
            mine = np.flatnonzero((best == c) & (promise[:, c] > TOLERANCE))
            result[mine] |= _following(strata[c], masks[c], Hypotheses(groups[i] for i in mine))
    return result


def _has_origins(stratum: Stratum) -> bool:
    traces = stratum.blocks.traces
    return bool((traces.origin >= 0).any() if traces.source is None else (traces.source >= 0).any())


def _following(stratum: Stratum, mask: B1, groups: list[I4]) -> B1:
    """Say of each group whether it follows one origin in one stratum."""
    occupancy = seat_groups(stratum.blocks, stratum.rows, groups, allowed=mask)
    row, origin, age, weight = _origins(stratum.blocks, occupancy)
    group = occupancy.group[row]
    cuts = np.searchsorted(group, np.arange(len(groups) + 1))
    by_origin, by_age = np.lexsort((origin, group)), np.lexsort((age, group))
    follows: B1 = follow_one(origin, age, weight, cuts, by_origin, by_age, ONE_ORIGIN, PROMPT_S)
    return follows


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
