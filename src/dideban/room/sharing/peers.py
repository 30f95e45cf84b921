"""What the machine notes about peers."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from dideban.room.deferred_writes import deferred
from dideban.room.sharing.models import Peer

ONCE = timedelta(minutes=1)


def note_seen(peer: Peer, at: datetime) -> None:
    """Note that a peer was here; once a minute at most."""
    if peer.last_seen_at is None or at - peer.last_seen_at > ONCE:
        deferred.put(("peer", peer.pk), partial(_write, peer.pk, at))


def _write(pk: int, at: datetime) -> None:
    Peer.objects.filter(pk=pk).update(last_seen_at=at)
