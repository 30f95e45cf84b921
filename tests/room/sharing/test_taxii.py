"""The TAXII 2.1 server, by an independent client and by hand."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest

from room.cast import join  # isort: skip - makes Django ready
import requests
import stix2
from django.db import transaction
from django.test import Client
from taxii2client.common import TokenAuth, _HTTPConnection
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from dideban.room.members.models import Member, Membership
from dideban.room.roles import Role
from dideban.room.rooms.actions import create_room
from dideban.room.rooms.models import Room
from dideban.room.sharing import actions
from dideban.room.sharing.models import Arrival, Arrived, PeerRead, Shelved
from dideban.room.sharing.models import Collection as Shelf
from dideban.room.sharing.shelf import put_on
from room.sharing.cast import MEDIA, InProcess, ask, put_collection, put_finding, put_peer

BASE = "http://testserver/taxii2/"


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The independent client asks Django without a socket."""
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: InProcess())


def connection(token: str) -> _HTTPConnection:
    return _HTTPConnection(auth=TokenAuth(token), version="2.1")


def note(n: int, version: int = 1) -> dict[str, Any]:
    at = f"2026-03-01T00:00:{version:02d}.000Z"
    return {
        "type": "note", "spec_version": "2.1", "id": f"note--{n:08x}-1111-4111-8111-111111111111", "created": at,
        "modified": at, "content": f"note {n}", "object_refs": ["identity--11111111-1111-4111-8111-111111111111"],
    }  # fmt: skip


def shelve(shelf: Shelf, *bodies: dict[str, Any]) -> int:
    with transaction.atomic():
        return put_on(shelf, bodies, export=None)


def test_an_independent_client_finds_and_pulls_everything(room: Room, lead: Membership) -> None:
    peer, token = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    ask(put_finding(room), by=lead, collection=shelf)
    server = Server(BASE, auth=TokenAuth(token))
    (root,) = server.api_roots
    assert root.title == room.name
    (found,) = root.collections
    assert (found.id, found.can_read, found.can_write) == (str(shelf.uuid), True, False)
    got = found.get_objects()["objects"]
    assert len(got) == Shelved.objects.count() > 10
    assert stix2.parse({"type": "bundle", "id": "bundle--11111111-1111-4111-8111-111111111111", "objects": got})
    assert [one["id"] for one in found.get_manifest()["objects"]] == [one["id"] for one in got]
    campaign = next(one for one in got if one["type"] == "campaign")
    assert found.get_object(campaign["id"])["objects"] == [campaign]
    assert found.object_versions(campaign["id"])["versions"] == [campaign["modified"]]


def test_pages_lose_and_double_nothing_and_say_who_fetched(room: Room, lead: Membership) -> None:
    peer, token = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    shelve(shelf, *(note(n) for n in range(257)))
    found = Collection(f"{BASE}watch/collections/{shelf.uuid}/", conn=connection(token))
    pages = [page.get("objects", []) for page in as_pages(found.get_objects, per_request=50)]
    assert [len(page) for page in pages] == [50, 50, 50, 50, 50, 7]
    assert [one["id"] for page in pages for one in page] == [note(n)["id"] for n in range(257)]
    assert [(one.peer_id, one.n) for one in PeerRead.objects.order_by("pk")] == [
        (peer.pk, n) for n in (50, 50, 50, 50, 50, 7)
    ]


def test_filters_versions_and_time_of_adding(room: Room, lead: Membership) -> None:
    peer, token = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    shelve(shelf, note(1), note(2))
    assert shelve(shelf, note(1)) == 0, "a version is there once"
    before = Shelved.objects.latest("seq").added_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    shelve(shelf, note(1, 2), note(1, 3))
    found = Collection(f"{BASE}watch/collections/{shelf.uuid}/", conn=connection(token))

    def versions(**asked: Any) -> list[str]:
        return [one["modified"][17:19] for one in found.get_objects(**asked).get("objects", [])]

    assert versions() == ["01", "03"]
    assert versions(version="all") == ["01", "01", "02", "03"]
    assert versions(version="first", id=note(1)["id"]) == ["01"]
    assert versions(version=note(1, 2)["modified"]) == ["02"]
    assert versions(added_after=before, version="all") == ["02", "03"]
    assert versions(type="campaign") == []
    assert versions(spec_version="2.0") == []
    assert found.object_versions(note(1)["id"])["versions"] == [note(1, n)["modified"] for n in (1, 2, 3)]
    times = list(Shelved.objects.order_by("seq").values_list("added_at", flat=True))
    assert len(set(times)) == len(times)
    assert times == sorted(times)


