"""The shelf of a collection: objects in the order in which they were added, each version once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils import timezone

from dideban.exchange.stix import Tlp
from dideban.room.deferred_writes import deferred
from dideban.room.sharing.models import Collection, Export, Peer, PeerRead, Shelved

MAX_PAGE = 100
MAX_PAGE_BYTES = 8_000_000
TICK = timedelta(microseconds=1)
_FETCHES = itertools.count()


def put_on(collection: Collection, objects: Iterable[dict[str, Any]], *, export: Export | None) -> int:
    """Add objects; return how many were new. Call it in a transaction.

    Notes
    -----
    Writers wait for each other at the row of the collection, so numbers appear in the order of their commits: whoever
    pages by them loses nothing and sees nothing twice. Times of adding grow strictly.
    """
    locked = Collection.objects.select_for_update().get(pk=collection.pk)
    seq, at, n = locked.last_seq, locked.last_added_at, 0
    for body in objects:
        now = max(timezone.now(), at + TICK) if at else timezone.now()
        version = str(body.get("modified", body.get("created", "")))
        earlier = Shelved.objects.filter(collection=locked, stix_id=body["id"])
        if _is_there(earlier, version):
            continue
        earlier.filter(is_last=True).update(is_last=False)
        seq, at, n = seq + 1, now, n + 1
        Shelved.objects.create(
            collection=locked, export=export, stix_id=body["id"], stix_type=body["type"],
            version=version or taxii_time(now), body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode(), seq=seq,
            added_at=now, is_first=not earlier.exists(),
        )  # fmt: skip
    Collection.objects.filter(pk=locked.pk).update(last_seq=seq, last_added_at=at)
    return n


def _is_there(earlier: QuerySet[Shelved], version: str) -> bool:
    return earlier.filter(version=version).exists() if version else earlier.exists()


def taxii_time(at: datetime) -> str:
    """Return an instant as TAXII writes it: UTC, in microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def collections_of(peer: Peer) -> list[Collection]:
    """Return the collections that a peer may read or post to: those that name it, within its limit. One query."""
    most = Tlp(peer.max_tlp).rank
    found = Collection.objects.filter(room=peer.room, peers=peer, removed_at=None)
    return [one for one in found if one.is_inbox or Tlp(one.tlp_ceiling).rank <= most]


def readable(collection: Collection) -> QuerySet[Shelved]:
    """Return what stands in a collection, in order. What peers post into an inbox is shown to nobody."""
    found = Shelved.objects.filter(collection=collection)
    return found.none() if collection.is_inbox else found.order_by("seq")


def note_fetch(peer: Peer, collection: Collection, rows: list[Shelved]) -> None:
    """Keep who fetched what: within seconds, so that readers never wait for those who write."""
    if rows:
        first, last = rows[0].seq, rows[-1].seq
        keep = partial(
            PeerRead.objects.create, peer=peer, collection=collection, first_seq=first, last_seq=last, n=len(rows)
        )
        deferred.put(("fetch", next(_FETCHES)), keep)
