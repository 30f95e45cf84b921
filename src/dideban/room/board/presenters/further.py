"""What else responses did, as pages and files show it: whether activity moved, whether posts are gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dideban.effect.exact import FACTORS
from dideban.figures import TOLERANCE
from dideban.room.board.presenters.responses import change, range_of, verdict_of
from dideban.room.responses.further import messages_of
from dideban.room.responses.models import EffectPool, EffectRun, FurtherKind, FurtherPool, FurtherRun
from dideban.room.wording import words
from dideban.room.wording.problems import words_of


def further_of(run: EffectRun) -> list[dict[str, Any]]:
    """Return what else one response did, in sentences, or why that is not known. One query unless prefetched."""
    return [
        {
            "one": one, "reading": reading_of(one), "said": [words_of(line) for line in messages_of(one.said)],
            "reasons": [
                (words_of(reason), words.word("effect_change", reason.code.partition(".")[2]))
                for reason in messages_of(one.reasons)
            ],
        }
        for one in run.further.all()
    ]  # fmt: skip


def reading_of(one: FurtherRun | FurtherPool) -> str:
    """Return in which way the figures point: ``moved-more``, ``gone-open``, ``unknown`` ..."""
    if one.p_more is None:
        return "unknown"
    return f"{'gone' if one.what == FurtherKind.GONE else 'moved'}-{verdict_of(one)}"


def further_pools_of(pools: Iterable[EffectPool]) -> list[dict[str, Any]]:
    """Return what else the responses of pools did together, a row for each. One query unless prefetched."""
    return [_pool_row(pool, one) for pool in pools for one in pool.further.all()]


def _pool_row(pool: EffectPool, one: FurtherPool) -> dict[str, Any]:
    return {
        "pool": pool, "one": one, "reading": reading_of(one), "range": range_of(one),
        "change": change(None if is_unbounded(one) else one.reduction),
        "said": [words_of(line) for line in messages_of(one.said)],
    }  # fmt: skip


def is_unbounded(one: FurtherPool) -> bool:
    """Return whether the change is as large as the test can say: next to nothing was there to compare with."""
    return one.reduction is not None and (one.reduction >= 1 or 1 - one.reduction >= FACTORS[1] * (1 - TOLERANCE))


def readings(run: EffectRun) -> Sequence[tuple[str, str]]:
    """Return what was looked at and the reading of each, for a line in a list."""
    return [(one.what, reading_of(one)) for one in run.further.all()]
