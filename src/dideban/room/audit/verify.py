"""Whether the audit trail is as it was written: every hash, every number, the end of the chain, and its anchors.

Anchors (audit.anchors) are appended to files outside the database every minute. Whoever cuts events off the end of the
chain, or writes the whole chain anew, has to change all of those files too, and needs the key. Missing ones are told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from dideban.room.audit.actions import START, hash_of
from dideban.room.audit.anchors import Anchors, append, places, read_anchors
from dideban.room.audit.models import AuditEvent, AuditHead

MAX_PROBLEMS = 20
ANCHORED_WITHIN = timedelta(hours=1)
"""An event this old without any anchor is an alarm: the worker makes one a minute."""


@dataclass
class Outcome:
    """What verifying found."""

    n_events: int = 0
    head: str = START
    problems: list[str] = field(default_factory=list)
    vouched_since: str = ""
    """When the first anchor was made that is in every place."""
    vouched_until: int = 0
    """Number of the last event that every place vouches for."""
    n_anchors: int = 0

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
        return {
            "whole": self.is_whole, "events": self.n_events, "head": self.head, "problems": self.problems,
            "anchors": self.n_anchors, "vouched_since": self.vouched_since, "vouched_until_event": self.vouched_until,
        }  # fmt: skip


def anchors_path() -> Path:
    """Return where anchors are kept."""
    return places()[0]


def verify() -> Outcome:
    """Recompute the whole chain."""
    outcome, previous, expected = Outcome(), START, 1
    kept = [read_anchors(path) for path in places()]
    anchors = {seq: value for one in reversed(kept) for seq, value in one.hashes.items()}
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2_000):
        if event.seq != expected:
            outcome.say(f"event {expected} is missing")
            expected = event.seq
        if event.previous_hash != previous:
            outcome.say(f"event {event.seq} does not follow from the one before")
        if hash_of(event) != event.hash:
            outcome.say(f"event {event.seq} was changed")
        if any(one.hashes.get(event.seq, event.hash) != event.hash for one in kept):
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
    _judge_anchors(outcome, kept)
    return outcome


def _judge_anchors(outcome: Outcome, kept: list[Anchors]) -> None:
    """Say which places of anchors are missing or were changed, and since when all of them vouch for the chain."""
    is_due = AuditEvent.objects.filter(at__lt=timezone.now() - ANCHORED_WITHIN).exists()
    for one in kept:
        if not one.hashes and (is_due or any(other.hashes for other in kept)):
            outcome.say(f"the anchors are missing: {one.path.name}")
        for problem in one.problems:
            outcome.say(problem)
    if all(one.first_at for one in kept):
        outcome.vouched_since = max(one.first_at for one in kept)
        outcome.vouched_until = min(max(one.hashes) for one in kept)
        outcome.n_anchors = min(one.n_signed for one in kept)


def anchor() -> bool:
    """Append the end of the chain to every place of anchors; False where nothing was added to the chain since.

    Raises
    ------
    OSError
        A place cannot be written; the others were.
    """
    head = AuditHead.objects.filter(pk=1).first()
    if head is None or not head.seq:
        return False
    added, trouble = False, None
    for path in places():
        try:
            added |= append(path, seq=head.seq, head=head.hash)
        except OSError as error:
            trouble = error
    if trouble is not None:
        raise trouble
    return added
