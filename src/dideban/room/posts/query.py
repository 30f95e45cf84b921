"""What is looked for in the posts of a room, and what a member may see."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dideban.room.wording.date_entry import read_instant

MAX_CHARS = 500
DEFAULT_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which posts a member may see."""

    places: tuple[str, ...] | None = None
    """Slugs of places; None = the whole room."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is looked for. Empty fields do not narrow."""

    text: str = ""
    """Words, all of which must occur; "several words" in quotes in this order; -word must not occur."""
    since: datetime | None = None
    until: datetime | None = None
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    object: str = ""
    """A link or part of one, or #hashtag."""
    account: str = ""
    """A pseudonym."""
    finding: str = ""
    """A finding id: only posts that its accounts shared together."""
    narrative: str = ""
    """The number of a narrative of the room: only its posts."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data without empty fields, for an address or a database."""
        plain: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            if value := getattr(self, field.name):
                plain[field.name] = value.isoformat() if isinstance(value, datetime) else value
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Query:
        """Read what :meth:`to_dict` wrote, or the parameters of an address (lists of strings).

        Raises
        ------
        InputError
            A time that cannot be read.
        """
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            given = data.get(field.name)
            if given in (None, "", [], ()):
                continue
            if field.name in ("since", "until"):
                values[field.name] = _instant(_one(given), is_end=field.name == "until")
            elif field.name in ("places", "sources", "languages", "platforms"):
                items = [given] if isinstance(given, str) else list(given)
                values[field.name] = tuple(_sound(item, 100) for item in items if item)[:100]
            else:
                values[field.name] = _sound(_one(given), MAX_CHARS)
        return cls(**values)


def _sound(given: Any, most: int) -> str:
    """Return a text that databases and tables take: without NUL, and without half characters, which JSON may hold."""
    return str(given).replace("\x00", "")[:most].encode("utf-8", "replace").decode("utf-8")


def _one(given: Any) -> Any:
    return given[0] if isinstance(given, list | tuple) else given


def _instant(text: Any, *, is_end: bool) -> datetime:
    """Read a day or an instant; the end of a day is the beginning of the next."""
    return read_instant(str(text), is_end=is_end).astimezone(UTC)
