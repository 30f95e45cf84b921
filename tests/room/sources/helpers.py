"""What the tests of all types of sources need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import polars as pl

from dideban.room.posts.merge import merge_all
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from dideban.store.delta import PostTable
from room.hostile import Server


def stored() -> pl.DataFrame:
    merge_all("watch")
    return PostTable(folder_of("watch").posts).scan().collect().sort("created_at", "post_id")


def again(source: Source) -> Source:
    return Source.objects.select_related("room", "place").get(pk=source.pk)


def when(hours: float) -> str:
    return format_datetime(datetime.now(UTC) - timedelta(hours=hours))


def feed_source(room: Room, web: Server, **settings: Any) -> Source:
    return again(add_source(room, kind="feed", name="News", settings={"url": f"{web.url}/feed", **settings}, by=None))
