"""Asking for the analysis of a past period, cancelling it, removing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.actions import record
from dideban.room.findings.models import FollowedGroup
from dideban.room.findings.past import clear_run
from dideban.room.members.models import Membership
from dideban.room.past.models import UNDER_WAY, PastRun, RunStatus
from dideban.room.roles import Permission, Role
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.store.delta import PostTable

MOST_POSTS: dict[str, int] = {Role.ANALYST: 250_000, Role.EDITOR: 1_000_000, Role.COORDINATOR: 3_000_000}
"""Posts that one run may read, by the role of who asks: a million take minutes and gigabytes."""
MOST_OWN = 3
"""Runs of one member that may wait or run at a time."""
MOST_WAITING = 10
MOST_KEPT = 200
"""Runs of a room under way, and all together."""


@transaction.atomic
def ask_run(room: Room, *, since: datetime, until: datetime, by: Membership) -> tuple[PastRun, bool]:
    """Ask for the analysis of a past period; it is made in the background.

    Parameters
    ----------
    since, until : datetime
        Posts with ``since <= created_at < until``; what lies in the future is left out.

    Returns
    -------
    run, is_new
        Where the same period is under way, or was analysed with the same posts and settings, that run.

    Raises
    ------
    InputError
        The period is empty, in the future or holds no posts, too many posts for the role, or too many runs.
    """
    by.require(Permission.WORK)
    now = timezone.now()
    since, until = since.astimezone(UTC), min(until, now.replace(microsecond=0)).astimezone(UTC)
    if since >= until:
        raise InputError("past.turned-around", hint="past.earlier-first")
    Room.objects.select_for_update().get(pk=room.pk)
    if (same := _same(room, since, until)) is not None:
        return same, False
    _check_bounds(room, by)
    _check_posts(room, since, until, by)
    last = PastRun.objects.filter(room=room).aggregate(last=Max("number"))["last"] or 0
    run = PastRun.objects.create(room=room, number=last + 1, since=since, until=until, asked_by=by.member, asked_at=now)
    details = {"since": since.isoformat(), "until": until.isoformat()}
    record(room, "past.ask", by=by, subject=f"past:{run.number}", details=details)
    return run, True


def _same(room: Room, since: datetime, until: datetime) -> PastRun | None:
    """Return the run that does or did the same: ends within a minute are one, as two people press one button."""
    near = timedelta(minutes=1)
    runs = PastRun.objects.filter(room=room, since=since, until__gte=until - near, until__lte=until + near)
    batch = PostTable(folder_of(room.slug).posts).committed()
    holds = Q(status__in=UNDER_WAY, cancel_asked_at=None) | Q(status=RunStatus.DONE, batch=batch)
    same = runs.filter(holds).order_by("-number").first()
    if same is not None and same.status == RunStatus.DONE and same.record.get("room_engine") != room.engine:
        return None
    return same


def _check_bounds(room: Room, by: Membership) -> None:
    runs = PastRun.objects.filter(room=room)
    waiting = runs.filter(status__in=UNDER_WAY)
    if waiting.filter(asked_by=by.member).count() >= MOST_OWN:
        raise InputError("past.too-many-own", hint="past.wait", n=MOST_OWN)
    if waiting.count() >= MOST_WAITING:
        raise InputError("past.too-many", hint="past.wait", n=MOST_WAITING)
    if runs.count() >= MOST_KEPT:
        raise InputError("past.too-many-kept", hint="past.remove-some", n=MOST_KEPT)


def _check_posts(room: Room, since: datetime, until: datetime, by: Membership) -> None:
    """Count before anything waits: an answer at once is kinder than a failure later."""
    table = PostTable(folder_of(room.slug).posts)
    n = int(table.scan(since=since, until=until, columns=["created_at"]).select(pl.len()).collect().item())
    if not n:
        raise InputError("past.no-posts", hint="past.other-period")
    if n > (most := MOST_POSTS.get(by.role, 0)):
        raise InputError("past.too-many-posts", hint="past.shorter", n=most)


@transaction.atomic
def cancel_run(run: PastRun, *, by: Membership) -> None:
    """Cancel a run: one's own, or any where one may change sources. What waits ends now, what runs ends soon.

    Raises
    ------
    InputError
        It is over.
    """
    _may_change(run, by)
    now = timezone.now()
    waiting = PastRun.objects.filter(pk=run.pk, status=RunStatus.WAITING)
    ended = waiting.update(status=RunStatus.CANCELLED, cancel_asked_at=now, finished_at=now)
    running = PastRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING, cancel_asked_at=None)
    if not ended and not running.update(cancel_asked_at=now):
        raise InputError("past.over")
    record(run.room, "past.cancel", by=by, subject=f"past:{run.number}")


@transaction.atomic
def remove_run(run: PastRun, *, by: Membership) -> None:
    """Remove a run with its findings: one's own, or any where one may change sources.

    Raises
    ------
    InputError
        It is under way, or people work with its findings: in a case, with a verdict or a comment, planned against.
    """
    _may_change(run, by)
    if run.is_under_way:
        raise InputError("past.under-way", hint="past.cancel-first")
    used = Q(cases__isnull=False) | Q(verdicts__isnull=False) | Q(comments__isnull=False)
    used |= Q(responses__isnull=False) | Q(pages__isnull=False) | Q(exercises__isnull=False)
    if FollowedGroup.objects.filter(used, past_run=run).exists():
        raise InputError("past.in-use")
    clear_run(run)
    PastRun.objects.filter(pk=run.pk).delete()
    record(run.room, "past.remove", by=by, subject=f"past:{run.number}")


def _may_change(run: PastRun, by: Membership) -> None:
    by.require(Permission.WORK if run.asked_by_id == by.member_id else Permission.SOURCES)
    if by.room_id != run.room_id:
        raise PermissionDenied


def whole_days(room: Room) -> tuple[datetime, datetime] | None:
    """Return from when to when the room holds posts, in whole days of UTC; None = it holds none. No query."""
    days = sorted(PostTable(folder_of(room.slug).posts).days())
    if not days:
        return None
    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (days[0], days[-1]))
    return first, last + timedelta(days=1)
