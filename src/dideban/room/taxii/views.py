"""Endpoints of TAXII 2.1. A collection that one may not see is not there: 404, never 403."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from dideban.errors import InputError
from dideban.exchange.stix import Tlp
from dideban.messages import Message, say
from dideban.room.sharing.inbox import take_in
from dideban.room.sharing.models import Arrival, Collection, Peer, Shelved
from dideban.room.sharing.shelf import MAX_PAGE, MAX_PAGE_BYTES, collections_of, note_fetch, readable, taxii_time
from dideban.room.taxii.answers import (
    TaxiiError,
    added,
    answer,
    answer_bytes,
    check_accept,
    described,
    envelope,
    refuse,
    time_of,
)
from dideban.room.taxii.auth import peer_of

MAX_POST = 10_000_000
MAX_IDS = 100
P = ParamSpec("P")
Raw = Callable[Concatenate[HttpRequest, Peer, P], HttpResponse]


def endpoint(*methods: str) -> Callable[[Raw[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let peers in, refuse others, and say errors as the standard has them."""

    def wrap(view: Raw[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def act(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                peer = peer_of(request)
                if peer is None:
                    raise TaxiiError(401, "taxii.no-token")
                if "room" in kwargs and kwargs["room"] != peer.room.slug:
                    raise TaxiiError(404, "taxii.nothing")
                if request.method not in methods:
                    raise TaxiiError(405, "taxii.method")
                check_accept(request)
                return view(request, peer, *args, **kwargs)
            except TaxiiError as error:
                return refuse(request, error)

        return act

    return wrap


@endpoint("GET")
def discovery(request: HttpRequest, peer: Peer) -> HttpResponse:
    """Say where the collections of the peer's room are."""
    root = request.build_absolute_uri(f"/taxii2/{peer.room.slug}/")
    return answer(request, {"title": "Dideban", "default": root, "api_roots": [root]})


@endpoint("GET")
def api_root(request: HttpRequest, peer: Peer, *, room: str) -> HttpResponse:
    """Describe the room as an API root."""
    versions = ["application/taxii+json;version=2.1"]
    return answer(request, {"title": peer.room.name, "versions": versions, "max_content_length": MAX_POST})


@endpoint("GET")
def collections(request: HttpRequest, peer: Peer, *, room: str) -> HttpResponse:
    """List the collections that the peer may see."""
    found = [described(one) for one in collections_of(peer)]
    return answer(request, {"collections": found} if found else {})


@endpoint("GET")
def collection(request: HttpRequest, peer: Peer, *, room: str, collection_id: str) -> HttpResponse:
    """Describe one collection."""
    return answer(request, described(_collection(peer, collection_id)))


@endpoint("GET", "POST")
def objects(request: HttpRequest, peer: Peer, *, room: str, collection_id: str) -> HttpResponse:
    """Return a page of objects, or take some in."""
    one = _collection(peer, collection_id)
    if request.method == "POST":
        return _take(request, peer, one)
    return _page(request, peer, one, _matched(request, _readable(one)))


@endpoint("GET", "DELETE")
def an_object(request: HttpRequest, peer: Peer, *, room: str, collection_id: str, object_id: str) -> HttpResponse:
    """Return versions of one object. What the room said is never deleted by a peer."""
    one = _collection(peer, collection_id)
    if request.method == "DELETE":
        raise TaxiiError(403, "taxii.no-delete")
    found = _readable(one).filter(stix_id=object_id)
    if not found.exists():
        raise TaxiiError(404, "taxii.nothing")
    return _page(request, peer, one, _matched(request, found))


@endpoint("GET")
def versions(request: HttpRequest, peer: Peer, *, room: str, collection_id: str, object_id: str) -> HttpResponse:
    """List the versions of one object."""
    found = _readable(_collection(peer, collection_id)).filter(stix_id=object_id)
    if not found.exists():
        raise TaxiiError(404, "taxii.nothing")
    rows, more = _cut(request, _after(request, found))
    content: dict[str, Any] = {"versions": [row.version for row in rows]} if rows else {}
    return answer(request, _more(content, rows, more), headers=added(rows))


@endpoint("GET")
def manifest(request: HttpRequest, peer: Peer, *, room: str, collection_id: str) -> HttpResponse:
    """List objects without their content."""
    rows, more = _cut(request, _matched(request, _readable(_collection(peer, collection_id))))
    found = [
        {"id": row.stix_id, "date_added": taxii_time(row.added_at), "version": row.version,
         "media_type": "application/stix+json;version=2.1"}
        for row in rows
    ]  # fmt: skip
    return answer(request, _more({"objects": found} if found else {}, rows, more), headers=added(rows))


@endpoint("GET")
def status(request: HttpRequest, peer: Peer, *, room: str, status_id: str) -> HttpResponse:
    """Say what became of objects that the peer posted."""
    found = Arrival.objects.filter(peer=peer, uuid=_uuid(status_id)).first()
    if found is None:
        raise TaxiiError(404, "taxii.nothing")
    return answer(request, _status(found))


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise TaxiiError(404, "taxii.nothing") from error


def _collection(peer: Peer, collection_id: str) -> Collection:
    wanted = _uuid(collection_id)
    for one in collections_of(peer):
        if one.uuid == wanted:
            return one
    raise TaxiiError(404, "taxii.nothing")


def _readable(one: Collection) -> QuerySet[Shelved]:
    if one.is_inbox:
        raise TaxiiError(403, "taxii.not-readable")
    return readable(one)


def _after(request: HttpRequest, found: QuerySet[Shelved]) -> QuerySet[Shelved]:
    if after := request.GET.get("added_after"):
        found = found.filter(added_at__gt=time_of(after))
    if text := request.GET.get("next"):
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise TaxiiError(400, "taxii.bad-next")
        found = found.filter(seq__gt=int(text))
    return found


def _matched(request: HttpRequest, found: QuerySet[Shelved]) -> QuerySet[Shelved]:
    found = _after(request, found)
    if ids := request.GET.get("match[id]"):
        found = found.filter(stix_id__in=ids.split(",")[:MAX_IDS])
    if types := request.GET.get("match[type]"):
        found = found.filter(stix_type__in=types.split(",")[:MAX_IDS])
    if (spec := request.GET.get("match[spec_version]")) and "2.1" not in spec.split(","):
        return found.none()
    asked = request.GET.get("match[version]", "last").split(",")
    if "all" in asked:
        return found
    chosen = found.none()
    if "last" in asked:
        chosen = chosen | found.filter(is_last=True)
    if "first" in asked:
        chosen = chosen | found.filter(is_first=True)
    if times := [one for one in asked if one not in ("first", "last")][:MAX_IDS]:
        for one in times:
            time_of(one)
        chosen = chosen | found.filter(version__in=times)
    return chosen


def _cut(request: HttpRequest, found: QuerySet[Shelved]) -> tuple[list[Shelved], bool]:
    """Return a page, and whether there is more: at most MAX_PAGE objects and MAX_PAGE_BYTES."""
    text = request.GET.get("limit", str(MAX_PAGE))
    if not text.isascii() or not text.isdigit() or int(text[:9]) < 1:
        raise TaxiiError(400, "taxii.bad-limit")
    limit = min(int(text[:9]), MAX_PAGE)
    rows = list(found.order_by("seq")[: limit + 1])
    kept: list[Shelved] = []
    size = 0
    for row in rows[:limit]:
        size += len(row.body) * 3
        if kept and size > MAX_PAGE_BYTES:
            break
        kept.append(row)
    return kept, len(kept) < len(rows)


def _page(request: HttpRequest, peer: Peer, one: Collection, found: QuerySet[Shelved]) -> HttpResponse:
    rows, more = _cut(request, found)
    note_fetch(peer, one, rows)
    return answer_bytes(request, envelope(rows, more=more), status=200, headers=added(rows))


def _more(content: dict[str, Any], rows: list[Shelved], more: bool) -> dict[str, Any]:
    return {"more": True, "next": str(rows[-1].seq), **content} if more else content


def _take(request: HttpRequest, peer: Peer, one: Collection) -> HttpResponse:
    if not one.is_inbox or not peer.may_send:
        raise TaxiiError(403, "taxii.not-writable")
    media = request.headers.get("Content-Type", "").replace(" ", "").lower()
    if not media.startswith("application/taxii+json") or ("version=" in media and "version=2.1" not in media):
        raise TaxiiError(415, "taxii.content-type")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_POST:
        raise TaxiiError(413, "taxii.too-large")
    try:
        arrival = take_in(peer.room, request.body, peer=peer, ceiling=Tlp(min_of(peer.max_tlp, one.tlp_ceiling)))
    except InputError as error:
        too_large = error.message.code in ("stix.too-large", "stix.too-many", "budget.values")
        raise TaxiiError(413 if too_large else 422, error.message.code, **error.message.values) from error
    return answer(request, _status(Arrival.objects.get(pk=arrival.pk)), status=202)


def min_of(a: str, b: str) -> str:
    """Return the more open of two markings."""
    return min(a, b, key=lambda tlp: Tlp(tlp).rank)


def _status(one: Arrival) -> dict[str, Any]:
    done = [{"id": name, "version": version or taxii_time(one.at)} for name, version in one.kept]
    failed = [
        {
            "id": row["id"] or "unknown",
            "version": taxii_time(one.at),
            "message": say(Message.from_dict(row["reason"]), "en"),
        }
        for row in one.refused
    ]
    content: dict[str, Any] = {
        "id": str(one.uuid), "status": "complete", "request_timestamp": taxii_time(one.at),
        "total_count": one.n_objects + len(one.refused), "success_count": one.n_objects,
        "failure_count": len(one.refused), "pending_count": 0,
    }  # fmt: skip
    if done:
        content["successes"] = done
    if failed:
        content["failures"] = failed
    return content
