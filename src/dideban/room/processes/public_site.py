"""Building the public sites of rooms: when something was published or withdrawn, and every few minutes."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from dideban.errors import DidebanError
from dideban.room.board.presenters.public_record import record_of
from dideban.room.public.building import Built, build_site, note_trouble
from dideban.room.rooms.models import Room
from dideban.room.upkeep.demo_pages import rest_on_findings

log = logging.getLogger("dideban.room.public")
BUILD_S = 300.0
"""How often the sites of all rooms are looked after: what was withdrawn elsewhere is gone within minutes."""

COMMENTS_S = 10.0
"""How often the shown comments are looked at: what a writer deletes leaves the site soon."""
REST = 4
"""A build for the sake of comments waits this many times as long as the last one took."""


class CommentWatch:
    """Builds the sites when the shown comments changed."""

    def __init__(self) -> None:
        self.seen, self.not_before = _shown_mark(), 0.0

    def look(self) -> None:
        """Build where something changed and the machine had some rest since the last build."""
        mark, began = _shown_mark(), time.monotonic()
        if mark == self.seen or began < self.not_before:
            return
        self.seen = mark  # before building: what changes meanwhile is seen the next time
        build_sites()
        self.not_before = time.monotonic() + REST * (time.monotonic() - began)


def _shown_mark() -> tuple[int, int]:
    """Return what changes with the file of shown comments."""
    try:
        found = (Path(settings.COMMENTS) / "shown.json").stat() if settings.COMMENTS else None
    except OSError:
        return 0, 0
    return (found.st_mtime_ns, found.st_size) if found else (0, 0)


def build(room: Room, *, out: Path | None = None, always: bool = False) -> Built:
    """Build the site of a room with the record of its own work."""
    if room.is_demo:
        rest_on_findings(room)
    return build_site(room, transparency=record_of(room, now=timezone.now()), out=out, always=always)


def try_build(room: Room) -> None:
    """Build a site; trouble is kept for the page of members and tried again within minutes."""
    try:
        build(room)
    except (DidebanError, OSError) as error:
        log.error("site: %s", error, extra={"room": room.slug})
        note_trouble(room, error)


def build_sites() -> None:
    """Build the site of every room that has one and where anything changed."""
    for room in Room.objects.filter(public_site__is_on=True):
        try_build(room)
