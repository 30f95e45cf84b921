"""Settings are checked before anything starts: dideban.E001 and on stop it, dideban.W001 and on only warn."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

MIN_SECRET = 32


@register("dideban")
def check_room(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Check everything a team can set."""
    return [
        found
        for check in (_secret, _folder, _address, _zone, _https, _private, _readable, _anchors)
        for found in check()
    ]


def _secret() -> list[CheckMessage]:
    given = os.environ.get("DIDEBAN_ROOM_SECRET_KEY") or os.environ.get("DIDEBAN_ROOM_SECRET_KEY_FILE")
    if not given and not Path(settings.SECRET_KEY_PATH).exists():
        return [Error("the room has no secret key yet", hint="run 'dideban room init'", id="dideban.E001")]
    if len(settings.SECRET_KEY) < MIN_SECRET:
        hint = f"at least {MIN_SECRET} characters, chosen by chance"
        return [Error("the secret key of the room is too short", hint=hint, id="dideban.E002")]
    return []


def _folder() -> list[CheckMessage]:
    folder = Path(settings.DATA)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        message = f"the data folder {folder} cannot be written ({error.strerror})"
        return [Error(message, hint="name another with DIDEBAN_ROOM_DATA", id="dideban.E003")]
    if (folder / "restore.unfinished").exists():
        return [Error("a restore did not finish", hint="run 'dideban room restore' again", id="dideban.E007")]
    return []


def _address() -> list[CheckMessage]:
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = "DIDEBAN_ROOM_URL=https://room.example.org"
        return [Error(f"{settings.SITE_URL!r} is no address of a room", hint=hint, id="dideban.E004")]
    if parts.hostname not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        hint = f"add {parts.hostname} to DIDEBAN_ROOM_HOSTS"
        return [Error("the room would refuse its own address", hint=hint, id="dideban.E005")]
    return []


def _zone() -> list[CheckMessage]:
    try:
        zoneinfo.ZoneInfo(settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        hint = "for example DIDEBAN_ROOM_TIME_ZONE=Asia/Tehran"
        return [Error(f"{settings.TIME_ZONE!r} is no time zone", hint=hint, id="dideban.E006")]
    return []


def _https() -> list[CheckMessage]:
    host = urlsplit(settings.SITE_URL).hostname
    if settings.HTTPS or host in ("127.0.0.1", "localhost", "::1"):
        return []
    hint = "put a web server with a certificate in front, and say DIDEBAN_ROOM_URL=https://..."
    return [
        Warning("the room is reached without HTTPS: passwords can be read on the way", hint=hint, id="dideban.W001")
    ]


def _private() -> list[CheckMessage]:
    if not settings.ALLOW_PRIVATE_ADDRESSES:
        return []
    hint = "leave DIDEBAN_ROOM_ALLOW_PRIVATE_ADDRESSES out unless a source is on your own network"
    return [Warning("sources may reach this machine and the local network", hint=hint, id="dideban.W002")]


def _readable() -> list[CheckMessage]:
    """Warn of secrets that everybody on the machine can read."""
    paths = [Path(settings.SECRET_KEY_PATH)]
    paths += [Path(path) for name, path in os.environ.items() if name.endswith("_FILE") and _is_ours(name) and path]
    hint = "chmod 600, or 640 with a group of its own"
    return [
        Warning(f"everybody on this machine can read {path}", hint=hint, id="dideban.W003")
        for path in paths
        if os.name == "posix" and path.is_file() and path.stat().st_mode & 0o004
    ]


def _anchors() -> list[CheckMessage]:
    """Refuse places of anchors that cannot work."""
    found: list[CheckMessage] = []
    if settings.ANCHOR_MAIL and not settings.HAS_MAIL:
        hint = "name a mail server with DIDEBAN_ROOM_EMAIL_HOST"
        found.append(Error("anchors are to be sent by mail, and there is no mail server", hint=hint, id="dideban.E008"))
    is_web = urlsplit(settings.ANCHOR_PEER).scheme in ("http", "https")
    if settings.ANCHOR_PEER and not (is_web and settings.ANCHOR_PEER_TOKEN):
        hint = "DIDEBAN_ROOM_ANCHOR_PEER=https://other.example.org/api/v1/anchors, and DIDEBAN_ROOM_ANCHOR_PEER_TOKEN"
        found.append(Error("the room that keeps anchors needs an address and a token", hint=hint, id="dideban.E009"))
    return found


def _is_ours(name: str) -> bool:
    return name.startswith("DIDEBAN_ROOM_") or name == "DATABASE_URL_FILE"
