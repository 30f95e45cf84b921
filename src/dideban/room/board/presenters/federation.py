"""Proof with other rooms as pages show it: who said what, and where rooms agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dideban.joint.record import EpochRecord
from dideban.room.joint.keys import public_key_of
from dideban.room.joint.models import JointEpoch, JointFinding
from dideban.room.joint.records import charter_of, record_of
from dideban.room.rooms.models import Place

MOST_SHOWN = 200
SIDES = ("for", "against", "nothing")


@dataclass(frozen=True, kw_only=True)
class RoomRow:
    """One room of a charter in an epoch."""

    name: str
    is_own: bool
    n_proposed: int
    said: dict[str, int]
    """What it said of the proposals: state to count."""


def rooms_of(epoch: JointEpoch) -> tuple[EpochRecord, list[RoomRow]]:
    """Return the record of an epoch, and what each room did in it so far."""
    record, own = record_of(epoch), public_key_of(epoch.room.slug)
    states = [record.state_of(proposal) for proposal in record.proposals]
    proposed = Counter(one.room for one in record.proposals.values())
    rows = [
        RoomRow(name=name, is_own=key == own, n_proposed=proposed[key], said=dict(Counter(one[key] for one in states)))
        for key, name in record.charter.rooms.items()
    ]
    return record, rows


def sides_of(found: JointFinding) -> dict[str, int]:
    """Return how many rooms speak for a joint finding, against it, and say nothing of weight."""
    counts = Counter(str(room.get("side")) for room in found.facts.get("rooms", []))
    return {side: counts[side] for side in SIDES}


def by_place_and_month(found: Iterable[JointFinding]) -> list[dict[str, Any]]:
    """Return rows of the resultant: month, place, joint findings that touch it, and posts of own members in them."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found:
        places: list[Place | None] = list(one.places.all())
        for place in places or [None]:
            for month in sorted({day[:7] for day in one.days}):
                key = month, place.slug if place else ""
                row = rows.setdefault(key, {"month": month, "place": place, "n": 0, "posts": 0, "disputed": 0})
                row["n"] += 1
                row["posts"] += sum(n for day, n in one.days.items() if day.startswith(month))
                row["disputed"] += sides_of(one)["against"] > 0
    return [rows[key] for key in sorted(rows, key=lambda one: (one[0], one[1]), reverse=True)]


def record_lines(epoch: JointEpoch) -> bytes:
    """Return the record as a file that a stranger can check: the charter in the first line, then the messages."""
    messages = epoch.messages.order_by("seq").values_list("body", flat=True)
    return "".join(f"{line}\n" for line in (epoch.charter, *messages)).encode()


__all__ = ["RoomRow", "by_place_and_month", "charter_of", "record_lines", "rooms_of", "sides_of"]
