"""Which room speaks for which stretch of time: the same post never speaks twice, nor does one sitting of an account."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

Held = Mapping[str, tuple[int, int]]
"""Blinded stretch -> most members together in one block, and most slots of a block with members."""


def assign_stretches(held: Mapping[str, Held], *, used: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """Return which blinded stretches each room owns for one proposed group.

    Parameters
    ----------
    held : room -> Held
        The stretches in which each room saw members of the group where they could have been near each other.
    used : blinded stretches
        Those from which the proposing room proposed the group: nobody's.

    Returns
    -------
    room -> its stretches
        Every stretch belongs to one room: the one with most members together, then most slots, then the smallest hash
        of room and stretch: rooms that see the same share the stretches among them.

    Notes
    -----
    Who holds which slot has no part in it, so that ownership cannot look at what it decides about.
    """
    taken = set(used)
    best: dict[str, tuple[int, int, str, str]] = {}
    for room, stretches in held.items():
        for stretch, (n_members, n_slots) in stretches.items():
            mine = -n_members, -n_slots, _lot(room, stretch), room
            if stretch not in taken and (stretch not in best or mine < best[stretch]):
                best[stretch] = mine
    owned: dict[str, set[str]] = {room: set() for room in held}
    for stretch, (*_, room) in best.items():
        owned[room].add(stretch)
    return {room: frozenset(some) for room, some in owned.items()}


def _lot(room: str, stretch: str) -> str:
    return hashlib.sha256(f"{room} {stretch}".encode()).hexdigest()
