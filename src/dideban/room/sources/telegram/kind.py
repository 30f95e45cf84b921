"""Public Telegram channels: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="channel", kind="text", required=True),
        Field(name="pictures", kind="flag", default=False),
        Field(name="thumbnails", kind="flag", default=False),
    ),
    is_polled=True, can_test=True, can_look_back=True, checks_settings=True,
)  # fmt: skip
