"""Anchors of the audit trail: what the end of the chain was, when, signed and counted, outside the database.

A line is ``seq hash n at mac``; the mac covers the line and the mac before it. Lines of two parts are of earlier
versions, unsigned. The same lines are kept in every place that the operator names: who changes the past has to reach
all of them, and the key besides.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from dideban.atomic import write_bytes
from dideban.messages import Message
from dideban.room.audit.models import AuditHead

START = "0" * 64
LINE = re.compile(
    r"(?<![0-9a-f])([0-9]{1,18}) ([0-9a-f]{64}) ([0-9]{1,18}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([0-9a-f]{64})\b"
)
"""A line inside other text: a mail, a page of a peer."""


@dataclass
class Anchors:
    """What one place holds."""

    name: str
    hashes: dict[int, str] = field(default_factory=dict)
    """Number of an event to the hash that was anchored."""
    n_signed: int = 0
    mac: str = START
    first_at: str = ""
    last_at: str = ""
    is_there: bool = False
    problems: list[Message] = field(default_factory=list)


def places() -> list[Path]:
    """Return the files that anchors are kept in: that of the data folder first."""
    return [Path(settings.DATA) / "audit.anchors", *(Path(path) for path in settings.ANCHORS)]


def read_anchors(path: Path) -> Anchors:
    """Read one file, and check that no line was changed, taken out or put in."""
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return Anchors(path.name)
    return check_lines(path.name, lines)


def check_lines(name: str, lines: Iterable[str]) -> Anchors:
    """Check that lines follow each other: each is counted, and signed together with the one before."""
    found = Anchors(name, is_there=True)
    for line in lines:
        parts = line.split()
        if len(parts) == 2 and _is_number(parts[0]) and len(parts[1]) == 64 and not found.n_signed:
            found.hashes.setdefault(int(parts[0]), parts[1])
        elif len(parts) == 5 and _is_number(parts[0]) and _is_number(parts[2]):
            _take(found, parts)
        # anything else was cut off by a power cut: it vouches for nothing
    return found


def find_lines(name: str, text: str) -> Anchors:
    """Find anchors in any text: mails that were kept, lines that a peer sent.

    Some may be left out and nothing is counted: what lies outside of the machine vouches by lying there.
    """
    found = Anchors(name, is_there=True)
    for parts in sorted(LINE.findall(text), key=lambda parts: int(parts[0])):
        known = found.hashes.setdefault(int(parts[0]), parts[1])
        if known != parts[1]:
            found.problems.append(Message("trail.two-ends", seq=int(parts[0]), place=name))
        found.first_at = min(found.first_at or parts[3], parts[3])
        found.last_at = max(found.last_at, parts[3])
    found.n_signed = len(found.hashes)
    return found


def make_line(*, seq: int, head: str, n: int, mac: str, at: datetime | None = None) -> str:
    """Return the ``n``-th anchor of a place, after one with ``mac``."""
    then = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [str(seq), head, str(n), then]
    return " ".join([*parts, _mac(parts, mac)])


def append(path: Path, *, seq: int, head: str) -> bool:
    """Append the end of the chain to one file; False where it is there already."""
    known = read_anchors(path)
    if seq in known.hashes:
        return False
    line = make_line(seq=seq, head=head, n=known.n_signed + 1, mac=known.mac)
    with path.open("a+b") as file:
        if file.tell() and not _ends_whole(path):
            file.write(b"\n")  # after a line that a power cut cut off
        file.write(f"{line}\n".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return True


def drop_later(path: Path) -> None:
    """Take out anchors of events that the database does not have: a backup copies it a moment before the anchors."""
    head = AuditHead.objects.filter(pk=1).first()
    if head is None or not path.exists():
        return
    lines = path.read_text("ascii", "replace").splitlines()
    kept = [line for line in lines if not (first := line.split(" ", 1)[0]).isdigit() or int(first[:18]) <= head.seq]
    if len(kept) < len(lines):
        write_bytes(path, "".join(f"{line}\n" for line in kept).encode("ascii", "replace"), survives="power")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _take(found: Anchors, parts: list[str]) -> None:
    if int(parts[2]) != found.n_signed + 1:
        found.problems.append(Message("trail.anchor-missing", n=found.n_signed + 1, place=found.name))
    elif not hmac.compare_digest(parts[4].encode(), _mac(parts[:4], found.mac).encode()):
        found.problems.append(Message("trail.anchor-changed", n=int(parts[2]), place=found.name))
    found.hashes.setdefault(int(parts[0]), parts[1])
    found.n_signed, found.mac = int(parts[2]), parts[4]
    found.first_at, found.last_at = found.first_at or parts[3], parts[3]


def _mac(parts: list[str], before: str) -> str:
    key = hashlib.sha256(b"dideban audit anchors 1" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, " ".join([before, *parts]).encode(), hashlib.sha256).hexdigest()


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
