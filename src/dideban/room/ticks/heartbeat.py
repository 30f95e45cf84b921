"""Heartbeats, and the stretches in which there were none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from dideban.room.patience import patiently
from dideban.room.ticks.models import Heartbeat, Tick, WatchGap

WORKER = "worker"
GAP = timedelta(seconds=90)
"""A silence of the worker that is longer is noted as a gap of the watch."""


def beat(name: str, **details: Any) -> None:
    """Record that a part of the room is alive."""
    patiently(
        lambda: Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now(), "details": details})
    )


def last_beat(name: str) -> datetime | None:
    """Return when a part last said that it was alive. One query."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def drop_old(*, before: datetime) -> None:
    """Forget ticks without anything new, and parts that beat no more."""
    Tick.objects.filter(started_at__lt=before, status="unchanged").delete()
    Heartbeat.objects.filter(at__lt=before).delete()


def beat_worker() -> WatchGap | None:
    """Beat for the worker; where the last beat is long ago, note that the watch slept."""
    before, now = last_beat(WORKER), timezone.now()
    gap = None
    if before is not None and now - before > GAP:
        gap = WatchGap.objects.create(from_at=before, until_at=now)
    beat(WORKER)
    return gap
