"""Why nothing was found: whether there was enough to test, what was tested, what would be needed, what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
import polars as pl
from django.conf import settings
from django.utils import timezone

from dideban.errors import DidebanError
from dideban.messages import Message, say
from dideban.room.access import Access
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.wording import reading
from dideban.store.delta import PostTable


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Posts that are older than the horizon: no analysis reads them."""

    n: int
    first: datetime
    last: datetime
    horizon_at: datetime


@dataclass(frozen=True, kw_only=True)
class Silence:
    """What the latest analysis says about itself."""

    is_enough: bool
    reason: str
    """Why there was too little, with what would be needed, or why nothing was close; empty where there is none."""
    n_posts: int
    n_accounts: int
    is_empty: bool
    """The analysis had no posts at all; False for who may not read counts of the room."""
    n_tested: int | None
    """Groups that were picked out and tested."""
    outside: Outside | None


def silence_of(access: Access) -> Silence | None:
    """Return what the latest analysis says about itself; None where there was none yet. No query.

    A member limited to places reads why, but no counts of the whole room: these are not theirs.
    """
    try:
        run = orjson.loads((folder_of(access.room.slug).scan / "run.json").read_bytes())
        return reading_of(
            run, is_whole=not access.is_limited, outside=None if access.is_limited else outside_of(access.room)
        )
    except (OSError, ValueError, AttributeError):
        return None


def reading_of(run: dict[str, Any], *, is_whole: bool, outside: Outside | None = None) -> Silence:
    """Return what the record of an analysis says about itself.

    Parameters
    ----------
    is_whole : bool
        Whether the reader sees the whole room; otherwise counts are left out.
    """
    counts, check = run.get("counts") or {}, run.get("selfcheck") or {}
    return Silence(
        is_enough=check.get("enough_data") is not False,
        reason=_reason(check.get("reason")),
        n_posts=int(counts.get("posts") or 0) if is_whole else 0,
        n_accounts=int(counts.get("accounts") or 0) if is_whole else 0,
        is_empty=is_whole and counts.get("posts") == 0,
        n_tested=check.get("n_proposed") if is_whole else None,
        outside=outside,
    )


def outside_of(room: Room) -> Outside | None:
    """Return how many posts are older than the horizon; None where there are none. No query."""
    horizon_at = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=room.horizon_days)
    n, first, last = _older(
        str(settings.DATA), room.slug, PostTable(folder_of(room.slug).posts).committed(), horizon_at
    )
    if not n or first is None or last is None:
        return None
    return Outside(n=n, first=first, last=last, horizon_at=horizon_at)


@lru_cache(maxsize=64)
def _older(home: str, room: str, batch: object, horizon_at: datetime) -> tuple[int, datetime | None, datetime | None]:
    """Count once per state of the table and hour."""
    older = PostTable(folder_of(room).posts).scan(until=horizon_at, columns=["created_at"])
    at = pl.col("created_at")
    n, first, last = older.select(n=pl.len(), first=at.min(), last=at.max()).collect().row(0)
    return int(n), first, last


def _reason(given: Any) -> str:
    if not isinstance(given, dict):
        return ""
    try:
        return say(Message.from_dict({"code": given["code"], "values": given["values"]}), reading.tongue())
    except (DidebanError, ValueError, KeyError, TypeError):
        texts = given.get("text") or {}
        return str(texts.get(reading.language()) or texts.get("en") or "")
