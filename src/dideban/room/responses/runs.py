"""What was estimated for responses, written down once: posts go, these figures stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from dideban.effect.estimate import pool
from dideban.effect.model import STANDING, VERSION, Effect, EffectConfig, MatchedSet, PooledEffect
from dideban.effect.series import Series
from dideban.figures import figures
from dideban.room.responses.further import Further, kept_of
from dideban.room.responses.further_pools import further_pools, pair_of
from dideban.room.responses.models import EffectPool, EffectRun, FurtherPool, FurtherRun, Response, ResponseKind
from dideban.room.rooms.models import Room

FIGURES = (
    "posts", "expected", "reduction", "low", "high", "p_fewer", "p_more", "e_value", "gamma", "placebo_p", "life_share",
)  # fmt: skip
DELAYS, LATE = (("0-6", 6.0), ("6-24", 24.0)), "24"
"""Bands of hours from a target being noticed to its response."""
Family = tuple[str, int, bool]
"""Outcome, horizon, whether a lot chose."""


def note_run(
    response: Response, effect: Effect, matched: MatchedSet | None, *, series: Series, at: datetime,
    names: Sequence[str], delay_h: float | None = None,
) -> EffectRun:  # fmt: skip
    """Write down what was estimated for one response."""
    values: dict[str, Any] = {}
    if effect.identifiable and matched is not None:
        values = figures({name: getattr(effect, name) for name in FIGURES})
        low, high = effect.p_without_one
        values |= {
            "without_low": low,
            "without_high": high,
            "curve": figures(effect.curve),
            "fitted": kept_of(matched, names),
        }
    run, _ = EffectRun.objects.update_or_create(
        response=response, version=VERSION,
        defaults={
            "at": at, "drawn": effect.response.drawn, "n_controls": effect.n_controls,
            "reasons": [reason.to_dict() for reason in effect.reasons],
            "delay_h": delay_h, "digest": _digest(response, matched, series), **values,
        },
    )  # fmt: skip
    return run


def note_further(run: EffectRun, found: Sequence[Further]) -> None:
    """Write down what else was found of one response."""
    for one in found:
        FurtherRun.objects.update_or_create(
            run=run, what=one.what,
            defaults={
                "reasons": [reason.to_dict() for reason in one.reasons], "said": [line.to_dict() for line in one.said],
                "fitted": one.fitted, **one.values,
            },
        )  # fmt: skip


def _digest(response: Response, matched: MatchedSet | None, series: Series) -> str:
    """Return the hash of the plan, the instant and the counts of all units that were compared."""
    told = hashlib.sha256(f"{VERSION}:{response.plan_digest}:{response.at}".encode())
    if matched is not None:
        for row, hour in sorted(zip(matched.rows.tolist(), matched.hours.tolist(), strict=True)):
            told.update(np.int64(hour).tobytes() + np.asarray(series.counts[row], np.int64).tobytes())
    return told.hexdigest()


def note_pools(room: Room, *, config: EffectConfig, at: datetime) -> list[EffectPool]:
    """Pool what is known of a room again and write it down."""
    runs = EffectRun.objects.filter(response__room=room, version__in=STANDING, reasons=[], response__cancelled_at=None)
    usable = list(
        runs.select_related("response__lot")
        .prefetch_related("response__places", "further")
        .order_by("response__number")
    )
    parts = [*_kinds(usable), *_splits(usable)]
    made = [
        _row(room, part, pool([_pair(run) for run in chosen], config=config, kind=part.kind), at)
        for part, chosen in parts
    ]
    further = [
        row for one, (part, chosen) in zip(made, parts, strict=True) if not part.split
        for row in further_pools(one, chosen, config=config)
    ]  # fmt: skip
    with transaction.atomic():
        EffectPool.objects.filter(room=room).delete()
        EffectPool.objects.bulk_create(made)
        FurtherPool.objects.bulk_create(further)
    return made


@dataclass(frozen=True, kw_only=True, order=True)
class PoolPart:
    """What is pooled: responses with the same outcome, horizon and way of choosing, and something else in common."""

    family: Family
    split: str = ""
    value: str = ""
    kind: str = ""


def _kinds(usable: Sequence[EffectRun]) -> Iterable[tuple[PoolPart, list[EffectRun]]]:
    """Yield all kinds together but doing nothing, then each kind where there are several."""
    for family, runs in _families(usable):
        if done := _done(runs):
            yield PoolPart(family=family), done
        kinds = sorted({run.response.kind for run in runs})
        for kind in kinds if len(kinds) > 1 or not done else []:
            yield PoolPart(family=family, kind=kind), [run for run in runs if run.response.kind == kind]


def _splits(usable: Sequence[EffectRun]) -> Iterable[tuple[PoolPart, list[EffectRun]]]:
    """Yield what was done, by delay, place and language; a response in two places counts in both."""
    for family, runs in _families(usable):
        by: dict[PoolPart, list[EffectRun]] = {}
        for run in _done(runs):
            for split, value in _values(run):
                by.setdefault(PoolPart(family=family, split=split, value=value), []).append(run)
        for part in sorted(by):
            yield part, by[part]


def _families(usable: Sequence[EffectRun]) -> list[tuple[Family, list[EffectRun]]]:
    by: dict[Family, list[EffectRun]] = {}
    for run in usable:
        one = run.response
        by.setdefault((one.outcome, one.horizon_h, run.drawn), []).append(run)
    return [(family, by[family]) for family in sorted(by)]


def _done(runs: Sequence[EffectRun]) -> list[EffectRun]:
    return [run for run in runs if run.response.kind != ResponseKind.NOTHING]


def _values(run: EffectRun) -> Iterable[tuple[str, str]]:
    """Yield in which parts a response counts."""
    if run.delay_h is not None:
        yield "delay", delay_band(run.delay_h)
    if run.response.language:
        yield "language", run.response.language.split("-")[0].lower()
    for place in run.response.places.all():
        yield "place", place.slug


def delay_band(hours: float) -> str:
    """Return the band of a delay.

    Examples
    --------
    >>> delay_band(5.9), delay_band(6), delay_band(24)
    ('0-6', '6-24', '24')
    """
    return next((name for name, most in DELAYS if hours < most), LATE)


def _pair(run: EffectRun) -> tuple[MatchedSet, Effect]:
    """Return a matched set and an effect as far as pooling asks of them."""
    return pair_of(run, fitted=run.fitted, posts=run.posts or 0)


def _row(room: Room, part: PoolPart, found: PooledEffect, at: datetime) -> EffectPool:
    outcome, horizon_h, drawn = part.family
    names = ("reduction", "low", "high", "p_fewer", "p_more", "e_value", "gamma")
    values = figures({name: getattr(found, name) for name in names})
    return EffectPool(
        room=room, kind=part.kind, split=part.split, value=part.value, outcome=outcome,
        horizon_h=horizon_h, drawn=drawn, version=VERSION, at=at, n=found.n,
        n_needed=found.n_needed, **values,
    )  # fmt: skip
