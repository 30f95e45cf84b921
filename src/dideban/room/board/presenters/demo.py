"""What a visitor of a demo is told: what has come in this hour, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from dideban.room.responses.models import ARRIVAL_H, HORIZONS_H, Response
from dideban.room.rooms.models import Room
from dideban.room.sources.demo.acts import ROUND_MINUTES, acts
from dideban.room.sources.models import Source

AGAIN, EFFECT = "again", "effect"
"""The end of an hour: the next begins with other posts. And a response whose horizon ends in the hour."""


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


def hour_of(room: Room, *, responses: QuerySet[Response], now: datetime) -> DemoHour | None:
    """Return where the hour of a demo stands; None in every other room, and until its stream has begun. Two queries.

    Parameters
    ----------
    room : Room
        The room.
    responses : query
        Those that the member may see.
    now : datetime
        Instant with its zone.
    """
    if not room.is_demo:
        return None
    source = Source.objects.filter(room=room, kind="demo", is_paused=False).order_by("pk").first()
    if source is None or "began" not in source.state:
        return None
    pace = max(0.1, float(source.settings.get("pace") or 1))
    began = datetime.fromisoformat(source.state["began"])
    passed_s = (now - began).total_seconds() * pace
    rows = [(act.slug, act.minute) for act in acts()] + [
        (EFFECT, pace * minute) for minute in _effects(responses, began)
    ]
    rows.append((AGAIN, float(ROUND_MINUTES)))
    rows = sorted((row for row in rows if row[1] <= ROUND_MINUTES), key=lambda row: row[1])
    all_ = [ActToCome(slug=slug, minute=minute, in_s=(60 * minute - passed_s) / pace) for slug, minute in rows]
    coming = [one for one in all_ if one.in_s > 0] or all_[-1:]
    return DemoHour(past=[one for one in all_ if one not in coming], following=coming[0], later=coming[1:])


def _effects(responses: QuerySet[Response], began: datetime) -> list[float]:
    """Return how many minutes after the beginning the first effect of a response becomes known; empty = none."""
    oldest = began - timedelta(hours=1 + max(HORIZONS_H) + ARRIVAL_H)
    told = responses.filter(cancelled_at=None, at__gte=oldest)
    known = [one.ends_at + timedelta(hours=ARRIVAL_H) for one in told if one.ends_at]
    return sorted(float(round((at - began) / timedelta(minutes=1))) for at in known if at >= began)[:1]
