"""Alerts on their way: e-mail and signed webhooks, tried again until they arrive or a day has passed."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import time
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dideban.errors import ConfigError, DidebanError, InputError, SourceError
from dideban.room.alerts.habits import LONGEST_HOLD, held_until
from dideban.room.alerts.models import Alert, Delivery, Webhook, WebhookTry
from dideban.room.alerts.presets import PRESETS, Call, Said
from dideban.room.alerts.words import called, cut, link, sentence
from dideban.room.members.models import Member, Membership
from dideban.room.sources.poll import fetcher
from dideban.room.wording import reading
from dideban.room.wording.problems import to_text
from dideban.room.wording.reading import reading_as

log = logging.getLogger("dideban.room.deliver")
MAX_TRIES = 12
FIRST_WAIT = timedelta(seconds=15)
CLAIM = timedelta(minutes=2)
LONGEST = FIRST_WAIT * 2**12
"""Nothing is put off for longer; what seems to be was put off before the clock was set back."""
AT_ONCE = 20
KEPT_TRIES = 100
MOST_IN_DIGEST = 100
MOST_IN_SUBJECT = 150


def deliver_due() -> int:
    """Try what is due; return how many arrived."""
    now = timezone.now()
    is_odd = Q(held_until=None, next_at__gt=now + LONGEST) | Q(next_at__gt=now + LONGEST_HOLD)
    is_time = Q(next_at__lte=now) | is_odd
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
    """Send one alert, as the webhook wants it written, and keep how it went.

    Raises
    ------
    SourceError
        It did not arrive.
    """
    with translation.override(hook.language or alert.room.language):
        said = Said(sentence(alert), link(alert), called(alert.room), f"{alert.room.slug}-{alert.pk}")
    _send(hook, said, payload_of(alert), alert)


def send_test(hook: Webhook) -> None:
    """Send something that says it is a test; its log says how it went."""
    with translation.override(hook.language or hook.room.language):
        text, room = _("A test: alerts of this room arrive here."), called(hook.room)
    name = f"{hook.room.slug}-test-{time.time_ns()}"
    said = Said(text, f"{settings.SITE_URL}/r/{hook.room.slug}/alerts/", room, name)
    content = {"id": name, "room": hook.room.slug, "kind": "test", "text": text, "link": said.link}
    try:
        _send(hook, said, json.dumps(content, ensure_ascii=False, sort_keys=True).encode(), None)
        error = ""
    except (DidebanError, OSError, ValueError) as failure:
        error = _words(failure)
    Webhook.objects.filter(pk=hook.pk).update(last_error=error)


def _send(hook: Webhook, said: Said, body: bytes, alert: Alert | None) -> None:
    began, error = time.monotonic(), ""
    try:
        call = _call(hook, said, body)
        answer = fetcher(max_bytes=64 * 1024).send(call.method, call.url, headers=call.headers, body=call.body)
        if not 200 <= answer.status < 300:
            raise SourceError("room.receiver-answered", status=answer.status)
    except (DidebanError, OSError, ValueError) as failure:
        if hook.token and hook.token in str(failure):  # the address of a bot holds its token
            failure = SourceError("room.receiver-away")
        error = _words(failure)
        raise failure from None
    finally:
        seconds = round(time.monotonic() - began, 3)
        WebhookTry.objects.create(webhook=hook, alert=alert, at=timezone.now(), seconds=seconds, error=error)
        kept = WebhookTry.objects.filter(webhook=hook).values_list("pk", flat=True)[:KEPT_TRIES]
        WebhookTry.objects.filter(webhook=hook).exclude(pk__in=list(kept)).delete()


def _call(hook: Webhook, said: Said, body: bytes) -> Call:
    build = PRESETS[hook.preset].build if hook.preset in PRESETS else None
    if build is not None:
        return build(hook.url, hook.target, hook.token, said)
    at = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Dideban-Timestamp": str(at),
        "Dideban-Signature": sign(hook.secret, at=at, body=body),
    }
    return Call("POST", hook.url, body, headers)


def _words(failure: Exception) -> str:
    return to_text(failure) if isinstance(failure, DidebanError) else str(failure)[:1000] or type(failure).__name__


def send_email(member: Member, alerts: Sequence[Alert]) -> None:
    """Send alerts of one room by e-mail, in the language of the member: one, or several as a digest.

    Raises
    ------
    ConfigError
        There is no mail server.
    """
    if not settings.HAS_MAIL:
        raise ConfigError("mail.no-server", hint="mail.set-server", key="DIDEBAN_ROOM_EMAIL_HOST")
    room = alerts[0].room
    with reading_as(member):
        texts = [(sentence(alert), link(alert)) for alert in alerts[:MOST_IN_DIGEST]]
        if len(alerts) == 1:
            head, body = texts[0][0], "\n\n".join(texts[0])
        else:
            head = _("Alerts together: {n}").format(n=reading.number(len(alerts)))
            body = "\n\n".join(f"{text}\n{where}" for text, where in texts)
            if len(alerts) > len(texts):
                body += f"\n\n{_('All of them:')} {settings.SITE_URL}/r/{room.slug}/alerts/"
        # the name apart: the first letter outside of it, of the sentence, says in which direction the line runs
        subject = f"[\u2068{called(room)}\u2069] {head}".replace("\n", " ").replace("\r", " ")
        EmailMessage(cut(subject, MOST_IN_SUBJECT), f"{body}\n", to=[member.email]).send()


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
    if delivery.member is not None and _is_put_off(delivery):
        return False
    together = _together(delivery)
    try:
        if delivery.channel == "webhook" and delivery.webhook is not None:
            send_webhook(delivery.webhook, delivery.alert)
        elif together and delivery.member is not None and delivery.member.email:
            send_email(delivery.member, [one.alert for one in together])
        error = ""
    except (DidebanError, OSError, smtplib.SMTPException, ValueError) as failure:
        error = _words(failure)
    _note(delivery, together, error)
    return not error


def _is_put_off(delivery: Delivery) -> bool:
    """Put a mail off until its member wants it: once, so that a digest cannot be put off for ever."""
    assert delivery.member is not None
    now = timezone.now()
    if delivery.held_until is not None:
        return False
    until = held_until(delivery.member, kind=delivery.alert.kind, now=now)
    if until is None:
        return False
    Delivery.objects.filter(pk=delivery.pk).update(held_until=until, next_at=until)
    return True


def _together(delivery: Delivery) -> list[Delivery]:
    """Return what goes in one mail: what was put off for the same member and room, else the one; none = sent before."""
    if delivery.member is None or delivery.held_until is None:
        return [delivery]
    waiting = Delivery.objects.filter(
        member=delivery.member, alert__room=delivery.alert.room, channel=delivery.channel, delivered_at=None,
        next_at__isnull=False, held_until__lte=timezone.now(),
    )  # fmt: skip
    found = waiting.order_by("alert__at", "pk").select_related(
        "alert__room", "alert__group", "alert__narrative", "alert__source", "alert__task", "member"
    )
    return [one for one in found if may_hear(delivery.member, one.alert)]


def _note(delivery: Delivery, together: list[Delivery], error: str) -> None:
    now, n = timezone.now(), delivery.n_tries + 1
    later = now + FIRST_WAIT * 2 ** min(n, 12) if error and n < MAX_TRIES else None
    sent = [one.pk for one in together]
    Delivery.objects.filter(pk__in=sent).update(
        n_tries=n, last_error=error, next_at=later, delivered_at=None if error else now
    )
    if not sent:  # another digest took it along
        Delivery.objects.filter(pk=delivery.pk, delivered_at=None).update(next_at=None)
    if delivery.webhook is not None:
        Webhook.objects.filter(pk=delivery.webhook.pk).update(last_error=error)
    if error:
        log.warning("alert not delivered: %s", error)
