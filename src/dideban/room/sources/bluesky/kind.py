"""Jetstream of Bluesky: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="url", kind="url", default="wss://jetstream2.us-east.bsky.network/subscribe"),
        Field(name="languages", kind="text"),
        Field(name="words", kind="text"),
        Field(name="pictures", kind="flag", default=False),
        Field(name="thumbnails", kind="flag", default=False),
        Field(name="picture_server", kind="url", default="https://cdn.bsky.app/img/feed_thumbnail/plain"),
    ),
    speaks=True,
    can_test=True,
    can_look_back=True,
)