def test_what_is_posted_arrives_and_its_status_says_what_was_refused(room: Room, lead: Membership) -> None:
    identity = "identity--11111111-1111-4111-8111-111111111111"
    peer, token = put_peer(room, by=lead, identity=identity)
    inbox = put_collection(room, peer, by=lead, is_inbox=True, tlp="red")
    found = Collection(f"{BASE}watch/collections/{inbox.uuid}/", conn=connection(token))
    assert found.can_write
    sent = [{**note(1), "created_by_ref": identity}, {**note(2), "created_by_ref": identity.replace("1", "2")}]
    for one in sent:
        one["object_marking_refs"] = ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]
    status = found.add_objects({"objects": sent}, wait_for_completion=False)
    assert (status.status, status.success_count, status.failure_count) == ("complete", 1, 1)
    assert "somebody else" in status.failures[0]["message"]
    again = ApiRoot(f"{BASE}watch/", conn=connection(token)).get_status(status.id)
    assert (again.success_count, again.failure_count) == (1, 1)
    assert [one.stix_id for one in Arrived.objects.all()] == [note(1)["id"]]
    assert Arrival.objects.get().peer == peer


@pytest.fixture
def call(room: Room, lead: Membership) -> Any:
    """Ask by hand, as the peer unless told otherwise."""
    peer, token = put_peer(room, by=lead)
    shelf, inbox = put_collection(room, peer, by=lead), put_collection(room, peer, by=lead, is_inbox=True)
    shelve(shelf, note(1))

    def ask_(path: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Any:
        given = {"Authorization": f"Bearer {token}", "Accept": MEDIA, **headers}
        path = path.format(shelf=shelf.uuid, inbox=inbox.uuid)
        kind = given.pop("Content-Type", MEDIA)
        return Client(headers=given).generic(method, f"/taxii2/{path}", body, kind)

    return ask_


OBJECTS = "watch/collections/{shelf}/objects/"
INBOX = "watch/collections/{inbox}/objects/"


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("", {}, 200), ("watch/", {}, 200), ("watch/collections/", {}, 200), (OBJECTS, {}, 200),
        ("", {"Authorization": ""}, 401), (OBJECTS, {"Authorization": "Bearer x"}, 401), (OBJECTS, {"Authorization": "Basic !"}, 401),
        (OBJECTS, {"Accept": "application/json"}, 406), (OBJECTS, {"Accept": "application/taxii+json;version=2.0"}, 406),
        (OBJECTS, {"Accept": ""}, 406), (OBJECTS, {"Accept": "*/*"}, 200), (OBJECTS, {"Accept": "application/taxii+json"}, 200),
        ("elsewhere/", {}, 404), ("elsewhere/collections/", {}, 404), ("watch/collections/x/", {}, 404),
        ("watch/collections/11111111-1111-4111-8111-111111111111/", {}, 404), ("watch/status/x/", {}, 404),
        (OBJECTS + "note--99999999-1111-4111-8111-111111111111/", {}, 404), (INBOX, {}, 403),
        (OBJECTS + note(1)["id"] + "/", {"method": "DELETE"}, 403), (OBJECTS, {"method": "PUT"}, 405), ("", {"method": "POST"}, 405),
        (OBJECTS + "?added_after=yesterday", {}, 400), (OBJECTS + "?next=-1", {}, 400), (OBJECTS + "?limit=0", {}, 400),
        (OBJECTS + "?limit=x", {}, 400), (OBJECTS + "?limit=999999999999", {}, 200), (OBJECTS + "?match[version]=never", {}, 400),
        (OBJECTS, {"method": "POST", "body": b"{}"}, 403), (INBOX, {"method": "POST", "body": b'{"objects":[]}'}, 202),
        (INBOX, {"method": "POST", "body": b"{}", "Content-Type": "application/json"}, 415),
        (INBOX, {"method": "POST", "body": b"{}", "Content-Type": "application/taxii+json;version=2.0"}, 415),
        (INBOX, {"method": "POST", "body": b"["}, 422), (INBOX, {"method": "POST", "body": b"[" * 100_000}, 422),
        (INBOX, {"method": "POST", "body": b'{"objects":[' + b"1," * 1_000 + b"1]}"}, 413), (INBOX, {"method": "POST", "body": b" " * 10_000_001}, 413),
    ],
    ids=range(36),
)  # fmt: skip
def test_statuses_are_those_of_the_standard(call: Any, path: str, options: dict[str, Any], status: int) -> None:
    response = call(path, **options)
    assert response.status_code == status
    assert response["Content-Type"] == MEDIA
    if status >= 400:
        assert json.loads(response.content)["http_status"] == str(status)


