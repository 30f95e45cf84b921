"""Alerts on their way: e-mail and signed webhooks, tried again until they arrive or a day has passed."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import time
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import timezone, translation

from dideban.errors import ConfigError, DidebanError, InputError, SourceError
from dideban.room.alerts.models import Alert, Delivery, Webhook
from dideban.room.alerts.words import link, sentence
from dideban.room.members.models import Member, Membership
from dideban.room.sources.poll import fetcher
from dideban.room.wording.problems import to_text
from dideban.room.wording.reading import reading_as

log = logging.getLogger("dideban.room.deliver")
MAX_TRIES = 12
FIRST_WAIT = timedelta(seconds=15)
CLAIM = timedelta(minutes=2)
LONGEST = FIRST_WAIT * 2**12
"""Nothing is put off for longer; what seems to be was put off before the clock was set back."""
AT_ONCE = 20


def deliver_due() -> int:
    """Try what is due; return how many arrived."""
    now = timezone.now()
    is_time = Q(next_at__lte=now) | Q(next_at__gt=now + LONGEST)
    due = Delivery.objects.filter(is_time).order_by("next_at").values_list("pk", "next_at")[:AT_ONCE]
    claimed = [pk for pk, at in due if Delivery.objects.filter(pk=pk, next_at=at).update(next_at=now + CLAIM) == 1]
    chosen = Delivery.objects.filter(pk__in=claimed).select_related(
        "alert__room", "alert__group", "alert__narrative", "alert__source", "alert__task", "member", "webhook"
    )
    return sum(_deliver(delivery) for delivery in chosen)


def payload_of(alert: Alert) -> bytes:
    """Return the body of a webhook: everything a program needs, once, and a sentence in the language of the room."""
    with translation.override(alert.room.language):
        text = sentence(alert)
    content = {
        "id": f"{alert.room.slug}-{alert.pk}",
        "room": alert.room.slug,
        "kind": alert.kind,
        "at": alert.at.isoformat(),
        "text": text,
        "link": link(alert),
        "params": alert.params,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def sign(secret: str, *, at: int, body: bytes) -> str:
    """Return the signature of a webhook: HMAC-SHA256 over time, a dot and the body.

    The receiver compares it, refuses times that are more than five minutes off, and ids it has seen: a recorded call
    cannot be played again.
    """
    return "v1=" + hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def send_webhook(hook: Webhook, alert: Alert) -> None:
    """Send one alert.

    Raises
    ------
    SourceError
        It did not arrive.
    """
    body, at = payload_of(alert), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Dideban-Timestamp": str(at),
        "Dideban-Signature": sign(hook.secret, at=at, body=body),
    }
    answer = fetcher(max_bytes=64 * 1024).send("POST", hook.url, headers=headers, body=body)
    if not 200 <= answer.status < 300:
        raise SourceError("room.receiver-answered", status=answer.status)


def send_email(member: Member, alert: Alert) -> None:
    """Send one alert by e-mail, in the language of the member.

    Raises
    ------
    ConfigError
        There is no mail server.
    """
    if not settings.HAS_MAIL:
        raise ConfigError("mail.no-server", hint="mail.set-server", key="DIDEBAN_ROOM_EMAIL_HOST")
    with reading_as(member):
        text = sentence(alert)
        subject = f"[{alert.room.name}] {text}".replace("\n", " ").replace("\r", " ")[:150]
        EmailMessage(subject, f"{text}\n\n{link(alert)}\n", to=[member.email]).send()


def may_hear(member: Member, alert: Alert) -> bool:
    """Return whether a member may be told: rules and tasks name people who left the room or were limited since."""
    found = Membership.objects.select_related("room").filter(room=alert.room, member=member, member__is_active=True)
    if (membership := found.first()) is None:
        return False
    ids = membership.place_ids()
    is_own = alert.task is not None and alert.task.owner_id == member.pk
    return ids is None or is_own or alert.places.filter(pk__in=ids).exists()


def _deliver(delivery: Delivery) -> bool:
    if delivery.member is not None and not may_hear(delivery.member, delivery.alert):
        Delivery.objects.filter(pk=delivery.pk).update(next_at=None, last_error=to_text(InputError("room.may-not-see")))
        return False
    try:
        if delivery.channel == "webhook" and delivery.webhook is not None:
            send_webhook(delivery.webhook, delivery.alert)
        elif delivery.member is not None and delivery.member.email:
            send_email(delivery.member, delivery.alert)
        error = ""
    except (DidebanError, OSError, smtplib.SMTPException, ValueError) as failure:
        error = to_text(failure) if isinstance(failure, DidebanError) else str(failure)[:1000] or type(failure).__name__
    now, n = timezone.now(), delivery.n_tries + 1
    later = now + FIRST_WAIT * 2 ** min(n, 12) if error and n < MAX_TRIES else None
    Delivery.objects.filter(pk=delivery.pk).update(
        n_tries=n, last_error=error, next_at=later, delivered_at=None if error else now
    )
    if delivery.webhook is not None:
        Webhook.objects.filter(pk=delivery.webhook.pk).update(last_error=error)
    if error:
        log.warning("alert not delivered: %s", error)
    return not error
