"""The charter of one epoch as data: who takes part, how time is cut, what is allowed."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from dideban.errors import InputError
from dideban.joint.ristretto import check_point
from dideban.joint.view import Cutting
from dideban.kinds import slugs

VERSION = 1
KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
MOST_ROOMS = 30
MOST_BYTES = 100_000
SCALES_S = (1.0, 86_400.0)


@dataclass(frozen=True, kw_only=True)
class Charter:
    """What all rooms of a federation agree on for one epoch."""

    federation: str
    epoch: str
    rooms: dict[str, str]
    """Public key (Ed25519, hexadecimal) to the name of the room."""
    host: str
    """Public key of who closes phases; a room may be the host."""
    holders: tuple[str, str]
    """Public keys (ristretto255) of both key holders."""
    kinds: tuple[str, ...] = ("link",)
    scales_s: tuple[float, ...] = (10.0, 60.0, 600.0, 1800.0)
    fdr: float = 0.05
    most_proposals: int = 40
    """Of each room."""
    most_names: int = 1_000_000
    """Blinded names that each room may ask each key holder for in a day."""
    version: int = field(default=VERSION)

    def __post_init__(self) -> None:
        _check(self)

    @property
    def digest(self) -> str:
        """SHA-256 of the charter: every message names it."""
        return hashlib.sha256(charter_bytes(self)).hexdigest()

    @property
    def cutting(self) -> Cutting:
        """How rooms cut time; the division of it into two parts follows from the charter."""
        seed = int.from_bytes(bytes.fromhex(self.digest[:8]), "big")
        return Cutting(kinds=self.kinds, scales_s=self.scales_s, seed=seed)


def charter_bytes(charter: Charter) -> bytes:
    """Return a charter as it is hashed and sent."""
    return orjson.dumps(dataclasses.asdict(charter), option=orjson.OPT_SORT_KEYS)


def read_charter(data: bytes) -> Charter:
    """Parse a charter.

    Raises
    ------
    InputError
        It is none, or holds something that no charter may.
    """
    if len(data) > MOST_BYTES:
        raise InputError("joint.too-large", n=len(data), most=MOST_BYTES)
    try:
        fields: Any = orjson.loads(data)
        for name in ("holders", "kinds", "scales_s"):
            fields[name] = tuple(fields[name])
        return Charter(**fields)
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError("joint.bad-charter", field="charter") from error


def _check(charter: Charter) -> None:
    keys = [*charter.rooms, charter.host]
    names = list(charter.rooms.values())
    holders = charter.holders
    good = {
        "version": charter.version == VERSION,
        "federation": _is_text(charter.federation),
        "epoch": _is_text(charter.epoch),
        "rooms": 3 <= len(charter.rooms) <= MOST_ROOMS and all(map(_is_text, names)) and len(set(names)) == len(names),
        "keys": all(isinstance(key, str) and KEY.fullmatch(key) for key in keys),
        "holders": len(holders) == 2 and holders[0] != holders[1] and all(KEY.fullmatch(str(one)) for one in holders),
        "kinds": 0 < len(charter.kinds) == len(set(charter.kinds)) and set(charter.kinds) <= set(slugs()),
        "scales_s": 0 < len(charter.scales_s) <= 8 and all(_is_scale(one) for one in charter.scales_s),
        "fdr": isinstance(charter.fdr, float) and 0 < charter.fdr <= 0.2,
        "most_proposals": isinstance(charter.most_proposals, int) and 1 <= charter.most_proposals <= 1_000,
        "most_names": isinstance(charter.most_names, int) and 1 <= charter.most_names <= 100_000_000,
    }
    for name, holds in good.items():
        if not holds:
            raise InputError("joint.bad-charter", field=name)
    for one in holders:
        check_point(bytes.fromhex(one))


def _is_scale(one: object) -> bool:
    return isinstance(one, float) and SCALES_S[0] <= one <= SCALES_S[1]


def _is_text(one: object) -> bool:
    return isinstance(one, str) and 0 < len(one) <= 100 and one.isprintable()
