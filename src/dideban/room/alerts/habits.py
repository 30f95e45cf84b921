"""When members want to hear of alerts by mail: at once, in a digest, never in their quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from dideban.room.alerts.trail import KIND as TRAIL
from dideban.room.members.models import Member
from dideban.room.wording.reading import zone_of

URGENT = frozenset({TRAIL})
"""Kinds of alerts that wait for nothing."""
LONGEST_HOLD = timedelta(days=8)
MONDAY = 0


def held_until(member: Member, *, kind: str, now: datetime) -> datetime | None:
    """Return until when a mail waits; None = it goes at once.

    Parameters
    ----------
    kind : str
        Kind of the alert: trouble of the audit trail waits for nothing.
    """
    if kind in URGENT:
        return None
    if member.mail_pace != "now":
        return _quiet_end(member, _next_digest(member, now)) or _next_digest(member, now)
    return _quiet_end(member, now)


def _next_digest(member: Member, now: datetime) -> datetime:
    """Return the next hour of digests in the member's zone, of Mondays where they come by the week."""
    local = now.astimezone(zone_of(member.time_zone))
    day = local
    for _ in range(9):
        at = day.replace(hour=member.digest_hour, minute=0, second=0, microsecond=0)
        if at > local and (member.mail_pace == "daily" or at.weekday() == MONDAY):
            return at.astimezone(now.tzinfo)
        day += timedelta(days=1)
    raise AssertionError("a week has a Monday")


def _quiet_end(member: Member, at: datetime) -> datetime | None:
    """Return the end of the quiet hours that an instant lies in; None where it lies in none."""
    first, last = member.quiet_from, member.quiet_until
    if first is None or last is None or first == last:
        return None
    local = at.astimezone(zone_of(member.time_zone))
    is_quiet = first <= local.hour < last if first < last else local.hour >= first or local.hour < last
    if not is_quiet:
        return None
    end = local.replace(hour=last, minute=0, second=0, microsecond=0)
    return (end if end > local else end + timedelta(days=1)).astimezone(at.tzinfo)
