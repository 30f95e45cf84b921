"""Joint findings for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.pagination import paginate

from dideban.room.api.auth import enter_by_token
from dideban.room.api.common import PROBLEMS, Mapped, Pagination, small
from dideban.room.joint.models import JointFinding

router = Router()


class JointRoomOut(Schema):
    """What one room says of a joint finding."""

    name: str
    state: str
    side: str
    n_owned: int
    n_members: int


class JointFindingOut(Schema):
    """A group that rooms proved together, with the room's own members alone."""

    number: int
    federation: str
    epoch: str
    proposal: str
    n_named: int
    own: list[str]
    together: int
    """Evidence of all rooms, to one."""
    without: int
    """The least of it, whichever rooms are left out that may lie."""
    rooms: list[JointRoomOut]
    days: dict[str, int]
    places: list[str]
    found_at: datetime


@router.get("/rooms/{slug:room}/joint", response={200: list[JointFindingOut], **PROBLEMS}, tags=["joint"])
@paginate(Pagination)
def list_joint(request: HttpRequest, room: str) -> Any:
    """Return joint findings, the latest first."""
    access = enter_by_token(request, room, scope="read")
    return Mapped(access.joint_findings().prefetch_related("places"), _plain)


@router.get("/rooms/{slug:room}/joint/{int:number}", response={200: JointFindingOut, **PROBLEMS}, tags=["joint"])
def get_joint(request: HttpRequest, room: str, number: int) -> dict[str, Any]:
    """Return one joint finding."""
    access = enter_by_token(request, room, scope="read")
    return _plain(access.joint_finding(small(number)))


def _plain(one: JointFinding) -> dict[str, Any]:
    return {
        "number": one.number, "federation": one.epoch.federation, "epoch": one.epoch.epoch, "proposal": one.proposal,
        "n_named": one.n_named, "own": one.own, "together": one.facts.get("together", 0),
        "without": one.facts.get("without", 0), "rooms": one.facts.get("rooms", []), "days": one.days,
        "places": [place.slug for place in one.places.all()], "found_at": one.found_at,
    }  # fmt: skip
