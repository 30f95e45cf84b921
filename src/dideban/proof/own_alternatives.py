"""Content of one's own: what else would bring a group together, and how it would show.

Accounts that follow one source outside the data take turns at being the first, as members of a group do. So do innocent
accounts around which others are placed. Two things tell them apart: what is public is taken up by somebody else as
well, and accounts that follow something keep a pace, and so a place, of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dideban.arrays import F8, I4, I8
from dideban.figures import settle
from dideban.kinds import kind_of
from dideban.proof.shared_objects import SharedObjects

BESIDE_LINKS = 0.5
"""Share of a group's words, tags or pictures that came with a link, from which they are judged as links are."""
MOST_PUBLIC = 0.125
"""Share of a group's objects, beyond one object, that others may share as well."""
PUBLIC_LEVEL = 0.05
"""Level at which a group's objects must be taken up by others more seldom than other objects of the data are."""
PLACE_LEVEL = 0.02
"""Level at which a member that keeps a place of its own is told from members in any order."""
LEAST_OFF = 0.2
"""How far a member's places must lie from those of any order to count: 1 = always the first, or always the last."""


@dataclass(frozen=True, kw_only=True)
class JointObjects:
    """Objects that members of one group share, a member first, and members hold at least half of all shares."""

    member: I8
    """(m,) position of each member that shares one, by object and time."""
    object: I8
    time: F8
    n_others: I8
    """(n_objects,) accounts outside the group that share each object, in its order here."""
    usual: float
    """Share of all other objects of two accounts or more that a third shares too."""


def joint_objects(shared: SharedObjects, group: I4) -> JointObjects:
    """Find the objects that two members or more share and that are the group's own."""
    traces, (bounds, by_account) = shared.traces, shared.rows
    rows = np.concatenate([by_account[bounds[one] : bounds[one + 1]] for one in group.tolist()])
    rows = rows[np.lexsort((rows, traces.time[rows], traces.object[rows]))]
    found, start, n_in = np.unique(traces.object[rows], return_index=True, return_counts=True)
    n_all = np.diff(shared.bounds)[found]
    is_first = rows[start] == shared.bounds[found]
    kept = is_first & (n_in >= 2) & (2 * n_in >= n_all)
    mine = rows[np.repeat(kept, n_in)]
    by_two, by_three = shared.n_by_two_and_three
    n_two, n_three = by_two - int(kept.sum()), by_three - int((n_all[kept] > 2).sum())
    return JointObjects(
        member=np.searchsorted(group, traces.account[mine]),
        object=traces.object[mine].astype(np.int64),
        time=traces.time[mine],
        n_others=(n_all - n_in)[kept],
        usual=n_three / max(n_two, 1),
    )


def are_public(joint: JointObjects) -> bool:
    """Say whether others share as many of the objects as a public source would let expect.

    They do where it is more than one object in eight, beyond the first; and where accounts share so little in these
    data that their absence says nothing.
    """
    n, n_public = len(joint.n_others), int((joint.n_others > 0).sum())
    if n_public > max(1.0, MOST_PUBLIC * n):
        return True
    from scipy.special import bdtr  # loading it costs every start a fifth of a second, and few data come here

    return bool(settle(bdtr(n_public, n, joint.usual)) > PUBLIC_LEVEL)


def keep_places(joint: JointObjects, *, n_members: int) -> bool:
    """Say whether some member keeps its place among those that share an object: early, late, in the middle, outside.

    Given the times, members in any order hold each place equally likely. The sum of a member's scores over its objects,
    relative to what it would be, is taken as normal; every member is looked at, and each score is tested by itself.
    """
    chance = place_chances(joint.member, joint.object, joint.time, n_members=n_members)
    return bool((chance < PLACE_LEVEL).any())


def place_chances(member: I8, object_: I8, time: F8, *, n_members: int) -> F8:
    """Return the chance of places as far off as those of each member, all members counted; 1 where they hardly are.

    Parameters
    ----------
    member, object_, time : (m,)
        In the order of the objects, and of time in each.
    """
    starts = np.flatnonzero(np.diff(object_, prepend=-1))
    size = np.diff(np.append(starts, len(object_)))
    which = np.repeat(np.arange(len(starts)), size)
    early = (2 * _middle_ranks(object_, time) - (size[which] - 1)) / (size[which] - 1)
    chances = [_chance_off(member, which, score, n_members=n_members) for score in (early, np.abs(early))]
    return np.minimum(*chances)


def _middle_ranks(object_: I8, time: F8) -> F8:
    """Return the rank of each share in its object, from 0; those of one instant have their mean."""
    is_new = np.append(True, (np.diff(object_) != 0) | (np.diff(time) != 0))[: len(object_)]
    run = np.cumsum(is_new) - 1
    first = np.flatnonzero(np.append(True, np.diff(object_) != 0)[: len(object_)])
    begins = first[np.searchsorted(first, np.arange(len(object_)), side="right") - 1]
    rank = np.arange(len(object_)) - begins
    return np.asarray(np.bincount(run, rank)[run] / np.bincount(run)[run])


def _chance_off(member: I8, which: I8, score: F8, *, n_members: int) -> F8:
    """Return the chance of scores as far from the mean of their objects, LEAST_OFF at least.

    Objects that all share at one instant have no places: they neither count as evidence nor hide what others show.
    """
    size = np.bincount(which)[which]
    off = score - np.bincount(which, score)[which] / size
    spread = np.bincount(which, off**2)[which] / size
    total, variance = np.bincount(member, off, n_members), np.bincount(member, spread, n_members)
    told = variance > 0
    result = np.ones(n_members)
    off_by = np.abs(total[told]) / np.sqrt(2 * variance[told])
    by_chance = settle(np.array([math.erfc(one) for one in off_by.tolist()]) * told.sum())
    mean = settle(np.abs(total[told]) / np.bincount(member[spread > 0], minlength=n_members)[told])
    result[told] = np.where(mean >= LEAST_OFF, by_chance, 1.0)
    return result


def may_follow_a_source(shared: SharedObjects, group: I4, *, links: SharedObjects | None = None) -> bool:
    """Say whether a group could as well be followers of a source outside the data.

    Words and pictures begin with the posts that hold them, so that others who repeat them may have them from members.
    Not so where the posts link to something: the headline, the tags and the picture of a page come from whoever has
    published it.

    Parameters
    ----------
    links : SharedObjects or None
        Links of the same data: others may share a page in words of their own.
    """
    joint = joint_objects(shared, group)
    return _others_have(shared, joint, group, links) or keep_places(joint, n_members=len(group))


def _others_have(shared: SharedObjects, joint: JointObjects, group: I4, links: SharedObjects | None) -> bool:
    """Say whether others share what stands outside the posts, or the pages that words, tags and pictures come from."""
    if kind_of(shared.traces.kind).stands_elsewhere:
        return are_public(joint)
    beside = shared.traces.beside_link
    first = shared.bounds[np.unique(joint.object)]
    if beside is None or not len(first) or beside[first].mean() < BESIDE_LINKS:
        return False
    pages = None if links is None else joint_objects(links, group)
    return are_public(joint) or (pages is not None and len(pages.n_others) > 0 and are_public(pages))


__all__ = [
    "PLACE_LEVEL",
    "JointObjects",
    "are_public",
    "joint_objects",
    "keep_places",
    "may_follow_a_source",
    "place_chances",
]
