"""Posts sent over HTTP with a token: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(Field(name="mapping", kind="map", default={}),),
    takes_requests=True,
)
