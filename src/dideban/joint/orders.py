"""In which order members of a group act together: what tells members from accounts that others were placed around.

Whoever runs ahead of somebody in order to accuse it keeps a place, and so does the accused: docs/methods/members.md.
One room may see too few joint acts to tell. So rooms say who came before whom, act by act, and never when.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.joint.view import RoomView
from dideban.proof.ordinary_reasons import ONE_SIDED, GroupShares, JointActs, placed_in
from dideban.proof.own_alternatives import PLACE_LEVEL

Order = tuple[tuple[int, ...], ...]
"""One joint act: positions of members in the group, by instant; those of one instant together, ascending."""
Orders = tuple[tuple[Order, ...], ...]
"""Joint acts of each kind of object of the charter, sorted, so that their order says nothing of time."""
MOST_ORDERS = 2_000
"""Joint acts that a room tells of one group, all kinds together; the earliest are told."""


def orders_of(view: RoomView, members: I4, *, positions: I8, stretches: AbstractSet[int]) -> Orders:
    """Return the joint acts of a group that began in some stretches of time.

    Parameters
    ----------
    members : (m,) ascending account codes
    positions : (m,) position of each in the group that was proposed
    stretches : set of int
        Stretches that speak: of the others another room tells, or nobody.
    """
    some = np.array(sorted(stretches), np.int64)
    by_kind = {stratum.kind: stratum for stratum in view.strata}
    told, left = [], MOST_ORDERS
    for kind in view.cutting.kinds:
        found: list[Order] = []
        if kind in by_kind and len(members):
            shares = GroupShares.of(by_kind[kind], members)
            acts = shares.acts(shares.window(view.cutting.scales_s)) if len(shares.time) else None
            found = _told(acts, positions, some, stretch_s=view.cutting.stretch_s)[:left] if acts else []
        left -= len(found)
        told.append(tuple(sorted(found)))
    return tuple(told)


def _told(acts: JointActs, positions: I8, stretches: I8, *, stretch_s: float) -> list[Order]:
    """Return acts that began in these stretches, in the order of time."""
    starts = np.flatnonzero(np.diff(acts.act, prepend=-1))
    begins = acts.time[starts]
    speaks = np.isin(np.floor(begins / stretch_s).astype(np.int64), stretches)
    ends = np.append(starts[1:], len(acts.act))
    order = np.argsort(begins, kind="stable")
    return [
        _by_instant(positions[acts.member[a:b]], acts.time[a:b])
        for a, b in zip(starts[order].tolist(), ends[order].tolist(), strict=True)
        if speaks[np.searchsorted(starts, a)]
    ]


def _by_instant(member: I8, time: F8) -> Order:
    return tuple(tuple(sorted(member[time == at].tolist())) for at in np.unique(time))


def placed_by(rooms: Sequence[Orders], among: I8, *, n_looks: int = 1) -> B1:
    """Say of some members whether others of them may have been placed around them, as acts of some rooms show together.

    Parameters
    ----------
    rooms : Orders of each; a room that tells nothing has none
    among : (m,) ascending positions in the group: what others do is left out
    n_looks : count
        Ways in which rooms are left out. Looked at so often, true members would stand out by chance: so the
        level is divided by it, and who is on one side only must be so once more.

    Returns
    -------
    (m,) bool
    """
    kinds = max(map(len, rooms), default=0)
    told = [_acts([act for one in rooms if k < len(one) for act in one[k]], among) for k in range(kinds)]
    seen = [acts for acts in told if len(acts.act)]
    if not seen:
        return np.zeros(len(among), np.bool_)
    one_sided_acts = ONE_SIDED + (n_looks > 1)
    return placed_in(seen, n_members=len(among), level=PLACE_LEVEL / n_looks, one_sided_acts=one_sided_acts)


def _acts(orders: Sequence[Order], among: I8) -> JointActs:
    """Return acts of some members, with the number of each instant for its time."""
    rows = [(one, n, at) for n, act in enumerate(orders) for at, some in enumerate(act) for one in some]
    member, act, time = np.array(rows, np.int64).reshape(-1, 3).T
    kept = np.isin(member, among)
    kept &= np.bincount(act[kept], minlength=len(orders))[act] > 1
    return JointActs(
        member=np.searchsorted(among, member[kept]), act=act[kept], time=time[kept].astype(np.float64)
    )  # fmt: skip
