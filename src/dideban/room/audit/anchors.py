"""Anchors of the audit trail: what the end of the chain was, when, signed and counted, outside the database.

A line is ``seq hash n at mac``; the mac covers the line and the mac before it. Lines of two parts are of earlier
versions, unsigned. The same lines are kept in every place that the operator names: who changes the past has to reach
all of them, and the key besides.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

START = "0" * 64


@dataclass
class Anchors:
    """What one place holds."""

    path: Path
    hashes: dict[int, str] = field(default_factory=dict)
    """Number of an event to the hash that was anchored."""
    n_signed: int = 0
    mac: str = START
    first_at: str = ""
    is_there: bool = False
    problems: list[str] = field(default_factory=list)


def places() -> list[Path]:
    """Return the files that anchors are kept in: that of the data folder first."""
    return [Path(settings.DATA) / "audit.anchors", *(Path(path) for path in settings.ANCHORS)]


def read_anchors(path: Path) -> Anchors:
    """Read one place, and check that no line was changed, taken out or put in."""
    found = Anchors(path)
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return found
    found.is_there = True
    for line in lines:
        parts = line.split()
        if len(parts) == 2 and parts[0].isdigit() and len(parts[1]) == 64 and not found.n_signed:
            found.hashes.setdefault(int(parts[0]), parts[1])
        elif len(parts) == 5 and parts[0].isdigit() and parts[2].isdigit():
            _take(found, parts)
        # anything else was cut off by a power cut: it vouches for nothing
    return found


def append(path: Path, *, seq: int, head: str) -> bool:
    """Append the end of the chain to one place; False where it is there already."""
    known = read_anchors(path)
    if seq in known.hashes:
        return False
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [str(seq), head, str(known.n_signed + 1), at]
    line = " ".join([*parts, _mac(parts, known.mac)])
    with path.open("a+b") as file:
        if file.tell() and not _ends_whole(path):
            file.write(b"\n")  # after a line that a power cut cut off
        file.write(f"{line}\n".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return True


def _take(found: Anchors, parts: list[str]) -> None:
    if int(parts[2]) != found.n_signed + 1:
        found.problems.append(f"anchor {found.n_signed + 1} of {found.path.name} is missing")
    elif not hmac.compare_digest(parts[4].encode(), _mac(parts[:4], found.mac).encode()):
        found.problems.append(f"anchor {parts[2]} of {found.path.name} was changed, or signed with another key")
    found.hashes.setdefault(int(parts[0]), parts[1])
    found.n_signed, found.mac = int(parts[2]), parts[4]
    found.first_at = found.first_at or parts[3]


def _mac(parts: list[str], before: str) -> str:
    key = hashlib.sha256(b"dideban audit anchors 1" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, " ".join([before, *parts]).encode(), hashlib.sha256).hexdigest()


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
