"""A watched folder: every file that has come to rest is read once, and again when it changes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings as room_settings

from dideban.errors import SourceError
from dideban.room.disk import os_reason
from dideban.room.rooms.folder import folder_of
from dideban.room.sources.contract import Ask, Collected

REST_S = 5.0
"""A file that changed less than this many seconds ago may still be written."""
MAX_FILES = 200
KEPT = 20_000


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return the files that were not read as they are now.

    Raises
    ------
    SourceError
        The folder is missing, or not one that the room may read.
    """
    home = allowed(settings["path"], ask.room)
    known = {} if ask.is_test or ask.since else dict(ask.state.get("files", {}))
    files: list[Path] = []
    try:
        names = sorted(path for path in home.rglob("*") if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise SourceError("room.folder-unreadable", reason=os_reason(error)) from error
    for path in names:
        if not path.resolve().is_relative_to(home):
            continue  # a link that leads out of the folder
        facts = path.stat()
        mark = f"{facts.st_size}-{facts.st_mtime_ns}"
        name = path.relative_to(home).as_posix()
        if known.get(name) == mark or time.time() - facts.st_mtime < REST_S:
            continue
        if len(files) >= MAX_FILES:
            break
        files.append(path)
        known[name] = mark
    state = {"files": dict(list(known.items())[-KEPT:])}
    return Collected(files=files, state=state, n_items=len(files), mapping=settings.get("mapping", {}))


def inbox_of(room: str) -> Path:
    """Return the folder of a room into which files may be put, made where it is not there."""
    inbox = folder_of(room).root / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    return inbox


def choices(room: str) -> list[str]:
    """Return the folders that a source of a room may name, with what is below them."""
    return [str(path) for path in readable(room)]


def check(settings: dict[str, Any], room: str) -> None:
    """Refuse a folder that is not there, or that the room may not read."""
    if settings.get("path"):
        allowed(str(settings["path"]), room)


def readable(room: str) -> list[Path]:
    """Return the folders that sources of a room may read, with what is below them."""
    return [inbox_of(room).resolve(), *(Path(base).resolve() for base in room_settings.FOLDERS)]


def allowed(path: str, room: str) -> Path:
    """Return a folder that the room may read: below one that the settings name, or its own inbox.

    Raises
    ------
    SourceError
        Another one, or none.
    """
    inbox = inbox_of(room)
    home = (inbox / path if not Path(path).is_absolute() else Path(path)).resolve()
    bases = readable(room)
    if not any(home.is_relative_to(base) for base in bases):
        raise SourceError(
            "room.folder-forbidden", hint="room.folder-hint",
            permanent=True,
        )  # fmt: skip
    if not home.is_dir():
        raise SourceError("room.no-such-folder", permanent=True)
    return home
