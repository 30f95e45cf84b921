"""A whole round among rooms that are all at hand: the protocol without names, keys and messages.

For simulations and tests. What is computed is what rooms compute that are far from each other.
"""

from __future__ import annotations

from collections.abc import Mapping

from dideban.joint.claims import HeardGroup
from dideban.joint.evidence import share_of
from dideban.joint.ownership import assign_stretches
from dideban.joint.propose import MIN_MEMBERS, Candidate, find_candidates
from dideban.joint.view import RoomView


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
        room: share_of(views[room], codes, owned={int(one) for one in owned[room]}) for room, codes in known.items()
    }
    return HeardGroup(
        proposal=f"{proposer}-{number:03d}", proposer=proposer, names=names, weights=candidate.weights, shares=shares
    )
