"""The first start: a link that works once, and what its page sets up in one go."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from dideban.atomic import write_bytes
from dideban.errors import InputError
from dideban.room.members.actions import change_preferences
from dideban.room.members.models import Member, Membership
from dideban.room.rooms.actions import change_room, save_place
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.upkeep.setup import make_coordinator

NAME = "first-start"
MOST_PLACES = 50


@dataclass(kw_only=True)
class FirstStart:
    """What the page asks for."""

    username: str
    password: str
    email: str = ""
    names: dict[str, str] = field(default_factory=dict)
    """Language to the name of the room."""
    language: str = "en"
    time_zone: str = "UTC"
    calendar: str = "gregorian"
    places: list[str] = field(default_factory=list)
    source_kind: str = ""
    source_name: str = ""
    source_settings: dict[str, Any] = field(default_factory=dict)


def offer() -> str:
    """Return the secret of the link, made where there is none; it holds until there is a member."""
    path = _path()
    if not path.exists():
        write_bytes(path, secrets.token_urlsafe(32).encode("ascii"), survives="power")
        if os.name == "posix":
            path.chmod(0o600)
    return path.read_text("ascii").strip()


def is_open(token: str) -> bool:
    """Return whether a link holds: nobody is a member yet, and it is the one that was printed."""
    path = _path()
    if Member.objects.exists() or not path.exists():
        return False
    return hmac.compare_digest(path.read_bytes().strip(), token.encode("utf-8", "replace"))


@transaction.atomic
def begin(room: Room, first: FirstStart) -> Membership:
    """Make the member who leads, name the room, add places and a source; all of it or nothing.

    Raises
    ------
    InputError
        The password is too weak, or a setting makes no sense.
    """
    Room.objects.select_for_update().get(pk=room.pk)
    if Member.objects.exists():
        raise InputError("room.begun-already")
    lead = make_coordinator(
        room, name=first.username, password=first.password, email=first.email, language=first.language
    )  # fmt: skip
    change_preferences(lead.member, time_zone=first.time_zone, calendar=first.calendar)
    names = {language: text.strip()[:100] for language, text in first.names.items() if text.strip()}
    if names:
        name = names.get(first.language) or next(iter(names.values()))
        change_room(room, name=name, names=names, language=first.language, by=lead)
    for place in first.places[:MOST_PLACES]:
        if place.strip():
            save_place(room, name=place.strip()[:100], by=lead)
    if first.source_kind:
        add_source(
            room, kind=first.source_kind, name=first.source_name or first.source_kind, settings=first.source_settings,
            by=lead,
        )  # fmt: skip
    transaction.on_commit(lambda: _path().unlink(missing_ok=True))
    return lead


def _path() -> Path:
    return Path(settings.DATA) / NAME
