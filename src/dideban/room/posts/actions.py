"""Saved searches, reveals of original ids, deletion on request."""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from dideban.errors import InputError
from dideban.room.audit.actions import record
from dideban.room.cases.models import Case
from dideban.room.members.devices import share_a_device
from dideban.room.members.models import Membership
from dideban.room.posts.models import Erasure, Reveal, SavedSearch
from dideban.room.posts.search import Query
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room

PSEUDONYM = re.compile(r"^a[a-z2-7]{16}$")


@transaction.atomic
def save_search(room: Room, *, name: str, query: Query, by: Membership) -> SavedSearch:
    """Keep a search by name."""
    by.require(Permission.WORK)
    if not query.to_dict():
        raise InputError("room.search-empty")
    made = SavedSearch.objects.create(
        room=room, member=by.member, name=(name.strip() or _said(query))[:120], query=query.to_dict()
    )
    record(room, "search.save", by=by, subject=f"search:{made.pk}")
    return made


def _said(query: Query) -> str:
    """Return what a search without a name is called, in the language of whoever keeps it."""
    return query.text or query.object or query.account or query.finding or gettext("Search")


@transaction.atomic
def remove_search(search: SavedSearch, *, by: Membership) -> None:
    """Forget a search: one's own, or any where one changes rules. Rules that watch it go too."""
    by.require(Permission.WORK)
    if search.member_id != by.member_id:
        by.require(Permission.RULES)
    record(search.room, "search.remove", by=by, subject=f"search:{search.pk}")
    search.delete()


@transaction.atomic
def ask_reveal(room: Room, *, account_id: str, reason: str, case: Case | None = None, by: Membership) -> Reveal:
    """Ask to see the original id behind a pseudonym.

    Raises
    ------
    InputError
        No reason, or not a pseudonym.
    """
    by.require(Permission.WORK)
    if not PSEUDONYM.match(account_id):
        raise InputError("room.not-a-pseudonym")
    if len(reason.strip()) < 10:
        raise InputError("room.reveal-needs-reason", hint="room.one-sentence-least")
    made = Reveal.objects.create(
        room=room,
        account_id=account_id,
        reason=reason.strip().replace("\x00", "")[:5_000],
        case=case,
        asked_by=by.member,
    )
    details = {"account": account_id, "case": case.number if case else None}
    record(room, "reveal.ask", by=by, subject=f"reveal:{made.pk}", details=details)
    return made


def not_a_second(reveal: Reveal, by: Membership) -> str:
    """Return why a membership is not a second person beside whoever asked; empty where it is.

    Two accounts are not two people where one was made by the other, is too young, or signs in from the same browser.
    """
    if by.vouched_by_id is not None and by.vouched_by_id == reveal.asked_by_id:
        return "made-by-asker"
    youngest = timezone.now() - timedelta(days=settings.SECOND_MEMBER_DAYS)
    if max(by.joined_at, by.member.date_joined) > youngest:
        return "too-young"
    return "same-device" if share_a_device(by.member, reveal.asked_by) else ""


def note_refusal(reveal: Reveal, *, by: Membership) -> None:
    """Leave a trace of an account that tried to be the second of two and may not."""
    if reveal.decided_at is None and (fault := not_a_second(reveal, by)):
        with transaction.atomic():
            record(reveal.room, "reveal.not-second", by=by, subject=f"reveal:{reveal.pk}", details={"reason": fault})


@transaction.atomic
def decide_reveal(reveal: Reveal, *, is_agreed: bool, by: Membership) -> None:
    """Agree to a reveal or refuse it: never one's own, and never by somebody who joined after it was asked for.

    Raises
    ------
    InputError
        It was one's own, one joined later, or it is decided already.
    """
    by.require(Permission.REVEAL)
    if reveal.asked_by_id == by.member_id or reveal.asked_by_id is None:
        raise InputError("room.reveal-two-members", hint="room.reveal-somebody-else")
    if is_agreed and by.joined_at > reveal.asked_at:  # an account made to agree with oneself
        raise InputError("room.reveal-too-new", hint="room.reveal-somebody-else")
    if is_agreed and (fault := not_a_second(reveal, by)):
        raise InputError(f"reveal.{fault}", hint="reveal.somebody-else", days=settings.SECOND_MEMBER_DAYS)
    now = timezone.now()
    expires = now + timedelta(hours=reveal.room.reveal_hours) if is_agreed else None
    decided = Reveal.objects.filter(pk=reveal.pk, decided_at__isnull=True).update(
        decided_at=now, decided_by=by.member, is_agreed=is_agreed, expires_at=expires
    )
    if not decided:
        raise InputError("room.decided-already")
    reveal.refresh_from_db()
    record(
        reveal.room, "reveal.agree" if is_agreed else "reveal.refuse", by=by, subject=f"reveal:{reveal.pk}",
        details={"account": reveal.account_id},
    )  # fmt: skip


@transaction.atomic
def open_reveal(reveal: Reveal, *, by: Membership) -> str:
    """Return the original id, leaving an audit event that it was seen and by whom.

    Raises
    ------
    InputError
        Not agreed, expired, asked for by somebody else, or the room has no original id.
    StoreError
        The key that opens sealed ids is not there.
    """
    from dideban.room.rooms.sealed_ids import open_account

    by.require(Permission.WORK)
    now = timezone.now()
    if by.member_id not in (reveal.asked_by_id, reveal.decided_by_id):
        raise InputError("room.reveal-not-yours")
    if not reveal.is_agreed or reveal.expires_at is None or reveal.expires_at <= now:
        raise InputError("room.reveal-not-open", hint="room.ask-for-new")
    original = open_account(reveal.room.slug, reveal.account_id)
    record(reveal.room, "reveal.see", by=by, subject=f"reveal:{reveal.pk}", details={"account": reveal.account_id})
    return original


@transaction.atomic
def ask_erasure(room: Room, *, account: str, platform: str = "", reason: str, by: Membership) -> Erasure:
    """Delete all posts of a person, on their request.

    Parameters
    ----------
    account : str
        A pseudonym of this room, or the original id as the platform gives it. Only the pseudonym is kept.

    Raises
    ------
    InputError
        No reason.
    """
    from dideban.room.queue import enqueue
    from dideban.room.rooms.sealed_ids import pseudonym_of

    by.require(Permission.ERASE)
    if not reason.strip():
        raise InputError("room.erasure-needs-reason")
    account = account.strip()
    if not account:
        raise InputError("room.erasure-needs-account")
    account_id = account if PSEUDONYM.match(account) else pseudonym_of(room.slug, account)
    made = Erasure.objects.create(
        room=room, account_id=account_id, reason=reason.strip().replace("\x00", "")[:5_000], member=by.member
    )
    record(room, "person.erase", by=by, subject=f"erasure:{made.pk}", details={"account": account_id})
    transaction.on_commit(lambda: enqueue("erase", erasure_id=made.pk))
    return made


@transaction.atomic
def finish_erasure(erasure: Erasure, *, n_posts: int, n_findings: int) -> None:
    """Note that the posts of a person are gone."""
    erasure.n_posts, erasure.n_findings, erasure.done_at = n_posts, n_findings, timezone.now()
    erasure.save()
    record(
        erasure.room, "person.erased", by=None, subject=f"erasure:{erasure.pk}",
        details={"account": erasure.account_id, "posts": n_posts, "findings": n_findings},
    )  # fmt: skip