def test_an_answer_is_known_again_by_its_mark_and_packed_where_it_is_worth_it(call: Any) -> None:
    first = call("watch/collections/")
    assert call("watch/collections/", **{"If-None-Match": first["ETag"]}).status_code == 304
    assert "Content-Encoding" not in first
    for n in range(3):
        shelve(Shelf.objects.get(is_inbox=False), note(n + 5), {**note(n + 9), "content": "x" * 2_000})
    packed = call(OBJECTS, **{"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < 2_000


def test_basic_is_taken_on_this_machine_and_refused_over_plain_http_from_elsewhere(
    call: Any, room: Room, lead: Membership
) -> None:
    _, token = put_peer(room, by=lead, name="Basic")
    basic = "Basic " + base64.b64encode(f"any:{token}".encode()).decode()
    assert call("", Authorization=basic).status_code == 200
    far = Client(headers={"Authorization": basic, "Accept": MEDIA}, REMOTE_ADDR="203.0.113.9")
    assert far.get("/taxii2/").status_code == 401
    assert far.get("/taxii2/", secure=True).status_code == 200


def test_a_peer_sees_its_own_collections_within_its_limit_and_nothing_once_paused(room: Room, lead: Membership) -> None:
    low, low_token = put_peer(room, by=lead, name="Low", tlp="green")
    high, high_token = put_peer(room, by=lead, name="High", tlp="red")
    green, amber = (
        put_collection(room, low, high, by=lead, tlp="green"),
        put_collection(room, high, by=lead, tlp="amber"),
    )

    def seen(token: str) -> set[str]:
        answer = Client(headers={"Authorization": f"Token {token}", "Accept": MEDIA}).get("/taxii2/watch/collections/")
        return {one["id"] for one in json.loads(answer.content).get("collections", [])}

    assert seen(low_token) == {str(green.uuid)}
    assert seen(high_token) == {str(green.uuid), str(amber.uuid)}
    amber.peers.add(low)  # whatever the database says, its limit holds
    assert seen(low_token) == {str(green.uuid)}
    actions.remove_collection(amber, by=lead)
    assert seen(high_token) == {str(green.uuid)}
    actions.pause_peer(high, is_paused=True, by=lead)
    answer = Client(headers={"Authorization": f"Token {high_token}", "Accept": MEDIA}).get("/taxii2/")
    assert answer.status_code == 401
    new = actions.make_peer_token(low, by=lead)
    assert seen(new) == {str(green.uuid)}
    assert Client(headers={"Authorization": f"Token {low_token}", "Accept": MEDIA}).get("/taxii2/").status_code == 401


def test_a_peer_of_another_room_finds_nothing(room: Room, lead: Membership, outsider: Member) -> None:
    peer, _ = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    shelve(shelf, note(1))
    other = create_room(slug="third", name="Third")
    boss = join(other, "xena", Role.COORDINATOR)
    stranger, token = put_peer(other, by=boss)
    own = put_collection(other, stranger, by=boss)
    client = Client(headers={"Authorization": f"Bearer {token}", "Accept": MEDIA})
    for path in (
        "",
        f"{shelf.uuid}/",
        f"{shelf.uuid}/objects/",
        f"{shelf.uuid}/manifest/",
        f"{shelf.uuid}/objects/{note(1)['id']}/",
        f"{shelf.uuid}/objects/{note(1)['id']}/versions/",
    ):
        assert client.get(f"/taxii2/watch/collections/{path}").status_code == 404
        if path:
            assert client.get(f"/taxii2/third/collections/{path}").status_code == 404
    assert client.get(f"/taxii2/third/collections/{own.uuid}/objects/").status_code == 200


def test_writers_wait_for_each_other_and_numbers_have_no_gap(room: Room, lead: Membership) -> None:
    from django.db import connections

    peer, token = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    seen: list[str] = []
    after = ""
    failures: list[BaseException] = []

    def write(k: int) -> None:
        try:
            for n in range(20):
                shelve(shelf, note(1_000 * k + n), note(1_000 * k + 500 + n))
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    client = Client(headers={"Authorization": f"Bearer {token}", "Accept": MEDIA})
    url = f"/taxii2/watch/collections/{shelf.uuid}/objects/"
    while True:
        is_over = not any(thread.is_alive() for thread in threads)
        page = json.loads(client.get(url, {"limit": 7, **({"next": after} if after else {})}).content)
        seen += [one["id"] for one in page.get("objects", [])]
        after = page.get("next") or (str(len(seen)) if seen else "")
        if is_over and not page.get("more"):
            break
    assert failures == []
    assert len(seen) == len(set(seen)) == 160
    assert list(Shelved.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 161))
