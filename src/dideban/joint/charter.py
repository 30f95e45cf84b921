"""The charter of one epoch as data: who takes part, how time is cut, what is allowed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from dideban.errors import InputError
from dideban.joint.ristretto import check_point
from dideban.joint.view import Cutting
from dideban.kinds import slugs

VERSION = 2
VERSIONS = (1, VERSION)
"""In the first, rooms did not say who came before whom."""
KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
MOST_ROOMS = 30
MOST_BYTES = 100_000
SCALES_S = (1.0, 86_400.0)
MOST_PERIOD = dt.timedelta(days=92)
LONGEST = dt.timedelta(days=400)
"""From the first post to the end of the keys."""
MOST_LIARS = 2
LATER = ("since", "until", "ends", "liars")
"""Fields that charters may leave out, as older ones do: their hash is that without them."""


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
    since: str = ""
    """First instant of the posts that rooms look at, UTC; empty where each room was told otherwise."""
    until: str = ""
    """Instant at which they end."""
    ends: str = ""
    """Instant at which the keys are deleted: what is not finished then is void."""
    liars: int = 1
    """Rooms that may lie together without making a claim: claims must hold whichever of them are left out."""
    version: int = field(default=VERSION)

    def __post_init__(self) -> None:
        _check(self)

    @property
    def digest(self) -> str:
        """SHA-256 of the charter: every message names it."""
        return hashlib.sha256(charter_bytes(self)).hexdigest()

    @property
    def period(self) -> tuple[dt.datetime, dt.datetime, dt.datetime] | None:
        """Return since, until and end; None where the charter names none."""
        if not self.since:
            return None
        return _instant(self.since), _instant(self.until), _instant(self.ends)

    @property
    def has_orders(self) -> bool:
        """Whether replies say in which order members act, as all do but those of the first version."""
        return self.version > VERSIONS[0]

    @property
    def cutting(self) -> Cutting:
        """How rooms cut time; the division of it into two parts follows from the charter."""
        seed = int.from_bytes(bytes.fromhex(self.digest[:8]), "big")
        return Cutting(kinds=self.kinds, scales_s=self.scales_s, seed=seed)


def charter_bytes(charter: Charter) -> bytes:
    """Return a charter as it is hashed and sent."""
    content = dataclasses.asdict(charter)
    usual = {one.name: one.default for one in dataclasses.fields(charter) if one.name in LATER}
    kept = {name: value for name, value in content.items() if name not in usual or value != usual[name]}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)


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
        "version": charter.version in VERSIONS,
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
        "since": _is_period(charter),
        "liars": type(charter.liars) is int
        and 1 <= charter.liars <= MOST_LIARS
        and 2 * charter.liars + 1 <= len(charter.rooms),
    }
    for name, holds in good.items():
        if not holds:
            raise InputError("joint.bad-charter", field=name)
    for one in holders:
        check_point(bytes.fromhex(one))


def _is_period(charter: Charter) -> bool:
    texts = (charter.since, charter.until, charter.ends)
    if not any(texts):
        return True
    try:
        since, until, ends = (_instant(one) for one in texts)
    except (ValueError, TypeError):
        return False
    return since < until < ends and until - since <= MOST_PERIOD and ends - since <= LONGEST


def _instant(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None or at.utcoffset():
        raise ValueError(text)
    return at


def _is_scale(one: object) -> bool:
    return isinstance(one, float) and SCALES_S[0] <= one <= SCALES_S[1]


def _is_text(one: object) -> bool:
    return isinstance(one, str) and 0 < len(one) <= 100 and one.isprintable()
