"""Public and hashtag timelines of Mastodon servers: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="server", kind="url", required=True),
        Field(name="hashtag", kind="text"),
        Field(name="list", kind="text"),
        Field(name="local_only", kind="flag", default=False),
        Field(name="token", kind="secret"),
        Field(name="pictures", kind="flag", default=False),
        Field(name="thumbnails", kind="flag", default=False),
    ),
    is_polled=True,
    can_test=True,
    can_look_back=True,
)
