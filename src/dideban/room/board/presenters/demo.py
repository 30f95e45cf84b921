"""What a visitor of a demo is told: what has come in this hour, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dideban.room.rooms.models import Room
from dideban.room.sources.demo.acts import ROUND_MINUTES, acts
from dideban.room.sources.models import Source

AGAIN = "again"
"""The end of an hour: the next begins with other posts."""


@dataclass(frozen=True, kw_only=True)
class ActToCome:
    """One act of the hour as it stands now."""

    slug: str
    minute: float
    in_s: float
    """Seconds until it begins; negative = it began so long ago."""


@dataclass(frozen=True, kw_only=True)
class DemoHour:
    """The acts of the hour that goes on."""

    past: list[ActToCome]
    following: ActToCome
    later: list[ActToCome]


def hour_of(room: Room, *, now: datetime) -> DemoHour | None:
    """Return where the hour of a demo stands; None in every other room, and until its stream has begun. One query."""
    if not room.is_demo:
        return None
    source = Source.objects.filter(room=room, kind="demo", is_paused=False).order_by("pk").first()
    if source is None or "began" not in source.state:
        return None
    pace = max(0.1, float(source.settings.get("pace") or 1))
    passed_s = (now - datetime.fromisoformat(source.state["began"])).total_seconds() * pace
    rows = [(act.slug, act.minute) for act in acts()] + [(AGAIN, float(ROUND_MINUTES))]
    all_ = [ActToCome(slug=slug, minute=minute, in_s=(60 * minute - passed_s) / pace) for slug, minute in rows]
    coming = [one for one in all_ if one.in_s > 0] or all_[-1:]
    return DemoHour(past=[one for one in all_ if one not in coming], following=coming[0], later=coming[1:])
