"""Why accounts that exchange proves may be no members all the same: places they keep, and occasions they share.

Exchange with outsiders asks whether accounts come closer to each other than others in their places would. Two things
bring them close without concert: somebody runs ahead of an account, or waits for it, in order to accuse it; and
people who look at their telephones in the same minutes (a break, an interval, a late train) share what is popular
then. The first shows in the order of members, the second in everything else that they post.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4, I8
from dideban.figures import settle
from dideban.proof.blocks import HOUR_S
from dideban.proof.called import Talk, are_called
from dideban.proof.coarse_times import LEAST_OF_ALL, Units, are_coarse, are_seen_after
from dideban.proof.followers import follow_one_source
from dideban.proof.hypotheses import Claim
from dideban.proof.members import MIN_NAMED
from dideban.proof.moments import SITTING_S, Moments
from dideban.proof.own_alternatives import PLACE_LEVEL, place_chances
from dideban.proof.plain_leads import PlainLead
from dideban.proof.returning_hours import keep_hours
from dideban.proof.strata import Stratum
from dideban.proof.watching import watch_each_other

OBJECT = ["object_kind", "object_id"]
MOST_OF_THEM = 2 / 3
"""Part of the joint shares at the widest window that a narrower one must show to be the window of a group."""
ONE_SIDED = 3
"""Joint acts at which a member came before others from which it must also have come after one, and the reverse."""
TOGETHER = 0.1
"""Part of the acts of an account that it may have in common with another and still act apart from it."""
APART = 12.0
APART_S = (0.5 * HOUR_S, 2 * HOUR_S)
"""Posts of two accounts say nothing about occasions beyond so many windows, within these bounds."""
LEAST_PAIRS = 20
"""Pairs of posts that have nothing in common and are not further apart, from which occasions are believed."""
AS_CLOSE = 0.5
"""Members share occasions if their other posts are near each other by this part of what joint ones are.

By how much more often than posts at any moment would be, in logarithms.
"""
WITHIN_S = (10.0, 60.0)
BY_PROGRAMS = 0.2
"""How far the part of the pairs of other posts within a minute that lie within ten seconds may be from even to all.

