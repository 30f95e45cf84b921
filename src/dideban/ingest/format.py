"""What a known file shape is: how it is recognised, and how its columns or records become the columns of POSTS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

Record = dict[str, Any]
Columns = frozenset[str]

TARGETS = (
    "post_id", "account_id", "platform", "created_at", "text", "lang", "urls", "hashtags", "mentions", "media",
    "repost_of", "reply_to", "quote_of", "place", "reach",
)  # fmt: skip
"""Columns of POSTS that a file may fill."""
LISTS = ("urls", "hashtags", "mentions", "media")


class NotAPost(Exception):  # noqa: N818 - not an error: the record is something else
    """The record is whole but is no post: a like, a service message."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One known file shape; a shape for tables gives ``columns`` and ``mapping``, one for records the rest."""

    name: str
    title: str
    platform: str = ""
    """Platform of all rows where the file does not say."""
    columns: Callable[[Columns], bool] | None = None
    """Whether a table with these column names (as written) has this shape."""
    mapping: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Target to source columns, the first that exists is taken; names from ``derived`` always exist."""
    derive: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    """Adds the columns of ``derived``."""
    derived: tuple[str, ...] = ()
    record: Callable[[Record], bool] | None = None
    """Whether a JSON record has this shape."""
    extract: Callable[[Record, Record], Iterable[Record]] | None = None
    """(record, context) to rows with TARGETS as keys; raises NotAPost, KeyError, TypeError or ValueError."""
    own_objects: bool = False
    """The source lists links, hashtags and mentions itself: an empty list means none."""
    as_is: bool = False
    """Reposts keep the objects listed for them."""
    day_first: bool | None = None
    """Overrides the setting where the format fixes it."""
    notes: tuple[str, ...] = ()

    def choose(self, names: Columns) -> dict[str, str]:
        """Return target to source column for a table with these columns."""
        have = names | set(self.derived)
        chosen: dict[str, str] = {}
        for target, wanted in self.mapping.items():
            options = (wanted,) if isinstance(wanted, str) else wanted
            source = next((option for option in options if option in have), None)
            if source is not None:
                chosen[target] = source
        return chosen
