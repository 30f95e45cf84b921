"""Everything that changes peers, collections, exports, and what arrived."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from dideban.errors import InputError
from dideban.exchange.stix import Tlp
from dideban.exchange.stix.make import Maker
from dideban.exchange.stix.names import stix_time
from dideban.exchange.stix.read import ID
from dideban.room.audit.actions import record
from dideban.room.fetch import origin_of
from dideban.room.members.models import Membership
from dideban.room.members.tokens import PREFIX_CHARS, hash_token, make_token
from dideban.room.posts.actions import not_a_second
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place, Room
from dideban.room.sharing.models import Arrived, ArrivedState, Collection, Export, ExportState, Peer
from dideban.room.sharing.shelf import put_on
from dideban.room.sharing.subjects import Draft, Subject, draft_of, name_of, terms_of

SECOND_FROM = Tlp.AMBER
"""From which marking on a second member has to agree."""
REVOKED = ("campaign", "report", "narrative", "incident")
"""Types that are marked as revoked; the others say nothing without them."""
PREVIEW_HOLDS = timedelta(hours=24)
LEAST_PULL_S, MOST_PULL_S = 60, 7 * 86_400


def needs_second(tlp: str) -> bool:
    """Say whether a second member has to agree before something leaves."""
    return Tlp(tlp).rank >= SECOND_FROM.rank


def draft(
    room: Room, subject: Subject, *, tlp: str, collection: Collection | None = None, text: str = "",
    now: datetime | None = None,
) -> Draft:  # fmt: skip
    """Return what would leave, to the byte.

    Raises
    ------
    InputError
        No such marking, or one that is more closed than the collection.
    """
    if tlp not in set(Tlp):
        raise InputError("sharing.no-tlp")
    if collection is not None and (Tlp(tlp).rank > Tlp(collection.tlp_ceiling).rank or collection.is_inbox):
        raise InputError("sharing.above-ceiling", tlp=Tlp(tlp).label, ceiling=Tlp(collection.tlp_ceiling).label)
    now = now or timezone.now()
    first = _first_sent(room, subject) or now
    terms = terms_of(room, tlp=tlp, created_at=first, modified_at=now)
    return draft_of(subject, terms=terms, text=text.replace("\x00", "").strip()[:5_000])


def _first_sent(room: Room, subject: Subject) -> datetime | None:
    kind, key, _ = name_of(subject)
    sent = (ExportState.SENT, ExportState.REVOKED)
    first = Export.objects.filter(room=room, kind=kind, key=key, state__in=sent).order_by("number").first()
    return first.as_of if first else None


@transaction.atomic
def ask_export(
    room: Room, subject: Subject, *, tlp: str, collection: Collection | None, places: Iterable[Place], text: str = "",
    at: datetime, sha256: str, by: Membership,
) -> Export:  # fmt: skip
    """Let something leave, or ask a second member to agree; exactly the bytes that were shown.

    Parameters
    ----------
    at, sha256 :
        Of the preview: other bytes than those that were seen are refused.

    Raises
    ------
    InputError
        Something changed since the preview, or the marking does not fit the collection.
    """
    by.require(Permission.WORK)
    if not timezone.now() - PREVIEW_HOLDS < at <= timezone.now():
        raise InputError("sharing.changed", hint="sharing.look-again")
    made = draft(room, subject, tlp=tlp, collection=collection, text=text, now=at)
    if made.sha256 != sha256:
        raise InputError("sharing.changed", hint="sharing.look-again")
    number = (Export.objects.filter(room=_locked(room)).aggregate(last=Max("number"))["last"] or 0) + 1
    export = Export.objects.create(
        room=room, number=number, kind=made.kind, key=made.key, title=made.title, collection=collection, tlp=tlp,
        text=text.strip()[:5_000], body=made.data.decode(), sha256=made.sha256, asked_by=by.member, as_of=at,
    )  # fmt: skip
    export.places.set(places)
    _note(export, "export.ask", by)
    if not needs_second(tlp) and by.may(Permission.SHARE):
        _send(export, by)
    return export


@transaction.atomic
def decide_export(export: Export, *, is_agreed: bool, by: Membership) -> None:
    """Agree that something leaves, or refuse: from TLP:AMBER up never one's own.

    Raises
    ------
    InputError
        It was one's own, one is no second person, or it is decided already.
    """
    by.require(Permission.SHARE)
    export = Export.objects.select_for_update().select_related("room", "collection", "asked_by").get(pk=export.pk)
    if export.state != ExportState.WAITING:
        raise InputError("room.decided-already")
    if not is_agreed:
        Export.objects.filter(pk=export.pk).update(
            state=ExportState.REFUSED, decided_by=by.member, decided_at=timezone.now()
        )
        _note(export, "export.refuse", by)
        return
    if needs_second(export.tlp):
        _require_second(export, by)
    _send(export, by)


def _require_second(export: Export, by: Membership) -> None:
    if export.asked_by_id is None or export.asked_by_id == by.member_id:
        raise InputError("sharing.two-members", hint="sharing.somebody-else")
    if by.joined_at > export.asked_at:
        raise InputError("room.reveal-too-new", hint="sharing.somebody-else")
    if fault := not_a_second(export, by):
        raise InputError(f"reveal.{fault}", hint="sharing.somebody-else", days=settings.SECOND_MEMBER_DAYS)


def _send(export: Export, by: Membership) -> None:
    export.state, export.decided_by, export.decided_at = ExportState.SENT, by.member, timezone.now()
    export.save()
    n = 0
    if export.collection is not None:
        n = put_on(export.collection, orjson.loads(export.body)["objects"], export=export)
    _note(export, "export.send", by, n=n)


@transaction.atomic
def revoke_export(export: Export, *, reason: str, by: Membership | None) -> None:
    """Take something back: campaign and report are marked as revoked under their ids; copies stay with who has them.

    Parameters
    ----------
    by : Membership
        None = the room itself, after posts of a person were deleted.

    Raises
    ------
    InputError
        No reason, or it was never sent.
    """
    if by is not None:
        by.require(Permission.SHARE)
    if not (reason := reason.replace("\x00", "").strip()[:500]):
        raise InputError("sharing.needs-reason")
    changed = Export.objects.filter(pk=export.pk, state=ExportState.SENT).update(
        state=ExportState.REVOKED, revoked_at=timezone.now(), reason=reason
    )
    if not changed:
        raise InputError("sharing.not-sent")
    if export.collection is not None:
        put_on(export.collection, _revoked(export, reason), export=export)
    _note(export, "export.revoke", by)


def _revoked(export: Export, reason: str) -> list[dict[str, object]]:
    """Return the new versions of what was the room's own, marked as revoked, and a note that says why."""
    now = timezone.now()
    terms = terms_of(export.room, tlp=export.tlp, created_at=export.as_of, modified_at=now, revoked=reason)
    found = [one for one in orjson.loads(export.body)["objects"] if one["type"] in REVOKED]
    again = [{**one, "modified": stix_time(now), "revoked": True} for one in found]
    make = Maker(terms=terms, subject=f"{export.kind}:{export.key}", created=stix_time(now), modified=stix_time(now))
    return [*again, make.own("note", "revoked", content=reason, object_refs=[one["id"] for one in again])]


