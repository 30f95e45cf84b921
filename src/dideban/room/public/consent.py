"""Whether a story may be shown: read again at every export, not only when it is published."""

from __future__ import annotations

from datetime import datetime

from dideban.room.public.models import Consent, ConsentScope, Page


def is_live(consent: Consent, *, now: datetime) -> bool:
    """Return whether a consent holds: given, not ended, not taken back, and by a guardian for a minor."""
    if consent.withdrawn_at is not None or consent.given_at > now:
        return False
    if consent.expires_at is not None and consent.expires_at <= now:
        return False
    return not consent.is_minor or bool(consent.guardian)


def needed_scopes(page: Page) -> frozenset[str]:
    """Return what a story needs the consent of each person for. One query."""
    return frozenset({ConsentScope.WEB, ConsentScope.PHOTO} if page.photos.exists() else {ConsentScope.WEB})


def lacking(page: Page, *, now: datetime) -> list[str]:
    """Return what consent a story lacks: ``any``, or scopes; empty = it may be shown, or needs none. Two queries.

    Every person of the page must have agreed to every scope, in one or in several consents that hold.
    """
    if page.kind != "story":
        return []
    given: dict[str, set[str]] = {}
    for consent in page.consents.all():
        given.setdefault(consent.person, set()).update(consent.scopes if is_live(consent, now=now) else ())
    if not given:
        return ["any"]
    needed = needed_scopes(page)
    return sorted({scope for scopes in given.values() for scope in needed - scopes})


def was_withdrawn(page: Page) -> bool:
    """Return whether a person of the page took a consent back. One query."""
    return page.consents.exclude(withdrawn_at=None).exists()
