"""What a known file shape is: how it is recognised, and how its columns or records become the columns of POSTS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dideban.ingest.field_source import FieldSource
from dideban.messages.message import Message

Record = dict[str, Any]
Columns = frozenset[str]

TARGETS = (
    "post_id", "account_id", "platform", "created_at", "text", "lang", "urls", "hashtags", "mentions", "media",
    "repost_of", "reply_to", "quote_of", "place", "reach",
)  # fmt: skip
"""Columns of POSTS that a file may fill."""
LISTS = ("urls", "hashtags", "mentions", "media")
SAID = "__said"
"""Field of an extracted row that holds the code of a note: it is counted and not kept."""


def known(*counts: Any) -> Any:
    """Return the first count that is known: none at all is known too.

    Examples
    --------
    >>> known(None, 0, 7)
    0
    """
    return next((count for count in counts if count is not None), None)


class NotAPost(Exception):  # noqa: N818 - not an error: the record is something else
    """The record is whole but is no post.

    Parameters
    ----------
    kind : slug
        What it is instead, one of KINDS.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One known file shape; a shape for tables gives ``columns`` and ``mapping``, one for records the rest."""

    name: str
    title: str = ""
    """Its name, where that is a proper name; otherwise the catalogues have words for it, under ``shape``."""
    platform: str = ""
    """Platform of all rows where the file does not say."""
    columns: Callable[[Columns], bool] | None = None
    """Whether a table with these column names (as written) has this shape."""
    mapping: Mapping[str, str | tuple[str, ...] | FieldSource] = field(default_factory=dict)
    """Target to source columns. Of a tuple, the first that exists is taken; of a FieldSource, those that exist."""
    derive: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    """Adds the columns of ``derived``."""
    derived: tuple[str, ...] = ()
    headless: Callable[[list[str]], list[str] | None] | None = None
    """Cells of the first line to the names of the columns, where the shape is one that is written without a header."""
    record: Callable[[Record], bool] | None = None
    """Whether a JSON record has this shape."""
    extract: Callable[[Record, Record], Iterable[Record]] | None = None
    """(record, context) to rows with TARGETS as keys; raises NotAPost, KeyError, TypeError or ValueError."""
    own_objects: bool = False
    """The source lists links, hashtags and mentions itself: an empty list means none."""
    links_in_text: bool = False
    """A blank cell of links leaves it to the text: the column holds one link or none."""
    as_is: bool = False
    """Reposts keep the objects listed for them, and ids and platforms stay as they are written."""
    day_first: bool | None = None
    """Overrides the setting where the format fixes it."""
    permalink: str | tuple[str, ...] = ()
    """Columns with the address of the post itself: says the platform, and the id where there is no other."""
    homes: tuple[str, ...] = ()
    """Columns inside which ids are unique: tried before any guess where ids repeat."""
    cannot_tell_reposts: bool = False
    """Records of this shape do not say what they repost."""
    notes: tuple[Message, ...] = ()

    @property
    def said(self) -> Message:
        """What the shape is called."""
        return Message("sentence.english", text=self.title) if self.title else Message(f"shape.{self.name}")

    def choose(self, names: Columns, is_empty: Callable[[str], bool] = lambda _: False) -> dict[str, FieldSource]:
        """Return target to source for a table with these columns; of several, one that is not wholly empty."""
        have = names | set(self.derived)
        chosen = ((target, _existing(wanted, have, is_empty)) for target, wanted in self.mapping.items())
        return {target: source for target, source in chosen if source is not None}


def _existing(
    wanted: str | tuple[str, ...] | FieldSource, have: Columns, is_empty: Callable[[str], bool]
) -> FieldSource | None:
    if isinstance(wanted, FieldSource):
        if wanted.how == "constant":
            return wanted
        columns = tuple(name for name in wanted.columns if name in have)
        if not columns or (wanted.how == "moment" and columns[0] != wanted.columns[0]):
            return None
        return FieldSource(columns, wanted.how if len(columns) > 1 else "one")
    options = [name for name in ((wanted,) if isinstance(wanted, str) else wanted) if name in have]
    sound = [name for name in options if not is_empty(name)] if len(options) > 1 else options
    return next((FieldSource((name,)) for name in [*sound, *options]), None)
