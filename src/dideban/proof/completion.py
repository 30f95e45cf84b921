"""Proposals completed: accounts that keep coming near a proposed group join it, members that do not leave it.

Half of the data holds half of a campaign. Two members may have too few joint acts in it to be tied, though each has
been near one member or another again and again. Looked at together, they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels.completion import nearest_accounts
from dideban.proof.blocks import Blocks
from dideban.proof.placement import Hypotheses
from dideban.proof.propose import MIN_NEAR, MIN_SIZE, Proposal

HIT = 0.5
CUTS = (4.0, 7.0)
ROUNDS = 2
MOST_SLOTS = 2_000


def complete_groups(
    blocks: Blocks, rows: tuple[I8, I8], proposals: Mapping[bytes, Proposal], *, allowed: B1, max_size: int
) -> dict[bytes, Proposal]:
    found: dict[bytes, Proposal] = {}
    traces = blocks.traces
    order = sorted(proposals)
    for cut in CUTS:
        groups = [(proposals[name].members, proposals[name].density) for name in order]
        for _ in range(ROUNDS):
            if not groups:
                break
            asked = Hypotheses(one for one, _ in groups)
            g, a, score = nearest_accounts(
                asked.cuts, asked.flat, *rows, blocks.block_of_row, blocks.bounds, allowed, traces.time,
                traces.account, blocks.scale.window_s, HIT, cut, MIN_NEAR, MOST_SLOTS,
            )
            bounds = np.searchsorted(g, np.arange(len(groups) + 1))
            new = {}
            for k, (_, density) in enumerate(groups):
                some = slice(bounds[k], bounds[k + 1])
                if MIN_SIZE <= bounds[k + 1] - bounds[k] <= max_size:
                    members = np.sort(a[some]).astype(np.int32)
                    key = members.tobytes()
                    new[key] = (members, max(density, new[key][1]) if key in new else density)
            groups = [new[key] for key in sorted(new)]
        for members, density in groups:
            key = members.tobytes()
            if key not in found or found[key].density < density:
                found[key] = Proposal(members=members, density=density)
    return found
