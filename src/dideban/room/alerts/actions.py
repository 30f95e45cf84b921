"""Rules, webhooks, and what members do with alerts."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from dideban.errors import InputError
from dideban.messages import languages
from dideban.room.alerts.models import Alert, Delivery, Rule, RuleKind, Webhook
from dideban.room.alerts.presets import PRESETS
from dideban.room.alerts.rules import check_params
from dideban.room.audit.actions import Actor, record
from dideban.room.members.models import Member, Membership
from dideban.room.posts.models import SavedSearch
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.fields import check_address

AGAIN = timedelta(days=7)


@transaction.atomic
def save_rule(
    room: Room,
    *,
    kind: RuleKind | str,
    name: str,
    params: dict[str, Any] | None = None,
    places: Sequence[Place] = (),
    search: SavedSearch | None = None,
    emails: Sequence[Member] = (),
    webhooks: Sequence[Webhook] = (),
    rule: Rule | None = None,
    by: Actor,
) -> Rule:
    """Add a rule, or change ``rule``. Alerts always show in the room; e-mail and webhooks come on top.

    A member limited to places makes rules of these, and leaves places and webhooks beyond them as they are.

    Raises
    ------
    InputError
        An unknown kind or parameter, a saved-search rule without a search, somebody outside the room.
    """
    if by:
        by.require(Permission.RULES)
    if kind not in set(RuleKind):
        raise InputError("room.rule-kind-unknown", choices=", ".join(RuleKind))
    if kind == RuleKind.SAVED_SEARCH and (search is None or search.room_id != room.pk):
        raise InputError("room.rule-needs-search")
    for member in emails:
        if not member.email or not Membership.objects.filter(room=room, member=member).exists():
            raise InputError("room.member-without-email", name=member)
    made = rule or Rule(room=room)
    made.kind, made.name, made.search = str(kind), name.strip()[:120] or str(kind), search
    made.params = check_params(RuleKind(kind), params or {})
    before = list(rule.places.all()) if rule else []
    made.save()
    made.places.set(by.within(places, before=before) if by else places)
    made.emails.set(emails)
    if by is None or by.place_ids() is None:
        made.webhooks.set([hook for hook in webhooks if hook.room_id == room.pk])
    record(room, "rule.save", by=by, subject=f"rule:{made.pk}", details={"kind": made.kind})
    return made


@transaction.atomic
def set_rule_paused(rule: Rule, *, is_paused: bool, by: Actor) -> None:
    """Stop a rule for a while, or go on."""
    if by:
        by.require(Permission.RULES)
    Rule.objects.filter(pk=rule.pk).update(is_paused=is_paused)
    record(rule.room, "rule.pause" if is_paused else "rule.resume", by=by, subject=f"rule:{rule.pk}")


@transaction.atomic
def remove_rule(rule: Rule, *, by: Actor) -> None:
    """Remove a rule; its alerts stay."""
    if by:
        by.require(Permission.RULES)
    record(rule.room, "rule.remove", by=by, subject=f"rule:{rule.pk}", details={"kind": rule.kind})
    rule.delete()


@transaction.atomic
def add_webhook(
    room: Room, *, name: str, url: str, preset: str = "dideban", target: str = "", token: str = "", language: str = "",
    by: Actor,
) -> Webhook:  # fmt: skip
    """Add an address that alerts are sent to; ``secret`` signs them (docs/running-a-room.md).

    Raises
    ------
    InputError
        No address, an unknown way of writing, or something that this way needs is missing.
    """
    if by:
        by.require(Permission.RULES)
    if preset not in PRESETS:
        raise InputError("room.preset-unknown", choices=", ".join(PRESETS))
    way = PRESETS[preset]
    if (way.needs_target and not target.strip()) or (way.needs_token and not token.strip()):
        raise InputError("room.preset-incomplete")
    made = Webhook.objects.create(
        room=room, name=name.strip()[:100] or "webhook", url=check_address("url", url)[:500],
        secret=secrets.token_hex(32), preset=preset, target=_one_line(target)[:200], token=_one_line(token)[:500],
        language=language if language in languages() else "",
    )  # fmt: skip
    record(room, "webhook.add", by=by, subject=f"webhook:{made.pk}")
    return made


def _one_line(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()


@transaction.atomic
def ask_webhook_test(webhook: Webhook, *, by: Membership) -> None:
    """Send a made-up alert to a webhook, in the background; how it went stands in its log."""
    by.require(Permission.RULES)
    from dideban.room.queue import enqueue  # opens its file: a data folder that is not made yet has none

    record(webhook.room, "webhook.test", by=by, subject=f"webhook:{webhook.pk}")
    transaction.on_commit(lambda: enqueue("test_webhook", webhook_id=webhook.pk))


@transaction.atomic
def send_again(webhook: Webhook, *, by: Membership) -> int:
    """Try again what did not arrive, of the last week; return how many alerts that is."""
    by.require(Permission.RULES)
    now = timezone.now()
    lost = Delivery.objects.filter(webhook=webhook, delivered_at=None, alert__at__gt=now - AGAIN)
    n = lost.update(next_at=now, n_tries=0)
    record(webhook.room, "webhook.again", by=by, subject=f"webhook:{webhook.pk}", details={"n": n})
    return n


@transaction.atomic
def remove_webhook(webhook: Webhook, *, by: Actor) -> None:
    """Remove an address."""
    if by:
        by.require(Permission.RULES)
    record(webhook.room, "webhook.remove", by=by, subject=f"webhook:{webhook.pk}")
    webhook.delete()


@transaction.atomic
def handle_alerts(room: Room, *, alerts: Iterable[Alert], by: Membership) -> int:
    """Mark alerts as handled; return how many did before."""
    by.require(Permission.WORK)
    chosen = [alert.pk for alert in alerts]
    open_ones = Alert.objects.filter(room=room, pk__in=chosen, handled_at__isnull=True)
    n = open_ones.update(handled_at=timezone.now(), handled_by=by.member)
    if n:
        record(room, "alert.handle", by=by, details={"alerts": sorted(chosen)[:100], "n": n})
    return n
