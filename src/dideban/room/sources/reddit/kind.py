"""Communities and searches of Reddit: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(Field(name="community", kind="text"), Field(name="query", kind="text")),
    is_polled=True, can_test=True, checks_settings=True,
)  # fmt: skip
