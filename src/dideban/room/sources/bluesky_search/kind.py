"""Searches, feeds and lists of Bluesky: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="query", kind="text"), Field(name="feed", kind="text"), Field(name="handle", kind="text"),
        Field(name="token", kind="secret"),
    ),
    is_polled=True, can_test=True, can_look_back=True, checks_settings=True,
)  # fmt: skip
