"""Declared owners: a plain list that a room keeps of who openly belongs to whom."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dideban.errors import ConfigError
from dideban.messages import cause_of

KINDS = ("brand", "party", "wire", "official")
MAX_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Owner:
    """One declared owner: its accounts (as they stand in the tables) and its domains."""

    name: str
    kind: str
    """``brand``, ``party``, ``wire`` or ``official``."""
    accounts: frozenset[str]
    domains: frozenset[str]
    """Registrable domains, lower case."""


@dataclass(frozen=True)
class Affiliations:
    """The declared owners of a room."""

    owners: tuple[Owner, ...] = ()

    def of(self, accounts: Iterable[str]) -> list[tuple[Owner, list[str]]]:
        """Return the owners of any of ``accounts`` with those accounts, most accounts first, then by name."""
        wanted = set(accounts)
        held = [(owner, sorted(owner.accounts & wanted)) for owner in self.owners]
        return sorted(((o, a) for o, a in held if a), key=lambda entry: (-len(entry[1]), entry[0].name))

    def only(self, accounts: Iterable[str]) -> Affiliations:
        """Return the part of the list that touches ``accounts``: what travels inside a finding package."""
        wanted = set(accounts)
        return Affiliations(
            tuple(
                Owner(name=o.name, kind=o.kind, accounts=o.accounts & wanted, domains=o.domains)
                for o in self.owners
                if o.accounts & wanted
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the list as plain data, sorted."""
        return {
            "owner": [
                {"name": o.name, "kind": o.kind, "accounts": sorted(o.accounts), "domains": sorted(o.domains)}
                for o in self.owners
            ]
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, pseudonym: Callable[[str], str] | None = None) -> Affiliations:
        """Build the list from plain data.

        Raises
        ------
        ConfigError
            An entry lacks a name, has an unknown key or kind, or a value of the wrong type.
        """
        entries = data.get("owner", [])
        if set(data) - {"owner"} or not isinstance(entries, list):
            raise ConfigError("affiliations.only-owners", key="owner")
        return cls(tuple(_owner(entry, i, pseudonym or str) for i, entry in enumerate(entries, 1)))


def load_affiliations(path: Path, *, pseudonym: Callable[[str], str] | None = None) -> Affiliations:
    """Read ``affiliations.toml``.

    Parameters
    ----------
    path : path
        TOML with entries such as::

            [[owner]]
            name = "Example Press"
            kind = "brand"            # brand, party, wire or official
            accounts = ["examplepress", "examplepress_ar"]
            domains = ["example.org"]

    pseudonym : function
        Turns an account id as written in the file into the id in the tables: the keyed pseudonym of the
        intake. None where ids are kept.

    Raises
    ------
    ConfigError
        The file cannot be read or breaks the format.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError("file.too-large", key=str(path), path=path, most=MAX_BYTES)
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError("file.not-read", key=str(path), path=path, reason=cause_of(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("file.not-toml", key=str(path), path=path, detail=cause_of(error)) from error
    return Affiliations.from_dict(data, pseudonym=pseudonym)


def _owner(entry: object, place: int, pseudonym: Callable[[str], str]) -> Owner:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not entry["name"].strip():
        raise ConfigError("affiliations.no-name", key="name", n=place)
    unknown = sorted(set(entry) - {"name", "kind", "accounts", "domains"})
    if unknown:
        raise ConfigError("affiliations.unknown-key", key=unknown[0], n=place)
    kind = entry.get("kind", "brand")
    if kind not in KINDS:
        raise ConfigError("affiliations.wrong-kind", key="kind", value=kind, n=place, allowed=KINDS)
    return Owner(
        name=entry["name"].strip(),
        kind=kind,
        accounts=frozenset(pseudonym(account) for account in _strings(entry, "accounts", place)),
        domains=frozenset(d.strip().lower().removeprefix("www.") for d in _strings(entry, "domains", place)),
    )


def _strings(entry: dict[str, Any], key: str, place: int) -> list[str]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise ConfigError("affiliations.not-list-of-texts", key=key, value=values, n=place)
    return values
