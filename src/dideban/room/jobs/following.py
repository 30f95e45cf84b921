"""Narratives as part of a tick, and alerts of those that burst."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from dideban.room.alerts.narratives import watch_narratives
from dideban.room.narratives import follow
from dideban.room.rooms.models import Room

log = logging.getLogger("dideban.room.narratives")


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
