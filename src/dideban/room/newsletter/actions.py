"""Everything that changes who gets the newsletter. Readers act by the keys of links that only their mailbox holds."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from dideban.errors import InputError
from dideban.messages import languages
from dideban.room.audit.actions import record
from dideban.room.newsletter.addresses import checked_address
from dideban.room.newsletter.models import Subscriber, SubscriberState
from dideban.room.newsletter.sealing import is_link_key, mark_of, seal_address
from dideban.room.public.models import PublicSite
from dideban.room.queue import enqueue
from dideban.room.rooms.models import Place, Room

CONFIRM_WITHIN = timedelta(hours=48)
"""The link of a question holds so long; then the address is forgotten."""
ASK_AGAIN, MOST_ASKED = timedelta(days=1), 3
"""A question a day at most, and so many without an answer."""
REMEMBERED = timedelta(days=30)
"""So long the mark of an address that did not answer is kept, so that strangers cannot have it asked again."""
MOST_FAILED = 3
"""Mails in a row that are refused for good before an address is deleted."""
MOST_PLACES = 20


def is_open(site: PublicSite) -> bool:
    """Return whether a site has a newsletter: switched on, and there is a server to send it."""
    return site.is_on and site.has_newsletter and bool(settings.HAS_MAIL)


@transaction.atomic
def ask(room: Room, *, address: str, lang: str, places: Sequence[str] = ()) -> None:
    """Keep that an address may want the newsletter, and send it the question; nothing else before it is answered.

    Whether the address is known already, or wants no mail, is not said: the same happens for whoever asks.

    Raises
    ------
    InputError
        No address, or no such language or place.
    """
    plain = checked_address(address)
    wanted = {"lang": lang, "places": sorted(set(places))}
    if lang not in languages() or len(wanted["places"]) > MOST_PLACES:
        raise InputError("room.not-a-choice", value=lang[:40])
    if Place.objects.filter(room=room, slug__in=wanted["places"]).count() != len(wanted["places"]):
        raise InputError("room.not-a-choice", value=", ".join(wanted["places"])[:40])
    found, now = _known(room, plain), timezone.now()
    if not _may_ask(found, wanted, now=now):
        return
    found.sealed = seal_address(room.slug, plain, name=found.name)
    found.wanted, found.asked_at, found.n_asked = wanted, now, found.n_asked + 1
    found.save()
    transaction.on_commit(lambda: enqueue("ask_subscriber", name=found.name))


def _known(room: Room, address: str) -> Subscriber:
    """Return the subscriber of an address, locked; a new one where it is not known."""
    mark, now = mark_of(room.slug, address), timezone.now()
    made = {"name": secrets.token_hex(16), "asked_at": now - ASK_AGAIN}
    try:
        with transaction.atomic():
            Subscriber.objects.get_or_create(room=room, mark=mark, defaults=made)
    except IntegrityError:  # two forms at once
        pass
    return Subscriber.objects.select_for_update().get(room=room, mark=mark)


def _may_ask(found: Subscriber, wanted: Mapping[str, object], *, now: datetime) -> bool:
    if found.state == SubscriberState.BLOCKED or found.n_asked >= MOST_ASKED or now - found.asked_at < ASK_AGAIN:
        return False
    return found.state != SubscriberState.CONFIRMED or wanted != {"lang": found.lang, "places": found.places}


def asked(room: Room, *, name: str, key: str) -> Subscriber | None:
    """Return whom a link of a question belongs to; None where it is wrong or too old. One query."""
    found = Subscriber.objects.filter(room=room, name=name).select_related("room").first()
    mark = question_mark(found) if found else ""
    fits = is_link_key(key, room.slug, purpose="answer", name=name, mark=mark)
    if not fits or found is None or not found.wanted or timezone.now() - found.asked_at > CONFIRM_WITHIN:
        return None
    return found


def question_mark(subscriber: Subscriber) -> str:
    """Return what ties the key of a question to that question: when it was asked, and what for."""
    wanted = subscriber.wanted
    return f"{subscriber.asked_at.timestamp():.6f}|{wanted.get('lang')}|{','.join(wanted.get('places', []))}"


@transaction.atomic
def confirm(room: Room, *, name: str, key: str) -> bool:
    """Agree to the newsletter; again is no harm. Only what is published from now on is sent."""
    found = asked(room, name=name, key=key)
    if found is None or found.state == SubscriberState.BLOCKED:
        return False
    now, is_new = timezone.now(), found.state != SubscriberState.CONFIRMED
    found.lang, found.places = found.wanted["lang"], found.wanted["places"]
    found.state, found.n_asked = SubscriberState.CONFIRMED, 0
    if is_new:
        found.confirmed_at, found.sent_until = now, now
        record(room, "newsletter.join", by=None, subject=f"room:{room.slug}", details={"lang": found.lang})
    found.save()
    return True


@transaction.atomic
def block(room: Room, *, name: str, key: str) -> bool:
    """Never write to an address again: of the address nothing but its mark is kept."""
    found = asked(room, name=name, key=key)
    if found is None:
        return False
    found.state, found.sealed, found.wanted, found.places = SubscriberState.BLOCKED, b"", {}, []
    found.lang, found.confirmed_at, found.sent_until = "", None, None
    found.save()
    record(room, "newsletter.block", by=None, subject=f"room:{room.slug}", details={})
    return True


@transaction.atomic
def leave(room: Room, *, name: str, key: str) -> None:
    """Delete a subscriber by the link of any mail they got; a second time, or with a wrong key, nothing happens."""
    if is_link_key(key, room.slug, purpose="leave", name=name):
        _delete(Subscriber.objects.filter(room=room, name=name, state=SubscriberState.CONFIRMED).first(), "leave")


@transaction.atomic
def note_refused(subscriber: Subscriber) -> None:
    """Note that the receiving server refused a mail for good; an address that is gone is deleted."""
    Subscriber.objects.filter(pk=subscriber.pk).update(n_failed=subscriber.n_failed + 1)
    if subscriber.n_failed + 1 >= MOST_FAILED:
        _delete(subscriber, "bounce")


def _delete(subscriber: Subscriber | None, why: str) -> None:
    if subscriber is not None:
        room, lang = subscriber.room, subscriber.lang
        subscriber.delete()
        record(room, f"newsletter.{why}", by=None, subject=f"room:{room.slug}", details={"lang": lang})


def forget(*, now: datetime) -> None:
    """Forget who did not answer: the address after two days, its mark after a month."""
    silent = Subscriber.objects.filter(state=SubscriberState.ASKED)
    silent.filter(asked_at__lt=now - CONFIRM_WITHIN).exclude(sealed=b"").update(sealed=b"", wanted={})
    silent.filter(asked_at__lt=now - REMEMBERED).delete()
