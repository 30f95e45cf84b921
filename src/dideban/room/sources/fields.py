"""The settings of a source: pages build their forms from these fields, and nothing else checks what was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dideban.errors import InputError

MAX_CHARS = 2_000


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting of a type of source."""

    name: str
    kind: str
    """``url``, ``text``, ``path``, ``secret`` (never shown again), ``flag``, ``number``, ``map`` (column of POSTS to
    column of the file)."""
    required: bool = False
    default: Any = ""


def check_settings(fields: Sequence[Field], given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a source, complete and of the right types.

    Raises
    ------
    InputError
        One is missing, unknown or of the wrong type.
    """
    known = {field.name: field for field in fields}
    if unknown := set(given) - set(known):
        raise InputError(
            "room.no-such-field", hint="room.one-of", choices=", ".join(known), name=", ".join(sorted(unknown))
        )
    clean = {name: _check(field, given.get(name, field.default)) for name, field in known.items()}
    for name, field in known.items():
        if field.required and not clean[name]:
            raise InputError("room.field-missing", field=name)
    return clean


def _check(field: Field, value: Any) -> Any:
    if field.kind == "flag":
        return value in (True, "true", "on", "1", "yes")
    if field.kind == "number":
        if not str(value).isdecimal() or len(str(value)) > 9:
            raise InputError("room.not-a-whole-number", field=field.name, value=str(value)[:40])
        return int(value)
    if field.kind == "map":
        if not isinstance(value, dict) or not all(isinstance(x, str) for pair in value.items() for x in pair):
            raise InputError("room.mapping-form")
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
        raise InputError("room.field-not-address", field=name, address=text[:80]) from error
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname:
        raise InputError("room.field-not-address", hint="room.begins-https", field=name, address=text[:80])
    if parts.username or parts.password:
        raise InputError("room.address-secret", field=name)
    return text
