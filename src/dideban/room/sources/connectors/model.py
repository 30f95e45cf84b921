"""What a connector is asked and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dideban.room.fetch import Fetcher


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question to a source."""

    state: dict[str, Any]
    """Where the connector stood."""
    fetcher: Fetcher
    now: datetime
    since: datetime | None = None
    """Look back this far (backfill); None = what is new."""
    is_test: bool = False
    room: str = ""


@dataclass(frozen=True, kw_only=True)
class Collected:
    """One answer: bytes with a file name that tells their shape, or files where they lie."""

    parts: Iterable[tuple[str, bytes]] = ()
    files: list[Path] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    """Kept once the posts are on the disk."""
    n_items: int = 0
    mapping: dict[str, str] = field(default_factory=dict)
