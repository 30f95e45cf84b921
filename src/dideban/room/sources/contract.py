"""What a type of source is: the record that its folder holds, what its connector is asked and what it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dideban.errors import SourceError
from dideban.room.sources.fields import Field

if TYPE_CHECKING:
    from dideban.room.fetch import Fetcher
    from dideban.room.sources.pictures import Pictures


@dataclass(frozen=True, kw_only=True)
class SourceType:
    """One type of source. Its folder is its slug; ``kind.py`` there holds one of these as ``TYPE``.

    Notes
    -----
    What it can do is said here, so that lists and forms need not import what does it. The work is in ``connector.py``:
    ``collect(settings, ask) -> Collected`` where it can be asked, ``listen(source, stopped)`` where it speaks on its
    own, ``check(settings, room)`` where ``checks_settings``, ``choices(room)`` where ``offers_choices``. A
    ``health.py`` with ``health_of(source, now)`` replaces the usual rule.
    """

    fields: tuple[Field, ...] = ()
    is_polled: bool = False
    """Asked every ``interval_s``."""
    can_test: bool = False
    """Can be tried without keeping anything."""
    can_look_back: bool = False
    speaks: bool = False
    """A thread listens to it."""
    takes_files: bool = False
    """Members bring files."""
    takes_requests: bool = False
    """Programs send posts over HTTP with its token."""
    checks_settings: bool = False
    """Looks at settings beyond their form while the form is at hand."""
    offers_choices: bool = False
    """Names values that a setting may have on this machine."""
    has_own_health: bool = False
    for_demo_only: bool = False
    slug: str = ""
    package: str = ""
    """Set by the registry: where it was found."""

    @property
    def connector(self) -> ModuleType:
        """The module that does the work, imported when it is first needed."""
        return import_module(f"{self.package}.connector")

    @property
    def health(self) -> ModuleType:
        """The module of its own health rule."""
        return import_module(f"{self.package}.health")


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
    pictures: Pictures | None = None
    """Looks at the pictures of posts; None = nobody asked for it."""


@dataclass(frozen=True, kw_only=True)
class Collected:
    """One answer: bytes with a file name that tells their shape, or files where they lie."""

    parts: Iterable[tuple[str, bytes]] = ()
    files: list[Path] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    """Kept once the posts are on the disk."""
    n_items: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    """Reason to number of records that could not be read; grows while ``parts`` are taken."""
    mapping: dict[str, str] = field(default_factory=dict)
    trouble: SourceError | None = None
    """What was wrong although posts came: they are kept, and the source is not well."""


__all__ = ["Ask", "Collected", "Field", "SourceType"]
