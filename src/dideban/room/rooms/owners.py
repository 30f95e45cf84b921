"""The declared owners of a room: who openly belongs to whom. Kept as the TOML that the engine reads."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from dideban.errors import ConfigError, InputError
from dideban.findings.affiliations import KINDS, Affiliations
from dideban.room.audit.actions import Actor, record
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room

MAX_OWNERS, MAX_NAMES = 2_000, 5_000
MAX_CHARS = 300
MAX_BYTES = 4_000_000
DOMAIN = re.compile(r"^(?=.{4,253}$)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_]([\w-]{0,61}[^\W_])$")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def owners_of(room: Room) -> list[dict[str, Any]]:
    """Return the owners of a room: ``name``, ``kind``, ``accounts``, ``domains``, in their order.

    Raises
    ------
    InputError
        What is kept cannot be read; it can be replaced as a whole.
    """
    return read_owners(room.affiliations)


def read_owners(text: str) -> list[dict[str, Any]]:
    """Read a list of owners and check it.

    Raises
    ------
    InputError
        Not TOML, or an entry breaks the rules; the message names it.
    """
    if len(text.encode()) > MAX_BYTES:
        raise InputError("room.owners-too-large")
    try:
        data = tomllib.loads(text)
        Affiliations.from_dict(data)
    except tomllib.TOMLDecodeError as error:
        raise InputError("room.owners-not-toml", detail=str(error)[:200]) from error
    except ConfigError as error:
        raise InputError(error.message, hint=error.hint) from error
    return _checked([{"kind": KINDS[0], "accounts": [], "domains": [], **entry} for entry in data.get("owner", [])])


@transaction.atomic
def save_owner(
    room: Room, *, name: str, kind: str, accounts: Iterable[str], domains: Iterable[str], number: int = 0, by: Actor
) -> None:
    """Add an owner (``number`` 0), or change the one of that number, counted from 1.

    Raises
    ------
    InputError
        No name, neither accounts nor domains, a domain that is none, an account that another owner has.
    """
    owners = owners_of(room)
    made = {"name": name, "kind": kind, "accounts": list(accounts), "domains": list(domains)}
    if 1 <= number <= len(owners):
        owners[number - 1] = made
    else:
        owners.append(made)
    _keep(room, owners, by, "owner.save")


@transaction.atomic
def remove_owner(room: Room, *, number: int, by: Actor) -> None:
    """Remove the owner of a number, counted from 1."""
    owners = owners_of(room)
    if not 1 <= number <= len(owners):
        raise InputError("room.no-such-owner")
    del owners[number - 1]
    _keep(room, owners, by, "owner.remove")


@transaction.atomic
def replace_owners(room: Room, *, text: str, by: Actor) -> None:
    """Replace the whole list by one written as TOML."""
    _keep(room, read_owners(text), by, "owner.save")


def _keep(room: Room, owners: list[dict[str, Any]], by: Actor, action: str) -> None:
    if by:
        by.require(Permission.SETTINGS)
    room.affiliations = write_owners(_checked(owners))
    room.save(update_fields=["affiliations"])
    record(room, action, by=by, subject=f"room:{room.slug}", details={"owners": len(owners)})


def write_owners(owners: Iterable[dict[str, Any]]) -> str:
    """Write owners as the TOML that ``dideban scan --affiliations`` reads."""
    return "\n".join(
        "[[owner]]\n" + "".join(f"{key} = {_value(owner[key])}\n" for key in ("name", "kind", "accounts", "domains"))
        for owner in owners
    )


def _value(value: Any) -> str:
    """Write text or a list of texts: JSON is TOML but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _checked(owners: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return owners with everything cleaned; whose account is whose must be clear."""
    if len(owners) > MAX_OWNERS:
        raise InputError("room.too-many-owners", n=MAX_OWNERS)
    clean = [_clean(owner) for owner in owners]
    seen: dict[str, str] = {}
    for owner in clean:
        for account in owner["accounts"]:
            if seen.setdefault(account, owner["name"]) != owner["name"]:
                raise InputError("room.account-taken", account=account, owner=seen[account])
    if len({owner["name"].casefold() for owner in clean}) < len(clean):
        raise InputError("room.owner-twice")
    return clean


def _clean(owner: dict[str, Any]) -> dict[str, Any]:
    name = CONTROL.sub(" ", owner["name"]).strip()[:MAX_CHARS]
    accounts, domains = _lines(owner["accounts"]), [_domain(text) for text in _lines(owner["domains"])]
    if not name:
        raise InputError("room.owner-needs-name")
    if owner["kind"] not in KINDS:
        raise InputError("room.owner-kind", choices=", ".join(KINDS))
    if not accounts and not domains:
        raise InputError("room.owner-empty", hint="room.one-per-line")
    return {"name": name, "kind": owner["kind"], "accounts": accounts, "domains": sorted(set(domains))}


def _lines(given: Iterable[str]) -> list[str]:
    found = dict.fromkeys(CONTROL.sub(" ", text).strip()[:MAX_CHARS] for text in given)
    found.pop("", None)
    if len(found) > MAX_NAMES:
        raise InputError("room.owner-too-many", n=MAX_NAMES)
    return list(found)


def _domain(text: str) -> str:
    """Return the domain of what was written: an address is one with something around it."""
    bare = re.sub(r"^https?://", "", text.lower()).split("/")[0].removeprefix("www.").rstrip(".")
    if not DOMAIN.match(bare):
        raise InputError("room.not-a-domain", hint="room.domain-example", value=text[:80])
    return bare
