"""Verdicts and discussion."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.actions import record
from dideban.room.deferred_writes import deferred
from dideban.room.findings.models import Comment, FollowedGroup, KeptFinding, Verdict, VerdictKind
from dideban.room.members.models import Member, Membership
from dideban.room.roles import Permission

MAX_CHARS = 20_000
MOST_AT_ONCE = 100
"""Groups that one form judges or assigns."""


@transaction.atomic
def give_verdict(
    group: FollowedGroup, *, finding: KeptFinding, kind: VerdictKind | str, reason: str, by: Membership
) -> Verdict:
    """Give a verdict on a group, having seen ``finding``.

    Raises
    ------
    InputError
        No reason, an unknown kind, or a finding of another group.
    """
    by.require(Permission.WORK)
    if kind not in set(VerdictKind):
        raise InputError("room.verdict-unknown", choices=", ".join(VerdictKind))
    if not (reason := reason.replace("\x00", "").strip()[:MAX_CHARS]):
        raise InputError("room.verdict-needs-reason", hint="room.one-sentence")
    if finding.group_id != group.pk:
        raise InputError("room.finding-of-another-group")
    given = Verdict.objects.create(
        group=group, finding=finding, member=by.member, kind=str(kind), reason=reason, at=timezone.now()
    )
    _settle(group)
    record(
        group.room, "finding.verdict", by=by, subject=f"group:{group.number}",
        details={"finding": finding.finding_id, "kind": given.kind},
    )  # fmt: skip
    return given


@transaction.atomic
def give_verdicts(
    groups: Sequence[FollowedGroup], *, kind: VerdictKind | str, reason: str, by: Membership
) -> list[Verdict]:
    """Give the same verdict on several groups, on what was last found of each.

    Raises
    ------
    InputError
        None chosen, too many, no reason, or an unknown kind.
    """
    if not groups:
        raise InputError("room.none-chosen")
    if len(groups) > MOST_AT_ONCE:
        raise InputError("room.too-many-chosen", n=MOST_AT_ONCE)
    return [give_verdict(one, finding=one.current, kind=kind, reason=reason, by=by) for one in groups if one.current]


@transaction.atomic
def take_back_verdict(verdict: Verdict, *, by: Membership) -> None:
    """Take back one's own verdict: it stays in the trail, and the one before it counts again.

    Raises
    ------
    InputError
        It was taken back already.
    """
    by.require(Permission.WORK)
    if verdict.member_id != by.member_id:
        raise PermissionDenied
    if not Verdict.objects.filter(pk=verdict.pk).update(withdrawn_at=timezone.now()):
        raise InputError("room.taken-back-already")
    _settle(verdict.group)
    record(
        verdict.group.room, "finding.unverdict", by=by, subject=f"group:{verdict.group.number}",
        details={"kind": verdict.kind},
    )  # fmt: skip


@transaction.atomic
def assign(groups: Sequence[FollowedGroup], *, to: Member | None, by: Membership) -> None:
    """Ask a member for the next verdict on groups; None = nobody in particular.

    Raises
    ------
    InputError
        None chosen, or too many.
    """
    by.require(Permission.WORK)
    if not groups:
        raise InputError("room.none-chosen")
    if len(groups) > MOST_AT_ONCE:
        raise InputError("room.too-many-chosen", n=MOST_AT_ONCE)
    for group in groups:
        FollowedGroup.objects.filter(pk=group.pk).update(assigned_to=to)
        details = {"member": to.username if to else ""}
        record(group.room, "finding.assign", by=by, subject=f"group:{group.number}", details=details)


def _settle(group: FollowedGroup) -> None:
    """Bring up to date what counts of a group: the latest verdict, whether two members confirmed, who is asked."""
    standing = list(Verdict.objects.filter(group=group).order_by("at", "pk").values_list("member_id", "kind", "at"))
    last = {member: (kind, at) for member, kind, at in standing}
    confirmed = sorted(at for member, (kind, at) in last.items() if kind == VerdictKind.CONFIRMED and member)
    group.verdict = standing[-1][1] if standing else ""
    is_confirmed = group.verdict == VerdictKind.CONFIRMED
    group.second_at = confirmed[1] if is_confirmed and len(confirmed) > 1 else None
    values = {"verdict": group.verdict, "second_at": group.second_at}
    FollowedGroup.objects.filter(pk=group.pk).update(**values)
    if standing:
        FollowedGroup.objects.filter(pk=group.pk, assigned_to=standing[-1][0]).update(assigned_to=None)


def note_seen(group: FollowedGroup) -> None:
    """Remember when a member first opened the page of a group; no page waits for it, and looking is no act."""
    if group.first_seen_at is None:
        group.first_seen_at = timezone.now()
        mine = FollowedGroup.objects.filter(pk=group.pk, first_seen_at=None)
        deferred.put(("seen", group.pk), lambda: mine.update(first_seen_at=group.first_seen_at))


@transaction.atomic
def add_comment(group: FollowedGroup, *, text: str, by: Membership) -> Comment:
    """Add to the discussion of a group."""
    by.require(Permission.WORK)
    if not (text := text.replace("\x00", "").strip()[:MAX_CHARS]):
        raise InputError("room.comment-empty")
    made = Comment.objects.create(group=group, finding=group.current, member=by.member, text=text, at=timezone.now())
    FollowedGroup.objects.filter(pk=group.pk).update(n_comments=F("n_comments") + 1)
    record(group.room, "finding.comment", by=by, subject=f"group:{group.number}", details={"comment": made.pk})
    return made


@transaction.atomic
def delete_comment(comment: Comment, *, by: Membership) -> None:
    """Take back one's own comment; its text goes, that it was there stays."""
    by.require(Permission.WORK)
    if comment.member_id != by.member_id:
        raise PermissionDenied
    if not Comment.objects.filter(pk=comment.pk, deleted_at__isnull=True).update(text="", deleted_at=timezone.now()):
        return
    FollowedGroup.objects.filter(pk=comment.group_id).update(n_comments=F("n_comments") - 1)
    number = comment.group.number
    record(comment.group.room, "finding.uncomment", by=by, subject=f"group:{number}", details={"comment": comment.pk})
