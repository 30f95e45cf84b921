"""What the proof of a group by its own pace is made of, kind by kind and scale by scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4, I8
from dideban.figures import TOLERANCE
from dideban.proof.blocks import KindTraces
from dideban.proof.breakdown import MAX_LOG_E, Breakdown
from dideban.proof.own_pace import Pace, Samples, find_samples, weigh_pace
from dideban.proof.placement import Hypotheses
from dideban.proof.shared_objects import SharedObjects
from dideban.schema import PROOF_TRACES


def breakdown_own(
    kinds: Sequence[KindTraces],
    members: I4,
    *,
    group_ix: int,
    scales_s: Sequence[float],
    n_accounts: int,
    every: bool = False,
) -> Breakdown:
    """Return PROOF_TRACES rows of a group that is proved by what its members post first in turn.

    Delays count as they are, whatever clock an account keeps, and texts whatever their posts link to: both are seen in
    posts that a package does not hold.
    ``n_pairs`` are the occasions on which a member came within the window after another that was first,
    ``expected_pairs`` how many of its quick delays would fall on them by chance.

    Parameters
    ----------
    members : sorted account codes
    every : bool
        Keep every kind and scale with such occasions, not only those that speak for the group.
    """
    rows: list[dict[str, Any]] = []
    strength = np.zeros(len(members))
    groups = Hypotheses([members])
    for traces in kinds:
        shared = _plain(traces, n_accounts=n_accounts)
        samples = find_samples(shared, groups)
        pace = weigh_pace(shared, groups, samples, scales_s=scales_s)
        for s, scale_s in enumerate(scales_s):
            n_near, expected = _near(samples, scale_s, n_members=len(members))
            if n_near.sum():
                strength += n_near
                log_e = float(pace.evidence(groups)[0, s])
                rows.append(_row(traces.kind, scale_s, group_ix, pace, log_e, n_near, expected))
    carrying = [row for row in rows if row["e_value"] > 1 + TOLERANCE]
    return pl.DataFrame(rows if every else carrying or rows, schema=PROOF_TRACES.dtypes), strength


def strength_own(
    kinds: Sequence[KindTraces],
    group: I4,
    *,
    judged: B1,
    scales_s: Sequence[float],
    n_accounts: int,
) -> float:
    """Return the log e-value of a group, averaged over scales and over the kinds in which its members take turns.

    ``judged`` are those whose own evidence counts, (n_members,); the others can only be the first.
    """
    groups = Hypotheses([group])
    log_e = [np.zeros(0)]
    for traces in kinds:
        shared = _plain(traces, n_accounts=n_accounts)
        samples = find_samples(shared, groups)
        pace = weigh_pace(shared, groups, samples.choose(judged[samples.place] | (samples.by >= 0)), scales_s=scales_s)
        if pace.n_objects[0]:
            mean = np.logaddexp.reduce(pace.left[judged], axis=0) - np.log(judged.sum())
            log_e.append(np.logaddexp(pace.groups[0], mean) - np.log(2.0))
    every = np.concatenate(log_e)
    return float(np.logaddexp.reduce(every) - np.log(len(every))) if len(every) else 0.0


def _plain(traces: KindTraces, *, n_accounts: int) -> SharedObjects:
    return SharedObjects(traces=replace(traces, source=None, source_age=None), n_accounts=n_accounts)


def _near(samples: Samples, scale_s: float, *, n_members: int) -> tuple[I8, F8]:
    """Occasions on which each member came within the window after another, and how many would be by chance."""
    joint, quick = samples.by >= 0, samples.delay <= scale_s
    counts = [
        np.bincount(samples.place[some], minlength=n_members).astype(np.int64)
        for some in (joint & quick, joint, quick, np.ones(len(quick), bool))
    ]
    return counts[0], np.asarray(counts[1] * counts[2] / np.maximum(counts[3], 1), dtype=np.float64)


def _row(
    kind: str, scale_s: float, group_ix: int, pace: Pace, log_e: float, n_near: I8, expected: F8
) -> dict[str, Any]:
    return {
        "group_ix": group_ix,
        "object_kind": kind,
        "scale_s": float(scale_s),
        "n_blocks": int(pace.n_objects[0]),
        "n_pairs": int(n_near.sum()),
        "expected_pairs": float(expected.sum()),
        "p_value": float(min(1.0, np.exp(-log_e))),
        "e_value": float(np.exp(min(log_e, MAX_LOG_E))),
    }
