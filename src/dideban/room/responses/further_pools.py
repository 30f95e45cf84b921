"""What else several responses did together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dideban.effect.estimate import pool
from dideban.effect.model import Effect, EffectConfig, MatchedSet
from dideban.effect.model import TimedResponse as Unit
from dideban.effect.survival import Removal, RemovalSet, pool_removals
from dideban.effect.words import moved_sentences, removal_sentences
from dideban.figures import figures
from dideban.room.responses.models import EffectPool, EffectRun, FurtherKind, FurtherPool, FurtherRun

FAR = 1_000_000
"""More than there are units in a set: what does not name its units shares none."""
FIGURES = ("reduction", "low", "high", "p_fewer", "p_more")


def further_pools(made: EffectPool, runs: Sequence[EffectRun], *, config: EffectConfig) -> list[FurtherPool]:
    """Return what else the responses of a pool did together, of those of which it is known."""
    found = []
    for what in FurtherKind:
        known = [(run, one) for run in runs for one in run.further.all() if one.what == what and not one.reasons]
        if known:
            values = _gone(made, known, config) if what == FurtherKind.GONE else _moved(made, known, what, config)
            found.append(FurtherPool(pool=made, what=what, n=len(known), **values))
    return found


def pair_of(run: EffectRun, *, fitted: Mapping[str, Sequence[float]], posts: int) -> tuple[MatchedSet, Effect]:
    """Return a matched set and an effect, from what was kept, as far as pooling asks of them."""
    one = run.response
    values = {name: np.asarray(fitted[name], np.float64) for name in ("outcome", "at_zero", "slope", "odds")}
    n, tie = len(values["outcome"]), fitted.get("tie")
    rows = np.asarray(fitted.get("units") or [-1 - run.pk * FAR - row for row in range(n)], np.int64)
    unit = Unit(
        name=str(one.number), unit=0, hour=0.0, horizon_h=one.horizon_h, kind=one.kind,
        drawn_with=(0, 1) if run.drawn else (),
    )  # fmt: skip
    columns, shift = fitted.get("columns"), fitted.get("shift")
    matched = MatchedSet(
        rows=rows, hours=np.zeros_like(rows), tie=tie[0] if tie else None, **values,
        columns=np.asarray(columns, np.float64).reshape(n, -1) if columns else None,
        shift=np.asarray(shift, np.float64) if shift else None,
    )  # fmt: skip
    return matched, Effect(response=unit, posts=posts)


def _moved(
    made: EffectPool, known: Sequence[tuple[EffectRun, FurtherRun]], what: FurtherKind, config: EffectConfig
) -> dict[str, Any]:
    pairs = [pair_of(run, fitted=one.fitted, posts=one.posts or 0) for run, one in known]
    found = pool(pairs, config=config, kind=made.kind)
    said = moved_sentences(found, what=what.value, config=config)
    return {"said": [line.to_dict() for line in said], **figures({name: getattr(found, name) for name in FIGURES})}


def _gone(
    made: EffectPool, known: Sequence[tuple[EffectRun, FurtherRun]], config: EffectConfig
) -> dict[str, Any]:  # fmt: skip
    found = pool_removals(
        [_removal_set(one) for _, one in known], horizon_h=made.horizon_h, drawn=made.drawn, config=config
    )
    values = figures({
        "posts": found.n_posts, "gone": found.n_gone, "expected": found.expected, "p_more": found.p_sooner,
        "p_fewer": found.p_later,
    })  # fmt: skip
    return {"said": [line.to_dict() for line in removal_sentences(found, config=config)], **values}


def _removal_set(one: FurtherRun) -> RemovalSet:
    removal = Removal(
        n_posts=one.posts or 0, n_gone=one.gone or 0, expected=one.expected or 0.0, p_sooner=one.p_more or 1.0,
        p_later=one.p_fewer or 1.0, n_compared=len(one.fitted["scores"]) - 1,
    )  # fmt: skip
    return RemovalSet(
        scores=np.asarray(one.fitted["scores"]), odds=np.asarray(one.fitted["odds"]), removal=removal
    )  # fmt: skip
