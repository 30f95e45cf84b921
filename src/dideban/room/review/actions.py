"""What members do in the review: judge blind, note what others found first, decide on proposals."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.alerts.actions import save_rule
from dideban.room.alerts.models import Rule
from dideban.room.audit.actions import reason_digest, record
from dideban.room.findings.actions import give_verdict
from dideban.room.findings.models import FollowedGroup, VerdictKind
from dideban.room.members.models import Membership
from dideban.room.review.models import (
    Decoy,
    Miss,
    MissReason,
    ProposalKind,
    ProposalState,
    ReviewItem,
    SettingProposal,
)  # fmt: skip
from dideban.room.roles import Permission
from dideban.room.rooms.actions import change_room
from dideban.room.rooms.models import Room

ONE_IN = 10
"""So many items of the queue are decoys: one in ten, by chance."""
NEEDS = {
    ProposalKind.RULE: Permission.RULES, ProposalKind.SOURCE: Permission.SOURCES,
    ProposalKind.HORIZON: Permission.SETTINGS, ProposalKind.OWNERS: Permission.SETTINGS,
}  # fmt: skip


@transaction.atomic
def next_item(
    room: Room, *, groups: QuerySet[FollowedGroup], decoys: list[Decoy], by: Membership,
    draw: Callable[[int], int] = secrets.randbelow,
) -> ReviewItem | None:  # fmt: skip
    """Return the item that a member is to judge: the one at hand, else another; None = nothing waits.

    Parameters
    ----------
    groups : QuerySet
        Findings that the member may see and has not judged, the most urgent first.
    decoys : list
        Decoys made of posts that the member may see.
    draw : function
        Says which number below the one given comes; chance, except in tests.
    """
    by.require(Permission.WORK)
    mine = ReviewItem.objects.filter(room=room, member=by.member)
    waiting = mine.filter(judged_at=None).exclude(finding=None, decoy=None).first()
    if waiting is not None and _still_stands(waiting, groups):
        return waiting
    used = set(mine.exclude(decoy=None).values_list("decoy_id", flat=True))
    fresh = [one for one in decoys if one.pk not in used]
    group = groups.select_related("current").first()
    if group is None or group.current is None:
        return None
    about: dict[str, Any] = {"finding": group.current}
    if fresh and draw(ONE_IN) == 0:
        about = {"decoy": fresh[draw(len(fresh))], "is_decoy": True}
    return ReviewItem.objects.create(
        room=room, member=by.member, token=secrets.token_hex(12), offered_at=timezone.now(), **about
    )


def _still_stands(item: ReviewItem, groups: QuerySet[FollowedGroup]) -> bool:
    return item.is_decoy or groups.filter(findings=item.finding_id).exists()


@transaction.atomic
def judge_item(item: ReviewItem, *, kind: str, reason: str, by: Membership) -> ReviewItem:
    """Judge an item of the queue. Of a finding it is a verdict like any other; of a decoy it stays in the review.

    Raises
    ------
    InputError
        It was judged already, no reason, an unknown kind.
    """
    by.require(Permission.WORK)
    item = (
        ReviewItem.objects.select_for_update(of=("self",))
        .select_related("finding__group__room", "decoy")
        .get(pk=item.pk)
    )
    if item.judged_at is not None:
        raise InputError("room.item-judged")
    if item.finding is not None:
        give_verdict(item.finding.group, finding=item.finding, kind=kind, reason=reason, by=by)
    elif kind not in set(VerdictKind):
        raise InputError("room.verdict-unknown", choices=", ".join(VerdictKind))
    elif not reason.replace("\x00", "").strip():
        raise InputError("room.verdict-needs-reason", hint="room.one-sentence")
    else:
        record(item.room, "decoy.judge", by=by, subject=f"room:{item.room.slug}", details={"kind": kind})
    item.verdict, item.judged_at = str(kind), timezone.now()
    item.save(update_fields=["verdict", "judged_at"])
    return item


@transaction.atomic
def note_miss(
    room: Room, *, source: str, what: str, at: datetime | None, why: str, url: str = "",
    group: FollowedGroup | None = None, by: Membership,
) -> Miss:  # fmt: skip
    """Note something that others found first.

    Raises
    ------
    InputError
        No source or words, an unknown reason, no instant or one in the future, an address that is none.
    """
    by.require(Permission.WORK)
    now = timezone.now()
    if at is None or at > now:
        raise InputError("room.miss-when")
    if group is not None and group.room_id != room.pk:
        raise InputError("room.finding-of-another-room")
    Room.objects.select_for_update().get(pk=room.pk)
    number = int(Miss.objects.filter(room=room).aggregate(last=Max("number"))["last"] or 0) + 1
    made = Miss.objects.create(
        room=room, number=number, source=_text(source, "source", 200), what=_text(what, "what", 500), at=at,
        url=_url(url), why=_reason(why), group=group, by=by.member, noted_at=now,
    )  # fmt: skip
    record(room, "miss.note", by=by, subject=f"miss:{number}", details={"why": made.why})
    return made


@transaction.atomic
def withdraw_miss(miss: Miss, *, reason: str, by: Membership) -> None:
    """Say that a noted miss was none; it stays to be seen.

    Raises
    ------
    InputError
        No reason, or it was withdrawn already.
    """
    by.require(Permission.WORK)
    if miss.withdrawn_at is not None:
        raise InputError("room.miss-withdrawn")
    miss.withdrawn_reason, miss.withdrawn_at = _text(reason, "reason", 500), timezone.now()
    miss.save(update_fields=["withdrawn_reason", "withdrawn_at"])
    record(
        miss.room,
        "miss.withdraw",
        by=by,
        subject=f"miss:{miss.number}",
        details={"sha256": reason_digest(miss.withdrawn_reason)},
    )


@transaction.atomic
def decide_proposal(proposal: SettingProposal, *, is_accepted: bool, reason: str, by: Membership) -> None:
    """Accept a proposal, which changes the setting, or refuse it; the figures that spoke for it go into the trail.

    Raises
    ------
    InputError
        No reason, it was decided already, or the setting is not what it was any more.
    """
    by.require(NEEDS[ProposalKind(proposal.kind)])
    proposal = SettingProposal.objects.select_for_update(of=("self",)).select_related("room").get(pk=proposal.pk)
    if proposal.state != ProposalState.OPEN:
        raise InputError("room.proposal-decided")
    proposal.reason = _text(reason, "reason", 500)
    proposal.state = ProposalState.ACCEPTED if is_accepted else ProposalState.REFUSED
    proposal.decided_at, proposal.decided_by = timezone.now(), by.member
    if is_accepted and proposal.after is not None:
        _apply(proposal, by)
    proposal.save()
    record(
        proposal.room, "proposal.accept" if is_accepted else "proposal.refuse", by=by,
        subject=f"proposal:{proposal.number}",
        details={"about": proposal.key, "setting": proposal.setting, "before": proposal.before,
                 "after": proposal.after, "sha256": reason_digest(proposal.reason), **_figures(proposal.figures)},
    )  # fmt: skip


def _apply(proposal: SettingProposal, by: Membership) -> None:
    kind, _, key = proposal.key.partition(":")
    if kind == ProposalKind.HORIZON:
        if proposal.room.horizon_days != proposal.before:
            raise InputError("room.proposal-stale")
        change_room(proposal.room, by=by, horizon_days=int(proposal.after or 0))
        return
    rule = Rule.objects.filter(room=proposal.room, pk=int(key)).first() if kind == ProposalKind.RULE else None
    if rule is None or float(rule.params.get(proposal.setting, -1)) != proposal.before:
        raise InputError("room.proposal-stale")
    save_rule(
        proposal.room, kind=rule.kind, name=rule.name, params={**rule.params, proposal.setting: proposal.after},
        places=list(rule.places.all()), search=rule.search, emails=list(rule.emails.all()),
        webhooks=list(rule.webhooks.all()), rule=rule, by=by,
    )  # fmt: skip


def _figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures as the trail keeps them: numbers alone."""
    return {name: value for name, value in figures.items() if isinstance(value, int | float)}


def _text(value: object, name: str, limit: int) -> str:
    if not (text := str(value).strip().replace("\x00", "")[:limit]):
        raise InputError("room.text-empty", field=name)
    return text


def _reason(value: str) -> str:
    if value not in set(MissReason):
        raise InputError("room.not-a-choice", value=str(value)[:40])
    return str(value)


def _url(url: str) -> str:
    if not (text := url.strip()):
        return ""
    try:
        URLValidator(schemes=["http", "https"])(text[:501])
    except ValidationError as error:
        raise InputError("room.response-url", hint="room.response-url-hint") from error
    if len(text) > 500:
        raise InputError("room.response-url", hint="room.response-url-hint")
    return text
