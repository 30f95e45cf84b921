"""Whether the audit trail is as it was written: every hash, every number, the end of the chain, and its anchors.

Anchors are lines "number hash" appended to a file outside the database every few minutes. Whoever cuts events off the
end of the chain, or writes the whole chain anew, has to change that file too; a copy of it kept elsewhere settles it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from dideban.room.audit.actions import START, hash_of
from dideban.room.audit.models import AuditEvent, AuditHead

MAX_PROBLEMS = 20


@dataclass
class Outcome:
    """What verifying found."""

    n_events: int = 0
    head: str = START
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def say(self, problem: str) -> None:
        """Add a problem; after a few, the rest is no news."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"whole": self.is_whole, "events": self.n_events, "head": self.head, "problems": self.problems}


def anchors_path() -> Path:
    """Return where anchors are kept."""
    return Path(settings.DATA) / "audit.anchors"


def verify() -> Outcome:
    """Recompute the whole chain."""
    outcome, previous, expected = Outcome(), START, 1
    anchors = _anchors()
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2_000):
        if event.seq != expected:
            outcome.say(f"event {expected} is missing")
            expected = event.seq
        if event.previous_hash != previous:
            outcome.say(f"event {event.seq} does not follow from the one before")
        if hash_of(event) != event.hash:
            outcome.say(f"event {event.seq} was changed")
        if anchors.get(event.seq, event.hash) != event.hash:
            outcome.say(f"event {event.seq} is not the one that was anchored")
        previous, expected = event.hash, expected + 1
        outcome.n_events += 1
    head = AuditHead.objects.filter(pk=1).first()
    outcome.head = previous
    if head is None and outcome.n_events:
        outcome.say("the end of the chain was taken away")
    if head is not None and (head.seq, head.hash) != (expected - 1, previous):
        outcome.say(f"the chain ends at {expected - 1}, but was {head.seq} events long")
    if anchors and max(anchors) > expected - 1:
        outcome.say(f"the chain ends at {expected - 1}, but event {max(anchors)} was anchored")
    return outcome


def anchor() -> bool:
    """Append the end of the chain to the file of anchors; False where nothing was added to the chain since."""
    head = AuditHead.objects.filter(pk=1).first()
    if head is None or not head.seq or head.seq in _anchors():
        return False
    with anchors_path().open("a", encoding="ascii") as file:
        file.write(f"{head.seq} {head.hash}\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def _anchors() -> dict[int, str]:
    try:
        lines = anchors_path().read_text("ascii").splitlines()
    except FileNotFoundError:
        return {}
    found: dict[int, str] = {}
    for line in lines:  # a line cut off by a power cut is none
        parts = line.split()
        if len(parts) == 2 and parts[0].isdigit() and len(parts[1]) == 64:
            found.setdefault(int(parts[0]), parts[1])
    return found
