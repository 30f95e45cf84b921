"""One finding as a page shows it: the figures and tables are those of the report, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

import jinja2
import orjson
import polars as pl
from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from markupsafe import Markup

from dideban.findings import Finding
from dideban.messages import Message, say
from dideban.report import raster, views, words
from dideban.report.operation_timeline import operation_timeline
from dideban.report.page import environment
from dideban.report.safe import visible
from dideban.room.access import Access
from dideban.room.board.presenters.localize import localized, number, with_local_ticks
from dideban.room.deferred_writes import deferred
from dideban.room.findings.models import KeptFinding
from dideban.room.findings.packages import age_of, read_edges, read_posts, read_shares
from dideban.room.posts.models import Erasure
from dideban.room.posts.thumbnails import find, is_kept
from dideban.room.rooms.folder import folder_of
from dideban.room.wording import reading
from dideban.schema import post_key

ERASED_LATELY = timedelta(hours=2)
"""Longer than a tick that has seen those posts may take."""
MOST_OBJECTS = 60
LIMITS = views.ShownAmounts(posts=60, operations=120, objects=MOST_OBJECTS)
QUOTED = ("platform", "post_id", "created_at", "account_id", "text", "lang", "urls", "place")


PARTS = ("timeline", "finding_claims", "finding_evidence")
"""Templates of the report that make a page: what comes between is the room's own."""


def view_of(access: Access, one: KeptFinding) -> list[SafeString]:
    """Return the timeline, then objects, members and explanations, then posts and figures, as HTML. No query."""
    reader = reading.READER.get()
    stamp = (one.redacted_at, *age_of(access.room.slug, one.finding_id))
    places = access.scope().places
    key = (
        access.room.slug,
        one.finding_id,
        reading.language(),
        reader,
        places,
        _pictured(access.room.slug, one, places),
        one.group.number,
        stamp,
        timezone.get_current_timezone_name(),
    )
    with reading.in_one_language():
        parts = _render(*key)
    return [mark_safe(part) for part in parts]  # noqa: S308 - rendered with escaping by the templates of the report


@lru_cache(maxsize=128)
def _render(
    room: str,
    finding_id: str,
    lang: str,
    reader: reading.ReadingHabits,
    places: tuple[str, ...] | None,
    pictured: tuple[str, ...],
    number: int,
    stamp: tuple[object, ...],
    zone: str,
) -> tuple[str, ...]:
    """Make the page once per way of reading and state of its package. Empty where this version cannot read it."""
    same = KeptFinding.objects.only("document").filter(room__slug=room, finding_id=finding_id).order_by("pk")
    one = same[0]  # the same claim may be of the watch and of a past run
    try:
        engine = Finding.from_dict({k: v for k, v in one.document.items() if k not in ("id", "n_accounts")})
    except (KeyError, TypeError):
        return ("",) * len(PARTS)
    shares = read_shares(room, finding_id)
    card = views.Card(number=number, id=finding_id, finding=engine, spark="")
    view = views.view_finding(
        card, shares=shares, posts=_quoted(room, finding_id, places), edges=read_edges(room, finding_id),
        limits=LIMITS, seed=1, pictures=find(room, pictured),
    )  # fmt: skip
    view = with_local_ticks(view, operation_timeline(engine, shares))
    made = _templates(lang, reader)
    return tuple(localized(made.get_template(f"{name}.html").render(v=view, f=engine)) for name in PARTS)


class Quoted(Mapping[str, Mapping[str, Any]]):
    """The posts of a package by name, read as rows when they are asked for: a page shows a few of thousands."""

    def __init__(self, posts: pl.DataFrame) -> None:
        self.posts = posts
        names = posts.select(post_key()).to_series()
        self.rows = {name: row for row, name in enumerate(names)}

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self.posts.row(self.rows[name], named=True)

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def _quoted(room: str, finding_id: str, places: tuple[str, ...] | None) -> Quoted:
    posts = read_posts(room, finding_id, columns=QUOTED)
    return Quoted(posts if places is None else posts.filter(pl.col("place").is_in(list(places))))


def _pictured(room: str, one: KeptFinding, places: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the pictures among the objects of a finding that are kept and stand in a post that the member may see."""
    shared = [entry["id"] for entry in one.document.get("objects", ()) if entry.get("kind") == "media"]
    kept = [value for value in shared[:MOST_OBJECTS] if is_kept(room, value)]
    if not kept or places is None:
        return tuple(kept)
    posts = read_posts(room, one.finding_id, columns=("media", "place")).filter(pl.col("place").is_in(list(places)))
    seen = set(posts["media"].explode().drop_nulls())
    return tuple(value for value in kept if value in seen)


def spark_of(room: str, finding_id: str) -> str:
    """Return the joint shares of a finding over time as a small path."""
    return _spark(str(settings.DATA), room, finding_id, age_of(room, finding_id)[1])


@lru_cache(maxsize=2048)
def _spark(home: str, room: str, finding_id: str, written_at: int) -> str:
    return raster.spark(read_shares(room, finding_id))


def let_go() -> None:
    """Let go of pages that may show posts of somebody whose posts were deleted a short while ago. One query."""
    if Erasure.objects.filter(done_at__gt=timezone.now() - ERASED_LATELY).exists():
        _render.cache_clear()


deferred.tidy(let_go)


def selfcheck_of(room: str) -> dict[str, Any] | None:
    """Return the check on shuffled data of the latest analysis; None where there is none."""
    try:
        run = orjson.loads((folder_of(room).scan / "run.json").read_bytes())
    except (OSError, ValueError):
        return None
    check = run.get("selfcheck") if isinstance(run, dict) else None
    return check if isinstance(check, dict) and check.get("n_found_shuffled") is not None else None


@lru_cache(maxsize=12)
def _templates(lang: str, reader: reading.ReadingHabits) -> jinja2.Environment:
    """Return the templates of the report, saying everything in one language from the start."""
    made = environment().overlay()
    made.globals = {
        **made.globals, "w": _w, "said": _said, "label": _label, "known": _known, "first_language": lang,
        "folds": True,
    }  # fmt: skip
    made.filters = {
        **made.filters, "n": number, "duration": reading.span,
        "clock": lambda at, seconds=True: Markup(_clock(at)),  # noqa: S704 - made by format_html
    }  # fmt: skip
    return made


def _clock(at: Any) -> str:
    return str(reading.when(words.parse_time(at) if isinstance(at, str) else at))


def _say(what: Message) -> str:
    return say(what, reading.tongue())


def _said(what: Message) -> Markup:
    return Markup("<span>{}</span>").format(_say(what))


def _w(key: str, **params: Any) -> Markup:
    return _said(words.message(key, **params))


def _label(key: str, **params: Any) -> Markup:
    return Markup('aria-label="{}"').format(_say(words.message(key, **params)))


def _known(prefix: str, name: str) -> Markup:
    found = words.known_message(prefix, name)
    return _said(found) if found else Markup("<bdi>{}</bdi>").format(visible(name, limit=80))
