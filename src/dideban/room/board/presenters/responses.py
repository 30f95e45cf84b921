"""Responses as pages and files show them: state, target as far as it may be seen, the curve, the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from dideban.effect.exact import FACTORS
from dideban.figures import TOLERANCE
from dideban.messages import Message
from dideban.room.access import Access
from dideban.room.responses.models import (
    EffectPool,
    EffectRun,
    FurtherKind,
    FurtherPool,
    FurtherRun,
    Lot,
    Response,
    ResponseState,
)
from dideban.room.rooms.models import Place
from dideban.room.wording import reading, words
from dideban.room.wording.problems import words_of

LEVEL = 0.05
HEADROOM = 1.25
"""The chart reaches so much higher than what came: a wide band is cut, what came never is."""
MINUS, PLUS = "−", "+"
Figures = EffectRun | EffectPool | FurtherRun | FurtherPool
"""What holds a change, its interval and two p."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A response as far as a member may see it."""

    one: Response
    state: ResponseState
    run: EffectRun | None
    has_target: bool
    """Whether its narrative or finding may be seen; links and hashtags stand in the case."""


def seen(access: Access, responses: Sequence[Response], *, now: datetime | None = None) -> list[Seen]:
    """Return responses with state, effect and whether their targets may be seen. Four queries."""
    now = now or timezone.now()
    runs: dict[int, EffectRun] = {}
    for run in _runs(access, responses):
        runs[run.response_id] = run
    stories = set(access.narratives().filter(pk__in=_keys(responses, "narrative_id")).values_list("pk", flat=True))
    groups = set(access.every_group().filter(pk__in=_keys(responses, "group_id")).values_list("pk", flat=True))
    return [
        Seen(
            one=one, state=one.state(now), run=runs.get(one.pk),
            has_target=bool(one.object_id) or one.narrative_id in stories or one.group_id in groups,
        )
        for one in responses
    ]  # fmt: skip


def _runs(access: Access, responses: Sequence[Response]) -> QuerySet[EffectRun]:
    found = access.effect_runs().filter(response__in=[one.pk for one in responses]).order_by("at")
    return found.prefetch_related("further")


def _keys(responses: Sequence[Response], name: str) -> list[int]:
    return [key for one in responses if (key := getattr(one, name)) is not None]


@dataclass(frozen=True, kw_only=True)
class EffectChart:
    """Posts by the hour around a response; a drawing of ``n`` by 100 units."""

    n: int
    at: int
    """Where the response stands."""
    band: str
    middle: str
    treated: str
    most: int
    first: int
    last: int
    """Hours at the edges."""


def chart_of(run: EffectRun) -> EffectChart | None:
    """Return the curve of the treated target among those it was compared with; None where nothing was estimated."""
    curve = run.curve
    if not curve.get("hour"):
        return None
    top = max(1.0, HEADROOM * max(*curve["treated"], *curve["middle"]))

    def line(values: Sequence[float], *, backwards: bool = False) -> str:
        points = [f"{x} {100 - 98 * min(value, top) / top:.1f}" for x, value in enumerate(values)]
        return "L".join(reversed(points) if backwards else points)

    return EffectChart(
        n=max(len(curve["hour"]) - 1, 1), at=-int(curve["hour"][0]), first=int(curve["hour"][0]),
        last=int(curve["hour"][-1]), most=round(max(curve["treated"])),
        band=f"M{line(curve['high'])}L{line(curve['low'], backwards=True)}Z",
        middle=f"M{line(curve['middle'])}", treated=f"M{line(curve['treated'])}",
    )  # fmt: skip


def change(reduction: float | None) -> str:
    """Write a reduction as a change of posts, with its sign."""
    if reduction is None:
        return "—"
    sign = MINUS if reduction > 0 else PLUS if reduction < 0 else ""
    return sign + reading.percent(abs(reduction))


def range_of(one: Figures) -> tuple[str, str]:
    """Write the interval of a change, the larger fall first; an end that the test does not reach is said so.

    A fall of all posts is an end, and no open one: it is where none came.
    """
    return _end(one.high, is_open=one.high is not None and 1 - 1 / FACTORS[1] <= one.high < 1), _end(
        one.low, is_open=one.low is not None and 1 - one.low >= FACTORS[1] * (1 - TOLERANCE)
    )


