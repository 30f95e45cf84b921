"""Content of one's own: how soon members take up what other members posted first, against what others posted first.

Null hypothesis: given who was first at each object and when, the delays after which an account came are exchangeable
among its objects, whoever was first. Exchanging delays makes no one else the first, so that who shares what, who was
first and when are held fixed. Groups are proposed from these alone, and no division of the data is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4, I8, unique_pairs
from dideban.figures import TOLERANCE, settle
from dideban.kernels.blocks import repeated_near
from dideban.kernels.own_pace import pace_evidence, pace_samples, pick_of_sittings
from dideban.proof.blocks import STRETCH_S, KindTraces
from dideban.proof.members import LEAST_LEFT, MIN_NAMED
from dideban.proof.moments import SITTING_S, Moments
from dideban.proof.overlapping_claims import overlapping_claims
from dideban.proof.own_alternatives import may_follow_a_source
from dideban.proof.placement import Hypotheses
from dideban.proof.propose import groups_at
from dideban.proof.shared_objects import SharedObjects
from dideban.remembered import Remembered
from dideban.stats.error_control import claim, e_bh

LOG_R = np.log(np.array([10.0, 100.0, 10_000.0]))
"""Bets: how much likelier a quick delay is on what a member posted first than on what others did."""
MOST_SHARERS = 40
"""Objects that more accounts share propose no groups."""
MAX_PAIRS = 10_000_000
"""Pairs of accounts looked at per kind; the objects that most share are left out beyond it."""
MAX_BITS = 24
"""Largest table of pairs seen, as a power of two of bytes."""
COUNTS = (3, 5, 8)
"""Common objects at which graphs are cut."""
RATIOS = (0.3, 0.5)
"""Part of the objects of the less active account that are common, at which graphs are cut."""
LEAST_BETWEEN = 2
"""Objects at which a member came after one member and before another: fewer, and it may only be run ahead of.

