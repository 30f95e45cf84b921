"""Adding, changing and asking for sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from dideban.errors import InputError
from dideban.room.audit.actions import Actor, record
from dideban.room.members.models import Member, Membership
from dideban.room.members.tokens import PREFIX_CHARS, hash_token, make_token
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.fields import check_settings
from dideban.room.sources.models import Source, SourceRun
from dideban.room.sources.registry import is_known, type_of, types

CHANGEABLE = {
    "name", "place", "language", "owner", "settings", "interval_s", "retention_days", "silent_after_s",
}  # fmt: skip

MAX_DAYS = 36_500
RESERVED = {"new", "add", "preview"}
"""Parts of addresses that no source may take for its name."""


@transaction.atomic
def add_source(
    room: Room,
    *,
    kind: str,
    name: str,
    settings: dict[str, Any] | None = None,
    place: Place | None = None,
    language: str = "",
    owner: Member | None = None,
    interval_s: int = 300,
    by: Actor,
) -> Source:
    """Follow something new; its first try comes at once.

    Raises
    ------
    InputError
        An unknown kind, a setting that is missing or makes no sense.
    """
    if by:
        by.require(Permission.SOURCES)
    if not is_known(kind):
        raise InputError("room.source-kind", choices=", ".join(types()))
    clean = check_settings(type_of(kind).fields, settings or {})
    _in_reach(place, by)
    if not name.strip():
        raise InputError("room.source-needs-name")
    made = Source(
        room=room, slug=_free_slug(room, name), kind=str(kind), name=name.strip()[:120], settings=clean, place=place,
        language=language.strip()[:12], owner=owner or (by.member if by else None), next_at=timezone.now(),
    )  # fmt: skip
    made.interval_s = _interval(interval_s)
    made.save()
    record(room, "source.add", by=by, subject=f"source:{made.slug}", details={"kind": made.kind})
    return made


@transaction.atomic
def change_source(source: Source, *, by: Actor, **values: Any) -> None:
    """Change name, place, language, owner, settings, interval_s, retention_days or silent_after_s.

    Raises
    ------
    InputError
        Another field, or a value that makes no sense.
    """
    if by:
        by.require(Permission.SOURCES)
    if unknown := set(values) - CHANGEABLE:
        raise InputError("room.no-such-field", name=", ".join(sorted(unknown)))
    if "settings" in values:
        values["settings"] = check_settings(type_of(source.kind).fields, values["settings"])
        if values["settings"] != source.settings:
            Source.objects.filter(pk=source.pk).update(state={}, next_at=timezone.now(), n_failures=0)
            source.state, source.n_failures = {}, 0
    if "place" in values:
        _in_reach(values["place"], by)
    if "interval_s" in values:
        values["interval_s"] = _interval(values["interval_s"])
    days = values.get("retention_days")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise InputError("room.days-out-of-range", days=days, most=MAX_DAYS)
    for name, value in values.items():
        setattr(source, name, value)
    source.save(update_fields=list(values))
    record(source.room, "source.change", by=by, subject=f"source:{source.slug}", details={"fields": sorted(values)})


@transaction.atomic
def set_paused(source: Source, *, is_paused: bool, by: Actor) -> None:
    """Stop following for a while, or go on."""
    if by:
        by.require(Permission.SOURCES)
    Source.objects.filter(pk=source.pk).update(is_paused=is_paused, next_at=None if is_paused else timezone.now())
    source.is_paused = is_paused
    record(source.room, "source.pause" if is_paused else "source.resume", by=by, subject=f"source:{source.slug}")


@transaction.atomic
def remove_source(source: Source, *, by: Actor) -> None:
    """Follow it no more. Its posts stay until their retention ends; no other source gets its short name."""
    if by:
        by.require(Permission.SOURCES)
    record(source.room, "source.remove", by=by, subject=f"source:{source.slug}", details={"kind": source.kind})
    room = Room.objects.select_for_update().get(pk=source.room_id)
    room.past_sources = {**room.past_sources, source.slug: source.retention_days}
    room.save(update_fields=["past_sources"])
    source.delete()


@transaction.atomic
def make_intake_token(source: Source, *, by: Actor) -> str:
    """Give an HTTP intake a new token; the one before it stops working. Shown once.

    Raises
    ------
    InputError
        The source takes no posts over HTTP.
    """
    if by:
        by.require(Permission.SOURCES)
    if not type_of(source.kind).takes_requests:
        raise InputError("room.only-intake-token")
    token = make_token("s")
    source.token_hash, source.token_prefix = hash_token(token), token[:PREFIX_CHARS]
    source.save(update_fields=["token_hash", "token_prefix"])
    record(source.room, "source.token", by=by, subject=f"source:{source.slug}")
    return token


@transaction.atomic
def ask_test(source: Source, *, by: Membership) -> SourceRun:
    """Try a source now without keeping anything; the run says what came and what went wrong."""
    by.require(Permission.SOURCES)
    return _ask(source, "test", by)


@transaction.atomic
def ask_backfill(source: Source, *, days: int, by: Membership) -> SourceRun:
    """Fetch what the source still has of the last ``days`` days, in the background.

    Raises
    ------
    InputError
        The kind cannot look back, or an odd number of days.
    """
    by.require(Permission.SOURCES)
    if not type_of(source.kind).can_look_back:
        raise InputError("room.no-backfill")
    if not 1 <= days <= 400:
        raise InputError("room.backfill-days", days=days)
    return _ask(source, "backfill", by, since=(timezone.now() - timedelta(days=days)).isoformat())


@transaction.atomic
def ask_upload(
    source: Source,
    *,
    files: Iterable[tuple[str, Iterable[bytes]]],
    mapping: dict[str, str] | None = None,
    by: Membership,
) -> SourceRun:
    """Take files brought by a member; they are read in the background.

    Parameters
    ----------
    files : (name, chunks of bytes)
    mapping : dict
        Column of POSTS to column of the file.

    Raises
    ------
    InputError
        Too large, empty, or not a source for uploads.
    StoreError
        The disk is full.
    """
    from dideban.room.sources.uploads import keep_uploads

    by.require(Permission.UPLOAD)
    if not type_of(source.kind).takes_files:
        raise InputError("room.no-files")
    folder, names = keep_uploads(source.room.slug, files)
    run = _ask(source, "upload", by, folder=str(Path(folder).name), mapping=mapping or {})
    run.file_name = ", ".join(names)[:255]
    run.save(update_fields=["file_name"])
    return run


def _ask(source: Source, kind: str, by: Membership, **details: Any) -> SourceRun:
    run = SourceRun.objects.create(source=source, kind=kind, started_at=timezone.now(), member=by.member)
    record(source.room, f"source.{kind}", by=by, subject=f"source:{source.slug}", details={"run": run.pk})
    from dideban.room.queue import enqueue

    transaction.on_commit(lambda: enqueue("run_source", run_id=run.pk, **details))
    return run


def _free_slug(room: Room, name: str) -> str:
    base = slugify(name)[:50] or "source"
    slug, n = base, 2
    past = Room.objects.values_list("past_sources", flat=True).get(pk=room.pk)
    while slug in RESERVED or slug in past or Source.objects.filter(room=room, slug=slug).exists():
        slug, n = f"{base}-{n}", n + 1
    return slug


def _in_reach(place: Place | None, by: Actor) -> None:
    """A member limited to places adds and changes sources of these: one without a place is of the whole room."""
    ids = by.place_ids() if by else None
    if ids is not None and (place is None or place.pk not in ids):
        raise InputError("room.choose-your-place")


def _interval(seconds: int) -> int:
    if not 10 <= int(seconds) <= 7 * 86_400:
        raise InputError("room.interval-range", seconds=seconds)
    return int(seconds)