def revoke_redacted(room: Room, finding_ids: Iterable[str]) -> int:
    """Take back what was sent of findings from which a person was removed; return how many."""
    found = Export.objects.filter(
        room=room, kind="finding", key__in=list(finding_ids), state=ExportState.SENT
    ).select_related("room", "collection")
    for export in found:
        revoke_export(export, reason="data of a person were removed on request", by=None)
    Export.objects.filter(room=room, kind="finding", key__in=list(finding_ids), state=ExportState.WAITING).update(
        state=ExportState.REFUSED, decided_at=timezone.now()
    )
    return len(found)


@transaction.atomic
def save_peer(
    room: Room, *, name: str, max_tlp: str, may_send: bool, identity: str = "", url: str = "", their_token: str = "",
    pull_s: int = 3600, push_url: str = "", pin: str = "", by: Membership,
) -> Peer:  # fmt: skip
    """Add a peer, or change the one of that name.

    Raises
    ------
    InputError
        No name, no such marking, not the id of an identity, an address that is none, or no hash of a key.
    """
    by.require(Permission.PEERS)
    name = name.replace("\x00", "").strip()[:100]
    if not name:
        raise InputError("sharing.needs-name")
    if max_tlp not in set(Tlp):
        raise InputError("sharing.no-tlp")
    if identity and not (ID.match(identity) and identity.startswith("identity--")):
        raise InputError("sharing.not-identity")
    pin = pin.strip().lower().replace(":", "")
    if pin and not re.fullmatch(r"[0-9a-f]{64}", pin):
        raise InputError("sharing.not-pin")
    fields = {
        "push_url": _pull_url(push_url), "pin": pin, "max_tlp": max_tlp, "may_send": may_send, "identity": identity,
        "url": _pull_url(url), "pull_s": min(max(pull_s, LEAST_PULL_S), MOST_PULL_S),
    }  # fmt: skip
    if their_token:
        fields["their_token"] = their_token[:300]
    slug = slugify(name, allow_unicode=False)[:50] or f"peer-{Peer.objects.filter(room=room).count() + 1}"
    peer = Peer.objects.filter(room=room, name=name).first()
    if peer is None:
        while Peer.objects.filter(room=room, slug=slug).exists():
            slug += "-2"
        peer = Peer(room=room, slug=slug, name=name)
    for field, value in fields.items():
        setattr(peer, field, value)
    peer.next_pull_at = timezone.now() if peer.url else None
    peer.next_push_at = timezone.now() if peer.push_url else None
    peer.save()
    record(room, "peer.save", by=by, subject=f"peer:{peer.pk}", details={"name": name, "tlp": Tlp(max_tlp).label})
    return peer


