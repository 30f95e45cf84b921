"""Keeping anchors of other installations: what came is never changed, and what does not follow is refused and noted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.actions import record
from dideban.room.audit.anchors import LINE
from dideban.room.audit.models import AnchorPeer, KeptAnchor

PAGE = 10_000
MAX_KEPT = 2_000_000
"""Anchors of one peer: several years of one a minute."""
NOTE_EVERY = timedelta(hours=1)
"""How often the own trail says that a peer sent what does not follow: a stolen token fills no disk."""
NAME = re.compile(r"[\w .-]{1,100}")


class RefusedAnchorError(InputError):
    """An anchor that does not follow from those before."""


@transaction.atomic
def add_peer(name: str, *, token_hash: str) -> AnchorPeer:
    """Keep anchors of another installation from now on; one of that name gets another token.

    Raises
    ------
    InputError
        No name.
    """
    if not NAME.fullmatch(name):
        raise InputError("trail.peer-name")
    values = {"token_hash": token_hash}
    peer, _ = AnchorPeer.objects.update_or_create(
        name=name, defaults=values, create_defaults={**values, "created_at": timezone.now()}
    )
    record(None, "anchors.peer", by=None, subject=f"peer:{peer.pk}", details={"name": name})
    return peer


def find_peer(token_hash: str) -> AnchorPeer | None:
    """Return whose token it is."""
    return AnchorPeer.objects.filter(token_hash=token_hash).first()


def keep(peer: AnchorPeer, line: str) -> str:
    """Keep an anchor; return the line that is kept: what was sent again is there already.

    Raises
    ------
    InputError
        It is none, or there are too many.
    RefusedAnchorError
        It does not follow from those before.
    """
    parts = LINE.fullmatch(line.strip())
    if parts is None:
        raise InputError("trail.no-anchor")
    seq, head, n = int(parts[1]), parts[2], int(parts[3])
    with transaction.atomic():
        peer = AnchorPeer.objects.select_for_update().get(pk=peer.pk)
        last = KeptAnchor.objects.filter(peer=peer, series=peer.series).order_by("-n").first()
        if last is not None and (last.seq, last.hash) == (seq, head) and n in (last.n, last.n + 1):
            return last.line
        if n == 1 and last is not None:
            peer = _begin_again(peer)
            last = None
        fits = n == 1 if last is None else (n == last.n + 1 and seq > last.seq)
        if fits:
            return _keep(peer, seq=seq, head=head, n=n, line=line.strip())
    _refuse(peer, n=n, seq=seq)
    raise RefusedAnchorError("trail.does-not-follow", n=n)


def kept_lines(peer: AnchorPeer, *, after: int) -> dict[str, Any]:
    """Return one page of the anchors of a peer, the first ones first."""
    found = KeptAnchor.objects.filter(peer=peer, series=peer.series, n__gt=after).order_by("n")
    lines = list(found.values_list("line", flat=True)[: PAGE + 1])
    return {"series": peer.series, "lines": lines[:PAGE], "more": len(lines) > PAGE}


def _keep(peer: AnchorPeer, *, seq: int, head: str, n: int, line: str) -> str:
    if KeptAnchor.objects.filter(peer=peer).count() >= MAX_KEPT:
        raise InputError("trail.too-many")
    now = timezone.now()
    values = {"seq": seq, "hash": head, "line": line, "received_at": now}
    KeptAnchor.objects.create(peer=peer, series=peer.series, n=n, **values)
    AnchorPeer.objects.filter(pk=peer.pk).update(received_at=now)
    return line


def _begin_again(peer: AnchorPeer) -> AnchorPeer:
    """Begin another series, at most once an hour; the earlier ones stay, and the own trail says so."""
    now = timezone.now()
    last = KeptAnchor.objects.filter(peer=peer, n=1).order_by("-series").first()
    if last is not None and peer.series > 1 and now - last.received_at < NOTE_EVERY:
        raise InputError("trail.begun-again")
    peer.series += 1
    peer.save(update_fields=["series"])
    record(None, "anchors.series", by=None, subject=f"peer:{peer.pk}", details={"series": peer.series})
    return peer


def _refuse(peer: AnchorPeer, *, n: int, seq: int) -> None:
    now = timezone.now()
    with transaction.atomic():
        old = peer.refused_at is None or now - peer.refused_at > NOTE_EVERY
        if old and AnchorPeer.objects.filter(pk=peer.pk, refused_at=peer.refused_at).update(refused_at=now):
            record(None, "anchors.refuse", by=None, subject=f"peer:{peer.pk}", details={"n": n, "seq": seq})
