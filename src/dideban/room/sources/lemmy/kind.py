"""Communities of Lemmy servers: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="server", kind="url", required=True), Field(name="community", kind="text"),
        Field(name="local_only", kind="flag", default=False),
    ),
    is_polled=True, can_test=True,
)  # fmt: skip
