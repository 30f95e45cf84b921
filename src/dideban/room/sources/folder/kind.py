"""Watched folders of files: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="path", kind="path", required=True),
        Field(name="mapping", kind="map", default={}),
    ),
    is_polled=True,
    can_test=True,
    can_look_back=True,
    checks_settings=True,
    offers_choices=True,
)
