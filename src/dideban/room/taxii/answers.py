"""Answers of TAXII 2.1: its media type, its errors, its pages."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from dideban.messages import Message, say
from dideban.room.sharing.models import Collection, Shelved
from dideban.room.sharing.shelf import taxii_time

MEDIA = "application/taxii+json;version=2.1"
_ACCEPTED = re.compile(r"^(?:application/taxii\+json|application/\*|\*/\*)$")
_VERSION = re.compile(r"version\s*=\s*\"?([\d.]+)\"?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z\Z")
SMALL = 1_000


class TaxiiError(Exception):
    """Something that the standard has a status for."""

    def __init__(self, status: int, code: str, **values: Any) -> None:
        self.status, self.message = status, Message(code, **values)
        super().__init__(code)


def answer(
    request: HttpRequest, content: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> HttpResponse:
    """Return a document; an ETag and, where it is worth it, packed."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return answer_bytes(request, data, status=status, headers=headers or {})


def answer_bytes(request: HttpRequest, data: bytes, *, status: int, headers: dict[str, str]) -> HttpResponse:
    """Return the bytes of a document."""
    mark = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    if status == 200 and request.headers.get("If-None-Match") == mark:
        response = HttpResponse(status=304)
    else:
        is_packed = len(data) > SMALL and "gzip" in request.headers.get("Accept-Encoding", "")
        response = HttpResponse(gzip.compress(data, 5, mtime=0) if is_packed else data, status=status)
        if is_packed:
            response["Content-Encoding"] = "gzip"
    response["Content-Type"], response["ETag"], response["Vary"] = MEDIA, mark, "Accept, Accept-Encoding, Authorization"
    response["Cache-Control"] = "private, no-cache"
    for name, value in headers.items():
        response[name] = value
    return response


def refuse(request: HttpRequest, error: TaxiiError) -> HttpResponse:
    """Return an error as the standard has it."""
    content = {"title": say(error.message, "en"), "http_status": str(error.status), "error_code": error.message.code}
    response = answer(request, content, status=error.status)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="dideban"'
    return response


def check_accept(request: HttpRequest) -> None:
    """Refuse who does not take TAXII 2.1.

    Raises
    ------
    TaxiiError
        406.
    """
    for part in request.headers.get("Accept", "").split(","):
        media, _, options = part.strip().partition(";")
        version = _VERSION.search(options)
        if _ACCEPTED.match(media.strip().lower()) and (version is None or version[1] == "2.1"):
            return
    raise TaxiiError(406, "taxii.accept")


def time_of(text: str) -> datetime:
    """Read an instant of a request.

    Raises
    ------
    TaxiiError
        400: it is none.
    """
    try:
        if not _TIME.match(text):
            raise ValueError(text)
        return datetime.fromisoformat(text[:26].rstrip("Z")).replace(tzinfo=UTC)
    except ValueError as error:
        raise TaxiiError(400, "taxii.bad-time") from error


def added(rows: Sequence[Shelved]) -> dict[str, str]:
    """Return the headers that say when the first and the last object of a page were added."""
    if not rows:
        return {}
    return {
        "X-TAXII-Date-Added-First": taxii_time(rows[0].added_at),
        "X-TAXII-Date-Added-Last": taxii_time(rows[-1].added_at),
    }  # fmt: skip


def envelope(rows: Sequence[Shelved], *, more: bool) -> bytes:
    """Return objects exactly as they lie on the shelf."""
    inside = [f'"objects":[{",".join(row.body for row in rows)}]'] if rows else []
    if more:
        inside = [f'"more":true,"next":"{rows[-1].seq}"', *inside]
    return ("{" + ",".join(inside) + "}").encode()


def described(one: Collection) -> dict[str, Any]:
    """Return a collection as the standard describes it."""
    return {
        "id": str(one.uuid), "title": one.title, "can_read": not one.is_inbox, "can_write": one.is_inbox,
        "media_types": ["application/stix+json;version=2.1"],
    }  # fmt: skip
