"""Making a room: data folder, keys, database, first member."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connections

from dideban.atomic import create_bytes
from dideban.errors import InputError, StoreError
from dideban.room.alerts.actions import save_rule
from dideban.room.alerts.models import RuleKind
from dideban.room.disk import os_reason
from dideban.room.members.actions import add_membership, create_member
from dideban.room.members.models import Member, Membership
from dideban.room.roles import Role
from dideban.room.rooms.actions import create_room
from dideban.room.rooms.models import Room
from dideban.room.upkeep.health import is_newer_schema

DEFAULT_RULES = (
    (RuleKind.NEW_FINDING, "New finding"),
    (RuleKind.GROWING_FINDING, "Growing finding"),
    (RuleKind.NARRATIVE_BURST, "Narrative burst"),
    (RuleKind.SOURCE_SILENT, "Silent source"),
    (RuleKind.ROOM_LATE, "The room is late"),
    (RuleKind.TASK_DUE, "Task due"),
)


def prepare() -> None:
    """Make the data folder, the secret key and the tables; harmless where they are there.

    Raises
    ------
    StoreError
        The folder cannot be written, or the database is of a newer version.
    """
    folder = Path(settings.DATA)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            folder.chmod(0o700)
        settings.INCOMING.mkdir(mode=0o700, exist_ok=True)
        _make_secret(Path(settings.SECRET_KEY_PATH))
    except OSError as error:
        raise StoreError(
            "room.data-folder", hint="room.data-folder-hint",
            path=str(folder), folder=folder, reason=os_reason(error)
        ) from error  # fmt: skip
    if is_newer_schema():
        raise StoreError("room.database-newer")
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def make_room(*, slug: str = "watch", name: str = "Watch", is_demo: bool = False, language: str = "en") -> Room:
    """Return the room of this name, made with the usual alert rules where it is not there."""
    room = Room.objects.filter(slug=slug).first()
    if room is None:
        room = create_room(slug=slug, name=name, is_demo=is_demo, language=language)
        for kind, title in DEFAULT_RULES:
            save_rule(room, kind=kind, name=title, by=None)
    return room


def make_coordinator(room: Room, *, name: str, password: str, email: str = "", language: str = "en") -> Membership:
    """Make a member who leads the room; a member of that name who is there already only becomes lead.

    Raises
    ------
    InputError
        The password is too weak.
    """
    member = Member.objects.filter(username__iexact=name.strip()).first()
    if member is None:
        try:
            member = create_member(username=name, password=password, email=email, language=language, by=None)
        except ValidationError as error:
            raise InputError(
                "room.password-weak", hint="room.password-hint", reasons=" ".join(error.messages)
            ) from error
    return add_membership(room, member, role=Role.COORDINATOR, by=None)


def has_coordinator() -> bool:
    """Return whether anyone can sign in and lead."""
    return Membership.objects.filter(role=Role.COORDINATOR, member__is_active=True).exists()


def close_connections() -> None:
    """Close what this thread holds open."""
    for link in connections.all():
        link.close()


def _make_secret(path: Path) -> None:
    if path.exists() or os.environ.get("DIDEBAN_ROOM_SECRET_KEY") or os.environ.get("DIDEBAN_ROOM_SECRET_KEY_FILE"):
        return
    create_bytes(path, secrets.token_urlsafe(48).encode("ascii"))
    settings.SECRET_KEY = path.read_text("ascii").strip()
