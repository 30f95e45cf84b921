"""RSS and Atom feeds: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="url", kind="url", required=True),
        Field(name="full_text", kind="flag", default=False),
        Field(name="pictures", kind="flag", default=False),
        Field(name="thumbnails", kind="flag", default=False),
    ),
    is_polled=True,
    can_test=True,
    can_look_back=True,
)