People in a break come in any of its seconds: it is a sixth, or hardly more.
"""
ERRORS = 2.0
"""Standard errors by which other posts are taken to be less often near than they were seen."""


@dataclass(frozen=True, kw_only=True)
class JointActs:
    """Shares of one object by several accounts of a group, each close to the next."""

    member: I8
    """(m,) position of each account in the group, by act and time."""
    act: I8
    time: F8

    def without(self, member: int) -> JointActs:
        """Return the acts of all others."""
        kept = self.member != member
        _, which, n = np.unique(self.act[kept], return_inverse=True, return_counts=True)
        kept[kept] = n[which] > 1
        return JointActs(member=self.member[kept], act=self.act[kept], time=self.time[kept])


@dataclass(frozen=True, kw_only=True)
class GroupShares:
    """What the accounts of one group share of one kind, in the order of the traces."""

    group: I4
    account: I4
    object: I4
    time: F8

    @classmethod
    def of(cls, stratum: Stratum, group: I4) -> GroupShares:
        """Return the shares of a group of objects that two of its accounts share."""
        traces, (bounds, rows) = stratum.blocks.traces, stratum.all_rows
        mine = np.sort(np.concatenate([rows[bounds[one] : bounds[one + 1]] for one in group.tolist()]))
        account, item, time = traces.account[mine], traces.object[mine], traces.time[mine]
        _, which, n = np.unique(item, return_inverse=True, return_counts=True)
        common = n[which] > 1
        return cls(group=group, account=account[common], object=item[common], time=time[common])

    def acts(self, window_s: float) -> JointActs:
        """Find joint acts. The first of each quarter of an hour counts: one sitting may have one order throughout."""
        new = (np.diff(self.object, prepend=-1) != 0) | (np.diff(self.time, prepend=-np.inf) > window_s)
        act = np.cumsum(new) - 1
        begins = self.time[new]
        several = np.flatnonzero(np.bincount(act, minlength=len(begins)) > 1)
        order = several[np.argsort(begins[several], kind="stable")]
        _, first = np.unique(np.floor(begins[order] / SITTING_S), return_index=True)
        kept = np.isin(act, order[first])
        return JointActs(
            member=np.searchsorted(self.group, self.account[kept]), act=act[kept], time=self.time[kept]
        )  # fmt: skip

    def window(self, scales_s: Sequence[float]) -> float:
        """Return the narrowest window that shows most of the joint shares."""
        n = {scale: len(self.acts(scale).member) for scale in sorted(scales_s)}
        return next(scale for scale, count in n.items() if count >= MOST_OF_THEM * max(n.values()))


def may_be_placed(strata: Sequence[Stratum], group: I4) -> B1:
    """Say of each account of a group whether others may have been placed around it.

    They may where it came after others and never before one, or the reverse, and where it keeps a place of its own
    among them: given the times, members in any order hold each place equally likely. Who comes at the
    same instant as all others, again and again, has no place that could tell.
    """
    scales_s = _scales(strata)
    seen = [shares.acts(shares.window(scales_s)) for shares in _shares_by_kind(strata, group)]
    return placed_in(seen, n_members=len(group))


def placed_in(
    seen: Sequence[JointActs], *, n_members: int, level: float = PLACE_LEVEL, one_sided_acts: int = ONE_SIDED
) -> B1:
    """Say the same of each member of what was seen.

    Parameters
    ----------
    seen : JointActs
        One entry for each kind of object.
    level : chance
        At which a member that keeps a place is told from members in any order, all members counted.
    one_sided_acts : count
        Acts before others from which a member must also have come after one, and the reverse.
    """
    sides = _sides(seen, n_members)
    one_sided = (sides.min(axis=0) == 0) & (sides.max(axis=0) >= one_sided_acts)
    return np.asarray(_keep_places(seen, n_members, level) | one_sided)


def hide_who_follows(strata: Sequence[Stratum], units: Units, group: I4, *, own: bool = False) -> B1:
    """Say of each account of a group whether coarse times hide that it came after others, if it ever did.

    Parameters
    ----------
    own : bool
        Whether hardly anybody else shares what the group does.
    """
    is_coarse = are_coarse(units, group)
    if not is_coarse.any():
        return is_coarse
    scales_s = _scales(strata)
    seen = [shares.acts(shares.window(scales_s)) for shares in _shares_by_kind(strata, group)]
    n_acts = np.bincount(np.concatenate([np.empty(0, np.int64), *(acts.member for acts in seen)]), minlength=len(group))
    before, after = _sides(seen, len(group))
    return is_coarse & ~are_seen_after(before, after, n_acts, of_all=0.0 if own else LEAST_OF_ALL)


def _keep_places(seen: Sequence[JointActs], n_members: int, level: float) -> B1:
    """Say who keeps a place.

    Where one account is always the last, all others come early. So those that stand out most are left out one by one,
    as long as they act apart from each other (accounts that are copied one at a time do): if all others are then in
    any order, only they keep a place. Several that act together, before or after the rest, could be either side.
    """
    first_look = _chances(seen, n_members) < level
    left_out: list[int] = []
    rest = list(seen)
    while n_members - len(left_out) >= MIN_NAMED:
        chance = _chances(rest, n_members)
        if (chance >= level).all():
            return np.isin(np.arange(n_members), left_out)
        worst = int(chance.argmin())
        if any(_act_together(seen, worst, one) for one in left_out):
            return first_look
        left_out.append(worst)
        rest = [acts.without(worst) for acts in rest]
    return first_look


def _act_together(seen: Sequence[JointActs], one: int, other: int) -> bool:
    """Say whether an account has more than a few of its acts in common with another."""
    mine, common = 0, 0
    for acts in seen:
        some = acts.act[acts.member == one]
        mine += len(some)
        common += int(np.isin(some, acts.act[acts.member == other]).sum())
    return common > TOGETHER * mine


def _chances(seen: Sequence[JointActs], n_members: int) -> F8:
    """Return the chance of places as far off as those of each member, all members and kinds counted."""
    told = [acts for acts in seen if len(acts.member)]
    chances = [place_chances(acts.member, acts.act, acts.time, n_members=n_members) for acts in told]
    return np.asarray(np.min(np.stack([np.ones(n_members), *chances]), axis=0) * len(seen))


def _scales(strata: Sequence[Stratum]) -> list[float]:
    return sorted({stratum.scale_s for stratum in strata})


def _shares_by_kind(strata: Sequence[Stratum], group: I4) -> list[GroupShares]:
    one_each = {stratum.kind: stratum for stratum in strata}.values()
    found = (GroupShares.of(stratum, group) for stratum in one_each)
    return [one for one in found if len(one.time)]


def _sides(seen: Sequence[JointActs], n_members: int) -> I8:
    """(2, n_members) acts of all kinds at which each account came before another, and after another."""
    none = np.zeros((2, n_members), np.int64)
    return np.asarray(np.sum([_before_and_after(acts, n_members) for acts in seen] or [none], axis=0))


def _before_and_after(acts: JointActs, n_members: int) -> I8:
    """(2, n_members) acts at which each account came before another, and after another."""
    is_first = np.diff(acts.act, prepend=-1) != 0
    which = np.cumsum(is_first) - 1
    first, last = acts.time[is_first], acts.time[np.append(is_first[1:], True)[: len(is_first)]]
    before, after = acts.time < last[which], acts.time > first[which]
    return np.stack([np.bincount(acts.member[one], minlength=n_members) for one in (before, after)])


def joint_begins(strata: Sequence[Stratum], group: I4) -> F8:
    """Return when joint acts of a group began, of whatever kind; the first of each quarter of an hour counts."""
    scales_s = _scales(strata)
    begins = [np.empty(0)]
    for shares in _shares_by_kind(strata, group):
        acts = shares.acts(shares.window(scales_s))
        begins.append(acts.time[np.diff(acts.act, prepend=-1) != 0])
    each = np.sort(np.concatenate(begins))
    _, first = np.unique(np.floor(each / SITTING_S), return_index=True)
    return each[first]


def _watch_each_other(strata: Sequence[Stratum], group: I4) -> bool:
    """Say whether the accounts of a group watch each other; the largest act of each quarter of an hour counts."""
    seen = [shares.acts(shares.window(_scales(strata))) for shares in _shares_by_kind(strata, group)]
    if not seen:
        return False
    offsets = np.cumsum([0, *(int(acts.act.max(initial=-1)) + 1 for acts in seen)])
    act = np.concatenate([acts.act + offset for acts, offset in zip(seen, offsets, strict=False)])
    member, time = (np.concatenate([getattr(acts, name) for acts in seen]) for name in ("member", "time"))
    known, begins, size = np.unique(act, return_index=True, return_counts=True)
    sitting = np.floor(time[begins] / SITTING_S)
    order = np.lexsort((-size, sitting))
    chosen = np.isin(act, known[order[np.unique(sitting[order], return_index=True)[1]]])
    return watch_each_other(member[chosen], act[chosen], time[chosen], n_members=len(group))


def share_occasions(strata: Sequence[Stratum], posts: OtherPosts, group: I4) -> bool:
    """Say whether posts of a group that have nothing in common come about as close together as its joint ones.

    Of all pairs of posts by two accounts that are not far apart, the part is compared that lies within the window of
    the group.
    """
    shares = _shares_by_kind(strata, group)
    if not shares:
        return False
    alone = posts.moments(group)
    parts, scales_s = [], _scales(strata)
    for one in shares:
        window = one.window(scales_s)
        joint = _near_and_all(one.time, one.account, window, one.object)
        other = _near_and_all(*alone, window, np.zeros(len(alone[0]), np.int32))
        parts.append((window, *joint, *other))
    window_s, n_near, n_joint, n_alone_near, n_alone = max(parts, key=lambda part: part[2])
    if n_alone < LEAST_PAIRS or not n_near or _come_from_programs(*alone):
        return False
    even = window_s / _apart_s(window_s)
    part = n_alone_near / n_alone
    part = max(part - ERRORS * np.sqrt(part * (1 - part) / n_alone), even)
    joint = np.log(n_near / n_joint / even)
    return bool(joint > 0 and settle(np.log(part / even)) >= settle(AS_CLOSE * joint))


def _come_from_programs(time: F8, account: I4) -> bool:
    """Say whether posts that have nothing in common come within seconds of each other, closer than people in a break.

    Of times in whole minutes, within the same minute: of pairs a minute apart at most, a third anyway.
    """
    even = 1 / 6 if (time % WITHIN_S[1]).any() else 1 / 3
    alike = np.zeros(len(time), np.int32)
    (n_close, n_seen), (n_near, n_wide) = (_near_and_all(time, account, one, alike) for one in WITHIN_S)
    return n_close * n_wide > (even + BY_PROGRAMS * (1 - even)) * n_near * n_seen


def _apart_s(window_s: float) -> float:
    return float(np.clip(APART * window_s, *APART_S))


@dataclass(frozen=True, kw_only=True)
class OtherPosts:
    """Every post of every account, to be asked which have nothing in common with posts of a group."""

    posted: Moments
    traces: pl.DataFrame
    """TRACES, later shares of one object by one account included: who repeats a joint share posts nothing else."""
    accounts: pl.Series
    """Sorted account ids; their position is the code."""
    objects: pl.DataFrame | None = None
    """OBJECTS, where known: who wrote what is answered and reposted."""

    def of(self, some: I4) -> OtherPosts:
        """Return the same with the traces of some accounts only."""
        kept = self.traces.filter(pl.col("account_id").is_in(self.accounts.gather(some).implode()))
        return replace(self, traces=kept)

    def moments(self, group: I4) -> tuple[F8, I4]:
        """Return moments at which nothing was posted that two accounts of the group share, and whose they are."""
        mine = self.of(group).traces
        common = mine.group_by(OBJECT).agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") > 1)
        joint = mine.join(common, on=OBJECT, how="semi").with_columns(t=pl.col("created_at").dt.epoch("us") / 1e6)
        shared = dict(joint.group_by("account_id").agg("t").iter_rows())
        bounds, times, owners = self.posted.bounds, [], []
        for account, name in zip(group.tolist(), self.accounts.gather(group), strict=True):
            all_of_it = self.posted.times[bounds[account] : bounds[account + 1]]
            times.append(all_of_it[~np.isin(all_of_it, np.array(shared.get(name, [])))])
            owners.append(np.full(len(times[-1]), account, np.int32))
        return np.concatenate(times), np.concatenate(owners)


def _near_and_all(time: F8, account: I4, window_s: float, object_: I4) -> tuple[int, int]:
    """Count pairs of one object by two accounts within the window, and in all that are not far apart.

    One moment of an account and window counts for all: a person who writes ten lines in a row was there once.
    """
    if not len(time):
        return 0, 0
    slot = np.stack([object_.astype(np.int64), account.astype(np.int64), np.floor(time / window_s).astype(np.int64)])
    _, first = np.unique(slot, axis=1, return_index=True)
    millis = np.round((time[first] - time.min()) * 1000.0).astype(np.int64)
    apart_s = _apart_s(window_s)
    step = millis.max() + round(2000 * apart_s)
    places = np.unique(object_[first], return_inverse=True)[1] * step + millis
    parts = [np.sort(places[account[first] == one]) for one in np.unique(account[first])]
    whole = np.sort(places)
    n_near, n_all = (
        _n_within(whole, width) - sum(_n_within(part, width) for part in parts)
        for width in (round(1000 * window_s), round(1000 * apart_s))
    )
    return n_near, n_all


def _n_within(ordered: I8, width: int) -> int:
    """Count pairs of sorted values at most a width apart."""
    ahead = np.searchsorted(ordered, ordered + width, side="right") - np.arange(len(ordered)) - 1
    return int(ahead.sum())


def sift(claims: Sequence[Claim], strata: Sequence[Stratum], posts: OtherPosts) -> tuple[list[Claim], list[PlainLead]]:
    """Keep the claims, and the members, that neither others placed around them nor occasions nor hours explain.

    Of what :mod:`own pace <dideban.proof.own_pace>` proves, places are looked at there.

    Returns
    -------
    claims, leads
        Claims lose members and become fewer, nothing else: the error rate stays where it was.
    """
    kept: list[Claim] = []
    leads: list[PlainLead] = []
    if not claims:
        return kept, leads
    named = np.unique(np.concatenate([one.members for one in claims]))
    talk, posts = Talk.of(posts.traces, posts.objects, posts.accounts.gather(named)), posts.of(named)
    follow, units = follow_one_source(strata, [one.members for one in claims]), Units.of(posts.posted)
    for one, follows in zip(claims, follow.tolist(), strict=True):
        members, reason = _left(one, strata, units)
        if not reason and one.kind != "own" and (follows or _are_watchers(one, members, strata)):
            members, reason = one.members, "placed"
        reason = reason or _ordinary(members, one, strata, posts=posts, talk=talk)
        if reason:
            leads.append(PlainLead(kind=reason, members=members, n_objects=len(members)))
        else:
            kept.append(replace(one, members=members))
    return kept, leads


def _left(one: Claim, strata: Sequence[Stratum], units: Units) -> tuple[I4, str]:
    """Return the members that places leave; where they are too few, all of them, and why."""
    members = one.members
    if one.kind != "own":
        members = members[~np.isin(members, one.proposed[may_be_placed(strata, one.proposed)])]
        if len(members) < MIN_NAMED:
            return one.members, "placed"
    hidden = hide_who_follows(strata, units, one.proposed, own=one.kind == "own")
    members = members[~np.isin(members, one.proposed[hidden])]
    return (members, "") if len(members) >= MIN_NAMED else (one.members, "coarse")


def _are_watchers(one: Claim, members: I4, strata: Sequence[Stratum]) -> bool:
    """Ask of the members, and of all that were proposed: a few of those who watch each other may not show it alone."""
    return any(_watch_each_other(strata, some) for some in (members, one.proposed))


def _ordinary(members: I4, one: Claim, strata: Sequence[Stratum], *, posts: OtherPosts, talk: Talk) -> str:
    """Return what brings accounts together that is no concert, empty if nothing is seen."""
    if keep_hours(joint_begins(strata, members)):
        return "hours"
    if share_occasions(strata, posts, members):
        return "occasions"
    named, proposed = (posts.accounts.gather(some) for some in (members, one.proposed))
    return "called" if are_called(talk, named, proposed=proposed) else ""


__all__ = [
    "GroupShares",
    "JointActs",
    "OtherPosts",
    "hide_who_follows",
    "joint_begins",
    "may_be_placed",
    "placed_in",
    "share_occasions",
    "sift",
]
