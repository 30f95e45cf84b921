"""Which peer asks. Every answer to somebody else is the same: there is nothing here."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest
from django.utils import timezone

from dideban.room.members.tokens import hash_token
from dideban.room.sharing.models import Peer
from dideban.room.sharing.peers import note_seen

LOOPBACK = ("127.0.0.1", "::1")


def peer_of(request: HttpRequest) -> Peer | None:
    """Return the peer whose token the request carries; None = none. One query, a write once a minute.

    ``Authorization: Bearer`` and ``Token`` carry the token as it is, ``Basic`` as the password of any name. Basic over
    plain HTTP is refused but on this machine: the password would be read on the way.
    """
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = _token(scheme.lower(), given.strip(), request)
    if not token:
        return None
    found = Peer.objects.select_related("room").filter(token_hash=hash_token(token), is_paused=False).first()
    if found is not None:
        note_seen(found, timezone.now())
    return found


def _token(scheme: str, given: str, request: HttpRequest) -> str:
    if scheme in ("bearer", "token"):
        return given
    if scheme != "basic" or not (request.is_secure() or request.META.get("REMOTE_ADDR") in LOOPBACK):
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
