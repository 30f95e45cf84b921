"""What the machine notes of rehearsals, decoys and proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from dideban.messages import Message
from dideban.room.review.models import Decoy, ProposalState, Rehearsal, SettingProposal
from dideban.room.rooms.models import Room

MOST_DECOYS = 40
"""Decoys that are kept with their content; older ones are emptied."""


def note_rehearsal(
    room: Room, *, at: datetime, seed: int, version: str, n_posts: int, rows: Sequence[Mapping[str, Any]],
    reason: Message | None, seconds: float,
) -> Rehearsal:  # fmt: skip
    """Write down what a night's run found."""
    return Rehearsal.objects.create(
        room=room, at=at, seed=seed, version=version, n_posts=n_posts, rows=[dict(row) for row in rows],
        reason=reason.code if reason else "", seconds=round(seconds, 3),
    )  # fmt: skip


def keep_decoys(
    room: Room,
    groups: Sequence[Sequence[Mapping[str, Any]]],
    *,
    places: Sequence[Sequence[str]],
    seed: int,
    at: datetime,
) -> int:
    """Keep decoys of one night and empty the oldest; return how many came."""
    for shares, where in zip(groups, places, strict=True):
        Decoy.objects.create(room=room, made_at=at, seed=seed, places=sorted(where), document={"shares": list(shares)})
    old = Decoy.objects.filter(room=room).order_by("-made_at", "-pk").values_list("pk", flat=True)[MOST_DECOYS:]
    Decoy.objects.filter(pk__in=list(old)).delete()
    return len(groups)


def drop_decoys(room: Room, *, before: datetime | None = None) -> int:
    """Remove decoys made before an instant, or all: posts they were made of may have to go. Their verdicts stay."""
    found = Decoy.objects.filter(room=room)
    n, _ = (found if before is None else found.filter(made_at__lt=before)).delete()
    return n


@transaction.atomic
def propose(room: Room, found: Sequence[Mapping[str, Any]]) -> list[SettingProposal]:
    """Keep the proposals that the figures speak for now.

    What is open and still stands keeps its number; what no longer does has passed. What was refused is not proposed
    again with the same value.
    """
    Room.objects.select_for_update().get(pk=room.pk)
    now, keys = timezone.now(), {one["key"] for one in found}
    SettingProposal.objects.filter(room=room, state=ProposalState.OPEN).exclude(key__in=keys).update(
        state=ProposalState.PASSED, decided_at=now
    )
    number = int(SettingProposal.objects.filter(room=room).aggregate(last=Max("number"))["last"] or 0)
    kept = []
    for one in found:
        same = SettingProposal.objects.filter(room=room, key=one["key"]).order_by("-number").first()
        if same is not None and same.state == ProposalState.OPEN:
            SettingProposal.objects.filter(pk=same.pk).update(**one)
            kept.append(same)
        elif (
            same is None
            or same.state == ProposalState.PASSED
            or (same.before, same.after) != (one["before"], one["after"])
        ):
            number += 1
            kept.append(SettingProposal.objects.create(room=room, number=number, made_at=now, **one))
    return kept
