"""A simulated stream, for trying the room: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="seed", kind="number", default=1),
        Field(name="pace", kind="number", default=1),
        Field(name="part", kind="text", default="main"),
    ),
    speaks=True,
    for_demo_only=True,
)
