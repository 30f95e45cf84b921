"""What the record says of a case: when it began, was seen, answered; how many. The first page of a review."""

from __future__ import annotations

from typing import Any

from dideban.room.alerts.models import Alert
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.models import Case, NoteKind
from dideban.room.findings.models import FollowedGroup, Verdict
from dideban.room.responses.models import EffectRun, Response
from dideban.room.review.figures import STEPS, moments_of, votes_of

ROWS = ("began", "decidable", "claimed", "alerted", "seen", "opened", "answered", "closed")


def situation_of(case: Case) -> dict[str, Any]:
    """Return instants (ISO) and counts of a case; names of members are left out. About 14 queries."""
    room = case.room
    groups = FollowedGroup.objects.filter(room=room, cases=case)
    found = moments_of(
        groups, alerts=Alert.objects.filter(room=room), cases=Case.objects.filter(pk=case.pk),
        responses=Response.objects.filter(case=case),
    )  # fmt: skip
    first = {step: min((one[step] for one in found.values() if step in one), default=None) for step in STEPS}
    told = Response.objects.filter(case=case, cancelled_at=None).exclude(at=None).order_by("at")
    first["answered"] = first["answered"] or told.values_list("at", flat=True).first()
    first |= {"opened": case.opened_at, "closed": case.closed_at}
    votes = votes_of(
        Verdict.objects.filter(group__in=groups).order_by("at", "pk").values_list("group_id", "member_id", "kind")
    )
    runs = EffectRun.objects.filter(response__case=case)
    events = AuditEvent.objects.filter(room_slug=room.slug, subject=f"case:{case.number}")
    return {
        "at": {step: at.isoformat() if (at := first[step]) else None for step in ROWS},
        "n": {
            "findings": len(found), "narratives": case.narratives.count(), "judged": len(votes),
            "false-alarms": sum(kind == "false-alarm" for kind in votes.values()), "responses": told.count(),
            "effects-known": runs.filter(reasons=[]).count(), "effects-not": runs.exclude(reasons=[]).count(),
            "tasks": case.tasks.count(), "tasks-open": case.tasks.filter(done_at=None).count(),
            "decisions": case.notes.filter(kind=NoteKind.DECISION, deleted_at=None).count(),
            "events": events.count(),
        },
    }  # fmt: skip
