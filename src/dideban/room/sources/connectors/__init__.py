"""One module per kind of source: what it answers, as bytes in a shape the engine reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dideban.room.sources.connectors import feed, folder, mastodon
from dideban.room.sources.connectors.model import Ask, Collected
from dideban.room.sources.models import SourceKind

COLLECT: dict[str, Callable[[dict[str, Any], Ask], Collected]] = {
    SourceKind.FEED: feed.collect,
    SourceKind.MASTODON: mastodon.collect,
    SourceKind.FOLDER: folder.collect,
}
"""Kinds that are asked now and then; the others speak on their own."""

__all__ = ["COLLECT", "Ask", "Collected"]
