"""Settings of a room come from the environment alone; secrets also from files named by ``NAME_FILE``."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import platformdirs

from dideban.errors import ConfigError

PREFIX = "DIDEBAN_ROOM_"
YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}


def read_text(name: str, default: str = "", *, environment: Mapping[str, str] | None = None) -> str:
    """Return the value of ``name``, or what stands in the file that ``name_FILE`` names.

    Raises
    ------
    ConfigError
        Both are given, or the file cannot be read or is empty.
    """
    source = os.environ if environment is None else environment
    direct, path = source.get(name), source.get(f"{name}_FILE")
    if direct is not None and path:
        raise ConfigError("room.env-twice", hint="room.env-keep-one", key=name, name=name)
    if not path:
        return default if direct is None else direct
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(
            "room.env-file-unreadable", key=f"{name}_FILE", name=name, file=path, reason=reason
        ) from error
    if not text:
        raise ConfigError(
            "room.env-file-empty", hint="room.env-write-secret",
            key=f"{name}_FILE", name=name, file=path
        )  # fmt: skip
    return text


def read_flag(name: str, *, default: bool) -> bool:
    """Return a yes or no.

    Raises
    ------
    ConfigError
        Neither.
    """
    text = read_text(name, "yes" if default else "no").strip().lower()
    if text not in YES | NO:
        raise ConfigError("room.env-not-yes-no", key=name, value=text, name=name, text=text)
    return text in YES


def read_number(name: str, default: int, *, least: int, most: int) -> int:
    """Return a whole number between two bounds.

    Raises
    ------
    ConfigError
        Not a number, or outside the bounds.
    """
    text = read_text(name, str(default)).strip()
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ConfigError("room.env-not-in-range", key=name, value=text, name=name, text=text, least=least, most=most)
    return int(text)


def read_choice(name: str, default: str, known: Collection[str]) -> str:
    """Return one of several words.

    Raises
    ------
    ConfigError
        Another one.
    """
    text = read_text(name, default).strip()
    found = {word.lower(): word for word in known}.get(text.lower())
    if found is None:
        raise ConfigError(
            "room.env-unknown",
            hint="room.one-of",
            key=name,
            value=text,
            name=name,
            text=text[:60],
            choices=", ".join(known),
        )
    return found


def read_zone(name: str, default: str) -> str:
    """Return a time zone.

    Raises
    ------
    ConfigError
        There is none of that name.
    """
    text = read_text(name, default).strip()
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            "room.env-no-zone", hint="room.zone-example", key=name, value=text, name=name, text=text[:60]
        ) from error
    return text


def read_list(name: str, default: str = "") -> list[str]:
    """Return the entries of a list parted by commas."""
    return [part.strip() for part in read_text(name, default).split(",") if part.strip()]


def data_folder() -> Path:
    """Return where the room keeps everything it has; absolute."""
    given = read_text(f"{PREFIX}DATA")
    return Path(given).expanduser().absolute() if given else Path(platformdirs.user_data_dir("dideban")) / "room"


def database(url: str, *, default: Path) -> dict[str, object]:
    """Translate ``DATABASE_URL`` into a Django database.

    Parameters
    ----------
    url : str
        ``postgres://user:password@host:port/name?sslmode=require``, ``sqlite:///path``, or empty.
    default : path
        The SQLite file used where ``url`` is empty.

    Raises
    ------
    ConfigError
        Another kind of database, or an address that cannot be read.
    """
    if not url:
        return sqlite(default)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError("room.env-database-unreadable", key="DATABASE_URL") from error
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme not in ("postgres", "postgresql"):
        raise ConfigError("room.env-database", hint="room.env-database-hint", key="DATABASE_URL", scheme=parts.scheme)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def sqlite(path: Path, *, wait_s: int | None = None) -> dict[str, object]:
    """Return a SQLite database that several processes can write: WAL, and a transaction that writes waits its turn."""
    wait_s = read_number(f"{PREFIX}LOCK_WAIT_S", 20, least=1, most=600) if wait_s is None else wait_s
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "timeout": wait_s,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=134217728;"
            f"PRAGMA cache_size=-32000;PRAGMA busy_timeout={wait_s * 1000};PRAGMA secure_delete=ON;",
        },
    }
