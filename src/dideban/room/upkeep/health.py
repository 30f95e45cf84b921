"""How the room is: for /healthz, /metrics, ``dideban room check`` and the pages."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from dideban.errors import DidebanError
from dideban.room.alerts.models import Alert, Delivery
from dideban.room.audit.verify import verify
from dideban.room.posts.spool import Spool
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.health import health_of
from dideban.room.sources.models import Source
from dideban.room.ticks.heartbeat import WORKER, last_beat
from dideban.room.ticks.models import Tick
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys

LATE = timedelta(seconds=60)
MIN_FREE = 500 * 1024 * 1024


def quick() -> dict[str, Any]:
    """Return whether web, database and worker are up: cheap, says nothing of the content."""
    beat = last_beat(WORKER)
    now = timezone.now()
    is_worker_up = beat is not None and now - beat < LATE
    return {"database": True, "worker": is_worker_up, "ok": is_worker_up}


def metrics() -> str:
    """Return figures in the text format of Prometheus; rooms by slug, no content."""
    from dideban.room.queue import huey  # opens its file: a data folder that is not made yet has none

    lines: list[str] = []

    def add(name: str, value: float, meaning: str, **labels: str) -> None:
        if not any(line.startswith(f"# HELP {name} ") for line in lines):
            lines.extend((f"# HELP {name} {meaning}", f"# TYPE {name} gauge"))
        marks = ",".join(f'{key}="{text}"' for key, text in sorted(labels.items()))
        lines.append(f"{name}{{{marks}}} {value:g}" if marks else f"{name} {value:g}")

    now, beat = timezone.now(), last_beat(WORKER)
    add("dideban_worker_beat_age_seconds", (now - beat).total_seconds() if beat else -1, "since the worker last beat")
    add("dideban_disk_free_bytes", shutil.disk_usage(settings.DATA).free, "free space of the data folder")
    add("dideban_deliveries_waiting", Delivery.objects.filter(next_at__isnull=False).count(), "alerts on their way")
    lost = Delivery.objects.filter(next_at=None, delivered_at=None, alert__at__gt=now - timedelta(days=1))
    add("dideban_deliveries_lost", lost.count(), "alerts of the last day that did not arrive and were given up")
    add("dideban_queue_tasks", huey.pending_count(), "tasks that wait for the worker")
    for room in Room.objects.order_by("slug"):
        spool = Spool(folder_of(room.slug).spool)
        oldest = spool.oldest()
        add("dideban_posts_waiting", spool.n_waiting(), "posts not yet in the table", room=room.slug)
        lag = now.timestamp() - oldest if oldest else 0.0
        add("dideban_merge_lag_seconds", lag, "age of the oldest post that waits", room=room.slug)
        n_open = Alert.objects.filter(room=room, handled_at__isnull=True).count()
        add("dideban_alerts_open", n_open, "alerts nobody handled", room=room.slug)
        tick = Tick.objects.filter(room=room, status__in=("done", "unchanged")).order_by("-pk").first()
        age = (now - tick.started_at).total_seconds() if tick else -1
        add("dideban_tick_age_seconds", age, "since the last good tick began", room=room.slug)
        add("dideban_posts_horizon", tick.n_posts if tick else 0, "posts in the horizon", room=room.slug)
        for source in Source.objects.filter(room=room).order_by("slug"):
            good = health_of(source, now=now) in ("ok", "new", "paused")
            add("dideban_source_ok", float(good), "1 = well", room=room.slug, source=source.slug)
    order: dict[str, list[str]] = {}
    for line in lines:
        name = line.split()[2] if line.startswith("#") else line.split("{")[0].split()[0]
        order.setdefault(name, []).append(line)
    return "\n".join(line for group in order.values() for line in group) + "\n"


def check_all() -> dict[str, Any]:
    """Check everything that can be checked without changing anything; ``problems`` is empty where all is well."""
    found = run_checks()
    problems = [f"{message.id}: {message.msg}" for message in found if message.level >= ERROR]
    warnings = [f"{message.id}: {message.msg}" for message in found if message.level < ERROR]
    if trouble := schema_trouble():
        return {"problems": [*problems, trouble], "warnings": warnings}
    free = shutil.disk_usage(settings.DATA).free
    if free < MIN_FREE:
        problems.append(f"only {free // 1024 // 1024} MiB are free on the disk")
    trail = verify()
    problems += [f"audit trail: {problem}" for problem in trail.problems]
    rooms = [_check_room(room, problems) for room in Room.objects.order_by("slug")]
    beat = last_beat(WORKER)
    return {
        "problems": problems, "rooms": rooms,
        "warnings": warnings + ([] if quick()["worker"] else ["the worker is not running"]),
        "audit_events": trail.n_events, "audit_head": trail.head, "worker_beat": beat, "disk_free_bytes": free,
    }  # fmt: skip


def schema_trouble() -> str:
    """Return what is wrong where the database is not of this version of the program; empty where it is."""
    loader = MigrationExecutor(connection).loader
    if _is_newer(loader):
        return "the database is of a newer version of Dideban: install that one, or restore a backup"
    if set(loader.disk_migrations) - set(loader.applied_migrations):
        return "the database is of an older version: run 'dideban room init'"
    return ""


def is_newer_schema() -> bool:
    """Return whether the database was made by a newer version of the program."""
    return _is_newer(MigrationExecutor(connection).loader)


def _is_newer(loader: MigrationLoader) -> bool:
    ours = {app.label for app in apps.get_app_configs()}
    return any(name[0] in ours and name not in loader.disk_migrations for name in loader.applied_migrations)


def _check_room(room: Room, problems: list[str]) -> dict[str, Any]:
    folder = folder_of(room.slug)
    for path in (folder.key, folder.seal_public):
        if not path.exists():
            problems.append(f"{room.slug}: {Path(path).name} is missing")
    spool = Spool(folder.spool)
    try:
        n_posts = int(PostTable(folder.posts).scan(columns=["post_id"]).collect().height)
        n_keys = PostKeys(folder.index).count()
    except DidebanError as error:
        problems.append(f"{room.slug}: {error}")
        return {"room": room.slug}
    if n_keys < n_posts:
        problems.append(f"{room.slug}: the index knows {n_keys} posts, the table has {n_posts}")
    if spool.damaged.is_dir() and (damaged := len(list(spool.damaged.iterdir()))):
        problems.append(f"{room.slug}: {damaged} damaged files in the spool")
    return {"room": room.slug, "posts": n_posts, "waiting": spool.n_waiting()}
