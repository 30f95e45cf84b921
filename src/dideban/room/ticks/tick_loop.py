"""A process that makes the ticks of one room, one after another, while there is work."""

from __future__ import annotations

import gc
import time

from django.db import close_old_connections
from django.utils import timezone

from dideban.room.patience import patiently
from dideban.room.rooms.models import Room
from dideban.room.ticks.run import is_due, run_tick
from dideban.room.ticks.tick_cache import TickCache

IDLE_S = 900.0
"""Seconds without anything new after which the process ends and its memory is free; the worker starts another."""
LOOK_S = 0.25


def run_tick_loop(slug: str, *, threads: int, idle_s: float = IDLE_S) -> int:
    """Make ticks of a room as they are due, until nothing new has come for a while; return how many found work.

    Notes
    -----
    A process that stays need not load the engine again, and remembers what it read: half the time of a tick.
    """
    cache, worked_at, n_worked = TickCache(), time.monotonic() - idle_s, 0
    while True:
        close_old_connections()
        room = patiently(lambda: Room.objects.filter(slug=slug, is_paused=False).first())
        if room is None:
            return n_worked
        if is_due(room, timezone.now()):
            tick = run_tick(room, threads=threads, cache=cache)
            if tick is None or tick.status == "failed":
                return n_worked
            gc.collect()
            if tick.status == "done":
                worked_at, n_worked = time.monotonic(), n_worked + 1
        if time.monotonic() - worked_at >= idle_s:
            return n_worked
        time.sleep(LOOK_S)
