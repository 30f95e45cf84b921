"""Making and changing rooms and places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from dideban.config import load_config
from dideban.errors import InputError
from dideban.ingest import load_key
from dideban.messages import languages
from dideban.room.audit.actions import Actor, record
from dideban.room.roles import Permission
from dideban.room.rooms.folder import make_folder
from dideban.room.rooms.models import Place, Room
from dideban.room.rooms.sealed_ids import make_seal

SETTINGS = {
    "name", "names", "horizon_days", "tick_s", "retention_days", "engine", "affiliations", "needs_second_factor",
    "reveal_hours", "is_paused", "is_demo", "language",
}  # fmt: skip
BOUNDS = {"horizon_days": (1, 400), "tick_s": (5, 86_400), "retention_days": (1, 36_500), "reveal_hours": (1, 720)}


@transaction.atomic
def create_room(*, slug: str, name: str, by: Actor = None, **settings: Any) -> Room:
    """Make a room with its folder and keys.

    Raises
    ------
    InputError
        The slug is taken or has other characters than a-z, 0-9 and hyphens.
    """
    if slug != slugify(slug) or not slug or Room.objects.filter(name=slug).exists():
        raise InputError("room.bad-slug", hint="room.slug-form", name=slug)
    room = Room.objects.create(slug=slug, name=name, **settings)
    load_key(make_folder(slug).key)
    make_seal(slug)
    record(room, "room.create", by=by, subject=f"room:{slug}", details={"name": name})
    return room


@transaction.atomic
def change_room(room: Room, *, by: Actor, **settings: Any) -> None:
    """Change settings of a room; see rooms.models.Room.

    Raises
    ------
    InputError
        No such setting, or a number out of range.
    ConfigError
        Settings of the engine that it does not know.
    """
    if by:
        by.require(Permission.SETTINGS)
    if unknown := set(settings) - SETTINGS:
        raise InputError("room.no-such-field", name=", ".join(sorted(unknown)))
    if "engine" in settings:
        load_config(flags=settings["engine"])
    if set(settings.get("names") or {}) - set(languages()):
        raise InputError("room.no-such-language")
    if settings.get("language", room.language) not in languages():
        raise InputError("room.no-such-language")
    for name, (least, most) in BOUNDS.items():
        if name in settings and not least <= int(settings[name]) <= most:
            raise InputError("room.setting-out-of-range", field=name, value=settings[name], least=least, most=most)
    for name, value in settings.items():
        setattr(room, name, value)
    room.save(update_fields=list(settings))
    shown = {name: value for name, value in settings.items() if name != "affiliations"}
    record(room, "room.change", by=by, subject=f"room:{room.slug}", details=shown)


@transaction.atomic
def save_place(
    room: Room,
    *,
    name: str,
    names: Mapping[str, str] | None = None,
    slug: str = "",
    parent: Place | None = None,
    by: Actor,
) -> Place:
    """Add a place, or change the one with the slug given.

    Parameters
    ----------
    names : mapping
        Language to the name in it; languages the program does not speak are refused.
    """
    if by:
        by.require(Permission.PLACES)
    slug = slug or slugify(name, allow_unicode=True)[:60]
    if not slug:
        raise InputError("room.place-needs-name")
    if parent and (parent.room_id != room.pk or parent.slug == slug):
        raise InputError("room.place-parent")
    if unknown := set(names or {}) - set(languages()):
        raise InputError("room.no-such-field", name=", ".join(sorted(unknown)))
    kept = {language: text.strip()[:100] for language, text in (names or {}).items() if text.strip()}
    place, _ = Place.objects.update_or_create(
        room=room, slug=slug, defaults={"name": name, "names": kept, "parent": parent}
    )
    record(room, "place.save", by=by, subject=f"place:{slug}")
    return place


@transaction.atomic
def remove_place(place: Place, *, by: Actor) -> None:
    """Remove a place; a membership limited to it alone must be changed first.

    Raises
    ------
    InputError
        A member is limited to it: without it they would see everything.
    """
    if by:
        by.require(Permission.PLACES)
    held = place.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now())
    if place.memberships.exists() or held.exists():
        raise InputError("room.place-in-use", hint="room.place-in-use-hint")
    record(place.room, "place.remove", by=by, subject=f"place:{place.slug}")
    place.delete()
