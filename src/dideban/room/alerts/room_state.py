"""What the room notices about itself: silent sources, late watch, tasks that fall due."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from dideban.room.alerts.models import Alert, Rule, RuleKind
from dideban.room.alerts.watch import make_alert
from dideban.room.cases.models import Task
from dideban.room.rooms.models import Room
from dideban.room.sources.health import health_of, open_gap
from dideban.room.sources.models import Health, Source, SourceGap

AT_ONCE = 100
"""Alerts of sources that one look makes: where a network fails, ten thousand sources fall silent together."""
PART = 500


def watch_rooms() -> None:
    """Look at every room once; each thing is reported once."""
    now = timezone.now()
    for room in Room.objects.filter(is_paused=False):
        watch_sources(room, now)
        remind_tasks(room, now)


def watch_sources(room: Room, now: datetime) -> None:
    """Report sources that fell silent or keep failing."""
    rules = list(
        Rule.objects.filter(room=room, kind=RuleKind.SOURCE_SILENT, is_paused=False).prefetch_related("places")
    )
    gaps = SourceGap.objects.filter(source__room=room, reason=Health.SILENT, until_at__isnull=True)
    known = set(gaps.values_list("source_id", flat=True))
    wanted = {rule.pk: {place.pk for place in rule.places.all()} for rule in rules}
    asked: dict[str, tuple[Rule, Source, Health]] = {}
    for source in Source.objects.filter(room=room, is_paused=False).select_related("room", "place"):
        health = health_of(source, now=now)
        if health == Health.SILENT and source.pk not in known:
            open_gap(source, health, source.last_post_at or source.created_at)
        if health == Health.SILENT or (health == Health.FAILING and source.n_failures >= 3):
            since = _since(source, health)
            for rule in rules:
                if not wanted[rule.pk] or source.place_id in wanted[rule.pk]:
                    asked[f"silent:{rule.pk}:{source.pk}:{health}:{since}"] = rule, source, health
    for key in _not_told(room, list(asked))[:AT_ONCE]:
        _tell_of_source(room, *asked[key], key=key, now=now)


def _since(source: Source, health: Health) -> datetime | None:
    return source.last_post_at if health == Health.SILENT else source.last_ok_at


def _not_told(room: Room, keys: list[str]) -> list[str]:
    """Return which keys no alert has, in their order."""
    told: set[str] = set()
    for first in range(0, len(keys), PART):
        told |= set(Alert.objects.filter(room=room, key__in=keys[first : first + PART]).values_list("key", flat=True))
    return [key for key in keys if key not in told]


def _tell_of_source(room: Room, rule: Rule, source: Source, health: Health, *, key: str, now: datetime) -> None:
    since = _since(source, health)
    make_alert(
        room, rule, key=key, now=now,
        params={"name": source.name, "health": str(health), "error": source.last_error[:300],
                "since": since.isoformat() if since else ""},
        source=source, places=[source.place] if source.place else [],
    )  # fmt: skip


def alert_late(room: Room, *, since: datetime, late: timedelta, now: datetime) -> None:
    """Report that the room itself was late: ticks were missed, or its worker slept."""
    for rule in Rule.objects.filter(room=room, kind=RuleKind.ROOM_LATE, is_paused=False):
        if late.total_seconds() >= rule.params.get("late_s", 600):
            make_alert(
                room, rule, key=f"late:{rule.pk}:{since.isoformat()}", now=now,
                params={"since": since.isoformat(), "seconds": int(late.total_seconds())},
            )  # fmt: skip


def remind_tasks(room: Room, now: datetime) -> None:
    """Remind the owners of tasks whose time has come; anyone else sees it in the room."""
    rules = list(Rule.objects.filter(room=room, kind=RuleKind.TASK_DUE, is_paused=False))
    due = Task.objects.filter(case__room=room, done_at__isnull=True, reminded_at__isnull=True)
    for task in due.filter(Q(remind_at__lte=now)).select_related("case", "owner"):
        if Task.objects.filter(pk=task.pk, reminded_at__isnull=True).update(reminded_at=now) != 1:
            continue
        for rule in rules[:1]:
            alert = make_alert(
                room, rule, key=f"task:{task.pk}:{task.remind_at.isoformat() if task.remind_at else ''}", now=now,
                params={"title": task.title, "case": task.case.number,
                        "due": task.due_at.isoformat() if task.due_at else ""},
                task=task, places=list(task.case.places.all()),
            )  # fmt: skip
            if alert and task.owner and task.owner.email:
                alert.deliveries.get_or_create(channel="email", member=task.owner, defaults={"next_at": now})
