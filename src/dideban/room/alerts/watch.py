"""Rules at work: what happened becomes alerts, each once, and alerts become deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction

from dideban.room.alerts.models import Alert, Delivery, Rule, RuleKind
from dideban.room.findings.follow import Changes
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.posts.search import Query, Scope, scan_matching
from dideban.room.rooms.models import Place, Room

DAYS = timedelta(days=7)
"""How old a post may be that a saved search tells of: a backfill of last year is no news."""


def watch_findings(room: Room, changes: Changes, now: datetime) -> list[Alert]:
    """Report new and growing findings."""
    rules = _rules(room, RuleKind.NEW_FINDING)
    made = [alert for rule in rules for group in changes.new if (alert := _new(rule, group, now))]
    for rule in _rules(room, RuleKind.GROWING_FINDING):
        made += [alert for group, _ in changes.grown if (alert := _growing(rule, group, now))]
    return made


def watch_searches(room: Room, now: datetime) -> list[Alert]:
    """Report saved searches that found new posts since the rule last looked."""
    made = []
    for rule in _rules(room, RuleKind.SAVED_SEARCH):
        if rule.search is None or _is_quiet(rule, now):
            continue
        n, last = _n_found(room, rule, now)
        if n >= max(1, rule.params.get("min_posts", 1)):
            Rule.objects.filter(pk=rule.pk).update(state={"seen": last, "told": now.isoformat()})
            alert = make_alert(
                room, rule, key=f"search:{rule.pk}:{last}", now=now, params={"name": rule.search.name, "n": n},
                search=rule.search, places=list(rule.places.all()),
            )  # fmt: skip
            made += [alert] if alert else []
    return made


def make_alert(
    room: Room,
    rule: Rule | None,
    *,
    key: str,
    now: datetime,
    params: dict[str, Any],
    kind: str = "",
    places: Iterable[Place] = (),
    **about: Any,
) -> Alert | None:
    """Make an alert and its deliveries; None where the same thing was reported before."""
    try:
        with transaction.atomic():
            made = Alert.objects.create(
                room=room, rule=rule, kind=kind or (rule.kind if rule else ""), key=key, at=now, params=params, **about
            )
    except IntegrityError:
        return None
    made.places.set(places)
    if rule is not None:
        for member in rule.emails.all():
            Delivery.objects.create(alert=made, channel="email", member=member, next_at=now)
        for hook in rule.webhooks.filter(is_paused=False):
            Delivery.objects.create(alert=made, channel="webhook", webhook=hook, next_at=now)
    return made


def _rules(room: Room, kind: RuleKind) -> list[Rule]:
    found = Rule.objects.filter(room=room, kind=kind, is_paused=False).select_related("search")
    return list(found.prefetch_related("places"))


def _concerns(rule: Rule, group: FollowedGroup, finding: KeptFinding) -> bool:
    """Return whether a rule wants to hear of a finding."""
    wanted = {place.pk for place in rule.places.all()}
    if wanted and not wanted & set(group.places.values_list("pk", flat=True)):
        return False
    if finding.is_lead and not rule.params.get("with_leads"):
        return False
    return bool(finding.n_accounts >= rule.params.get("min_accounts", 3))


def _new(rule: Rule, group: FollowedGroup, now: datetime) -> Alert | None:
    finding = group.current
    if finding is None or not _concerns(rule, group, finding):
        return None
    return make_alert(
        group.room, rule, key=f"new:{rule.pk}:{group.number}", now=now, params=_about(group, finding), group=group,
        decided_at=finding.decided_at, places=list(group.places.all()),
    )  # fmt: skip


def _growing(rule: Rule, group: FollowedGroup, now: datetime) -> Alert | None:
    """Tell when a group has grown by the share the rule names since it was last told of."""
    finding = group.current
    if finding is None or not _concerns(rule, group, finding):
        return None
    told = Alert.objects.filter(group=group, kind__in=(RuleKind.NEW_FINDING, RuleKind.GROWING_FINDING)).first()
    before = told.params if told else _first(group)
    growth = max(
        finding.n_accounts / max(before.get("n_accounts", 1), 1) - 1,
        finding.n_posts / max(before.get("n_posts", 1), 1) - 1,
    )
    if growth < rule.params.get("min_growth", 0.5):
        return None
    return make_alert(
        group.room, rule, key=f"growing:{rule.pk}:{group.number}:{finding.finding_id}", now=now,
        params={**_about(group, finding), "was_accounts": before.get("n_accounts"), "was_posts": before.get("n_posts")},
        group=group, decided_at=finding.decided_at, places=list(group.places.all()),
    )  # fmt: skip


def _about(group: FollowedGroup, finding: KeptFinding) -> dict[str, Any]:
    return {
        "group": group.number, "finding": finding.finding_id, "n_accounts": finding.n_accounts,
        "n_posts": finding.n_posts, "n_objects": finding.n_objects,
    }  # fmt: skip


def _first(group: FollowedGroup) -> dict[str, Any]:
    first = group.findings.order_by("found_at", "pk").first()
    return {"n_accounts": first.n_accounts, "n_posts": first.n_posts} if first else {}


def _is_quiet(rule: Rule, now: datetime) -> bool:
    """Return whether the rule reported its search a short while ago: what comes meanwhile is reported together."""
    told = rule.state.get("told")
    return bool(told) and now - datetime.fromisoformat(told) < timedelta(minutes=rule.params.get("quiet_min", 0))


def _n_found(room: Room, rule: Rule, now: datetime) -> tuple[int, str]:
    """Return how many posts arrived that a saved search finds and the rule has not told of, and when the last came.

    A rule that has told of nothing yet begins with what arrives from now on.
    """
    assert rule.search is not None
    if "seen" not in rule.state:
        Rule.objects.filter(pk=rule.pk).update(state={"seen": now.isoformat()})
        return 0, ""
    places = tuple(sorted(place.slug for place in rule.places.all())) or None
    query = replace(Query.from_dict(rule.search.query), since=now - DAYS, until=None)
    seen = datetime.fromisoformat(rule.state["seen"])
    found = scan_matching(room.slug, query, scope=Scope(places=places)).filter(pl.col("arrived_at") > seen)
    n, last = found.select(n=pl.len(), last=pl.col("arrived_at").max()).collect().row(0)
    return int(n), last.isoformat() if last else ""
