"""What a source would bring, before it is followed: asked once, nothing kept."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings as room_settings
from django.utils import timezone

from dideban import ingest
from dideban.config import IngestConfig
from dideban.errors import DidebanError, InputError, SourceError
from dideban.room.fetch import Fetcher, FetchLimits
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.registry import type_of

SHOWN = 10
SECONDS = 12.0
MAX_BYTES = 4 * 1024 * 1024
KEY = b"only for looking, of no room at all"[:32]
COLUMNS = ["created_at", "account_id", "text", "urls", "lang"]


@dataclass(frozen=True)
class Preview:
    """What came."""

    n: int = 0
    n_outside: int = 0
    """How many are older than the horizon of the room."""
    horizon_at: datetime | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    trouble: DidebanError | None = None


def preview(kind: str, *, settings: dict[str, Any], room: str, horizon_days: int) -> Preview:
    """Ask a source once; what goes wrong is part of the answer.

    Parameters
    ----------
    horizon_days : int
        The room analyses posts of so many days; older ones are counted apart.

    Notes
    -----
    Accounts are shown by names made for this look alone.
    """
    limits = FetchLimits(allow_private=room_settings.ALLOW_PRIVATE_ADDRESSES, max_seconds=SECONDS, max_bytes=MAX_BYTES)
    ask = Ask(state={}, fetcher=Fetcher(limits), now=timezone.now(), is_test=True, room=room)
    try:
        collected: Collected = type_of(kind).connector.collect(settings, ask)
        posts = _read(collected)
    except (SourceError, InputError) as error:
        return Preview(trouble=error)
    horizon_at = ask.now - timedelta(days=horizon_days)
    return Preview(
        n=posts.height, n_outside=posts.filter(pl.col("created_at") < horizon_at).height, horizon_at=horizon_at,
        rows=posts.head(SHOWN).to_dicts(), trouble=collected.trouble,
    )  # fmt: skip


def _read(collected: Collected) -> pl.DataFrame:
    """Return the posts of an answer, the newest first."""
    parts = list(collected.parts)
    nothing = pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    if not parts:
        return nothing
    config = IngestConfig(max_reject_share=1.0, max_field_bytes=2_000_000)
    with tempfile.TemporaryDirectory(prefix="dideban-look-") as scratch:
        paths = []
        for n, (name, data) in enumerate(parts):
            paths.append(Path(scratch) / f"{n}-{name}")
            paths[-1].write_bytes(data)
        found = ingest.read_posts(paths, out=Path(scratch) / "read", key=KEY, config=config,
                                  mapping=collected.mapping or None)  # fmt: skip
        return pl.read_parquet(found.posts_path, glob=False).select(COLUMNS).sort("created_at", descending=True)
