"""Effects of responses, estimated once their horizon has passed and late posts have had time to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from django.db.models import Q, QuerySet
from django.utils import timezone

from dideban.arrays import B1
from dideban.effect.estimate import effect_of
from dideban.effect.match import Known
from dideban.effect.model import STANDING, EffectConfig
from dideban.effect.model import TimedResponse as Unit
from dideban.room.narratives.follow import last_step
from dideban.room.responses.counting import HOUR, Counts, Span, count, family_of, name_of, unit_of
from dideban.room.responses.further import Further, FurtherLook
from dideban.room.responses.models import ARRIVAL_H, EffectRun, FurtherKind, Response, ResponseKind, ResponseOutcome
from dideban.room.responses.runs import note_further, note_pools, note_run
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.models import SourceGap
from dideban.room.ticks.models import WatchGap
from dideban.store.delta import PostTable

CONFIG = EffectConfig()
NARRATIVE = "narrative"
MOST_HOURS = 24 * 100
"""A look-back longer than this is cut."""
LARGE_SHARE = 0.25
"""Where a source with so large a share of all posts failed or was paused, no one watched."""


def work_out_effects(room: Room, *, now: datetime | None = None) -> int:
    """Estimate the effects that are due and pool them again; return how many.

    Notes
    -----
    Each response is computed once: what is known is not looked at again until it pleases somebody. Figures of an
    older version stand, since the posts behind them may be gone.
    """
    now = now or timezone.now()
    told = list(_told(room))
    done = set(Response.objects.filter(room=room, runs__in=_looked_at()).values_list("pk", flat=True))
    due = [one for one in told if one.pk not in done and _is_due(one, now)]
    if not due or _is_behind(room):
        return 0
    for family in sorted({family_of(one) for one in due}):
        _of_family(
            span_of(room, now=now, family=family), family, [one for one in told if family_of(one) == family],
            due={one.pk for one in due if family_of(one) == family}, now=now,
        )  # fmt: skip
    note_pools(room, config=CONFIG, at=now)
    return len(due)


def _told(room: Room) -> QuerySet[Response]:
    found = Response.objects.filter(room=room, cancelled_at=None).exclude(at=None).order_by("number")
    return found.select_related("narrative__merged_into", "group", "lot")


def _looked_at() -> QuerySet[EffectRun]:
    """Return what needs no second look: runs that say nothing, and those of which all was looked at."""
    runs = EffectRun.objects.filter(version__in=STANDING)
    return runs.filter(~Q(reasons=[]) | Q(further__isnull=False)).distinct()


def _is_due(one: Response, now: datetime) -> bool:
    return one.ends_at is not None and one.ends_at + ARRIVAL_H * HOUR <= now


def _is_behind(room: Room) -> bool:
    """Return whether posts wait to be put into narratives: counts would be short."""
    step = last_step(room.slug)
    return step is not None and step.n_waiting > 0


def span_of(room: Room, *, now: datetime, family: str = NARRATIVE) -> Span:
    """Return the whole hours whose late posts have come, and which of them were watched.

    Narratives are known within the horizon; links, hashtags and groups as long as posts are kept.
    """
    until = (now - ARRIVAL_H * HOUR).replace(minute=0, second=0, microsecond=0)
    since = now - timedelta(days=room.horizon_days)
    if family != NARRATIVE and (first := min(PostTable(folder_of(room.slug).posts).days(), default=None)):
        since = min(since, datetime.fromisoformat(first).replace(tzinfo=UTC) - HOUR)
    since = max(since, until - MOST_HOURS * HOUR)
    since = since.replace(minute=0, second=0, microsecond=0) + HOUR
    n_hours = max(1, int((until - since) / HOUR))
    return Span(room=room, since=since, n_hours=n_hours, watched=watched_hours(room, since=since, n_hours=n_hours))


def watched_hours(room: Room, *, since: datetime, n_hours: int) -> B1:
    """Return for each hour whether the watch was awake and no large source failed."""
    until = since + n_hours * HOUR
    gaps = list(WatchGap.objects.filter(until_at__gt=since, from_at__lt=until).values_list("from_at", "until_at"))
    failed = SourceGap.objects.filter(source__room=room, source__slug__in=_large_sources(room, since, until))
    failed = failed.filter(from_at__lt=until).exclude(reason="silent")
    gaps += [(begin, end or until) for begin, end in failed.values_list("from_at", "until_at")]
    watched = np.ones(n_hours, np.bool_)
    for begin, end in gaps:
        first, last = (begin - since) // HOUR, -((since - end) // HOUR)
        watched[max(first, 0) : max(last, 0)] = False
    return watched


def _large_sources(room: Room, since: datetime, until: datetime) -> list[str]:
    table = PostTable(folder_of(room.slug).posts).scan(since=since, until=until, columns=["source"])
    sizes = table.group_by("source").agg(n=pl.len()).collect()
    large = sizes.filter(pl.col("n") >= LARGE_SHARE * pl.col("n").sum())
    return sorted(large["source"].drop_nulls().to_list())


def _of_family(span: Span, family: str, told: Sequence[Response], *, due: set[int], now: datetime) -> None:
    """Work out the responses to targets of one kind."""
    names = {unit_of(one) for one in told} | {name for one in told for name in _candidates(one)}
    counts = count(span, family, least=CONFIG.least_posts, keep=names - {""})
    units = {one.pk: _unit(one, counts) for one in told}
    answers = [units[one.pk] for one in told if one.kind != ResponseKind.NOTHING]
    posts = Known.of(counts.series, answers, config=CONFIG)
    look = FurtherLook(counts, posts, family)
    for outcome in sorted({one.outcome for one in told if one.pk in due}):
        is_elsewhere = outcome == ResponseOutcome.ELSEWHERE
        known = replace(posts, counted=counts.elsewhere(CONFIG)) if is_elsewhere else posts
        for one in told:
            if one.pk in due and one.outcome == outcome:
                _of_one(one, units[one.pk], known, look, now=now)


def _of_one(one: Response, unit: Unit, known: Known, look: FurtherLook, *, now: datetime) -> None:
    """Work out one response; what was worked out before stays, but for what was not looked at then."""
    effect, matched = effect_of(known, unit)
    run = one.runs.filter(version__in=STANDING).first()
    if run is None:
        run = note_run(
            one, effect, matched, series=known.counted, at=now, names=look.counts.names, delay_h=_delay(known, unit)
        )  # fmt: skip
    found = look.of(unit, matched)
    if not found and not run.reasons:
        found = [Further(what=FurtherKind.ACCOUNTS, reasons=list(effect.reasons))]
    note_further(run, found)


def _delay(known: Known, unit: Unit) -> float | None:
    """Return the hours from the target being noticed to the response; None where it was not noticed before."""
    noticed = int(known.noticed[unit.unit]) if unit.unit >= 0 else -1
    return float(unit.hour - noticed) if 0 <= noticed <= unit.hour else None


def _unit(one: Response, counts: Counts) -> Unit:
    """Return a response as the estimator takes it."""
    assert one.at is not None
    rows, span = counts.rows, counts.span
    drawn = tuple(rows[name] for name in _candidates(one) if name in rows) if one.is_drawn else ()
    is_whole = one.lot is not None and len(set(drawn)) == len(one.lot.names)
    return Unit(
        name=str(one.number), unit=rows.get(unit_of(one), -1), hour=span.hour_of(one.at), horizon_h=one.horizon_h,
        kind=one.kind, planned_hour=span.hour_of(one.planned_at), drawn_with=drawn if is_whole else (),
        told_hour=span.hour_of(one.told_at) if one.told_at else None,
    )  # fmt: skip


def _candidates(one: Response) -> list[str]:
    """Return the names of the rows that stood in the lot of a response."""
    return [name_of(story) for story in one.lot.candidates.order_by("number")] if one.lot is not None else []
