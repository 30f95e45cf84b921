"""The pages: what is previewed is what leaves, in three languages, and what arrives stands beside one's own."""

from __future__ import annotations

import html
import json
import re

import pytest

from room.cast import client_of, join  # isort: skip - makes Django ready
from django.core.files.uploadedfile import SimpleUploadedFile

from dideban.room.audit.models import AuditEvent
from dideban.room.members.models import Member, Membership
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from dideban.room.sharing.models import Arrived, ArrivedState, Export, ExportState, Peer
from room.sharing.cast import put_collection, put_finding, put_peer
from room.sharing.test_inbox import opinion, theirs
from unit.exchange.made import SECRET


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the form that sends."""
    form = page.split('action="/r/watch/sent/ask/"')[1].split("</form>", maxsplit=1)[0]
    return {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}


@pytest.mark.parametrize("lang", ["en", "fa", "ar"])
def test_a_preview_shows_the_exact_bytes_and_they_leave(room: Room, lead: Membership, lang: str) -> None:
    Member.objects.filter(pk=lead.member_id).update(language=lang)
    peer, _ = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead, tlp="green")
    put_finding(room)
    client = client_of(lead)
    page = client.get(f"/r/watch/findings/1/share/?tlp=green&collection={shelf.pk}").content.decode()
    assert SECRET not in page
    assert peer.name in page
    assert page.count("<tr>") >= 14
    shown = html.unescape(page.split("<pre")[1].split(">", 1)[1].split("</pre>")[0])
    assert client.post("/r/watch/sent/ask/", fields(page)).status_code == 303
    export = Export.objects.get()
    assert (export.body, export.state) == (shown, ExportState.SENT)
    file = client.get("/r/watch/sent/1/file/")
    assert (file.content.decode(), file["Content-Disposition"].startswith("attachment")) == (shown, True)
    assert "1" in client.get("/r/watch/sent/").content.decode()


def test_amber_waits_on_the_page_until_somebody_else_agrees(room: Room, lead: Membership) -> None:
    second = join(room, "emma", Role.EDITOR)
    put_finding(room)
    page = client_of(lead).get("/r/watch/findings/1/share/?tlp=amber").content.decode()
    client_of(lead).post("/r/watch/sent/ask/", fields(page))
    client_of(lead).post("/r/watch/sent/1/act/", {"do": "agree"})
    assert Export.objects.get().state == ExportState.WAITING
    client_of(second).post("/r/watch/sent/1/act/", {"do": "agree"})
    assert Export.objects.get().state == ExportState.SENT
    client_of(second).post("/r/watch/sent/1/act/", {"do": "revoke", "reason": "an error"})
    assert Export.objects.get().state == ExportState.REVOKED


def test_what_changed_since_the_preview_does_not_leave(room: Room, lead: Membership) -> None:
    put_finding(room)
    client = client_of(lead)
    sent = fields(client.get("/r/watch/findings/1/share/?tlp=green").content.decode())
    for changed in (
        {"tlp": "clear"},
        {"sha256": "0" * 64},
        {"at": "yesterday"},
        {"at": "2020-01-01T00:00:00+00:00"},
        {"at": "2026-01-01"},
        {"kind": "post"},
    ):
        client.post("/r/watch/sent/ask/", {**sent, **changed})
        assert Export.objects.count() == 0


def test_a_member_of_another_place_sees_neither_finding_nor_export(
    room: Room, lead: Membership, north: Place, south: Place
) -> None:
    put_finding(room, place=north)
    client = client_of(lead)
    client.post("/r/watch/sent/ask/", fields(client.get("/r/watch/findings/1/share/?tlp=green").content.decode()))
    sue = client_of(join(room, "sue", Role.EDITOR, south))
    for path in ("findings/1/share/", "sent/1/file/"):
        assert sue.get(f"/r/watch/{path}").status_code == 404
    assert sue.post("/r/watch/sent/1/act/", {"do": "revoke", "reason": "x"}).status_code == 404
    assert "/sent/1/" not in sue.get("/r/watch/sent/").content.decode()
    assert sue.get("/r/watch/peers/").status_code == 403


def test_a_bundle_is_brought_in_and_stands_beside_what_pushes_the_same(room: Room, lead: Membership) -> None:
    finding = put_finding(room)
    client = client_of(lead)
    file = SimpleUploadedFile("b.json", theirs(), content_type="application/json")
    assert client.post("/r/watch/inbox/act/", {"do": "bring", "file": file}).status_code == 303
    page = client.get("/r/watch/inbox/").content.decode()
    assert 'href="/r/watch/findings/1/"' in page
    one = Arrived.objects.get(stix_type="campaign")
    client.post("/r/watch/inbox/act/", {"do": "aside", "arrived": one.pk})
    one.refresh_from_db()
    assert one.state == ArrivedState.SET_ASIDE
    for data in (b"[" * 9_000, b"PK\x03\x04", b""):
        client.post("/r/watch/inbox/act/", {"do": "bring", "file": SimpleUploadedFile("x.json", data)})
    assert finding.group.number == 1


def test_hostile_texts_of_others_stay_texts(room: Room, lead: Membership) -> None:
    from dideban.room.sharing.inbox import take_in

    bundle = json.loads(theirs())
    for one in bundle["objects"]:
        if "name" in one and one["type"] == "campaign":
            one["name"], one["description"] = "<script>alert(1)</script>\u202egnp", "<img src=x onerror=alert(1)>"
    take_in(room, json.dumps(bundle).encode(), by=lead)
    page = client_of(lead).get("/r/watch/inbox/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\u202e" not in page


def test_an_opinion_stands_on_the_page_of_the_finding(room: Room, lead: Membership) -> None:
    from dideban.room.sharing.inbox import take_in
    from dideban.room.sharing.subjects import campaign_of

    finding = put_finding(room)
    take_in(room, opinion(campaign_of(room, finding.finding_id)), by=lead)
    page = client_of(lead).get("/r/watch/findings/1/").content.decode()
    assert "It is a fan club." in page


def test_peers_and_collections_are_made_on_the_page_and_a_token_is_shown_once(room: Room, lead: Membership) -> None:
    client = client_of(lead)
    client.post("/r/watch/peers/act/", {"do": "save", "name": "Room B", "tlp": "amber", "may_send": "1"})
    peer = Peer.objects.get()
    client.post("/r/watch/peers/act/", {"do": "collection", "title": "Findings", "tlp": "green", "peers": [peer.pk]})
    assert list(room.collections.get().peers.all()) == [peer]
    client.post("/r/watch/peers/act/", {"do": "token", "peer": peer.pk})
    assert "dbx_" in client.get("/r/watch/peers/").content.decode().split("is-secret")[1]
    assert "is-secret" not in client.get("/r/watch/peers/").content.decode()
    client.post("/r/watch/peers/act/", {"do": "save", "name": "X", "tlp": "amber", "url": "http://x.example/feed"})
    assert Peer.objects.count() == 1
    client.post("/r/watch/peers/act/", {"do": "pause", "peer": peer.pk})
    peer.refresh_from_db()
    assert peer.is_paused


def test_a_key_is_pinned_after_it_was_compared_and_only_the_one_that_was_shown(room: Room, lead: Membership) -> None:
    peer, _ = put_peer(room, by=lead)
    client, key, later = client_of(lead), "ab12" * 16, "cd34" * 16
    assert 'value="pin"' not in client.get("/r/watch/peers/").content.decode()
    Peer.objects.update(seen_key=key)
    page = client.get("/r/watch/peers/").content.decode()
    assert " ".join(["ab12"] * 16) in page
    form = {"do": "pin", "peer": peer.pk, "key": key}
    client.post("/r/watch/peers/act/", form)  # not compared
    assert Peer.objects.get().pin == ""
    Peer.objects.update(seen_key=later)  # another key since the page was read
    client.post("/r/watch/peers/act/", {**form, "is_same": "1"})
    assert Peer.objects.get().pin == ""
    Peer.objects.update(seen_key=key)
    client.post("/r/watch/peers/act/", {**form, "is_same": "1"})
    assert Peer.objects.get().pin == key
    event = AuditEvent.objects.get(action="peer.pin")
    assert (event.details["sha256"], event.details["before"]) == (key, "")
    assert 'value="pin"' not in client.get("/r/watch/peers/").content.decode()
    client.post("/r/watch/peers/act/", {"do": "unpin", "peer": peer.pk})
    assert Peer.objects.get().pin == ""
