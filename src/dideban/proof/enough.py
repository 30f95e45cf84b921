"""Whether the data could have proved anything, and what would be needed: computed from who shared what, never when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dideban.arrays import F8
from dideban.messages import NOTHING, Message
from dideban.proof.directed_exchange import find_occasions
from dideban.proof.hypotheses import MEMBER_SHARE, OWN_SHARE, TestedBatch, within_reach
from dideban.proof.kinds_together import weigh_follows
from dideban.proof.members import sittings_of_rows
from dideban.proof.moments import Moments
from dideban.proof.placement import Hypotheses
from dideban.proof.strata import Stratum

LEAST_REACH = 0.5
"""Evidence (log) at best from which it can be told how much each joint post brings."""
USUAL_GAIN = 0.5
"""Evidence (log) that a joint post brings at best where that cannot be told: half of them are in the other part."""
MOST_NEEDED = 100_000
HOUR_S, DAY_S = 3_600, 86_400


@dataclass(frozen=True, kw_only=True)
class Sufficiency:
    """Whether there were enough data, and if not, why, and what is missing."""

    enough: bool
    reason: Message = NOTHING
    joint_posts: int | None = None
    """Joint posts of one group that would be needed beside those there are."""
    more_s: int | None = None
    """Time in which they would come at the pace of the group that is closest to enough, seconds."""

    def needed(self) -> dict[str, int | None] | None:
        """Return what is missing as figures; None where nothing is, or where it cannot be told."""
        return None if self.joint_posts is None else {"joint_posts": self.joint_posts, "more_s": self.more_s}


def judge_data(
    strata: Sequence[Stratum], batches: Sequence[TestedBatch], *, posted: Moments, fdr: float, span_s: float
) -> Sufficiency:
    """Say whether any group could have been claimed, whatever it had done.

    Parameters
    ----------
    batches : sequence of TestedBatch
        Nothing was claimed in them.
    posted : Moments
        Every post of every account.
    fdr : 0..1
        Stated error rate.
    span_s : seconds
        Time from the first to the last post.
    """
    if not strata:
        return Sufficiency(enough=False, reason=Message("note.nothing-to-test"))
    n_tested = sum(len(batch.groups) for batch in batches)
    group_fdr = (1 - MEMBER_SHARE - OWN_SHARE) * fdr
    if not n_tested:
        return _nothing_proposed(strata, batches, fdr=group_fdr)
    bars = [math.log(len(batches) * len(batch.groups) / group_fdr) for batch in batches if batch.groups]
    found = [_best(strata, batch, posted) for batch in batches if batch.groups]
    if any(log_e >= bar for (log_e, _, _), bar in zip(found, bars, strict=True)):
        return Sufficiency(enough=True)
    (log_e, batch, index), bar = max(zip(found, bars, strict=True), key=lambda one: one[0][0] - one[1])
    most, least = (round(math.exp(min(value, 50.0))) for value in (max(one[0] for one in found), min(bars)))
    verdict = _missing(_joint_objects(strata, batch, index), log_e=log_e, bar=bar, span_s=span_s)
    return replace(verdict, reason=_with_need(Message("note.not-enough", n=n_tested, most=most, least=least), verdict))


def _nothing_proposed(strata: Sequence[Stratum], batches: Sequence[TestedBatch], *, fdr: float) -> Sufficiency:
    if n_cut := sum(batch.n_cut for batch in batches):
        return Sufficiency(enough=False, reason=Message("note.all-left-out", n=n_cut))
    n_blocks = sum(int(stratum.blocks.informs.sum()) for stratum in strata)
    reason = Message("note.nobody-close", n=n_blocks)
    if n_blocks and any(len(stratum.pairs.keys) for stratum in strata):
        return Sufficiency(enough=True, reason=reason)
    bar = math.log(max(len(batches), 1) / fdr)
    verdict = _missing(0, log_e=0.0, bar=bar, span_s=0.0)
    return replace(verdict, reason=_with_need(reason, verdict))


def _missing(n_joint: int, *, log_e: float, bar: float, span_s: float) -> Sufficiency:
    """Say how many joint posts are missing if each brings as much as those there are, and how long they take."""
    gain = log_e / n_joint if log_e >= LEAST_REACH and n_joint else USUAL_GAIN
    more = min(max(math.ceil((bar - log_e) / gain), 1), MOST_NEEDED)
    if not n_joint or span_s <= 0:
        return Sufficiency(enough=False, joint_posts=more)
    unit = DAY_S if more / n_joint * span_s >= 2 * DAY_S else HOUR_S
    return Sufficiency(enough=False, joint_posts=more, more_s=math.ceil(more / n_joint * span_s / unit) * unit)


def _with_need(reason: Message, verdict: Sufficiency) -> Message:
    need = Message("note.would-need", n=verdict.joint_posts or 0)
    if verdict.more_s is not None:
        need = Message("note.would-need-time", n=verdict.joint_posts or 0, more_s=verdict.more_s)
    return Message("statement.whole", sentences=[reason, need])


def _best(strata: Sequence[Stratum], batch: TestedBatch, posted: Moments) -> tuple[float, TestedBatch, int]:
    """Return the largest log e-value that any outcome could have given a group of a batch, and that group."""
    reach = np.logaddexp(within_reach(strata, batch), _members_within_reach(strata, batch, posted)) - np.log(2.0)
    index = int(np.argmax(reach))
    return float(reach[index]), batch, index


def _members_within_reach(strata: Sequence[Stratum], batch: TestedBatch, posted: Moments) -> F8:
    """(n,) log of the mean e-value of the members of each group if each came close whenever it could."""
    groups = Hypotheses(batch.groups)
    always, nobody = [], np.zeros((len(posted.bounds) - 1, 3))
    for stratum in strata:
        allowed = ~stratum.proposing(batch.split)
        seen = find_occasions(stratum.blocks, stratum.rows, groups, allowed=allowed, clocks=nobody)
        always.append(replace(seen, hit=np.ones(len(seen.hit), bool)))
    sittings = sittings_of_rows(strata, posted)
    most = weigh_follows(strata, always, sittings, n_members=len(groups.flat)).max(axis=1, initial=0.0)
    total: F8 = np.logaddexp.reduceat(most, groups.cuts[:-1])
    return np.asarray(total - np.log(groups.sizes))


def _joint_objects(strata: Sequence[Stratum], batch: TestedBatch, index: int) -> int:
    """Count the objects that two members or more shared in one stretch, of the kind with most of them."""
    members, counts = batch.groups[index], [0]
    for stratum in strata:
        blocks = stratum.blocks
        rows = np.flatnonzero(blocks.informs[blocks.block_of_row] & np.isin(blocks.traces.account, members))
        held = np.bincount(blocks.block_of_row[rows], minlength=len(blocks.informs))
        counts.append(len(np.unique(blocks.traces.object[blocks.bounds[:-1]][held >= 2])))
    return max(counts)


__all__ = ["Sufficiency", "judge_data"]
