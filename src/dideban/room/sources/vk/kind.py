"""Public walls of VK: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(Field(name="wall", kind="text", required=True), Field(name="token", kind="secret", required=True)),
    is_polled=True, can_test=True, can_look_back=True, checks_settings=True,
)  # fmt: skip
