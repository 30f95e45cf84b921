"""Which room speaks for which stretch of time: the same post never speaks twice, nor does one sitting of an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Held = Mapping[str, tuple[int, int]]
"""Blinded stretch -> most members together in one block, and most slots of such a block."""


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
        Every stretch belongs to one room: the one with most members together, then most slots, then the smallest name.

    Notes
    -----
    Who holds which slot has no part in it, so that ownership cannot look at what it decides about.
    """
    taken = set(used)
    best: dict[str, tuple[int, int, str]] = {}
    for room in sorted(held, reverse=True):  # of equals the smallest name is written last
        for stretch, (n_members, n_slots) in held[room].items():
            if stretch not in taken and (n_members, n_slots) >= best.get(stretch, (0, 0, ""))[:2]:
                best[stretch] = n_members, n_slots, room
    owned: dict[str, set[str]] = {room: set() for room in held}
    for stretch, (_, _, room) in best.items():
        owned[room].add(stretch)
    return {room: frozenset(some) for room, some in owned.items()}
