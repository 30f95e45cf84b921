"""The alarm of the audit trail: it or its anchors are not what they were. No rule can pause it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from dideban.messages import Message
from dideban.room.alerts.models import Alert, Delivery
from dideban.room.alerts.watch import make_alert
from dideban.room.members.models import Membership
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room

KIND = "audit-trail"


def alert_trail(problems: list[Message], *, now: datetime) -> list[Alert]:
    """Tell every room of what is wrong with the trail: once a day for as long as it lasts, coordinators by mail."""
    if not problems:
        return []
    text = json.dumps(problems[0].to_dict(), sort_keys=True)
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    made = []
    for room in Room.objects.all():
        params = {"problem": problems[0].to_dict(), "n": len(problems)}
        alert = make_alert(room, None, kind=KIND, key=f"trail:{mark}:{now:%Y-%m-%d}", now=now, params=params)
        if alert is not None:
            made.append(alert)
            _tell_readers(alert, now)
    return made


def _tell_readers(alert: Alert, now: datetime) -> None:
    """Send it to anyone who may read the trail of the room."""
    found = Membership.objects.filter(room=alert.room, member__is_active=True).select_related("member", "room")
    for membership in found:
        if membership.may(Permission.AUDIT) and membership.member.email:
            Delivery.objects.create(alert=alert, channel="email", member=membership.member, next_at=now)
