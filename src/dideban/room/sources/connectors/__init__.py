"""One module per kind of source: what it answers, as bytes in a shape the engine reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dideban.room.sources.connectors import feed, folder, jetstream, mastodon
from dideban.room.sources.connectors.model import Ask, Collected
from dideban.room.sources.models import SourceKind

COLLECT: dict[str, Callable[[dict[str, Any], Ask], Collected]] = {
    SourceKind.FEED: feed.collect,
    SourceKind.MASTODON: mastodon.collect,
    SourceKind.FOLDER: folder.collect,
    SourceKind.BLUESKY: jetstream.collect,
}
"""Kinds that can be asked: those of ``health.POLLED`` now and then, a stream for a test or to look back."""

__all__ = ["COLLECT", "Ask", "Collected"]
