"""Regular upkeep: compaction, retention, later reaches, anchors of the audit trail."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import polars as pl
from django.db import DatabaseError, transaction
from django.db.models import Min, Q
from django.utils import timezone

from dideban.errors import DidebanError
from dideban.room.alerts.room_state import alert_late
from dideban.room.alerts.trail import alert_trail
from dideban.room.audit.actions import record
from dideban.room.audit.models import AuditHead
from dideban.room.audit.verify import anchor, verify
from dideban.room.environment import read_number
from dideban.room.exercises.actions import withdraw_fallen
from dideban.room.findings.models import Comment, KeptFinding
from dideban.room.findings.packages import package_of, shares_path
from dideban.room.locks import MERGE, only_one
from dideban.room.posts.models import Erasure
from dideban.room.posts.search_files import keep_up
from dideban.room.posts.spool import Spool
from dideban.room.posts.thumbnails import sweep
from dideban.room.public.packages import rested_on
from dideban.room.queue import enqueue
from dideban.room.review.keep import drop_decoys
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sharing.client import pull_due
from dideban.room.sharing.inbox import drop_old as drop_old_arrivals
from dideban.room.sharing.push import push_due
from dideban.room.sources.health import drop_runs
from dideban.room.sources.imports.look import drop_waiting
from dideban.room.sources.models import Source
from dideban.room.ticks.heartbeat import drop_old
from dideban.room.ticks.models import Tick, WatchGap
from dideban.room.upkeep.demo_rounds import forget_rounds
from dideban.room.upkeep.effects import work_out_effects
from dideban.room.upkeep.purge_caches import purge_retained
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys

log = logging.getLogger("dideban.room.maintenance")
COMPACT_S = read_number("DIDEBAN_ROOM_COMPACT_S", 300, least=1, most=86_400)
RETAIN_S = 3600.0
EFFECTS_S, DEMO_EFFECTS_S = 900.0, 60.0
TRAIL_S, LONG_TRAIL_S, LONG_TRAIL = 600.0, 6 * 3600.0, 50_000
"""How often the audit trail is verified, and how many events make it a long one: 50,000 take three seconds."""
ERASE_AGAIN_S = 120.0
KEEP_RUNS = timedelta(days=60)
ROUNDS_S = 300.0
KEEP_PACKAGES = timedelta(days=7)
KEEP_WAITING = timedelta(days=1)
"""Files that were looked at and not taken in hold original ids: they do not wait for long."""
_last: dict[str, float] = {}


def run_maintenance() -> None:
    """Do what is due; called every minute.

    Trouble with one thing does not stop the others: what removes old posts makes room on a full disk.
    """
    _try(anchor)
    if _is_due("trail", TRAIL_S if _is_short_trail() else LONG_TRAIL_S):
        _try(watch_trail)
    for room in Room.objects.all():
        _try(partial(_note_sleep, room), partial(withdraw_fallen, room))
        if _is_due(f"retain:{room.slug}", RETAIN_S):
            _try(partial(retain, room), partial(drop_packages, room), partial(drop_old_arrivals, room))
            _try(partial(sweep, room.slug))
            _try(partial(drop_waiting, room, before=timezone.now() - KEEP_WAITING))
        if room.is_demo and _is_due(f"rounds:{room.slug}", ROUNDS_S):
            _try(partial(forget_rounds, room))
        if _is_due(f"compact:{room.slug}", COMPACT_S):
            _try(partial(compact, room.slug))
        if _is_due(f"effects:{room.slug}", DEMO_EFFECTS_S if room.is_demo else EFFECTS_S):
            _try(partial(work_out_effects, room))
    _try(pull_due)
    _try(push_due)
    if _is_due("erase", ERASE_AGAIN_S):
        _try(erase_again)
    if _is_due("tidy", RETAIN_S):
        _try(_tidy)


def watch_trail() -> None:
    """Verify the audit trail and its anchors; whatever is wrong is an alarm."""
    found = verify(ask=True)
    for problem in found.problems:
        log.error("audit trail: %s", problem)
    alert_trail(found.found, now=timezone.now())


def _is_short_trail() -> bool:
    head = AuditHead.objects.filter(pk=1).first()
    return head is None or head.seq < LONG_TRAIL


def _try(*steps: Callable[[], object]) -> None:
    for step in steps:
        try:
            step()
        except (DidebanError, OSError, DatabaseError) as error:
            log.error("maintenance: %s", error)


def compact(room: str) -> int:
    """Join small files of the table and write later reaches into it; return the days that were joined.

    The merge waits meanwhile: two writers would get in each other's way, and posts are safe in the spool.
    """
    folder = folder_of(room)
    table, keys = PostTable(folder.posts), PostKeys(folder.index)
    Spool(folder.spool).tidy()
    with only_one(folder.root / MERGE) as is_ours:
        if not is_ours:
            _last.pop(f"compact:{room}", None)
            return 0
        for day in keys.reach_days():
            table.replace_reach(keys.reach_of(day), day=day)
            keys.drop_reach(day)
        joined = table.compact()
        keep_up(room)
    return joined


def retain(room: Room, *, now: datetime | None = None) -> int:
    """Remove posts that are older than they may be kept; return how many."""
    today = (now or datetime.now(UTC)).date()
    folder = folder_of(room.slug)
    table, keys = PostTable(folder.posts), PostKeys(folder.index)
    limits: list[tuple[str | None, int]] = [(None, room.retention_days)]
    asked = dict(Source.objects.filter(room=room).values_list("slug", "retention_days"))
    past = Room.objects.values_list("past_sources", flat=True).get(pk=room.pk)
    limits += [(slug, days) for slug, days in {**past, **asked}.items() if days and days < room.retention_days]
    n = 0
    with only_one(folder.root / MERGE) as is_ours:
        if not is_ours:
            _last.pop(f"retain:{room.slug}", None)
            return 0
        firsts = [(slug, table.before(days, today=today)) for slug, days in limits]
        texts = pl.concat([pl.Series("text", [], dtype=pl.String), *(_texts(table, *limit) for limit in firsts)])
        for slug, first in firsts:
            old = f"day < '{first}'" + (f" AND source = '{slug}'" if slug else "")
            if any(day < first for day in table.days()):
                n += table.delete(old)
        keys.forget_before(table.before(room.retention_days + 1, today=today))
        keep_up(room.slug)
    if n:
        purge_retained(room, texts, limits=firsts)
        drop_decoys(room)
        with transaction.atomic():
            record(room, "posts.retain", by=None, subject=f"room:{room.slug}", details={"n": n})
    return n


def _texts(table: PostTable, source: str | None, first: str) -> pl.Series:
    """Return the texts that are about to be removed."""
    until = datetime.fromisoformat(first).replace(tzinfo=UTC)
    if not any(day < first for day in table.days()):
        return pl.Series("text", [], dtype=pl.String)
    old = table.scan(until=until, columns=["text", "source"])
    chosen = old if source is None else old.filter(pl.col("source") == source)
    return chosen.select("text").collect().to_series()


def erase_again() -> None:
    """Ask again for deletions that are not done after minutes: their worker died, or the disk was full."""
    old = timezone.now() - timedelta(seconds=ERASE_AGAIN_S)
    waits = Q(tried_at=None, asked_at__lt=old) | Q(tried_at__lt=old)
    for erasure_id in Erasure.objects.filter(waits, done_at=None).values_list("pk", flat=True):
        enqueue("erase", erasure_id=erasure_id)


def drop_packages(room: Room, *, now: datetime | None = None) -> int:
    """Remove the packages of findings that others took the place of a while ago; return how many.

    The first and the current finding of a group keep theirs, and so does what a member judged or discussed, and what a
    published page rests on. The
    findings themselves stay, as entries of the database.
    """
    old = (now or timezone.now()) - KEEP_PACKAGES
    passed = KeptFinding.objects.filter(room=room, found_at__lt=old, current_of__isnull=True, verdicts__isnull=True)
    discussed = Comment.objects.filter(group__room=room, finding__isnull=False).values("finding")
    passed = passed.exclude(finding_id__in=rested_on(room))
    firsts = KeptFinding.objects.filter(room=room).values("group").annotate(first=Min("pk")).values("first")
    names = passed.exclude(pk__in=discussed).exclude(pk__in=firsts).values_list("finding_id", flat=True)
    n = 0
    for name in names.iterator():
        package = package_of(room.slug, name)
        shares_path(room.slug, name).unlink(missing_ok=True)
        if package.is_dir():
            shutil.rmtree(package, ignore_errors=True)
            n += 1
    return n


def _note_sleep(room: Room) -> None:
    """Report gaps of the watch, and of ticks that came late."""
    now = timezone.now()
    for gap in WatchGap.objects.filter(noticed_at__gte=now - timedelta(hours=1)):
        alert_late(room, since=gap.from_at, late=gap.until_at - gap.from_at, now=now)
    last = Tick.objects.filter(room=room, status__in=("done", "unchanged")).order_by("-pk").first()
    if last is not None:
        late = now - last.started_at - timedelta(seconds=room.tick_s)
        alert_late(room, since=last.started_at, late=late, now=now)


def _tidy() -> None:
    old = timezone.now() - KEEP_RUNS
    drop_runs(before=old)
    drop_old(before=old)


def _is_due(name: str, every_s: float) -> bool:
    now = time.monotonic()
    if now - _last.get(name, -every_s) < every_s:
        return False
    _last[name] = now
    return True
