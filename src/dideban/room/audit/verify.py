"""Whether the audit trail is as it was written: every hash, every number, the end of the chain, and its anchors.

Anchors (audit.anchors) are put into places outside of the database: files every minute, a peer every minute, mail
once a day. Whoever cuts events off the end of the chain, or writes the whole chain again, has to change all of those
places too, and needs the key. Missing ones are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from dideban.errors import InputError, SourceError
from dideban.messages import Message
from dideban.room.audit.actions import START, hash_of
from dideban.room.audit.anchoring import COUNTED, LOST, MAIL, PEER, RENEWED, anchor, ask_peer, name_of
from dideban.room.audit.anchors import Anchors, find_lines, places, read_anchors
from dideban.room.audit.models import AnchorPlace, AuditEvent, AuditHead

MAX_PROBLEMS = 20
MAX_GIVEN = 64 * 1024 * 1024
ANCHORED_WITHIN = timedelta(hours=1)
"""An event this old without any anchor is an alarm: the worker makes one a minute."""


@dataclass
class Outcome:
    """What verifying found."""

    n_events: int = 0
    head: str = START
    found: list[Message] = field(default_factory=list)
    vouched_since: str = ""
    """When the first anchor was made that is in every place."""
    vouched_until: int = 0
    """Number of the last event that every place vouches for."""
    n_anchors: int = 0
    places: list[dict[str, Any]] = field(default_factory=list)
    """What each place holds."""
    notes: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What is wrong, in English."""
        return [str(message) for message in self.found]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.found

    def say(self, code: str, **values: Any) -> None:
        """Add a problem; after a few, the rest is no news."""
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(Message(code, **values))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "whole": self.is_whole, "events": self.n_events, "head": self.head, "problems": self.problems,
            "anchors": self.n_anchors, "vouched_since": self.vouched_since, "vouched_until_event": self.vouched_until,
            "places": self.places, "notes": self.notes,
        }  # fmt: skip


def anchors_path() -> Path:
    """Return where anchors are kept."""
    return places()[0]


def verify(*, given: Sequence[Path] = (), ask: bool = False) -> Outcome:
    """Recompute the whole chain, and compare it with its anchors.

    Parameters
    ----------
    given : paths
        Files with anchors that were kept elsewhere: mails, what a peer sent.
    ask : bool
        Ask the peer too.
    """
    outcome = Outcome()
    kept = [read_anchors(path) for path in places()]
    if ask and settings.ANCHOR_PEER:
        kept += _from_peer(outcome)
    kept += [_given(path) for path in given]
    _judge_chain(outcome, kept)
    _judge_anchors(outcome, kept)
    _judge_states(outcome, {one.name: one for one in kept})
    return outcome


def _judge_chain(outcome: Outcome, kept: list[Anchors]) -> None:
    previous, expected = START, 1
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2_000):
        if event.seq != expected:
            outcome.say("trail.event-missing", seq=expected)
            expected = event.seq
        if event.previous_hash != previous:
            outcome.say("trail.event-follows", seq=event.seq)
        if hash_of(event) != event.hash:
            outcome.say("trail.event-changed", seq=event.seq)
        if any(one.hashes.get(event.seq, event.hash) != event.hash for one in kept):
            outcome.say("trail.event-other", seq=event.seq)
        previous, expected = event.hash, expected + 1
        outcome.n_events += 1
    outcome.head = previous
    _judge_end(outcome, kept, last=expected - 1)


def _judge_end(outcome: Outcome, kept: list[Anchors], *, last: int) -> None:
    head = AuditHead.objects.filter(pk=1).first()
    if head is None and outcome.n_events:
        outcome.say("trail.no-head")
    if head is not None and (head.seq, head.hash) != (last, outcome.head):
        outcome.say("trail.ends-early", last=last, n=head.seq)
    sent = list(AnchorPlace.objects.values_list("seq", flat=True))
    furthest = max([*sent, *(seq for one in kept for seq in one.hashes)], default=0)
    if furthest > last:
        outcome.say("trail.ends-before-anchor", last=last, seq=furthest)