At as many it must have come later than a member, not only at the same instant: a program that copies within the second
is at the same instant as whom it copies.
"""
FROM_ONE = 3
"""Objects that a member took up from one site or author, from which that may be the source it follows."""
MAX_TESTED = 1_000
"""Groups tested per kind: those that could show most come first."""
PER_FAMILY = 2
"""Groups tested of those that overlap."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Times at which members of groups came after the first account at an object, sorted by member and time."""

    place: I8
    """(m,) position of the member in the flat list of all groups' members."""
    row: I8
    by: I8
    """(m,) position of the first in that list; -1 = an outsider."""
    first: I8
    """(m,) row of the first."""
    delay: F8
    """(m,) seconds since; of accounts with a clock, marks let pass times its period."""
    picked: B1
    """(m,) stands for its sitting."""
    between: B1
    """(m,) came after a member, and another member later."""

    def choose(self, kept: B1) -> Samples:
        """Return some of the samples."""
        return Samples(
            place=self.place[kept], row=self.row[kept], by=self.by[kept], first=self.first[kept],
            delay=self.delay[kept], picked=self.picked[kept], between=self.between[kept],
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What delays say of groups and of their members."""

    members: F8
    """(n_members, n_scales) log e-values."""
    left: F8
    """(n_members, n_scales) the same without the one other member that each came after most."""
    groups: F8
    """(n_groups, n_scales) log e-values."""
    reach: F8
    """(n_groups,) largest log e-value that any outcome could have given: follows from who was first, and how often."""
    n_objects: I8
    """(n_groups,) objects that speak for each group, one a stretch of time."""
    joint_share: F8
    """(n_groups,) part of the samples of each group in which a member was first."""

    def evidence(self, groups: Hypotheses) -> F8:
        """(n_groups, n_scales) log e-values: one delay an object, and the mean over members, averaged."""
        total = np.logaddexp.reduceat(self.left, groups.cuts[:-1], axis=0)
        mean = total - np.log(groups.sizes)[:, None]
        return np.asarray(np.logaddexp(self.groups, mean) - np.log(2.0))


@dataclass(frozen=True, kw_only=True)
class OwnClaim:
    """A group proved by what its members post first in turn."""

    kind: str
    members: I4
    """Those that are proved."""
    proposed: I4
    log_e: float
    is_doubtful: bool = False
    """It may as well follow something public: a lead."""


def propose_together(shared: SharedObjects, *, max_size: int, seed: int, memory: Remembered | None = None) -> list[I4]:
    """Propose groups from who shares what with whom; when they do has no say."""
    listed = _affordable(np.diff(shared.bounds))
    if not len(listed):
        return []
    traces, size = shared.traces, np.diff(shared.bounds)[listed]
    n_bits = int(np.clip(np.ceil(np.log2(2 * (size * (size - 1)).sum() + 1)), 10, MAX_BITS))
    at_once = np.zeros(len(traces.time))
    keys, _ = repeated_near(at_once, traces.account, shared.bounds, listed, 1.0, n_bits)
    pairs = pl.DataFrame({"key": keys}).group_by("key").len("n").filter(pl.col("n") >= COUNTS[0]).sort("key")
    key, n = pairs["key"].to_numpy(), pairs["n"].to_numpy()
    a, b = key >> 32, key & 0xFFFFFFFF
    counted = np.zeros(len(shared.bounds) - 1, bool)
    counted[listed] = True
    held = np.bincount(traces.account[counted[traces.object]], minlength=shared.n_accounts)
    ratio = n / np.minimum(held[a], held[b])
    found: dict[bytes, I4] = {}
    for ix, chosen in enumerate([*(n >= count for count in COUNTS), *(ratio >= least for least in RATIOS)]):
        asked = "own", traces.kind, ix
        for one in groups_at(a[chosen], b[chosen], max_size=max_size, seed=seed, asked=asked, memory=memory):
            found[one.members.tobytes()] = one.members
    return [found[name] for name in sorted(found)]


def _affordable(size: I8) -> I8:
    """Objects that few enough share, those of fewest first where the pairs are too many."""
    listed = np.flatnonzero(size <= MOST_SHARERS)
    listed = listed[np.lexsort((listed, size[listed]))]
    n_pairs = np.cumsum(size[listed] * (size[listed] - 1) // 2)
    return np.sort(listed[n_pairs <= MAX_PAIRS])


def find_samples(shared: SharedObjects, groups: Hypotheses, *, clocks: F8 | None = None) -> Samples:
    """Find when members came after the account that was first, and whether that was a member or an outsider.

    Parameters
    ----------
    clocks : (n_accounts, 3) f8
        Period, phase and half width of the clocks that accounts keep; period 0 = none. None = no one keeps any.
    """
    traces = shared.traces
    place, row, by = pace_samples(
        groups.cuts, groups.flat, *shared.rows, traces.account, traces.time, traces.object, shared.bounds
    )
    between = (by >= 0) & _others_came_later(shared, groups, place, row)
    kept = np.flatnonzero(~_from_one(place, shared.origin[traces.object[row]], by >= 0))
    order = kept[np.lexsort((row[kept], traces.time[row[kept]], place[kept]))]
    place, row, by, between = place[order], row[order], by[order], between[order]
    first = shared.bounds[traces.object[row]]
    delay = traces.time[row] - traces.time[first]
    if clocks is not None:
        delay = marks_passed(traces.time[row], traces.time[first], delay, clocks[traces.account[row]])
    picked = pick_of_sittings(place, traces.time[row], by >= 0, SITTING_S)
    return Samples(place=place, row=row, by=by, first=first, delay=delay, picked=picked, between=between)


def _others_came_later(shared: SharedObjects, groups: Hypotheses, place: I8, row: I8) -> B1:
    """(m,) whether another member of the same group came to the same object at a later instant."""
    traces = shared.traces
    group = np.searchsorted(groups.cuts, place, side="right") - 1
    order = np.lexsort((traces.time[row], traces.object[row], group))
    ends = np.ones(len(order), bool)
    ends[:-1] = (np.diff(group[order]) != 0) | (np.diff(traces.object[row[order]]) != 0)
    last = order[np.flatnonzero(ends)][np.cumsum(ends) - ends]
    result = np.zeros(len(order), bool)
    result[order] = traces.time[row[order]] < traces.time[row[last]]
    return result


def _from_one(place: I8, origin: I4, joint: B1) -> B1:
    """Describe which joint samples come from the one site or author from which the member took most."""
    some = np.flatnonzero(joint & (origin >= 0))
    places, origins, which, counts = unique_pairs(place[some], origin[some])
    order = np.lexsort((origins, -counts, places))
    top = order[np.diff(places[order], prepend=-1) != 0]
    is_source = np.zeros(len(counts), bool)
    is_source[top] = counts[top] >= FROM_ONE
    result = np.zeros(len(place), bool)
    result[some] = is_source[which]
    return result


def marks_passed(time: F8, since: F8, delay: F8, clocks: F8) -> F8:
    """Return delays, those of accounts with a clock as the marks of it that they let pass, times its period."""
    period, phase, width = clocks.T
    step = np.where(period > 0, period, 1.0)
    passed = np.round((time - phase) / step) - np.ceil((since - width - phase) / step)
    return np.asarray(np.where(period > 0, np.maximum(passed, 0.0) * step, delay))


def weigh_pace(shared: SharedObjects, groups: Hypotheses, samples: Samples, *, scales_s: Sequence[float]) -> Pace:
    """Weigh what the delays of members say, the smallest over whom of the others each might merely follow."""
    traces = shared.traces
    group = np.searchsorted(groups.cuts, samples.place, side="right") - 1
    start = groups.cuts[group]
    stretch = np.floor(traces.time[samples.first] / STRETCH_S).astype(np.int64)
    found = pace_evidence(
        groups.cuts, np.searchsorted(group, np.arange(len(groups) + 1)).astype(np.int64), samples.place - start,
        np.where(samples.by >= 0, samples.by - start, -1), samples.delay, samples.picked, stretch,
        traces.object[samples.row].astype(np.int64), np.array(scales_s, dtype=np.float64), LOG_R,
    )  # fmt: skip
    is_later = (samples.by >= 0) & (traces.time[samples.row] > traces.time[samples.first])
    n_between, n_later = (
        np.bincount(samples.place[some], minlength=len(groups.flat)) for some in (samples.between, is_later)
    )
    came_between = np.minimum(n_between, n_later) >= LEAST_BETWEEN
    return Pace(
        members=np.where(came_between[:, None], found[0], np.minimum(found[0], 0.0)),
        left=np.where(came_between[:, None], found[1], np.minimum(found[1], 0.0)),
        groups=found[2],
        reach=found[3],
        n_objects=found[4],
        joint_share=np.bincount(group[samples.by >= 0], minlength=len(groups))
        / np.maximum(np.bincount(group, minlength=len(groups)), 1),
    )


def choose_groups(shared: SharedObjects, proposed: Sequence[I4], *, least: float) -> list[I4]:
    """Keep the groups that could show ``least`` (log e-value) at best, those that could show most first."""
    groups = Hypotheses(proposed)
    reach = weigh_pace(shared, groups, find_samples(shared, groups), scales_s=()).reach
    family = overlapping_claims(proposed, reach)
    order = np.lexsort((np.arange(len(proposed)), -settle(reach)))
    kept: list[int] = []
    taken: dict[int, int] = {}
    for i in order[reach[order] >= least].tolist():
        taken[int(family[i])] = taken.get(int(family[i]), 0) + 1
        if taken[int(family[i])] <= PER_FAMILY:
            kept.append(i)
    return [proposed[i] for i in kept[:MAX_TESTED]]


def group_clocks(moments: Moments, groups: Hypotheses) -> F8:
    """(n_accounts, 3) clocks of members: their own, or that of their group where they post too seldom to show one."""
    clocks = np.zeros((len(moments.bounds) - 1, 3))
    some = np.unique(groups.flat)
    clocks[some] = moments.clocks(some)
    for members in groups:
        seldom = members[clocks[members, 0] == 0]
        if len(seldom) and (clock := moments.pooled_clock(members))[0] > 0:
            clocks[seldom[moments.in_phase(seldom, clock) >= 0.5]] = clock
    return clocks


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One group of one kind with its evidence, averaged over scales."""

    kind: str
    group: I4
    prior: float
    log_e: float
    log_members: F8
    log_left: F8
    is_doubtful: bool = False


@dataclass(frozen=True, kw_only=True)
class Together:
    """Groups of one kind that are worth testing: who shares what with whom, and who was first, say which."""

    shared: SharedObjects
    groups: Hypotheses
    links: SharedObjects | None = None
    """Links of the same data, where there are any."""


def choose_together(
    kinds: Sequence[KindTraces],
    *,
    n_accounts: int,
    max_size: int,
    seed: int,
    fdr: float,
    memory: Remembered | None = None,
) -> list[Together]:
    """Propose groups of every kind, and keep those that could be proved at best; delays have no say in it."""
    chosen = []
    every = [SharedObjects(traces=traces, n_accounts=n_accounts) for traces in kinds]
    links = next((one for one in every if one.traces.kind == "link"), None)
    for shared in every:
        proposed = propose_together(shared, max_size=max_size, seed=seed, memory=memory)
        groups = Hypotheses(choose_groups(shared, proposed, least=-float(np.log(fdr))))
        chosen += [Together(shared=shared, groups=groups, links=links)] if len(groups) else []
    return chosen


def prove_own(
    chosen: Sequence[Together],
    *,
    moments: Moments,
    scales_s: Sequence[float],
    fdr: float,
    names_fdr: float,
    exchange_seed: int | None = None,
) -> list[OwnClaim]:
    """Prove groups by what their members post first in turn.

    Parameters
    ----------
    chosen : sequence of Together
        The same for the data and for every copy.
    fdr, names_fdr : 0..1
        Error rates of groups, and of the members of one group.
    exchange_seed : int or None
        Exchange the delays of every account among its objects: a copy in which the null hypothesis is true.

    Returns
    -------
    list of OwnClaim
        Those that may as well follow something public come last: they would be claimed but for that.
    """
    judged: list[Judged] = []
    for one in chosen if len(scales_s) else ():
        judged += _judge(one, moments, scales_s=scales_s, least=-float(np.log(fdr)), exchange_seed=exchange_seed)
    clear = [replace(one, log_e=-np.inf) if one.is_doubtful else one for one in judged]
    proved = _claims(clear, fdr=fdr, names_fdr=names_fdr)
    if exchange_seed is not None or not any(one.is_doubtful for one in judged):
        return proved
    return proved + [one for one in _claims(judged, fdr=fdr, names_fdr=names_fdr) if one.is_doubtful]


def _judge(
    together: Together, moments: Moments, *, scales_s: Sequence[float], least: float, exchange_seed: int | None
) -> list[Judged]:
    shared, groups, links = together.shared, together.groups, together.links
    samples = find_samples(shared, groups, clocks=group_clocks(moments, groups))
    if exchange_seed is not None:
        drawn = np.lexsort((np.random.default_rng(exchange_seed).random(len(samples.place)), samples.place))
        samples = replace(samples, delay=samples.delay[drawn])
    pace = weigh_pace(shared, groups, samples, scales_s=scales_s)
    whole, members, left = (_over_scales(part) for part in (pace.evidence(groups), pace.members, pace.left))
    return [
        Judged(
            kind=shared.traces.kind, group=groups[i], prior=float(pace.joint_share[i]), log_e=float(whole[i]),
            log_members=mine, log_left=rest,
            is_doubtful=whole[i] >= least and may_follow_a_source(shared, groups[i], links=links),
        )
        for i, (mine, rest) in enumerate(
            zip(np.split(members, groups.cuts[1:-1]), np.split(left, groups.cuts[1:-1]), strict=True)
        )
    ]  # fmt: skip


def _over_scales(log_e: F8) -> F8:
    return np.asarray(np.logaddexp.reduce(log_e, axis=1) - np.log(log_e.shape[1]))


def _claims(judged: Sequence[Judged], *, fdr: float, names_fdr: float) -> list[OwnClaim]:
    """Claim groups: those that could show most have the largest shares of the error budget."""
    if not judged:
        return []
    prior, log_e = settle([one.prior for one in judged]), np.array([one.log_e for one in judged])
    rank = np.empty(len(judged))
    rank[np.lexsort((np.arange(len(judged)), -prior))] = 1.0 + np.arange(len(judged))
    share = 1.0 / rank / (1.0 / rank).sum()
    named = [
        one.group[e_bh(one.log_members, fdr=names_fdr) & (one.log_left >= LEAST_LEFT - TOLERANCE)] for one in judged
    ]
    log_e[[len(members) < MIN_NAMED for members in named]] = -np.inf
    standing = settle(log_e)

    def n_findings(mask: B1) -> int:
        some = np.flatnonzero(mask)
        return int(overlapping_claims([named[i] for i in some], standing[some]).max() + 1)

    claimed = np.flatnonzero(claim(log_e, share, fdr=fdr, count=n_findings))
    family = overlapping_claims([named[i] for i in claimed], standing[claimed])
    founders = [claimed[family == k] for k in range(int(family.max(initial=-1)) + 1)]
    best = [int(mine[np.lexsort((mine, -standing[mine]))[0]]) for mine in founders]
    return [
        OwnClaim(
            kind=judged[i].kind, members=named[i], proposed=judged[i].group, log_e=float(log_e[i]),
            is_doubtful=judged[i].is_doubtful,
        )
        for i in best
    ]  # fmt: skip
