"""Bringing files in: looked at, changed, taken in or left; and undoing what was taken in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from dideban.errors import DidebanError, InputError
from dideban.ingest.columns import check_targets
from dideban.ingest.times import check_zone
from dideban.room.audit.actions import record
from dideban.room.members.models import Membership
from dideban.room.roles import Permission
from dideban.room.sources.imports.look import drop_files
from dideban.room.sources.models import Source, SourceRun
from dideban.room.sources.registry import type_of
from dideban.room.sources.uploads import keep_uploads
from dideban.room.wording.problems import to_text

MOST_WAITING = 20
"""Imports of a source that may wait at a time."""


@transaction.atomic
def ask_look(source: Source, *, files: Iterable[tuple[str, Iterable[bytes]]], by: Membership) -> SourceRun:
    """Keep files brought by a member and look at them in the background; nothing is taken in.

    Raises
    ------
    InputError
        Too large, empty, too many wait, or not a source for files.
    StoreError
        The disk is full.
    """
    by.require(Permission.UPLOAD)
    if not type_of(source.kind).takes_files:
        raise InputError("room.no-files")
    if source.runs.filter(kind="look").count() >= MOST_WAITING:
        raise InputError("room.too-many-wait", hint="room.take-or-leave", n=MOST_WAITING)
    folder, names = keep_uploads(source.room.slug, files)
    run = SourceRun.objects.create(
        source=source, kind="look", started_at=timezone.now(), member=by.member, folder=folder.name,
        file_name=", ".join(names)[:255],
    )  # fmt: skip
    _enqueue("look_at_files", run)
    return run


@transaction.atomic
def look_again(run: SourceRun, *, mapping: dict[str, str], time_zone: str, by: Membership) -> None:
    """Look again with other columns, or with another zone for times that carry none.

    Raises
    ------
    ConfigError
        No such column of a post, or no such zone.
    InputError
        It was taken in or left meanwhile.
    """
    by.require(Permission.UPLOAD)
    _waits(run)
    check_targets(mapping)
    if time_zone:
        check_zone(time_zone)
    run.mapping, run.time_zone, run.finished_at = mapping, time_zone, None
    run.save(update_fields=["mapping", "time_zone", "finished_at"])
    _enqueue("look_at_files", run)


@transaction.atomic
def take_in(run: SourceRun, *, by: Membership) -> None:
    """Take in what was looked at.

    Raises
    ------
    InputError
        It was taken in or left meanwhile, or its look is not done.
    """
    by.require(Permission.UPLOAD)
    _waits(run)
    claimed = SourceRun.objects.filter(pk=run.pk, kind="look", finished_at__isnull=False).update(
        kind="upload", finished_at=None, started_at=timezone.now(), member=by.member
    )
    if not claimed:
        raise InputError("room.still-looking")
    record(run.source.room, "source.upload", by=by, subject=f"source:{run.source.slug}", details={"run": run.pk})
    from dideban.room.queue import enqueue  # opens its file: a data folder that is not made yet has none

    wanted = {"run_id": run.pk, "folder": run.folder, "mapping": run.mapping}
    transaction.on_commit(lambda: enqueue("run_source", **wanted))


@transaction.atomic
def leave(run: SourceRun, *, by: Membership) -> None:
    """Remove files that were looked at; nothing of them was taken in.

    Raises
    ------
    InputError
        They were taken in meanwhile.
    """
    by.require(Permission.UPLOAD)
    _waits(run)
    drop_files(run)
    SourceRun.objects.filter(pk=run.pk, kind="look").delete()


@transaction.atomic
def ask_undo(run: SourceRun, *, by: Membership) -> None:
    """Remove the posts of an import everywhere: who brought them may, and who may change sources.

    Raises
    ------
    InputError
        It is no import, it brought nothing, it is not finished, or it is undone already.
    """
    by.require(Permission.UPLOAD if run.member_id == by.member_id else Permission.SOURCES)
    if run.kind != "upload" or not run.arrivals or run.finished_at is None:
        raise InputError("room.nothing-to-undo")
    now = timezone.now()
    if not SourceRun.objects.filter(pk=run.pk, undo_asked_at__isnull=True).update(undo_asked_at=now):
        raise InputError("room.undone-already")
    details: dict[str, Any] = {"run": run.pk, "posts": run.n_posts}
    record(run.source.room, "source.undo", by=by, subject=f"source:{run.source.slug}", details=details)
    _enqueue("undo_import", run)


@transaction.atomic
def note_undone(run: SourceRun, *, n_posts: int, n_findings: int) -> None:
    """Note that the posts of an import are gone."""
    SourceRun.objects.filter(pk=run.pk).update(undone_at=timezone.now(), n_undone=n_posts)
    Source.objects.filter(pk=run.source_id).update(n_posts=Greatest(F("n_posts") - n_posts, 0))
    record(
        run.source.room, "source.undone", by=None, subject=f"source:{run.source.slug}",
        details={"run": run.pk, "posts": n_posts, "findings": n_findings},
    )  # fmt: skip


def note_not_undone(run: SourceRun, error: DidebanError) -> None:
    """Note why an import could not be undone: it can be asked for again."""
    SourceRun.objects.filter(pk=run.pk).update(error=to_text(error), undo_asked_at=None)


def _waits(run: SourceRun) -> None:
    if run.kind != "look":
        raise InputError("room.taken-already")


def _enqueue(work: str, run: SourceRun) -> None:
    from dideban.room.queue import enqueue

    transaction.on_commit(lambda: enqueue(work, run_id=run.pk))
