"""Appending to the audit trail: the only way in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone

from dideban.room.audit.models import AuditEvent, AuditHead
from dideban.room.roles import Permission


class HasName(Protocol):
    """A member."""

    @property
    def pk(self) -> Any:
        """Number of the member."""


class HasMember(Protocol):
    """A membership: a member in a room."""

    @property
    def pk(self) -> Any:
        """Number of the membership."""

    @property
    def member(self) -> Any:
        """Who."""

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied where the role does not hold ``permission``."""

    def place_ids(self) -> frozenset[int] | None:
        """Return the places it is limited to; None = the whole room."""

    def within(self, given: Iterable[Any], *, before: Iterable[Any] = ()) -> list[Any]:
        """Return which places something may be given by it."""


class HasSlug(Protocol):
    """A room."""

    @property
    def slug(self) -> Any:
        """Name of the room in addresses."""


Actor = HasMember | None
"""Who acts: a membership, or None where the room itself does."""
START = "0" * 64


def record(
    room: HasSlug | None, action: str, *, by: Actor | HasName, subject: str = "", details: dict[str, Any] | None = None
) -> AuditEvent:
    """Append one event to the chain, in the transaction of the caller.

    Parameters
    ----------
    room : Room
        Where it happened; None = the installation as a whole.
    action : str
        What: ``noun.verb``.
    by : Membership, Member or None
        Who; None = the room itself.
    subject : str
        To what: ``case:12``.
    details : dict
        Names, ids and numbers; never text of posts or notes, which may have to be deleted one day.

    Notes
    -----
    Must run inside a transaction that holds what it tells of. Writers wait for each other at the head of the chain.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit events belong into the transaction of what they tell of")
    AuditHead.objects.get_or_create(pk=1)
    head = AuditHead.objects.select_for_update().get(pk=1)
    member = getattr(by, "member", by)
    event = AuditEvent(
        seq=head.seq + 1,
        at=timezone.now(),
        room_slug=room.slug if room else "",
        member_id=member.pk if member else None,
        member_name=str(member) if member else "",
        action=action,
        subject=subject,
        details=details or {},
        previous_hash=head.hash,
    )
    event.hash = hash_of(event)
    event.save(force_insert=True)
    AuditHead.objects.filter(pk=1).update(seq=event.seq, hash=event.hash)
    return event


def reason_digest(text: str) -> str:
    """Return the hash of a reason: it can be deleted where it stands, and cannot be changed without being noticed."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(event: AuditEvent) -> str:
    """Return the hash an event must carry: SHA-256 over all of it and the hash before it."""
    content = [
        event.previous_hash,
        event.seq,
        _instant(event.at),
        event.room_slug,
        event.member_id,
        event.member_name,
        event.action,
        event.subject,
        event.details,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _instant(at: datetime) -> str:
    return f"{at.timestamp():.6f}"
