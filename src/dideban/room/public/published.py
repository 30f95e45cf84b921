"""The one place where the site learns what is published: applications register a function, the site calls them all.

An application that publishes something says so when Django starts it::

    class ExercisesConfig(AppConfig):
        def ready(self) -> None:
            from dideban.room.exercises.published import items_of
            from dideban.room.public.published import register

            register("exercises", items_of)

``items_of(room)`` yields :class:`dideban.site.PublishedItem` records of what may be read now. What it no longer yields
leaves the site with the next build, within 15 minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dideban.errors import InputError
from dideban.room.rooms.models import Room
from dideban.site.records import PublishedItem

Published = Callable[[Room], Iterable[PublishedItem]]
"""Yields what a room has published, in any order."""
_PROVIDERS: dict[str, Published] = {}


def register(name: str, items_of: Published) -> None:
    """Let an application publish; a name registered before is replaced."""
    _PROVIDERS[name] = items_of


def published_items(room: Room) -> list[PublishedItem]:
    """Return everything that a room has published, in the order of the site.

    Raises
    ------
    InputError
        Two applications publish the same page.
    """
    found = [item for name in sorted(_PROVIDERS) for item in _PROVIDERS[name](room)]
    found.sort(key=lambda one: (-one.published_at.timestamp(), one.kind, one.slug, one.lang))
    seen: set[tuple[str, str, str]] = set()
    for one in found:
        if (name := (one.kind, one.slug, one.lang)) in seen:
            raise InputError("site.page-twice", kind=one.kind, name=one.slug, lang=one.lang)
        seen.add(name)
    return found
