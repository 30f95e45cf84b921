"""Web pages without a feed: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="url", kind="url", required=True), Field(name="part", kind="text"),
        Field(name="full_text", kind="flag", default=False),
    ),
    is_polled=True, can_test=True,
)  # fmt: skip
