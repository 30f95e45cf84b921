"""Whether an exercise still stands on what it was made from."""

from __future__ import annotations

from typing import Any

from dideban.room.cases.models import Case, CaseStatus
from dideban.room.exercises.models import ExerciseState, KeptExercise
from dideban.room.findings.models import FollowedGroup
from dideban.room.posts.models import Erasure
from dideban.room.rooms.models import Room

REOPENED, OVERTURNED, ERASED, BY_MEMBER = "case-reopened", "verdict-changed", "person-erased", "by-member"


def basis_of(case: Case, group: FollowedGroup) -> dict[str, Any]:
    """Return what an exercise of a case rests on."""
    redacted = group.current.redacted_at if group.current else None
    return {
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "verdict": group.verdict,
        "redacted_at": redacted.isoformat() if redacted else None,
    }


def fallen(exercise: KeptExercise) -> str:
    """Return why an exercise does not stand any more; empty = it does. One query beside the rows it is given with."""
    case, group, basis = exercise.case, exercise.group, exercise.basis
    if case.status != CaseStatus.CLOSED or basis_of(case, group)["closed_at"] != basis["closed_at"]:
        return REOPENED
    if group.verdict != basis["verdict"]:
        return OVERTURNED
    erased = Erasure.objects.filter(room=exercise.room_id, account_id__in=list(group.members))
    redacted = basis_of(case, group)["redacted_at"]
    if (redacted and redacted != basis["redacted_at"]) or erased.filter(asked_at__gte=exercise.made_at).exists():
        return ERASED
    return ""


def published(room: Room) -> list[KeptExercise]:
    """Return the exercises that the public may see now: what fell is left out at once, withdrawn or not yet."""
    found = KeptExercise.objects.filter(room=room, state=ExerciseState.PUBLISHED)
    return [one for one in found.select_related("case", "group__current").order_by("number") if not fallen(one)]