@transaction.atomic
def pin_peer(peer: Peer, *, key: str, by: Membership) -> None:
    """Pin the key that the server of a peer showed: with another one nothing is exchanged from now on.

    Parameters
    ----------
    key :
        SHA-256 of the key as the member saw it on the page and compared it; empty takes the pin away.

    Raises
    ------
    InputError
        The server has shown another key since.
    """
    by.require(Permission.PEERS)
    peer = Peer.objects.select_for_update().select_related("room").get(pk=peer.pk)
    if key and key != peer.seen_key:
        raise InputError("sharing.other-key-since", hint="sharing.compare-again")
    if key == peer.pin:
        return
    was, peer.pin = peer.pin, key
    peer.save(update_fields=["pin"])
    action = "peer.pin" if key else "peer.unpin"
    record(
        peer.room, action, by=by, subject=f"peer:{peer.pk}", details={"name": peer.name, "sha256": key, "before": was}
    )


def _pull_url(url: str) -> str:
    url = url.strip()
    if not url:
        return ""
    if len(url) > 500 or origin_of(url)[0] not in ("http", "https") or not re.search(r"/collections/[^/]+/?$", url):
        raise InputError("sharing.not-collection-url")
    return url.rstrip("/") + "/"


@transaction.atomic
def make_peer_token(peer: Peer, *, by: Membership) -> str:
    """Make a new token for a peer, shown once; the one before opens nothing any more."""
    by.require(Permission.PEERS)
    secret = make_token("x")
    Peer.objects.filter(pk=peer.pk).update(
        token_hash=hash_token(secret), token_prefix=secret[:PREFIX_CHARS], token_at=timezone.now()
    )
    record(peer.room, "peer.token", by=by, subject=f"peer:{peer.pk}", details={"name": peer.name})
    return secret


@transaction.atomic
def pause_peer(peer: Peer, *, is_paused: bool, by: Membership) -> None:
    """Stop exchanging with a peer, or go on."""
    by.require(Permission.PEERS)
    Peer.objects.filter(pk=peer.pk).update(is_paused=is_paused)
    action = "peer.pause" if is_paused else "peer.resume"
    record(peer.room, action, by=by, subject=f"peer:{peer.pk}", details={"name": peer.name})


@transaction.atomic
def save_collection(
    room: Room, *, title: str, tlp_ceiling: str, is_inbox: bool, peers: Iterable[Peer], by: Membership,
    collection: Collection | None = None,
) -> Collection:  # fmt: skip
    """Add a collection, or change who reads it. The ceiling of one that holds something never rises.

    Raises
    ------
    InputError
        No title, no such marking, or a peer that may not read as much.
    """
    by.require(Permission.PEERS)
    title = title.replace("\x00", "").strip()[:100]
    if not title:
        raise InputError("sharing.needs-name")
    if tlp_ceiling not in set(Tlp):
        raise InputError("sharing.no-tlp")
    chosen = list(peers)
    low = [one.name for one in chosen if not is_inbox and Tlp(one.max_tlp).rank < Tlp(tlp_ceiling).rank]
    if low:
        raise InputError("sharing.peer-below", names=low, ceiling=Tlp(tlp_ceiling).label)
    if collection is None:
        collection = Collection(room=room, is_inbox=is_inbox, tlp_ceiling=tlp_ceiling)
    elif Tlp(tlp_ceiling).rank > Tlp(collection.tlp_ceiling).rank and collection.shelf.exists():
        raise InputError("sharing.ceiling-stays")
    collection.title, collection.tlp_ceiling = title, tlp_ceiling
    collection.save()
    collection.peers.set(chosen)
    details = {"title": title, "tlp": Tlp(tlp_ceiling).label, "n": len(chosen)}
    record(room, "collection.save", by=by, subject=f"collection:{collection.pk}", details=details)
    return collection


@transaction.atomic
def remove_collection(collection: Collection, *, by: Membership) -> None:
    """Let no peer read a collection any more; what stood in it is kept, for who asks what was sent."""
    by.require(Permission.PEERS)
    Collection.objects.filter(pk=collection.pk, removed_at=None).update(removed_at=timezone.now())
    record(
        collection.room, "collection.remove", by=by, subject=f"collection:{collection.pk}",
        details={"title": collection.title},
    )  # fmt: skip


@transaction.atomic
def set_aside(arrived: Arrived, *, by: Membership) -> None:
    """Put something that arrived aside: nothing of the room changes by it."""
    by.require(Permission.WORK)
    Arrived.objects.filter(pk=arrived.pk).update(state=ArrivedState.SET_ASIDE, decided_by=by.member)
    record(arrived.room, "arrived.aside", by=by, subject=f"arrived:{arrived.pk}", details={"name": arrived.stix_id})


def _locked(room: Room) -> Room:
    return Room.objects.select_for_update().get(pk=room.pk)


def _note(export: Export, action: str, by: Membership | None, **details: object) -> None:
    said = {
        "tlp": Tlp(export.tlp).label, "sha256": export.sha256, "origin": export.kind, "name": export.key,
        "title": export.collection.title if export.collection else "", **details,
    }  # fmt: skip
    record(export.room, action, by=by, subject=f"export:{export.number}", details=said)
