"""Chance with a name: the same seed draws the same exercise in every language."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from pathlib import Path

DAY_S = 86_400
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def chance_of(*names: object) -> random.Random:
    """Return a source of chance that the names alone decide."""
    text = "\x1f".join(str(name) for name in names)
    return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))  # noqa: S311 - no secret


def seed_of(packages: Iterable[Path]) -> int:
    """Return the seed that packages themselves decide: the same packages in any order, the same exercises.

    It follows from hashes of the posts inside, so that nobody who lacks them can move the times of an exercise back.
    """
    found = sorted((package / "manifest.json").read_bytes() for package in packages)
    return int.from_bytes(hashlib.sha256(b"\x00".join(found)).digest()[:7], "big")


def clock(second: int, *, with_day: bool = False) -> str:
    """Return a moment as a time of day, with the number of the day where asked.

    Examples
    --------
    >>> clock(3661), clock(90061, with_day=True)
    ('01:01:01', '2 · 01:01:01')
    """
    day, rest = divmod(second, DAY_S)
    text = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{day + 1} · {text}" if with_day else text
