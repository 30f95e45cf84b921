"""Alerts about narratives that burst: one per burst, even if its limits move while it lasts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from dideban.room.alerts.models import Alert, Rule, RuleKind
from dideban.room.alerts.watch import make_alert
from dideban.room.narratives.models import Narrative
from dideban.room.rooms.models import Room

SAME = timedelta(hours=6)
"""A burst that begins less than so long after the last one that was reported is the same."""
MOST_AT_ONCE = 20
"""Alerts of one rule in one step: those with most posts; the others wait for the next."""


def watch_narratives(room: Room, bursting: Iterable[Narrative], now: datetime) -> list[Alert]:
    """Report narratives that burst now, in the transaction of the caller."""
    ordered = sorted(bursting, key=lambda one: (-one.burst_posts, one.number))
    rules = Rule.objects.filter(room=room, kind=RuleKind.NARRATIVE_BURST, is_paused=False).prefetch_related("places")
    made: list[Alert] = []
    for rule in rules if ordered else []:
        made += islice((alert for one in ordered if (alert := _tell(room, rule, one, now))), MOST_AT_ONCE)
    return made


def _tell(room: Room, rule: Rule, one: Narrative, now: datetime) -> Alert | None:
    wanted = {place.slug for place in rule.places.all()}
    if one.burst_at is None or one.burst_posts < rule.params.get("min_posts", 20):
        return None
    if wanted and not wanted & set(one.place_counts):
        return None
    last = Alert.objects.filter(narrative=one, rule=rule).order_by("-at").first()
    if last is not None and one.burst_at < last.at + SAME:
        return None
    return make_alert(
        room, rule, key=f"burst:{rule.pk}:{one.number}:{one.burst_at.isoformat()}", now=now,
        params={"narrative": one.number, "n_posts": one.burst_posts, "since": one.burst_at.isoformat()},
        narrative=one, decided_at=one.last_arrived_at, places=list(one.places.all()),
    )  # fmt: skip
