"""What the tests of sharing have in common."""

from __future__ import annotations

from typing import Any

import requests
from django.test import Client
from django.utils import timezone
from requests.adapters import BaseAdapter

from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Place, Room
from dideban.room.sharing import actions
from dideban.room.sharing.models import Arrival, Arrived, Collection, Export, Peer
from unit.exchange.made import make_finding

MEDIA = "application/taxii+json;version=2.1"


def put_finding(room: Room, *, number: int = 1, place: Place | None = None, **changes: Any) -> KeptFinding:
    """A group with a finding that the engine can read."""
    now, engine = timezone.now(), make_finding(**changes)
    group = FollowedGroup.objects.create(room=room, number=number, first_found_at=now, last_found_at=now)
    one = KeptFinding.objects.create(
        room=room, group=group, finding_id=engine.id, found_at=now, method="synchrony", label="unexplained",
        n_accounts=4, n_posts=9, n_objects=9, first_at=now, last_at=now, document=engine.to_dict(),
    )  # fmt: skip
    FollowedGroup.objects.filter(pk=group.pk).update(current=one)
    group.refresh_from_db()
    if place is not None:
        group.places.add(place)
    one.group = group
    return one


def put_peer(
    room: Room, *, by: Membership, name: str = "Room B", tlp: str = "amber", **changes: Any
) -> tuple[Peer, str]:
    """A peer and its token."""
    peer = actions.save_peer(room, name=name, max_tlp=tlp, may_send=changes.pop("may_send", True), by=by, **changes)
    return peer, actions.make_peer_token(peer, by=by)


def put_collection(room: Room, *peers: Peer, by: Membership, tlp: str = "amber", is_inbox: bool = False) -> Collection:
    title = "Inbox" if is_inbox else f"Findings {tlp}"
    return actions.save_collection(room, title=title, tlp_ceiling=tlp, is_inbox=is_inbox, peers=peers, by=by)


def ask(
    subject: Any, *, by: Membership, tlp: str = "green", collection: Collection | None = None, text: str = ""
) -> Export:
    """Ask that something leaves, as the page does after its preview."""
    at = timezone.now()
    seen = actions.draft(by.room, subject, tlp=tlp, collection=collection, text=text, now=at)
    return actions.ask_export(
        by.room, subject, tlp=tlp, collection=collection, places=[], text=text, at=at, sha256=seen.sha256, by=by
    )


def furnish_sharing(room: Room, boss: Membership, places: list[Place], *, number: int, mark: str) -> dict[str, int]:
    """A peer, a collection, an export and something that arrived, named by ``mark``."""
    peer = actions.save_peer(room, name=f"{mark} peer", max_tlp="red", may_send=True, by=boss)
    shelf = actions.save_collection(
        room, title=f"{mark} shelf", tlp_ceiling="red", is_inbox=False, peers=[peer], by=boss
    )
    export = Export.objects.create(
        room=room, number=number, kind="finding", key="f", title=f"{mark} export", tlp="amber", body=f"{mark} body",
        sha256="0" * 64, as_of=timezone.now(), asked_by=boss.member, collection=shelf,
    )  # fmt: skip
    export.places.set(places)
    came = Arrival.objects.create(room=room, peer=peer, n_objects=1)
    arrived = Arrived.objects.create(
        room=room, peer=peer, arrival=came, sender=f"peer:{peer.pk}", stix_id="note--x", stix_type="note", tlp="green",
        name=f"{mark} arrived", body={"content": mark},
    )  # fmt: skip
    return {"peer": peer.pk, "shelf": shelf.pk, "arrived": arrived.pk}


class InProcess(BaseAdapter):
    """Lets ``requests`` ask Django without a socket."""

    def __init__(self) -> None:
        super().__init__()
        self.client = Client(raise_request_exception=True)

    def send(self, request: Any, **_: Any) -> requests.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        kind = headers.pop("Content-Type", "application/octet-stream")
        given = self.client.generic(request.method, request.url.split("testserver", 1)[1], body, kind, headers=headers)
        answer = requests.Response()
        answer.status_code, answer._content, answer.request, answer.url = (
            given.status_code,
            given.content,
            request,
            request.url,
        )
        answer.headers.update(given.headers)
        if given.headers.get("Content-Encoding") == "gzip":
            import gzip

            answer._content = gzip.decompress(given.content)
        return answer

    def close(self) -> None:
        pass
