"""What each kind of source needs to know. Pages build their forms from this; nothing else checks settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dideban.errors import InputError
from dideban.room.sources.models import SourceKind

MAX_CHARS = 2_000


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting of a kind of source."""

    name: str
    kind: str
    """``url``, ``text``, ``flag``, ``number``, ``map`` (column of POSTS to column of the file)."""
    required: bool = False
    default: Any = ""
    help: str = ""


KINDS: dict[SourceKind, tuple[Field, ...]] = {
    SourceKind.FEED: (
        Field(name="url", kind="url", required=True, help="address of the RSS or Atom feed"),
        Field(name="full_text", kind="flag", default=False, help="fetch each article for its full text"),
    ),
    SourceKind.MASTODON: (
        Field(name="server", kind="url", required=True, help="address of the server, e.g. https://example.social"),
        Field(name="hashtag", kind="text", help="without #; empty = the public timeline"),
        Field(name="local_only", kind="flag", default=False, help="only accounts of this server"),
        Field(name="token", kind="text", help="where the server asks for one"),
    ),
    SourceKind.BLUESKY: (
        Field(name="url", kind="url", default="wss://jetstream2.us-east.bsky.network/subscribe", help="Jetstream"),
        Field(name="languages", kind="text", help="only posts in these, e.g. fa,ar; empty = all"),
        Field(name="words", kind="text", help="only posts with one of these words, parted by commas; empty = all"),
    ),
    SourceKind.FOLDER: (
        Field(name="path", kind="text", required=True, help="folder on the machine of the room"),
        Field(name="mapping", kind="map", default={}, help="column of POSTS to column of the file"),
    ),
    SourceKind.UPLOAD: (Field(name="mapping", kind="map", default={}, help="column of POSTS to column of the file"),),
    SourceKind.INTAKE: (Field(name="mapping", kind="map", default={}, help="column of POSTS to key of the objects"),),
    SourceKind.DEMO: (
        Field(name="seed", kind="number", default=1, help="seed of the simulated stream"),
        Field(name="speed", kind="number", default=120, help="simulated seconds per second"),
    ),
}


def check_settings(kind: SourceKind, given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a source, complete and of the right types.

    Raises
    ------
    InputError
        One is missing, unknown or of the wrong type.
    """
    fields = {field.name: field for field in KINDS[kind]}
    if unknown := set(given) - set(fields):
        raise InputError(f"no such setting: {', '.join(sorted(unknown))}", hint=f"{kind} has {', '.join(fields)}")
    clean = {name: _check(field, given.get(name, field.default)) for name, field in fields.items()}
    for name, field in fields.items():
        if field.required and not clean[name]:
            raise InputError(f"{name} is missing", hint=field.help)
    return clean


def _check(field: Field, value: Any) -> Any:
    if field.kind == "flag":
        return value in (True, "true", "on", "1", "yes")
    if field.kind == "number":
        if not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 9:
            raise InputError(f"{field.name}: {str(value)[:40]!r} is not a whole number")
        return int(value)
    if field.kind == "map":
        if not isinstance(value, dict) or not all(isinstance(x, str) for pair in value.items() for x in pair):
            raise InputError(f"{field.name} is no map of columns")
        return dict(value)
    text = str(value).strip()[:MAX_CHARS]
    if field.kind == "url" and text:
        return check_address(field.name, text)
    return text


def check_address(name: str, text: str) -> str:
    """Return an address of the web.

    Raises
    ------
    InputError
        It is none, or it carries a name and password.
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise InputError(f"{name}: {text[:80]!r} is not an address") from error
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname:
        raise InputError(f"{name}: {text[:80]!r} is not an address", hint="it begins with https://")
    if parts.username or parts.password:
        raise InputError(f"{name}: an address here carries no name or password")
    return text
