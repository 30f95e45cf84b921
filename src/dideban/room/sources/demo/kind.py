"""A simulated stream, for trying the room: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="seed", kind="number", default=1),
        Field(name="speed", kind="number", default=120),
    ),
    speaks=True,
    for_demo_only=True,
)
