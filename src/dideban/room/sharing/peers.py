"""What the machine notes about peers."""

from __future__ import annotations

from datetime import datetime, timedelta

from dideban.room.sharing.models import Peer

ONCE = timedelta(minutes=1)


def note_seen(peer: Peer, at: datetime) -> None:
    """Note that a peer was here; once a minute at most."""
    if peer.last_seen_at is None or at - peer.last_seen_at > ONCE:
        Peer.objects.filter(pk=peer.pk).update(last_seen_at=at)