def _end(reduction: float | None, *, is_open: bool) -> str:
    """Write one end of an interval."""
    return _("no bound") if is_open else change(reduction)


def reasons_of(run: EffectRun) -> list[tuple[str, str]]:
    """Return why nothing can be said, and what would change it."""
    found = [Message(reason["code"], **reason["values"]) for reason in run.reasons]
    return [(words_of(one), words.word("effect_change", one.code.partition(".")[2])) for one in found]


def verdict_of(one: Figures) -> str:
    """Return which way the figures point: ``fewer``, ``more`` or ``open``.

    Of one response, no post is missing where none was expected. Where none came there were not more, after one or many.
    """
    expected, came = 1.0, 1
    if isinstance(one, EffectRun) or (isinstance(one, FurtherRun) and one.what != FurtherKind.GONE):
        expected, came = one.expected or 0.0, one.posts or 0
    elif one.reduction == 1:
        came = 0  # all of several together: not one post came
    if one.p_fewer is not None and one.p_fewer <= LEVEL and round(expected) >= 1:
        return "fewer"
    return "more" if one.p_more is not None and one.p_more <= LEVEL and came >= 1 else "open"


def pools_of(pools: Sequence[EffectPool]) -> list[dict[str, Any]]:
    """Return pooled effects as the table shows them."""
    return [
        {"one": pool, "change": change(pool.reduction), "range": range_of(pool), "verdict": verdict_of(pool),
         "missing": max(0, (pool.n_needed or 0) - pool.n)}
        for pool in pools
    ]  # fmt: skip


def parts_of(pools: Sequence[EffectPool], places: Sequence[Place]) -> list[dict[str, Any]]:
    """Return pooled effects by delay, place and language, named; places that are gone are left out."""
    names = {place.slug: place for place in places}
    shown = [row | {"place": names.get(row["one"].value)} for row in pools_of(pools)]
    return [row for row in shown if row["one"].split != "place" or row["place"] is not None]


def lot_of(lot: Lot) -> dict[str, Any]:
    """Return a lot with what a stranger needs to draw again."""
    return {"one": lot, "names": " · ".join(reading.number(name) for name in lot.names), "n": len(lot.names)}


FIGURES = ("n_controls", "posts", "expected", "reduction", "low", "high", "p_fewer", "p_more", "e_value", "gamma")
FURTHER = ("posts", "gone", "expected", "reduction", "low", "high", "p_fewer", "p_more")
COLUMNS: Mapping[str, Any] = {
    "response": pl.Int64, "case": pl.Int64, "kind": pl.String, "title": pl.String, "target": pl.String,
    "outcome": pl.String, "horizon_h": pl.Int64, "state": pl.String, "planned_at": pl.String, "at": pl.String,
    "url": pl.String, "language": pl.String, "plan_digest": pl.String, "lot": pl.Int64, "drawn": pl.Boolean,
    "reasons": pl.String, **dict.fromkeys(FIGURES, pl.Float64), "effect_digest": pl.String,
    **{
        f"{what}_{name}": pl.String if name == "reasons" else pl.Float64
        for what in FurtherKind for name in ("reasons", *FURTHER)
    },
}  # fmt: skip


def table_of(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Return responses (:func:`plain_response`) as a table."""
    flat = [
        {
            **{name: row[name] for name in COLUMNS if name in row},
            "planned_at": row["planned_at"].isoformat(), "at": row["at"].isoformat() if row["at"] else None,
            "reasons": " ".join(reason["code"] for reason in (row["effect"] or {}).get("reasons", [])),
            **{name: (row["effect"] or {}).get(name) for name in FIGURES},
            "effect_digest": (row["effect"] or {}).get("digest"), **_further_cells(row["effect"] or {}),
        }
        for row in rows
    ]  # fmt: skip
    return pl.DataFrame(flat, schema=COLUMNS)


def _further_cells(effect: Mapping[str, Any]) -> dict[str, Any]:
    """Return what else a response did as cells named ``accounts_posts``, ``gone_p_more`` and so on."""
    cells: dict[str, Any] = {}
    for one in effect.get("further", []):
        cells |= {f"{one['what']}_{name}": one[name] for name in FURTHER}
        cells[f"{one['what']}_reasons"] = " ".join(reason["code"] for reason in one["reasons"])
    return cells
