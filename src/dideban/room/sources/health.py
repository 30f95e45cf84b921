"""How sources are: when they are asked, what went wrong, since when they are silent."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from dideban.errors import DidebanError, SourceError
from dideban.room.patience import patiently
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Health, Source, SourceGap, SourceRun
from dideban.room.sources.registry import slugs, type_of
from dideban.room.wording.problems import to_text

if TYPE_CHECKING:
    from dideban.room.posts.merge import Merged

MAX_BACK_OFF = timedelta(hours=6)
JITTER = 0.1
CLAIM = timedelta(minutes=15)
"""A source that was asked for and not answered (a worker died) is asked for again after this."""
FAILURES_TO_GAP = 3
LEAP = timedelta(minutes=1)
"""A clock that is set back by more is noticed."""
_chance = random.Random()  # noqa: S311 - spreads load, hides nothing


def claim_due(now: datetime, *, most: int = 1_000) -> list[int]:
    """Return the sources whose turn it is, those that wait longest first, each claimed by exactly one caller.

    A source that was last asked in what is now the future is due too: the clock was set back.
    """
    is_time = Q(next_at__lte=now) | Q(next_at__isnull=False, last_try_at__gt=now + LEAP)
    due = (
        Source.objects.filter(is_time, kind__in=slugs("is_polled"), is_paused=False, room__is_paused=False)
        .order_by("next_at", "pk")
        .values_list("pk", "next_at")[: max(most, 0)]
    )
    return [
        pk
        for pk, at in due
        if Source.objects.filter(pk=pk, next_at=at, is_paused=False).update(next_at=now + CLAIM) == 1
    ]


def health_of(source: Source, *, now: datetime | None = None) -> Health:
    """Return how a source is, by the rule of its type. Costs no query."""
    now, one = now or timezone.now(), type_of(source.kind)
    if not one.package and not source.is_paused:
        return Health.FAILING  # its type is gone: nothing follows it
    if one.has_own_health:
        found: Health = one.health.health_of(source, now)
        return found
    return usual_health(source, now, expected_since=source.created_at)


def usual_health(source: Source, now: datetime, *, expected_since: datetime | None) -> Health:
    """Return how a source is by the usual rule.

    Parameters
    ----------
    expected_since : datetime
        From when on silence counts where nothing has come yet; None = it does not.
    """
    if source.is_paused:
        return Health.PAUSED
    if source.n_failures:
        return Health.FAILING
    last = source.last_post_at or expected_since
    if last is not None and now - last > timedelta(seconds=source.silent_after_s):
        return Health.SILENT
    return Health.OK if source.last_ok_at or source.last_post_at else Health.NEW


def record_success(source: Source, run: SourceRun) -> None:
    """Note a try that went well, and when the next is due."""
    now = timezone.now()
    values = {
        "last_try_at": now, "last_ok_at": now, "last_error": "", "n_failures": 0,
        "n_rejects": F("n_rejects") + run.n_rejects, "next_at": now + _jittered(timedelta(seconds=source.interval_s)),
    }  # fmt: skip
    patiently(lambda: Source.objects.filter(pk=source.pk).update(**values))
    SourceGap.objects.filter(source=source, until_at__isnull=True, reason=Health.FAILING).update(until_at=now)


def record_failure(source: Source, error: DidebanError) -> None:
    """Note a try that failed: wait longer each time, or as long as the server asks."""
    now = timezone.now()
    n = source.n_failures + 1
    wait = min(timedelta(seconds=source.interval_s) * 2 ** min(n, 16), MAX_BACK_OFF)
    if isinstance(error, SourceError):
        if error.permanent:
            wait = max(wait, timedelta(hours=1))
        if error.retry_after_s:
            wait = max(wait, timedelta(seconds=error.retry_after_s))
    values = {"last_try_at": now, "last_error": to_text(error), "n_failures": n, "next_at": now + _jittered(wait)}
    patiently(lambda: Source.objects.filter(pk=source.pk).update(**values))
    if n == FAILURES_TO_GAP:
        open_gap(source, Health.FAILING, source.last_ok_at or now)


def open_gap(source: Source, reason: Health, since: datetime) -> None:
    """Note that a source does not speak; once until it does."""
    if not SourceGap.objects.filter(source=source, reason=reason, until_at__isnull=True).exists():
        SourceGap.objects.create(source=source, reason=reason, from_at=since)


def note_merged(room: Room, merged: Merged) -> None:
    """Note the new posts of each source: when the last came, and that a silence is over."""
    patiently(partial(_note_merged, room, merged))


@transaction.atomic
def _note_merged(room: Room, merged: Merged) -> None:
    for slug, (n, last) in merged.by_source.items():
        found = Source.objects.filter(room=room, slug=slug)
        found.update(n_posts=F("n_posts") + n, last_post_at=last)
        SourceGap.objects.filter(source__in=found, reason=Health.SILENT, until_at__isnull=True).update(until_at=last)


def note_rejects(source: Source, n: int) -> None:
    """Count posts that were sent and set aside."""
    if n:
        Source.objects.filter(pk=source.pk).update(n_rejects=F("n_rejects") + n)


def drop_runs(*, before: datetime) -> None:
    """Forget tries that are long over; an import that can be undone stays."""
    old = SourceRun.objects.filter(started_at__lt=before)
    old.exclude(kind="look").exclude(kind="upload", n_posts__gt=0, undone_at=None).delete()


def _jittered(wait: timedelta) -> timedelta:
    """Spread tries, so that a hundred sources do not all ask in the same second."""
    return wait * (1 + _chance.uniform(-JITTER, JITTER))
