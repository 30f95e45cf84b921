"""Reports of mail servers that an address is gone (RFC 3464), as they arrive in a mailbox.

Anybody can write such a report. It counts only where it returns the link by which the subscriber leaves: that stood in
our own mail and nowhere else.
"""

from __future__ import annotations

import email
import email.policy
import re
from email.message import Message as Mail

from dideban.room.newsletter.actions import note_refused
from dideban.room.newsletter.models import Subscriber, SubscriberState
from dideban.room.newsletter.sealing import is_link_key
from dideban.room.rooms.models import Room

MOST_BYTES = 256 * 1024
_LINK = re.compile(r"/leave/\?who=([0-9a-f]{32})&key=([0-9a-f]{32})")
_GONE = re.compile(r"^Status:\s*5\.\d+\.\d+", re.IGNORECASE | re.MULTILINE)


def take_bounce(room: Room, data: bytes) -> bool:
    """Note what a report says; return whether it counted."""
    if len(data) > MOST_BYTES:
        return False
    report = email.message_from_bytes(data, policy=email.policy.compat32)
    if report.get_content_type() != "multipart/report":
        return False
    parts = list(report.walk())
    statuses = [str(part) for part in parts if part.get_content_type() == "message/delivery-status"]
    if not any(_GONE.search(text) for text in statuses):
        return False
    returned = [
        _headers(part) for part in parts if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")
    ]
    return any(_counts(room, text) for text in returned)


def _headers(part: Mail) -> str:
    """Return what a report returns of our mail, unfolded."""
    return re.sub(r"\r?\n[ \t]+", "", part.as_string())


def _counts(room: Room, text: str) -> bool:
    for name, key in set(_LINK.findall(text)):
        found = Subscriber.objects.filter(room=room, name=name, state=SubscriberState.CONFIRMED).first()
        if found is not None and is_link_key(key, room.slug, purpose="leave", name=name):
            note_refused(found)
            return True
    return False
