"""Files brought by members: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(Field(name="mapping", kind="map", default={}),),
    takes_files=True,
    has_own_health=True,
)
