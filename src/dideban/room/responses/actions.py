"""Everything that changes a response or a lot."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.actions import reason_digest, record
from dideban.room.cases.models import Case, CaseStatus
from dideban.room.members.models import Membership
from dideban.room.narratives.models import Narrative
from dideban.room.responses.models import (
    HORIZONS_H,
    Lot,
    Response,
    ResponseKind,
    ResponseOutcome,
)  # fmt: skip
from dideban.room.responses.plans import digest_of, draw_of, plan_of, seed_of
from dideban.room.responses.targets import Target
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place, Room

MOST_CANDIDATES = 20
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}\Z")
SAME_HOUR_S = 3600


@transaction.atomic
def plan_response(
    case: Case, *, kind: str, title: str, target: Target, horizon_h: int | None,
    outcome: str = ResponseOutcome.POSTS, by: Membership,
) -> Response:  # fmt: skip
    """Register what is about to be done, and what will count; its hash goes into the audit trail.

    Raises
    ------
    InputError
        The case is closed, the target is of another room, the same response is planned already, or the target waits
        for the outcome of a lot.
    """
    by.require(Permission.WORK)
    _number_lock(case.room)
    _refuse_closed(case)
    if target.room_id not in (None, case.room_id):
        raise InputError("room.response-target-elsewhere")
    _refuse_waiting(case.room, target.narrative)
    made = Response(
        room=case.room, case=case, number=_next(Response, case.room), kind=_one_of(kind, ResponseKind),
        title=_text(title, "title", 200), outcome=_outcome(outcome, target), horizon_h=_horizon(horizon_h),
        **target.fields(),
    )  # fmt: skip
    _refuse_same(made)
    _register(made, by)
    _note(made, "response.plan", by, plan=made.plan_digest, horizon_h=made.horizon_h, kind=made.kind)
    return made


@transaction.atomic
def change_plan(
    response: Response, *, title: str, horizon_h: int | None, outcome: str, by: Membership
) -> None:  # fmt: skip
    """Change a plan before it happens: it counts as registered now.

    Raises
    ------
    InputError
        It happened or was cancelled, or it comes from a lot, whose terms stand.
    """
    by.require(Permission.WORK)
    response = _locked(response)
    if response.at is not None or response.cancelled_at is not None:
        raise InputError("room.response-fixed", hint="room.response-fixed-hint")
    chosen = _horizon(horizon_h), _outcome(outcome, Target.of(response))
    if response.lot is not None and chosen != (response.horizon_h, response.outcome):
        raise InputError("room.response-of-lot")
    response.title = _text(title, "title", 200)
    response.horizon_h, response.outcome = chosen
    _register(response, by)
    _note(response, "response.change", by, plan=response.plan_digest, horizon_h=response.horizon_h)


@transaction.atomic
def tell_response(
    response: Response, *, at: datetime | None, url: str = "", language: str = "", places: Sequence[Place] = (),
    by: Membership,
) -> None:  # fmt: skip
    """Record that a response happened, and when.

    Raises
    ------
    InputError
        No instant, one in the future or before the room, a response that is told or cancelled already, or the same
        one under another number.
    """
    by.require(Permission.WORK)
    response = _locked(response)
    if response.cancelled_at is not None or response.at is not None:
        raise InputError("room.response-fixed", hint="room.response-fixed-hint")
    now = timezone.now()
    response.at, response.told_at, response.told_by = _instant(at, room=response.room, now=now), now, by.member
    response.url, response.language = _url(url), _language(language)
    _refuse_twice(response)
    response.save()
    response.places.set(by.within(places, before=response.places.all()))
    _note(response, "response.tell", by, happened_at=response.at.isoformat())


@transaction.atomic
def untell_response(response: Response, *, reason: str, by: Membership) -> None:
    """Take back that a response happened, while its effect is not known.

    Raises
    ------
    InputError
        No reason, it did not happen, or its horizon has passed.
    """
    by.require(Permission.WORK)
    response = _locked(response)
    if response.at is None:
        raise InputError("room.response-not-told")
    _refuse_over(response)
    because = _text(reason, "reason", 500)
    response.at = response.told_at = response.told_by = None
    response.url, response.language = "", ""
    response.save()
    response.places.clear()
    _note(response, "response.untell", by, sha256=reason_digest(because))


@transaction.atomic
def cancel_response(response: Response, *, reason: str, by: Membership) -> None:
    """Call a response off; what was planned stays to be seen.

    Raises
    ------
    InputError
        No reason, it is cancelled already, or its horizon has passed: what is known is not taken back.
    """
    by.require(Permission.WORK)
    response = _locked(response)
    if response.cancelled_at is not None:
        raise InputError("room.response-fixed")
    _refuse_over(response)
    response.cancelled_reason = _text(reason, "reason", 500)
    response.cancelled_at, response.cancelled_by = timezone.now(), by.member
    response.save(update_fields=["cancelled_reason", "cancelled_at", "cancelled_by"])
    _note(response, "response.cancel", by, sha256=reason_digest(response.cancelled_reason))


@transaction.atomic
def draw_lot(
    case: Case, *, narratives: Sequence[Narrative], kind: str, title: str, horizon_h: int | None, by: Membership
) -> Lot:
    """Let chance say which of several narratives is answered now; its response is planned at once.

    Raises
    ------
    InputError
        Fewer than two candidates or too many, one of another room, or one that waits for another lot.

    Notes
    -----
    The seed is made from the audit event that opens the lot. Whoever has the trail can draw again (responses.plans).
    """
    by.require(Permission.WORK)
    room = case.room
    _number_lock(room)
    _refuse_closed(case)
    ready = sorted({one.number: one for one in narratives}.values(), key=lambda one: one.number)
    if any(one.room_id != room.pk for one in ready):
        raise InputError("room.narrative-of-another-room")
    if not 2 <= len(ready) <= MOST_CANDIDATES:
        raise InputError("room.lot-size", least=2, most=MOST_CANDIDATES)
    if kind == ResponseKind.NOTHING:
        raise InputError("room.not-a-choice", value=kind)
    for one in ready:
        _refuse_waiting(room, one)
        _refuse_answered(one)
    number, names = _next(Lot, room), [one.number for one in ready]
    subject = f"case:{case.number}"
    opened = record(room, "lot.open", by=by, subject=subject, details={"lot": number, "narratives": names})
    seed = seed_of(opened.hash, room=room.slug, lot=number)
    drawn = next(one for one in ready if one.number == draw_of(seed, names))
    lot = Lot.objects.create(
        room=room, number=number, case=case, names=names, kind=_one_of(kind, ResponseKind),
        horizon_h=_horizon(horizon_h), chain_seq=opened.seq, chain_hash=opened.hash, seed=seed, drawn=drawn,
        by=by.member, at=timezone.now(),
    )  # fmt: skip
    lot.candidates.set(ready)
    record(
        room, "lot.draw", by=by, subject=f"case:{case.number}",
        details={"lot": number, "narrative": drawn.number, "seed": seed},
    )  # fmt: skip
    _plan_drawn(lot, title, by)
    return lot


def _plan_drawn(lot: Lot, title: str, by: Membership) -> None:
    made = Response(
        room=lot.room, case=lot.case, number=_next(Response, lot.room), kind=lot.kind, lot=lot,
        title=_text(title, "title", 200), narrative=lot.drawn, outcome=ResponseOutcome.POSTS, horizon_h=lot.horizon_h,
    )  # fmt: skip
    _refuse_same(made)
    _register(made, by)
    _note(made, "response.plan", by, plan=made.plan_digest, horizon_h=made.horizon_h, kind=made.kind)


@transaction.atomic
def refuse_lot(lot: Lot, *, reason: str, by: Membership) -> None:
    """Refuse to follow a lot: its response counts as chosen from now on, and the others need not wait.

    Raises
    ------
    InputError
        No reason, refused already, or the horizon of its response has passed.
    """
    by.require(Permission.WORK)
    _number_lock(lot.room)
    lot = Lot.objects.select_for_update().select_related("room", "case").get(pk=lot.pk)
    if lot.refused_at is not None:
        raise InputError("room.lot-refused")
    for response in Response.objects.filter(lot=lot, cancelled_at=None):
        _refuse_over(response)
    lot.refused_reason = _text(reason, "reason", 500)
    lot.refused_at, lot.refused_by = timezone.now(), by.member
    lot.save(update_fields=["refused_reason", "refused_at", "refused_by"])
    record(
        lot.room,
        "lot.refuse",
        by=by,
        subject=f"case:{lot.case.number}",
        details={"lot": lot.number, "sha256": reason_digest(lot.refused_reason)},
    )


def _register(response: Response, by: Membership) -> None:
    """Hash the plan and keep it."""
    response.salt = secrets.token_hex(16)
    response.planned_at, response.planned_by = timezone.now(), by.member
    response.plan_digest = digest_of(plan_of(response))
    response.save()


def _note(response: Response, action: str, by: Membership, **details: Any) -> None:
    record(
        response.room, action, by=by, subject=f"case:{response.case.number}",
        details={"response": response.number, **details},
    )  # fmt: skip


def _locked(response: Response) -> Response:
    """Return a response as it stands, which no one else changes meanwhile."""
    _number_lock(response.room)
    return Response.objects.select_related("room", "case", "narrative", "group", "lot").get(pk=response.pk)


def _number_lock(room: Room) -> None:
    Room.objects.select_for_update().get(pk=room.pk)


def _next(kind: type[models.Model], room: Room) -> int:
    return int(kind._default_manager.filter(room=room).aggregate(last=Max("number"))["last"] or 0) + 1


def _refuse_closed(case: Case) -> None:
    if Case.objects.filter(pk=case.pk, status=CaseStatus.CLOSED).exists():
        raise InputError("room.response-case-closed")


def _refuse_over(response: Response) -> None:
    if response.ends_at is not None and response.ends_at <= timezone.now():
        raise InputError("room.response-over")


def _refuse_same(made: Response) -> None:
    """Refuse a plan that stands already: same kind and target, not happened yet."""
    same = _same_target(made).filter(at=None, kind=made.kind).order_by("number").first()
    if same is not None:
        raise InputError("room.response-same", n=same.number)


def _refuse_twice(told: Response) -> None:
    """Refuse what was told under another number: same target, and the same address or kind within the hour."""
    assert told.at is not None
    for other in _same_target(told).exclude(pk=told.pk).exclude(at=None).order_by("number"):
        assert other.at is not None
        near = abs((other.at - told.at).total_seconds()) < SAME_HOUR_S and other.kind == told.kind
        if near or (told.url and told.url == other.url):
            raise InputError("room.response-same", n=other.number)


def _same_target(response: Response) -> models.QuerySet[Response]:
    return Response.objects.filter(
        room=response.room, narrative=response.narrative, group=response.group, object_kind=response.object_kind,
        object_id=response.object_id, cancelled_at=None,
    )  # fmt: skip


def _refuse_waiting(room: Room, narrative: Narrative | None) -> None:
    """Refuse to answer a narrative that waits while the one that a lot drew is answered."""
    if narrative is None:
        return
    now = timezone.now()
    for lot in Lot.objects.filter(room=room, candidates=narrative, refused_at=None):
        open_ones = Response.objects.filter(lot=lot, cancelled_at=None)
        if any(one.ends_at is None or one.ends_at > now for one in open_ones):
            raise InputError("room.response-waits", n=lot.number, hint="room.response-waits-hint")


def _refuse_answered(narrative: Narrative) -> None:
    """Refuse a candidate that is being answered: chance has nothing to say about it any more."""
    now = timezone.now()
    for one in Response.objects.filter(narrative=narrative, cancelled_at=None).exclude(kind=ResponseKind.NOTHING):
        if one.ends_at is None or one.ends_at > now:
            raise InputError("room.lot-answered", narrative=narrative.number, n=one.number)


def _outcome(outcome: str, target: Target) -> str:
    if outcome == ResponseOutcome.ELSEWHERE and target.narrative is None:
        raise InputError("room.response-elsewhere-needs-narrative")
    return _one_of(outcome, ResponseOutcome)


def _horizon(hours: int | None) -> int:
    if hours not in HORIZONS_H:
        raise InputError("room.response-horizon", hours=[str(one) for one in HORIZONS_H])
    return hours


def _instant(at: datetime | None, *, room: Room, now: datetime) -> datetime:
    if at is None:
        raise InputError("room.response-when")
    if at > now:
        raise InputError("room.response-future")
    if at < room.created_at:
        raise InputError("room.response-before-room")
    return at


def _url(url: str) -> str:
    if not (text := url.strip()):
        return ""
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError as error:
        raise InputError("room.response-url", hint="room.response-url-hint") from error
    if len(text) > 500:
        raise InputError("room.response-url", hint="room.response-url-hint")
    return text


def _language(tag: str) -> str:
    if (text := tag.strip()) and not LANGUAGE.match(text):
        raise InputError("room.response-language", hint="room.response-language-hint", value=text[:40])
    return text[:20]


def _text(value: object, name: str, limit: int) -> str:
    if not (text := str(value).strip().replace("\x00", "")[:limit]):
        raise InputError("room.text-empty", field=name)
    return text


def _one_of(value: str, kind: type[StrEnum]) -> str:
    if value not in set(kind):
        raise InputError("room.not-a-choice", value=str(value)[:40])
    return str(value)
