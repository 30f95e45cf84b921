"""What was estimated for responses, written down once: posts go, these figures stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from dideban.effect.estimate import pool
from dideban.effect.model import VERSION, Effect, EffectConfig, MatchedSet, PooledEffect
from dideban.effect.model import TimedResponse as Unit
from dideban.effect.series import Series
from dideban.figures import figures
from dideban.room.responses.models import EffectPool, EffectRun, Response, ResponseKind
from dideban.room.rooms.models import Room

FIGURES = (
    "posts", "expected", "reduction", "low", "high", "p_fewer", "p_more", "e_value", "gamma", "placebo_p", "life_share",
)  # fmt: skip
Family = tuple[str, int, bool]
"""Outcome, horizon, whether a lot chose."""


def note_run(response: Response, effect: Effect, matched: MatchedSet | None, *, series: Series, at: datetime) -> None:
    """Write down what was estimated for one response."""
    values: dict[str, Any] = {}
    if effect.identifiable and matched is not None:
        values = figures({name: getattr(effect, name) for name in FIGURES})
        low, high = effect.p_without_one
        values |= {"without_low": low, "without_high": high, "curve": figures(effect.curve), "fitted": _fitted(matched)}
    EffectRun.objects.update_or_create(
        response=response, version=VERSION,
        defaults={
            "at": at, "drawn": effect.response.drawn, "n_controls": effect.n_controls,
            "reasons": [reason.to_dict() for reason in effect.reasons],
            "digest": _digest(response, matched, series), **values,
        },
    )  # fmt: skip


def _fitted(matched: MatchedSet) -> dict[str, list[float]]:
    names = ("outcome", "at_zero", "slope", "odds")
    return {name: [float(value) for value in getattr(matched, name)] for name in names}


def _digest(response: Response, matched: MatchedSet | None, series: Series) -> str:
    """Return the hash of the plan, the instant and the counts of all units that were compared."""
    told = hashlib.sha256(f"{VERSION}:{response.plan_digest}:{response.at}".encode())
    if matched is not None:
        for row, hour in sorted(zip(matched.rows.tolist(), matched.hours.tolist(), strict=True)):
            told.update(np.int64(hour).tobytes() + np.asarray(series.counts[row], np.int64).tobytes())
    return told.hexdigest()


def note_pools(room: Room, *, config: EffectConfig, at: datetime) -> list[EffectPool]:
    """Pool what is known of a room again and write it down."""
    runs = EffectRun.objects.filter(response__room=room, version=VERSION, reasons=[], response__cancelled_at=None)
    usable = list(runs.select_related("response__lot").order_by("response__number"))
    made = [
        _row(room, family, kind, pool([_pair(run) for run in chosen], config=config, kind=kind), at)
        for family, kind, chosen in _families(usable)
    ]
    with transaction.atomic():
        EffectPool.objects.filter(room=room).delete()
        EffectPool.objects.bulk_create(made)
    return made


def _families(usable: Sequence[EffectRun]) -> Iterable[tuple[Family, str, list[EffectRun]]]:
    """Yield what is pooled: all kinds together but doing nothing, then each kind where there are several."""
    by: dict[Family, list[EffectRun]] = {}
    for run in usable:
        one = run.response
        by.setdefault((one.outcome, one.horizon_h, run.drawn), []).append(run)
    for family in sorted(by):
        done = [run for run in by[family] if run.response.kind != ResponseKind.NOTHING]
        if done:
            yield family, "", done
        kinds = sorted({run.response.kind for run in by[family]})
        for kind in kinds if len(kinds) > 1 or not done else []:
            yield family, kind, [run for run in by[family] if run.response.kind == kind]


def _pair(run: EffectRun) -> tuple[MatchedSet, Effect]:
    """Return a matched set and an effect as far as pooling asks of them."""
    one = run.response
    values = {name: np.asarray(run.fitted[name], np.float64) for name in ("outcome", "at_zero", "slope", "odds")}
    rows = np.arange(len(values["outcome"]))
    unit = Unit(
        name=str(one.number), unit=0, hour=0.0, horizon_h=one.horizon_h, kind=one.kind,
        drawn_with=(0, 1) if run.drawn else (),
    )  # fmt: skip
    return MatchedSet(rows=rows, hours=np.zeros_like(rows), **values), Effect(response=unit, posts=run.posts or 0)


def _row(room: Room, family: Family, kind: str, found: PooledEffect, at: datetime) -> EffectPool:
    outcome, horizon_h, drawn = family
    names = ("reduction", "low", "high", "p_fewer", "p_more", "e_value", "gamma")
    values = figures({name: getattr(found, name) for name in names})
    return EffectPool(
        room=room, kind=kind, outcome=outcome, horizon_h=horizon_h, drawn=drawn, version=VERSION, at=at, n=found.n,
        n_needed=found.n_needed, **values,
    )  # fmt: skip
