"""A whole round among rooms that are all at hand: the protocol without names, keys and messages.

For simulations and tests. What is computed is what rooms compute that are far from each other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from dideban.joint.claims import HeardGroup
from dideban.joint.evidence import N_GROUP_NULLS, N_HITS, N_NULLS, RoomShare, share_of
from dideban.joint.ownership import assign_stretches
from dideban.joint.propose import MIN_MEMBERS, Candidate, find_candidates
from dideban.joint.view import RoomView
from dideban.proof.placement import N_BETS


def hear_all(views: Mapping[str, RoomView], *, most: int) -> list[HeardGroup]:
    """Let every room propose, and all of them answer.

    Parameters
    ----------
    views : room -> what it sees
        All cut alike.
    most : count
        Proposals of a room.
    """
    return [
        _hear(views, room, candidate, number=number)
        for room in sorted(views)
        for number, candidate in enumerate(find_candidates(views[room], most=most))
    ]


def _hear(views: Mapping[str, RoomView], proposer: str, candidate: Candidate, *, number: int) -> HeardGroup:
    names = tuple(views[proposer].accounts.gather(candidate.members).to_list())
    known = {room: view.codes(names) for room, view in views.items()}
    known = {room: codes for room, codes in known.items() if (codes >= 0).sum() >= MIN_MEMBERS}
    held = {
        room: {str(one): counts for one, counts in views[room].occasions(codes[codes >= 0]).items()}
        for room, codes in known.items()
    }
    owned = assign_stretches(held, used=[str(one) for one in candidate.used])
    shares = {
        room: share_of(
            views[room], codes, owned={int(one) for one in owned[room]},
            also_ordered=frozenset(candidate.used if room == proposer else ()),
        )
        for room, codes in known.items()
    }  # fmt: skip
    return HeardGroup(
        proposal=f"{proposer}-{number:03d}", proposer=proposer, names=names, weights=candidate.weights, shares=shares
    )


def lying(heard: Sequence[HeardGroup], *, rooms: Collection[str], log_e: float = 100.0) -> list[HeardGroup]:
    """Return what is heard where some rooms lie together: each says of every group as much as it likes.

    Parameters
    ----------
    rooms : names
        Those that lie.
    log_e : log e-value
        What each bet of theirs is said to have won.
    """
    return [dataclasses.replace(one, shares={**one.shares, **_lies(one, rooms, log_e=log_e)}) for one in heard]


def _lies(heard: HeardGroup, rooms: Collection[str], *, log_e: float) -> dict[str, RoomShare]:
    n_strata, n = len(heard.weights), len(heard.names)
    lie = RoomShare(
        group=np.full((n_strata, N_GROUP_NULLS, N_BETS), log_e),
        members=np.full((n_strata, n, N_NULLS, N_HITS), log_e),
        left={},
        alone={},
    )
    return dict.fromkeys(rooms, lie)
