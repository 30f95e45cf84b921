"""Verdicts and discussion."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.actions import record
from dideban.room.deferred_writes import deferred
from dideban.room.findings.models import Comment, Finding, FollowedGroup, Verdict, VerdictKind
from dideban.room.members.models import Membership
from dideban.room.roles import Permission

MAX_CHARS = 20_000


@transaction.atomic
def give_verdict(
    group: FollowedGroup, *, finding: Finding, kind: VerdictKind | str, reason: str, by: Membership
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
    FollowedGroup.objects.filter(pk=group.pk).update(verdict=given.kind)
    group.verdict = given.kind
    record(
        group.room, "finding.verdict", by=by, subject=f"group:{group.number}",
        details={"finding": finding.finding_id, "kind": given.kind},
    )  # fmt: skip
    return given


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
