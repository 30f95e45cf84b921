"""Three months of a demo room: bursts of links, and responses that work, do nothing, backfire, move; all made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from django.utils import timezone

from dideban.room.cases.actions import add_note, open_case
from dideban.room.cases.models import Case
from dideban.room.members.models import Membership
from dideban.room.posts.intake import keep_frame, origin_of
from dideban.room.posts.merge import merge
from dideban.room.responses.actions import plan_response, tell_response
from dideban.room.responses.models import ARRIVAL_H, Response
from dideban.room.responses.targets import Target
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.health import note_merged
from dideban.room.upkeep.demo_elsewhere import plant_moves, plant_removals
from dideban.room.upkeep.effects import work_out_effects
from dideban.room.wording import made_up
from dideban.schema import POSTS
from dideban.simulate.responses import Bursts, Responses, address_of, make_bursts, posts_of

DAYS, HORIZON_H = 90, 48
HOUR = timedelta(hours=1)
SPARE = timedelta(days=4)
"""The room is so much older than its first post."""


@dataclass(frozen=True, kw_only=True)
class PlantedResponses:
    """Responses of one kind, and what they really do."""

    kind: str
    title: str
    """Shown in the language of the reader."""
    reduction: float
    language: str
    then: str = ""
    """``moved``: the early accounts say the same with another link; ``gone``: most posts are removed."""


PLANTED = (
    PlantedResponses(kind="correction", title=made_up.WORKS, reduction=0.7, language="en"),
    PlantedResponses(kind="bulletin", title=made_up.NOTHING, reduction=0.0, language="fa"),
    PlantedResponses(kind="talk", title=made_up.BACKFIRES, reduction=-2.0, language="ar"),
    PlantedResponses(kind="report", title=made_up.REMOVED, reduction=0.0, language="en", then="gone"),
    PlantedResponses(kind="other", title=made_up.MOVES, reduction=0.4, language="fa", then="moved"),
)
"""What is planted; the pages are held against it in a test."""
NEUTRAL = PLANTED[1]
"""The kind that does nothing: whatever is answered so goes on as it would have."""


def make_history(
    room: Room,
    by: Membership,
    *,
    seed: int = 11,
    n_units: int = 100,
    n_responses: int = 24,
    now: datetime | None = None,
) -> int:
    """Fill a demo room with three months of posts and responses; return how many effects were worked out.

    The horizon of one response ends with the hour that goes on, so that its effect appears while one watches.

    Parameters
    ----------
    by : Membership
        Who plans the responses.
    n_units, n_responses : counts
        Links and responses of each kind.
    """
    now = now or timezone.now()
    start = (now - timedelta(days=DAYS)).replace(minute=0, second=0, microsecond=0)
    Room.objects.filter(pk=room.pk).update(created_at=start - SPARE)
    room.refresh_from_db()
    parts = [
        make_bursts(Responses(n=n_responses, reduction=one.reduction), seed=seed + ix, n_units=n_units, days=DAYS)
        for ix, one in enumerate(PLANTED)
    ]
    source = add_source(room, kind="upload", name=made_up.MONTHS, by=None)
    moved, gone = (_answered(parts, start, then=then, now=now) for then in ("moved", "gone"))
    posts = plant_moves(_posts(parts, start=start, now=now, seed=seed), moved, now=now)
    keep_frame(posts, origin=origin_of(source))
    while (merged := merge(room.slug)) is not None:
        note_merged(room, merged)
    plant_removals(room.slug, posts, gone, seed=seed, now=now)
    case = open_case(room, title=made_up.CASE, by=by)
    add_note(case, text=made_up.NOTE, by=by)
    places = list(Place.objects.filter(room=room).order_by("slug"))
    for ix, (one, part) in enumerate(zip(PLANTED, parts, strict=True)):
        for number, (unit, hour) in enumerate(part.responses.select("unit", "hour").iter_rows()):
            at = start + (hour + 0.5) * HOUR
            link = address_of(unit + ix * n_units)
            if _is_told(at, now):
                where = [places[number % len(places)]] if places else []
                _respond(case, one, link, at=at, by=by, places=where)
    row, at = still_running(parts, start=start, now=now)
    _respond(case, NEUTRAL, address_of(row), at=at, by=by, places=places[:1])
    n = work_out_effects(room, now=now)
    room.sources.filter(kind="demo").update(created_at=timezone.now())  # nobody listened meanwhile: no silence yet
    return n


def still_running(parts: list[Bursts], *, start: datetime, now: datetime) -> tuple[int, datetime]:
    """Return a link nobody answered, and when it is answered so that the effect is known with the hour that goes on.

    Returns
    -------
    row : int
        Of all links, the loudest of those first seen in the day before.
    at : datetime
    """
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    at = this_hour + HOUR - timedelta(hours=1 + HORIZON_H + ARRIVAL_H)
    hour, n_units = int((at - start) / HOUR), len(parts[0].counts)
    before = np.concatenate([part.counts for part in parts])[:, :hour]
    loud = before[:, -24:].sum(axis=1) * (before[:, :-24].sum(axis=1) == 0)
    for ix, part in enumerate(parts):
        loud[part.responses["unit"].to_numpy() + ix * n_units] = 0
    return int(loud.argmax()), at + 0.5 * HOUR


def _is_told(at: datetime, now: datetime) -> bool:
    """Return whether the horizon of a response is over; of later ones nothing is known, and nothing follows."""
    return at + (HORIZON_H + 5) * HOUR < now


def _answered(parts: list[Bursts], start: datetime, *, then: str, now: datetime) -> dict[str, datetime]:
    """Return the links of a kind of response, and when each was answered."""
    n_units = len(parts[0].counts)
    found = {
        address_of(unit + ix * n_units): start + (hour + 0.5) * HOUR
        for ix, (one, part) in enumerate(zip(PLANTED, parts, strict=True)) if one.then == then
        for unit, hour in part.responses.select("unit", "hour").iter_rows()
    }  # fmt: skip
    return {link: at for link, at in found.items() if _is_told(at, now)}


def _posts(parts: list[Bursts], *, start: datetime, now: datetime, seed: int) -> pl.DataFrame:
    """Return POSTS of all links until now; each kind of response has people of its own."""
    counts = np.concatenate([part.counts for part in parts])
    whole = Bursts(counts=counts, untouched=counts, responses=parts[0].responses.clear())
    made = posts_of(whole, seed=seed)
    first = made["created_at"].dt.truncate("1d").min()
    story = pl.col("text").str.extract(r"story-(\d+)")
    posts = made.with_columns(
        created_at=pl.col("created_at") + (pl.lit(start) - pl.lit(first)), platform=pl.lit("demo"),
        post_id=pl.format("history-{}", "post_id"),
        text=pl.format("Look at what was found in the harbour, part {}", story),
        account_id=pl.format("{}-{}", story.cast(pl.Int64) // len(parts[0].counts), "account_id"),
    ).filter(pl.col("created_at") < now)  # fmt: skip
    missing: Mapping[str, Any] = {
        name: pl.lit([] if isinstance(kind, pl.List) else None, kind)
        for name, kind in POSTS.dtypes.items() if name not in posts.columns
    }  # fmt: skip
    frame = posts.with_columns(**missing).select(POSTS.names)
    return POSTS.check(frame.with_columns(source=pl.lit("history")))


def _respond(
    case: Case, one: PlantedResponses, link: str, *, at: datetime, by: Membership, places: list[Place]
) -> None:  # fmt: skip
    """Plan a response and tell it, as if an hour before it happened and when it did."""
    made = plan_response(
        case, kind=one.kind, title=one.title, target=Target.of_object("link", link), horizon_h=HORIZON_H, by=by
    )
    tell_response(made, at=at, language=one.language, places=places, by=by)
    Response.objects.filter(pk=made.pk).update(planned_at=at - HOUR, told_at=at)
