"""Sending the newsletter: to each who agreed at most one mail a day, with what is new in their language and places."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import get_connection
from django.db.models import Q
from django.utils import timezone

from dideban.errors import DidebanError
from dideban.room.newsletter.actions import forget, is_open, note_refused
from dideban.room.newsletter.mails import Line, issue_mail, line_of, question_mail
from dideban.room.newsletter.models import Subscriber, SubscriberState
from dideban.room.public.building import fallen
from dideban.room.public.models import Correction, Page, PublicSite
from dideban.room.rooms.models import Room

log = logging.getLogger("dideban.room.newsletter")
SEND_S = 300.0
"""How often the worker looks whether somebody is to get something."""
KINDS = ("bulletin", "lesson")
"""Stories are not sent: what a person agreed to can be taken off a site, and not out of mailboxes."""
COOL_OFF = timedelta(minutes=15)
"""So long a page stands before it is sent: what was published by mistake can still be taken back."""
PAUSE = timedelta(hours=20)
"""At least so long between two mails to one address."""
MOST_AT_ONCE, MOST_LINES = 500, 20
"""Mails of a room in one round; pages in one mail."""


def send_question(name: str) -> None:
    """Send the question to an address that was typed into the form."""
    found = Subscriber.objects.filter(name=name).select_related("room").first()
    site = PublicSite.objects.filter(room=found.room).select_related("room").first() if found else None
    if found is None or site is None or not is_open(site) or not found.sealed or not found.wanted:
        return
    try:
        question_mail(found, site).send()
    except (DidebanError, OSError, smtplib.SMTPException) as error:
        _log("question", found.room, error)


def send_newsletters() -> None:
    """Send what is due, for every room that has a newsletter; forget who did not answer."""
    now = timezone.now()
    forget(now=now)
    for site in PublicSite.objects.filter(is_on=True, has_newsletter=True).select_related("room"):
        if is_open(site):
            send_due(site, now=now)


def send_due(site: PublicSite, *, now: datetime) -> int:
    """Send what is due in a room; return how many mails went out."""
    until, n = now - COOL_OFF, 0
    due = Subscriber.objects.filter(room=site.room, state=SubscriberState.CONFIRMED, sent_until__lt=until)
    due = due.filter(Q(last_sent_at=None) | Q(last_sent_at__lte=now - PAUSE)).select_related("room")
    news: dict[Any, list[Line]] = {}
    with get_connection() as link:
        for one in due.order_by("sent_until", "pk")[:MOST_AT_ONCE]:
            what = (one.lang, tuple(one.places), one.sent_until)
            if what not in news:
                news[what] = lines_of(site.room, lang=one.lang, places=one.places, since=one.sent_until, until=until)
            if not _claimed(one, until=until, now=now if news[what] else None) or not news[what]:
                continue
            if not _sent(one, site, lines=news[what], link=link):
                break
            n += 1
    return n


def lines_of(
    room: Room, *, lang: str, places: Iterable[str], since: datetime | None, until: datetime
) -> list[Line]:  # fmt: skip
    """Return what is new or was corrected between two instants, as far as it still stands."""
    pages = Page.objects.filter(room=room, lang=lang, kind__in=KINDS, published__isnull=False, withdrawn_at=None)
    if wanted := list(places):
        pages = pages.filter(places__slug__in=wanted)
    new = pages.filter(published_at__gt=since, published_at__lte=until).select_related("published", "room").distinct()
    found = [one for one in new.order_by("-published_at", "pk")[:MOST_LINES] if not fallen(one)]
    lines = [
        line_of(p.kind, p.slug, title=p.published.title, summary=p.published.summary) for p in found if p.published
    ]
    fixes = Correction.objects.filter(page__in=pages, at__gt=since, at__lte=until, page__published_at__lte=since)
    for fix in fixes.select_related("page__room", "now").order_by("at", "pk")[:MOST_LINES]:
        if not fallen(fix.page):
            lines.append(line_of(fix.page.kind, fix.page.slug, title=fix.now.title, why=fix.why))
    return lines[:MOST_LINES]


def _claimed(one: Subscriber, *, until: datetime, now: datetime | None) -> bool:
    """Move a subscriber on before anything is sent: a process that dies loses one mail and sends none twice."""
    moved = {"sent_until": until} | ({"last_sent_at": now} if now else {})
    return bool(Subscriber.objects.filter(pk=one.pk, sent_until=one.sent_until).update(**moved))


def _sent(one: Subscriber, site: PublicSite, *, lines: list[Line], link: Any) -> bool:
    """Send one mail; return whether to go on. Where the own server is away, it is tried again in the next round."""
    try:
        mail = issue_mail(one, site, lines=lines)
        mail.connection = link
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _ in error.recipients.values()):
            note_refused(one)
        else:
            _put_back(one)
    except (DidebanError, OSError, smtplib.SMTPException) as error:
        _put_back(one)
        _log("issue", one.room, error)
        return False
    else:
        if one.n_failed:
            Subscriber.objects.filter(pk=one.pk).update(n_failed=0)
    return True


def _put_back(one: Subscriber) -> None:
    Subscriber.objects.filter(pk=one.pk).update(sent_until=one.sent_until, last_sent_at=one.last_sent_at)


def _log(what: str, room: Room, error: Exception) -> None:
    """Say what kind of trouble it was: the text of a mail server's answer may hold an address."""
    log.error("newsletter: %s not sent: %s", what, type(error).__name__, extra={"room": room.slug})
