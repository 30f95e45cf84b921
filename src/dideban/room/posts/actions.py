"""Saved searches, reveals of original ids, deletion on request, lists of posts that are gone."""

from __future__ import annotations

import re
import tempfile
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from dideban.errors import DidebanError, InputError
from dideban.pipelines.removals import read_removals
from dideban.room.audit.actions import record
from dideban.room.cases.models import Case
from dideban.room.members.devices import share_a_device
from dideban.room.members.models import Member, Membership
from dideban.room.posts.comparisons import MOST_KEPT
from dideban.room.posts.intake import without_paths
from dideban.room.posts.models import Comparison, Erasure, Reveal, SavedSearch
from dideban.room.posts.removals import note_list
from dideban.room.posts.search import Query
from dideban.room.queue import enqueue
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import open_account, pseudonym_of
from dideban.schema import PSEUDONYM

MOST_LISTED_BYTES = 20 * 1024**2
IS_PSEUDONYM = re.compile(PSEUDONYM)


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
    """Return what a search without a name is called, in the language of its owner."""
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
def save_comparison(room: Room, *, name: str, asked: dict[str, Any], by: Membership) -> Comparison:
    """Keep a comparison by name.

    Raises
    ------
    InputError
        It compares nothing, or the room keeps enough of them.
    """
    by.require(Permission.WORK)
    if not asked.get("q"):
        raise InputError("room.search-empty")
    if Comparison.objects.filter(room=room).count() >= MOST_KEPT:
        raise InputError("room.compare-too-many-kept", hint="room.compare-remove-some", n=MOST_KEPT)
    said = name.strip().replace("\x00", "") or " / ".join(asked["q"])
    made = Comparison.objects.create(room=room, member=by.member, name=said[:120], asked=asked)
    record(room, "comparison.save", by=by, subject=f"comparison:{made.pk}")
    return made


@transaction.atomic
def remove_comparison(comparison: Comparison, *, by: Membership) -> None:
    """Forget a comparison: one's own, or any where one changes rules."""
    by.require(Permission.WORK)
    if comparison.member_id != by.member_id:
        by.require(Permission.RULES)
    record(comparison.room, "comparison.remove", by=by, subject=f"comparison:{comparison.pk}")
    comparison.delete()


@transaction.atomic
def ask_reveal(room: Room, *, account_id: str, reason: str, case: Case | None = None, by: Membership) -> Reveal:
    """Ask to see the original id behind a pseudonym.

    Raises
    ------
    InputError
        No reason, or not a pseudonym.
    """
    by.require(Permission.WORK)
    if not IS_PSEUDONYM.match(account_id):
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


class Asked(Protocol):
    """What one member asked for and a second one has to agree to."""

    @property
    def asked_by_id(self) -> Any:
        """Number of who asked."""

    @property
    def asked_by(self) -> Any:
        """Who asked."""


def not_a_second(reveal: Asked, by: Membership) -> str:
    """Return why a membership is not a second person beside the one who asked; empty where it is.

    Two accounts are not two people where one was made by the other, is too young, or signs in from the same browser.
    """
    if by.vouched_by_id is not None and by.vouched_by_id == reveal.asked_by_id:
        return "made-by-asker"
    youngest = timezone.now() - timedelta(days=settings.SECOND_MEMBER_DAYS)
    if max(by.joined_at, by.member.date_joined) > youngest:
        return "too-young"
    return "same-device" if share_a_device(by.member, reveal.asked_by) else ""


def second_from(room: Room, *, asker: Member) -> tuple[bool, datetime | None]:
    """Return whether anybody could agree to what a member asks for now, and from when on, where time alone is lacking.

    Three queries and one for each member who may agree.
    """
    days = timedelta(days=settings.SECOND_MEMBER_DAYS)
    found: list[datetime] = []
    members = Membership.objects.filter(room=room, member__is_active=True).exclude(member=asker)
    for one in members.select_related("member").order_by("pk")[:100]:
        reveal = Reveal(room=room, asked_by=asker)
        if not one.may(Permission.REVEAL):
            continue
        fault = not_a_second(reveal, one)
        if not fault:
            return True, None
        if fault == "too-young" and not share_a_device(one.member, asker):
            found.append(max(one.joined_at, one.member.date_joined) + days)
    return False, min(found, default=None)


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
    by.require(Permission.WORK)
    now = timezone.now()
    if by.member_id not in (reveal.asked_by_id, reveal.decided_by_id):
        raise InputError("room.reveal-not-yours")
    if not reveal.is_agreed or reveal.expires_at is None or reveal.expires_at <= now:
        raise InputError("room.reveal-not-open", hint="room.ask-for-new")
    original = open_account(reveal.room.slug, reveal.account_id)
    record(reveal.room, "reveal.see", by=by, subject=f"reveal:{reveal.pk}", details={"account": reveal.account_id})
    return original


