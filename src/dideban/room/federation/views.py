"""The record of an epoch for the rooms of its charter: whoever asks is known by their signature, never by a session."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from dideban.errors import DidebanError, InputError
from dideban.joint.wire import MOST_BYTES
from dideban.room.joint.models import EpochState, JointEpoch
from dideban.room.joint.records import page_of, take

READABLE = (EpochState.OPEN, EpochState.DONE, EpochState.LEFT, EpochState.VOID, EpochState.HALTED)


@csrf_exempt
def read(request: HttpRequest, room: str, digest: str) -> HttpResponse:
    """Show a room of the charter the record from a place on."""
    return _answer(request, room, digest, states=READABLE, does=page_of)


@csrf_exempt
def post(request: HttpRequest, room: str, digest: str) -> HttpResponse:
    """Take a message of a room of the charter in."""
    return _answer(request, room, digest, states=(EpochState.OPEN,), does=_take)


def _take(epoch: JointEpoch, data: bytes) -> bytes:
    take(epoch, data)
    return b"{}"


def _answer(
    request: HttpRequest, room: str, digest: str, *, states: tuple[EpochState, ...],
    does: Callable[[JointEpoch, bytes], bytes],
) -> HttpResponse:  # fmt: skip
    if request.method != "POST":
        return _json(b"{}", 405)
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isascii() or not length.isdigit() or len(length) > 9 or int(length) > MOST_BYTES:
        return _json(b"{}", 413)
    found = JointEpoch.objects.select_related("room").filter(room__slug=room, digest=digest, host_url="")
    epoch = found.filter(state__in=states).first()
    if epoch is None:
        return _json(b"{}", 404)
    try:
        return _json(does(epoch, request.body), 200)
    except InputError as error:
        return _json(orjson.dumps(error.message.to_dict()), 400)
    except DidebanError as error:
        return _json(orjson.dumps(error.message.to_dict()), 503)


def _json(body: bytes, status: int) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
