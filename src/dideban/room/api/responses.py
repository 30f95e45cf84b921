"""Responses and what they did, for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.pagination import paginate

from dideban.room.access import Access
from dideban.room.api import schemas as s
from dideban.room.api.auth import enter_by_token
from dideban.room.api.common import PROBLEMS, Mapped, Pagination, small
from dideban.room.responses.models import EffectRun, Response
from dideban.room.responses.plain import plain_lot, plain_pool, plain_response

router = Router()


@router.get("/rooms/{slug:room}/responses", response={200: list[s.ResponseOut], **PROBLEMS}, tags=["responses"])
@paginate(Pagination)
def list_responses(request: HttpRequest, room: str, kind: str = "", case: int | None = None) -> Any:
    """Return responses, the latest first."""
    access = enter_by_token(request, room, scope="read")
    found = access.responses()
    if kind:
        found = found.filter(kind=kind[:12])
    if case is not None:
        found = found.filter(case__number=small(case))
    return Mapped(found, lambda one: _plain(access, one))


@router.get("/rooms/{slug:room}/responses/{int:number}", response={200: s.ResponseOut, **PROBLEMS}, tags=["responses"])
def get_response(request: HttpRequest, room: str, number: int) -> dict[str, Any]:
    """Return one response with what it did."""
    access = enter_by_token(request, room, scope="read")
    return _plain(access, access.response(small(number)))


@router.get("/rooms/{slug:room}/effects", response={200: s.EffectsOut, **PROBLEMS}, tags=["responses"])
def get_effects(request: HttpRequest, room: str) -> dict[str, Any]:
    """Return what responses did together, and the lots. Pools are of the whole room, for who sees all of it."""
    access = enter_by_token(request, room, scope="read")
    return {
        "pools": [plain_pool(pool) for pool in access.effect_pools().prefetch_related("further")],
        "lots": [plain_lot(lot) for lot in access.lots()[:500]],
    }


def _plain(access: Access, one: Response) -> dict[str, Any]:
    run: EffectRun | None = access.effect_of(one)
    return plain_response(one, run, has_target=sees_target(access, one), now=timezone.now())


def sees_target(access: Access, one: Response) -> bool:
    """Return whether a member may see what a response is about. One query for limited members."""
    if one.object_id or not access.is_limited:
        return True
    if one.narrative_id is not None:
        return access.narratives().filter(pk=one.narrative_id).exists()
    return one.group_id is not None and access.every_group().filter(pk=one.group_id).exists()
