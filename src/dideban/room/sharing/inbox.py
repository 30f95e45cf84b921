"""What arrives: read within bounds, kept version by version, and beside it what the room has itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from dideban.errors import InputError
from dideban.exchange.stix import Received, Signs, StixObject, Tlp, read_stix, signs_of, signs_of_finding
from dideban.room.audit.actions import Actor, record
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Membership
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room
from dideban.room.sharing.models import Arrival, Arrived, ArrivedState, Peer
from dideban.room.sharing.subjects import campaign_of, engine_finding

SHOWN = frozenset(
    {
        "campaign",
        "report",
        "narrative",
        "incident",
        "opinion",
        "note",
        "grouping",
        "threat-actor",
        "indicator",
        "intrusion-set",
    }
)
"""Types that stand in the inbox by themselves; the others are what these speak of."""
MOST_GROUPS = 2_000
"""Groups of the room that are compared, the latest ones."""
MOST_KEPT = 1_000
MOST_SIGNS = 500
KEEP = timedelta(days=400)


def take_in(
    room: Room, data: bytes, *, peer: Peer | None = None, ceiling: Tlp | None = None, by: Membership | None = None
) -> Arrival:
    """Keep what arrived; what cannot be kept is listed with its reason.

    Parameters
    ----------
    peer : Peer
        Who sent it; None where a member brought a file.
    ceiling : Tlp
        The most closed marking that is taken; else what the peer may send, else all.

    Raises
    ------
    InputError
        Too large, too deep, or no bundle: nothing is kept.
    """
    if peer is None and by is not None:
        by.require(Permission.WORK)
    most = ceiling or (Tlp(peer.max_tlp) if peer else Tlp.RED)
    received = read_stix(data, now=timezone.now(), sender=peer.identity if peer else "", ceiling=most)
    return keep(room, received, peer=peer, by=by)


@transaction.atomic
def keep(room: Room, received: Received, *, peer: Peer | None, by: Membership | None) -> Arrival:
    """Keep objects that were read, each version once for each sender, and link what names the same as the room."""
    sender = f"peer:{peer.pk}" if peer else "file"
    refused = [{"id": one.id, "reason": one.reason.to_dict()} for one in received.refused[:MOST_KEPT]]
    arrival = Arrival.objects.create(
        room=room, peer=peer, member=by.member if by else None, n_objects=len(received.objects), refused=refused,
        kept=[[one.id, one.version] for one in received.objects[:MOST_KEPT]],
    )  # fmt: skip
    ids = [one.id for one in received.objects]
    known = set(Arrived.objects.filter(room=room, sender=sender, stix_id__in=ids).values_list("stix_id", "version"))
    fresh = [one for one in received.objects if (one.id, one.version) not in known]
    signs = _signs_within(received.objects)
    rows = Arrived.objects.bulk_create(
        [_row(one, signs[one.id], room=room, peer=peer, arrival=arrival, sender=sender) for one in fresh]
    )
    _close_earlier(room, sender, received)
    Arrival.objects.filter(pk=arrival.pk).update(n_known=len(received.objects) - len(fresh))
    _link(room, [row for row in rows if row.stix_type in SHOWN])
    _note(arrival, by, n=len(fresh), refused=len(received.refused))
    return arrival


def _close_earlier(room: Room, sender: str, received: Received) -> None:
    """Mark earlier versions as closed as the sender marks an object now, also where it is more than it may send."""
    marks = {one.id: one.tlp for one in received.objects}
    for one in received.refused:
        if one.reason.code == "stix.above-ceiling":
            marks[one.id] = next(tlp for tlp in Tlp if tlp.label == one.reason.values["tlp"])
    for row in Arrived.objects.filter(room=room, sender=sender, stix_id__in=list(marks)).only("pk", "stix_id", "tlp"):
        if Tlp(row.tlp).rank < marks[row.stix_id].rank:
            Arrived.objects.filter(pk=row.pk).update(tlp=marks[row.stix_id].value)


def _note(arrival: Arrival, by: Actor, *, n: int, refused: int) -> None:
    who = {"name": arrival.peer.name} if arrival.peer else {}
    record(
        arrival.room,
        "bundle.arrive",
        by=by,
        subject=f"arrival:{arrival.pk}",
        details={**who, "n": n, "refused": refused},
    )


def _row(one: StixObject, signs: Signs, *, room: Room, peer: Peer | None, arrival: Arrival, sender: str) -> Arrived:
    body = one.body
    name = next((body[key] for key in ("name", "abstract", "value", "opinion") if isinstance(body.get(key), str)), "")
    return Arrived(
        room=room, peer=peer, arrival=arrival, sender=sender, stix_id=one.id, stix_type=one.type, version=one.version,
        name=name[:300], tlp=one.tlp.value, body=body, refs=_refs(body)[:MOST_KEPT],
        signs={
            "links": sorted(signs.links)[:MOST_SIGNS], "domains": sorted(signs.domains)[:MOST_SIGNS],
            "hashtags": sorted(signs.hashtags)[:MOST_SIGNS],
        },
    )  # fmt: skip


def _refs(body: dict[str, Any]) -> list[str]:
    found = [ref for name in ("object_refs",) for ref in body.get(name, []) if isinstance(ref, str)]
    return found + [
        body[name] for name in ("source_ref", "target_ref", "object_ref") if isinstance(body.get(name), str)
    ]


def _signs_within(objects: Iterable[StixObject]) -> dict[str, Signs]:
    """Return what each object names itself or through what it refers to, one step: circles cost nothing.

    A campaign is spoken of by reports: it has their signs too.
    """
    objects = list(objects)
    own = {one.id: signs_of([one.body]) for one in objects}
    found = dict(own)
    nothing = Signs()
    for one in objects:
        for ref in _refs(one.body)[:MOST_KEPT]:
            target = own.get(ref, nothing)
            if len(target):
                found[one.id] = found[one.id] | target
    for one in objects:
        if one.type == "report":
            for ref in _refs(one.body)[:MOST_KEPT]:
                if ref.startswith(("campaign--", "narrative--", "incident--")) and ref in found:
                    found[ref] = found[ref] | found[one.id]
    return found


def _link(room: Room, rows: list[Arrived]) -> None:
    """Put the groups of the room that push the same beside what arrived. About one query per row that has some."""
    if not rows:
        return
    groups = list(
        FollowedGroup.objects.filter(room=room, past_run=None, current__isnull=False)
        .select_related("current")
        .order_by("-last_found_at")[:MOST_GROUPS]
    )
    mine = [
        (group, signs_of_finding(engine_objects(group)), campaign_of(room, group.current.finding_id))
        for group in groups
        if group.current
    ]
    for row in rows:
        theirs = Signs(**{name: frozenset(values) for name, values in row.signs.items()})
        found = [group for group, signs, campaign in mine if len(signs & theirs) or campaign in row.refs]
        if found:
            row.groups.set(found)
            Arrived.objects.filter(pk=row.pk).update(state=ArrivedState.LINKED)


def engine_objects(group: FollowedGroup) -> list[Any]:
    """Return the objects of the current finding of a group; none where it cannot be read."""
    assert group.current is not None
    try:
        return list(engine_finding(group.current).objects)
    except InputError:
        return []


def drop_old(room: Room) -> int:
    """Forget what arrived long ago; return how many objects."""
    n, _ = Arrival.objects.filter(room=room, at__lt=timezone.now() - KEEP).delete()
    return n