def _judge_anchors(outcome: Outcome, kept: list[Anchors]) -> None:
    """Return which places of anchors are missing or were changed, and since when all of them vouch for the chain."""
    is_due = AuditEvent.objects.filter(at__lt=timezone.now() - ANCHORED_WITHIN).exists()
    has_some = any(one.hashes for one in kept) or AnchorPlace.objects.filter(n__gt=0).exists()
    for one in kept:
        if not one.hashes and (is_due or has_some):
            outcome.say("trail.anchors-missing", place=one.name)
        outcome.found += one.problems[: max(0, MAX_PROBLEMS - len(outcome.found))]
        until = max(one.hashes, default=0)
        about = {"place": one.name, "anchors": one.n_signed, "since": one.first_at}
        outcome.places.append({**about, "until_event": until, "until": one.last_at})
    if kept and all(one.first_at for one in kept):
        outcome.vouched_since = max(one.first_at for one in kept)
        outcome.vouched_until = min(max(one.hashes) for one in kept)
        outcome.n_anchors = min(one.n_signed for one in kept)


def _judge_states(outcome: Outcome, kept: dict[str, Anchors]) -> None:
    """Compare what places hold with what was put there: the database counts, and the trail itself does."""
    names = {name_of(path): path.name for path in places()} | {MAIL: MAIL, PEER: PEER}
    made = dict(AnchorPlace.objects.values_list("name", "n"))
    renewed = AuditEvent.objects.filter(action=RENEWED).order_by("-seq").values_list("seq", flat=True).first() or 0
    events = AuditEvent.objects.filter(seq__gt=renewed).order_by("seq")
    for event in events.filter(action=COUNTED):
        told = event.details.get("made")
        for name, n in told.items() if isinstance(told, dict) else ():
            made[name] = max(made.get(name, 0), n) if isinstance(n, int) else made.get(name, 0)
    for name, n in sorted(made.items()):
        one = kept.get(names.get(name, ""))
        if one is not None and one.hashes and one.n_signed < n:
            outcome.say("trail.anchors-fewer", n=n, found=one.n_signed, place=one.name)
        elif name == MAIL and AnchorPlace.objects.filter(name=name, n__lt=n).exists():
            outcome.say("trail.anchors-fewer", n=n, found=0, place=MAIL)
    for event in events.filter(action=LOST):
        values = {key: event.details.get(key) for key in ("place", "made", "found")}
        outcome.say("trail.anchors-lost", at=event.at.strftime("%Y-%m-%dT%H:%M:%SZ"), **values)
    for state in AnchorPlace.objects.filter(waits_since__lt=timezone.now() - ANCHORED_WITHIN, name__in=_in_use()):
        at = state.waits_since.strftime("%Y-%m-%dT%H:%M:%SZ") if state.waits_since else ""
        outcome.say("trail.anchors-wait", place=names.get(state.name, state.name), at=at, reason=state.error)


def _in_use() -> list[str]:
    """Return the names of the places that the settings name."""
    outside = [MAIL] * bool(settings.ANCHOR_MAIL) + [PEER] * bool(settings.ANCHOR_PEER)
    return [*(name_of(path) for path in places()), *outside]


def _from_peer(outcome: Outcome) -> list[Anchors]:
    try:
        found, n_earlier = ask_peer()
    except SourceError as error:
        outcome.notes.append(str(Message("trail.peer-silent", reason=error.message)))
        return []
    if n_earlier:
        outcome.notes.append(str(Message("trail.peer-series", n=n_earlier)))
    return [found] if found.hashes or AnchorPlace.objects.filter(name=PEER, n__gt=0).exists() else []


def _given(path: Path) -> Anchors:
    try:
        if path.stat().st_size > MAX_GIVEN:
            raise InputError("trail.given-too-large", path=path.name, n=MAX_GIVEN // 1024 // 1024)
        found = find_lines(path.name, path.read_bytes().decode("ascii", "replace"))
    except OSError as error:
        raise InputError("trail.given-unread", path=path.name, reason=error.strerror or "") from error
    if not found.hashes:
        raise InputError("trail.given-empty", path=path.name)
    return found


__all__ = ["Outcome", "anchor", "anchors_path", "verify"]
