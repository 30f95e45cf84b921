"""The analysis of a past period that a member asked for: the engine's one analysis, with a record of its own.

Made in a process of its own, one at a time on the machine, that lets ticks and pages go first. Nothing of it shows
before it is done: what dies half-way is removed and begins again.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dideban.errors import DidebanError, StoreError
from dideban.pipelines.analysis import Caches
from dideban.room.disk import is_full
from dideban.room.findings.models import KeptFinding
from dideban.room.findings.past import clear_run, compare_groups, keep_findings
from dideban.room.locks import PAST, only_one
from dideban.room.past import notes
from dideban.room.past.models import PastRun
from dideban.room.patience import patiently
from dideban.room.posts.models import Erasure
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.models import SourceRun
from dideban.room.ticks.analysis import HorizonAnalysis, analyse_horizon
from dideban.room.ticks.packages import write_packages, write_shares
from dideban.room.ticks.run import affiliations_of, config_of
from dideban.room.wording.problems import to_text
from dideban.store.delta import PostTable
from dideban.text import SignatureCache

log = logging.getLogger("dideban.room.past")
NICE = 15


def due_run() -> PastRun | None:
    """Return the run to make now; None = there is none, or its room is deleting posts. A few queries."""
    settle_cancelled()
    while (run := notes.next_run()) is not None:
        if run.n_tries < notes.MOST_TRIES:
            return None if _is_deleting(run.room) else run
        _give_up(run, to_text(StoreError("past.died", n=run.n_tries)))
    return None


def settle_cancelled() -> None:
    """End runs that a member cancelled and whose process is gone: it held their lock."""
    for run in notes.cancelled_runs():
        with only_one(folder_of(run.room.slug).root / PAST) as is_ours:
            if is_ours:
                clear_run(run)
                notes.end_cancelled(run)


def make_run(run: PastRun, *, threads: int | None = None) -> bool:
    """Analyse the period of a run; False = it is over, another process is at it, or it has to wait.

    Parameters
    ----------
    threads : count
        None = half of what ticks use: the watch goes first.
    """
    room = run.room
    with only_one(folder_of(room.slug).root / PAST) as is_ours:
        if not is_ours or _is_deleting(room) or not _claim(run):
            return False
        try:
            clear_run(run)  # of a try that died
            _make(run, _threads() if threads is None else threads)
        except notes.CancelledError:
            clear_run(run)
            notes.end_cancelled(run)
        except DidebanError as error:
            _give_up(run, to_text(error))
        except Exception as error:  # a bug: noted, and the watch goes on
            log.exception("a past period was not analysed", extra={"room": room.slug})
            full = StoreError("room.disk-full") if is_full(error) else None
            _give_up(run, to_text(full) if full else f"{type(error).__name__}: {error}")
    run.refresh_from_db()
    log.info("past run", extra={"room": room.slug, "status": run.status, "n": run.n_findings})
    return True


def _give_up(run: PastRun, error: str) -> None:
    clear_run(run)
    notes.fail(run, error=error)


def _claim(run: PastRun) -> bool:
    room = run.room
    days = sorted(PostTable(folder_of(room.slug).posts).days())
    first = datetime.fromisoformat(days[0]).replace(tzinfo=UTC) if days else None
    edge = timezone.now() - timedelta(days=room.retention_days)
    kept_since = max(first, edge) if first is not None and run.since < edge else None
    return notes.claim(
        run, batch=PostTable(folder_of(room.slug).posts).committed(), config_digest=config_of(room).digest(),
        kept_since=kept_since,
    )  # fmt: skip


def _make(run: PastRun, threads: int) -> None:
    room, folder = run.room, folder_of(run.room.slug)
    progress = notes.RunProgress(run)
    found = analyse_horizon(
        folder.posts, since=run.since, until=run.until, config=config_of(room, threads=threads),
        affiliations=affiliations_of(room), caches=Caches(signatures=SignatureCache(folder.signatures)),
        name=room.name, progress=progress, beat=progress.check,
    )  # fmt: skip
    patiently(partial(_store, run, found))
    wanted = set(KeptFinding.objects.filter(past_run=run).values_list("finding_id", flat=True))
    with progress.stage("packages", total=len(wanted), unit="findings") as stage:
        write_shares(found, home=folder.findings, wanted=wanted)
        write_packages(found, home=folder.findings, wanted=wanted, beat=stage.advance)
    if _is_deleting(room) or _was_deleted_from(run):
        clear_run(run)  # it has seen what is gone
        notes.put_back(run)
        return
    leads = sum(finding.lead for finding in found.findings)
    record = {**found.run, "room_engine": room.engine}
    is_done = notes.finish(
        run, n_posts=found.n_posts, n_findings=len(found.findings) - leads, n_leads=leads, record=record,
        seconds=found.seconds,
    )  # fmt: skip
    if not is_done:
        raise notes.CancelledError


@transaction.atomic
def _store(run: PastRun, found: HorizonAnalysis) -> None:
    """Store everything that was found in one transaction; it shows once the run is done."""
    groups = keep_findings(run, found.findings, groups=found.groups, facts=found.facts, at=timezone.now())
    compare_groups(groups)


def _is_deleting(room: Room) -> bool:
    """Return whether posts of a person or of an import are being removed: a run would see some of them."""
    undoing = SourceRun.objects.filter(source__room=room, undo_asked_at__isnull=False, undone_at=None)
    return Erasure.objects.filter(room=room, done_at=None).exists() or undoing.exists()


def _was_deleted_from(run: PastRun) -> bool:
    """Return whether posts were deleted on request, or an import undone, since the run began."""
    since = run.started_at or run.asked_at
    undone = SourceRun.objects.filter(source__room=run.room, undone_at__gte=since)
    return Erasure.objects.filter(room=run.room, done_at__gte=since).exists() or undone.exists()


def _threads() -> int:
    return max(1, (settings.ENGINE_THREADS or os.cpu_count() or 2) // 2)


def step_back() -> None:
    """Let everything else of the machine go first."""
    if hasattr(os, "nice"):
        os.nice(NICE)
