"""What else a response may have done: activity that moved elsewhere, and posts that disappeared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from dideban.effect.estimate import Estimated, estimate, pool_all
from dideban.effect.match import Known
from dideban.effect.model import Effect, EffectConfig, PooledEffect
from dideban.effect.survival import PooledRemoval, Removal, RemovalSet, pool_removals, removal_of
from dideban.effect.words import moved_sentences, removal_sentences, verdict
from dideban.messages import Message, describe
from dideban.pipelines.elsewhere import What, other_posts
from dideban.pipelines.removals import lives_of

HOUR_US = 3_600_000_000


@dataclass(frozen=True, kw_only=True)
class FurtherEffects:
    """Figures beside the effect itself, by place in the list of responses."""

    moved: dict[What, list[Effect]] = field(default_factory=dict)
    """Other posts of the same accounts, other posts with the same texts."""
    moved_pooled: dict[What, list[PooledEffect]] = field(default_factory=dict)
    removals: list[Removal | None] = field(default_factory=list)
    removals_pooled: list[PooledRemoval] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    def moved_lines(self) -> list[list[Message]]:
        """Return what is said of all responses together about activity that moved."""
        return [moved_sentences(one, what=what) for what, many in self.moved_pooled.items() for one in many]

    def removal_lines(self) -> list[list[Message]]:
        """Return what is said of all responses together about posts that disappeared."""
        return [removal_sentences(one) for one in self.removals_pooled]


def further_effects(
    known: Known, estimated: Sequence[Estimated], *, shares: pl.DataFrame, start_us: int,
    carriers: Mapping[What, pl.DataFrame], removals: pl.DataFrame | None,
) -> FurtherEffects:  # fmt: skip
    """Look whether activity moved elsewhere and whether posts disappeared.

    Parameters
    ----------
    known, estimated : Known, list
        Of the estimate of the posts themselves, one entry per response.
    shares : ``row``, ``post_id``, ``hour``
        Posts of each target, hours since the start.
    start_us : microseconds since 1970
    carriers : what -> ``post_id``, ``carrier``, ``hour`` (hours since 1970)
        Who wrote which post; which text it repeats.
    removals : ``post_id``, ``gone_at``
        None = not known.
    """
    moved: dict[What, list[Effect]] = {}
    pooled: dict[What, list[PooledEffect]] = {}
    responses = [effect.response for effect, _ in estimated]
    for what, table in carriers.items():
        carried = table.with_columns(hour=pl.col("hour") - start_us // HOUR_US)
        counted = other_posts(shares, carried, series=known.series, config=known.config)
        found = estimate(replace(known, counted=counted), responses)
        moved[what] = [effect for effect, _ in found]
        pooled[what] = [one for one in pool_all(found, config=known.config) if not one.kind]
    if removals is None:
        return FurtherEffects(moved=moved, moved_pooled=pooled)
    lives, notes = lives_of(shares, removals, start_us=start_us)
    sets = [
        removal_of(matched, lives, horizon_h=effect.response.horizon_h, config=known.config) if matched else None
        for effect, matched in estimated
    ]
    return FurtherEffects(
        moved=moved, moved_pooled=pooled, removals=[one.removal if one else None for one in sets],
        removals_pooled=_pooled(estimated, sets, config=known.config), notes=notes,
    )  # fmt: skip


def _pooled(
    estimated: Sequence[Estimated], sets: Sequence[RemovalSet | None], *, config: EffectConfig
) -> list[PooledRemoval]:
    """Pool by horizon and way of choosing, as the effects themselves are."""
    families: dict[tuple[int, bool], list[RemovalSet]] = defaultdict(list)
    for (effect, _), one in zip(estimated, sets, strict=True):
        if one is not None:
            families[effect.response.horizon_h, effect.response.drawn].append(one)
    return [
        pool_removals(families[horizon_h, drawn], horizon_h=horizon_h, drawn=drawn, config=config)
        for horizon_h, drawn in sorted(families)
    ]


def further_words(further: FurtherEffects, index: int | None, *, config: EffectConfig) -> dict[str, Any]:
    """Return what is said beside the effect of one response, or of all together where ``index`` is None."""
    moved: list[tuple[What, Effect | PooledEffect]] = []
    gone: Sequence[Removal | PooledRemoval | None] = []
    if index is None:
        moved = [(what, one) for what, many in further.moved_pooled.items() for one in many]
        gone = further.removals_pooled
    else:
        moved = [(what, many[index]) for what, many in further.moved.items() if many[index].identifiable]
        gone = further.removals[index : index + 1]
    return {
        "moved": [
            {
                "what": what, **_without_curve(one), "verdict": verdict(one, config=config),
                "statements": [describe(line) for line in moved_sentences(one, what=what, config=config)],
            }
            for what, one in moved
        ],
        "gone": [
            {**one.to_dict(), "statements": [describe(line) for line in removal_sentences(one, config=config)]}
            for one in gone
            if one is not None
        ],
    }  # fmt: skip


def _without_curve(one: Effect | PooledEffect) -> dict[str, Any]:
    return {name: value for name, value in one.to_dict().items() if name != "curve"}


__all__ = ["FurtherEffects", "further_effects", "further_words"]
