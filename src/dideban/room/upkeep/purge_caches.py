"""What a tick keeps between runs, freed of posts that were deleted."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from dideban.config import load_config
from dideban.errors import StoreError
from dideban.room.disk import os_reason
from dideban.room.locks import TICK, only_one
from dideban.room.narratives.follow import purge_before, purge_posts
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.text import SignatureCache


def purge_texts(room: Room, texts: pl.Series) -> None:
    """Take the signatures of texts out of the room's file. The lock of the tick must be held.

    Raises
    ------
    StoreError
        The disk is full.
    """
    path = folder_of(room.slug).signatures
    if not path.exists() or texts.is_empty():
        return
    cache = SignatureCache(path)
    cache.forget(texts, min_chars=load_config(flags=room.engine).traces.min_text_chars)
    try:
        cache.keep()
    except OSError as error:
        raise StoreError(
            "room.cannot-write", hint="room.disk-full-hint", file=path.name, reason=os_reason(error)
        ) from error


def purge_retained(room: Room, texts: pl.Series, *, limits: list[tuple[str | None, str]]) -> None:
    """Forget what retention removed, unless a tick is at it: the next one keeps only what is in the table.

    Parameters
    ----------
    limits : (source or None, first day kept)
    """
    for source, first in limits:
        purge_before(room, datetime.fromisoformat(first).replace(tzinfo=UTC), source=source or "")
    with only_one(folder_of(room.slug).root / TICK) as is_ours:
        if is_ours:
            purge_texts(room, texts)
            purge_posts(room)
