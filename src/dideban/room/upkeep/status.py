"""How the room is, in a few lines for whoever runs it: ``dideban room status``."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from dideban.messages import Message
from dideban.room.alerts.models import Alert
from dideban.room.findings.models import FollowedGroup
from dideban.room.posts.spool import Spool
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.health import health_of
from dideban.room.sources.models import Health
from dideban.room.ticks.heartbeat import WORKER, last_beat
from dideban.room.ticks.models import Tick
from dideban.room.upkeep.health import LATE, MIN_FREE, schema_trouble

BACKUP = "backup"
"""The heart of a room also beats when a backup was written."""
BACKUP_WITHIN = timedelta(days=2)
PAGES_WITHIN_S = 3.0
MOST_NAMES = 5


@dataclass
class Status:
    """What is said, and what to do next; nothing to do where all is well."""

    lines: list[Message] = field(default_factory=list)
    steps: list[Message] = field(default_factory=list)

    def say(self, code: str, /, **values: object) -> None:
        self.lines.append(Message(f"status.{code}", **values))

    def advise(self, code: str, /, **values: object) -> None:
        self.steps.append(Message(f"status.{code}", **values))


def status(*, now: datetime | None = None, asks_pages: bool = True) -> Status:
    """Return how the room is. Reads, and changes nothing; a few queries for each room.

    Parameters
    ----------
    now : datetime
        For tests.
    asks_pages : bool
        Ask the address of the room whether pages are served.
    """
    told, now = Status(), now or timezone.now()
    if schema_trouble():
        told.say("old-database")
        told.advise("do-init")
        return told
    _processes(told, now, asks_pages=asks_pages)
    for room in Room.objects.order_by("slug"):
        _room(told, room, now)
    _disk(told)
    _backup(told, now)
    return told


def _processes(told: Status, now: datetime, *, asks_pages: bool) -> None:
    beat = last_beat(WORKER)
    if beat is None or now - beat > LATE:
        if beat is None:
            told.say("worker-down")
        else:
            told.say("worker-slept", age_s=(now - beat).total_seconds())
        told.advise("do-start")
    else:
        told.say("worker-up", age_s=max((now - beat).total_seconds(), 0.0))
    if asks_pages:
        is_up = _answers(settings.SITE_URL)
        told.say("pages-up" if is_up else "pages-down", address=settings.SITE_URL)
        if not is_up and beat is not None and now - beat <= LATE:
            told.advise("do-web")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=PAGES_WITHIN_S):  # noqa: S310 - of the settings
            return True
    except urllib.error.HTTPError:
        return True  # it answers that something is not well: that is in the other lines
    except (OSError, ValueError):
        return False


def _room(told: Status, room: Room, now: datetime) -> None:
    tick = Tick.objects.filter(room=room, status__in=("done", "unchanged")).order_by("-pk").first()
    n_waiting = Spool(folder_of(room.slug).spool).n_waiting()
    if tick is None:
        told.say("no-tick", room=room.slug, n=n_waiting)
    else:
        behind_s = max((now - tick.started_at).total_seconds(), 0.0)
        told.say("tick", room=room.slug, age_s=behind_s, posts=tick.n_posts, n=n_waiting)
        if behind_s > max(room.tick_s * 3, 300) and not room.is_paused:
            told.advise("do-behind", room=room.slug)
    if room.is_paused:
        told.say("paused", room=room.slug)
        told.advise("do-resume", room=room.slug)
    _sources(told, room, now)
    n_open = Alert.objects.filter(room=room, handled_at__isnull=True).count()
    waiting = FollowedGroup.objects.filter(room=room, verdict="", is_active=True, current__is_lead=False).count()
    told.say("work", room=room.slug, findings=waiting, alerts=n_open)


def _sources(told: Status, room: Room, now: datetime) -> None:
    found = [(source.name, health_of(source, now=now)) for source in room.sources.order_by("slug")]
    told.say("sources", room=room.slug, n=len(found), well=sum(health == Health.OK for _, health in found))
    if not found:
        told.advise("do-source", room=room.slug)
    for health, code in ((Health.SILENT, "silent"), (Health.FAILING, "failing")):
        names = [name for name, one in found if one == health]
        if names:
            told.say(code, room=room.slug, names=names[:MOST_NAMES], n=len(names))
            told.advise(f"do-{code}", room=room.slug)


def _disk(told: Status) -> None:
    free = shutil.disk_usage(settings.DATA).free
    told.say("disk", free=free)
    if free < MIN_FREE:
        told.advise("do-disk")


def _backup(told: Status, now: datetime) -> None:
    at = last_beat(BACKUP)
    if at is None:
        told.say("no-backup")
    else:
        told.say("backup", age_s=max((now - at).total_seconds(), 0.0))
    if at is None or now - at > BACKUP_WITHIN:
        told.advise("do-backup")


def said_in(told: Status) -> Iterator[Message]:
    """Yield everything in the order in which it is written."""
    yield from told.lines
    if told.steps:
        yield Message("status.next")
        yield from told.steps