MEANT = ("original", "pseudonym", "both")
"""What a name in a request for deletion may be."""


@transaction.atomic
def ask_erasures(room: Room, *, account: str, reason: str, meant: str = "", by: Membership) -> list[Erasure]:
    """Delete all posts of a person, on their request.

    Parameters
    ----------
    account : str
        The original id as the platform gives it, or a pseudonym of this room. Only the pseudonym is kept.
    meant : str
        Which of the two, one of MEANT; empty = both where it looks like a pseudonym: a person may be called like one.

    Returns
    -------
    list of Erasure
        One for each pseudonym whose posts go.

    Raises
    ------
    InputError
        No reason, no one named, or a pseudonym that is none.
    """
    by.require(Permission.ERASE)
    if not reason.strip():
        raise InputError("room.erasure-needs-reason")
    if not (account := account.strip()):
        raise InputError("room.erasure-needs-account")
    made = []
    for pseudonym in _pseudonyms(room, account, meant):
        one = Erasure.objects.create(
            room=room, account_id=pseudonym, reason=reason.strip().replace("\x00", "")[:5_000], member=by.member
        )
        record(room, "person.erase", by=by, subject=f"erasure:{one.pk}", details={"account": pseudonym})
        transaction.on_commit(partial(enqueue, "erase", erasure_id=one.pk))
        made.append(one)
    return made


def _pseudonyms(room: Room, account: str, meant: str) -> list[str]:
    looks_like_one = bool(IS_PSEUDONYM.match(account))
    if meant and meant not in MEANT:
        raise InputError("erasure.meant", hint="erasure.choose")
    if meant == "pseudonym" and not looks_like_one:
        raise InputError("room.not-a-pseudonym")
    hidden = pseudonym_of(room.slug, account)
    if meant == "pseudonym":
        return [account]
    return [hidden, account] if looks_like_one and meant in ("", "both") else [hidden]


def ask_erasure(room: Room, *, account: str, platform: str = "", reason: str, by: Membership) -> Erasure:
    """Delete all posts of a person named by the original id; see :func:`ask_erasures`."""
    return ask_erasures(room, account=account, reason=reason, meant="original", by=by)[0]


def note_erasure_trouble(erasure: Erasure, error: DidebanError) -> None:
    """Note that a deletion did not finish, and why: it is tried again within minutes."""
    Erasure.objects.filter(pk=erasure.pk).update(
        tried_at=timezone.now(), n_tries=F("n_tries") + 1, trouble=error.message.to_dict()
    )


@transaction.atomic
def finish_erasure(erasure: Erasure, *, n_posts: int, n_findings: int, n_files: int) -> None:
    """Note that the posts of a person are gone, and how many files were searched for them."""
    now = timezone.now()
    erasure.n_posts, erasure.n_findings, erasure.n_files = max(n_posts, erasure.n_posts), n_findings, n_files
    erasure.done_at, erasure.tried_at, erasure.trouble = now, now, {}
    erasure.n_tries += 1
    erasure.save()
    record(
        erasure.room, "person.erased", by=None, subject=f"erasure:{erasure.pk}",
        details={"account": erasure.account_id, "posts": erasure.n_posts, "findings": n_findings, "files": n_files},
    )  # fmt: skip


def bring_removals(room: Room, *, file: IO[Any], by: Membership) -> tuple[int, int]:
    """Note which posts are gone, from a member's list; return how many posts of the room are on it, and how many new.

    Raises
    ------
    InputError
        It is too large, no table, lacks a column, or says what is yet to come.
    """
    by.require(Permission.WORK)
    with tempfile.TemporaryDirectory(prefix="gone-", dir=settings.DATA) as scratch:
        path = Path(scratch) / "listed"
        data = file.read(MOST_LISTED_BYTES + 1)
        if len(data) > MOST_LISTED_BYTES:
            raise InputError("room.file-too-large", n=MOST_LISTED_BYTES // 1024**2)
        path.write_bytes(data)
        try:
            listed, _ = read_removals(path)
        except InputError as error:
            raise without_paths(error) from error
    if listed.is_empty():
        raise InputError("room.gone-nothing-usable", hint="effect.gone-columns")
    if listed["gone_at"].max() > timezone.now():  # type: ignore[operator]
        raise InputError("room.gone-future")
    n_known, n_new = note_list(room.slug, listed)
    with transaction.atomic():
        record(room, "removals.bring", by=by, details={"rows": listed.height, "known": n_known, "new": n_new})
    return n_known, n_new
