"""Narratives as part of a tick, and alerts of those that burst."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from dideban.room.alerts.narratives import watch_narratives
from dideban.room.narratives import follow
from dideban.room.rooms.models import Room

log = logging.getLogger("dideban.room.narratives")
PATIENCE = timedelta(seconds=120)
"""So long narratives wait where new posts are waiting for the next tick: what is found there comes first."""


def is_overdue(room: Room) -> bool:
    """Return whether narratives have waited long enough."""
    last = follow.last_step(room.slug)
    return last is None or timezone.now() - datetime.fromisoformat(last.at) > PATIENCE


def follow_step(
    room: Room, *, since: datetime, until: datetime, threads: int, beat: Callable[[], None]
) -> dict[str, float]:
    """Follow the narratives of a room: trouble here is logged and never fails the tick.

    Returns
    -------
    dict
        What belongs into ``Tick.seconds``; empty where nothing was due.
    """
    now = timezone.now()
    try:
        done = follow.follow_narratives(room, since=since, until=until, now=now, threads=threads, beat=beat)
    except Exception:
        log.exception("narratives failed", extra={"room": room.slug})
        return {}
    if done is None:
        return {}
    step, bursting = done
    with transaction.atomic():
        watch_narratives(room, bursting, timezone.now())
    return {"narratives": step.seconds}
