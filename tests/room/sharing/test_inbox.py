"""What arrives: kept within bounds, linked with what the room has, pulled from peers of every kind."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from room.cast import client_of  # isort: skip - makes Django ready
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from dideban.errors import InputError, SourceError
from dideban.exchange.stix import Terms, Tlp, bundle_bytes, finding_objects
from dideban.room.fetch import Fetched as Answer
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sharing import client as pulling
from dideban.room.sharing.inbox import KEEP, drop_old, take_in
from dideban.room.sharing.models import Arrival, Arrived, ArrivedState, Peer
from dideban.room.sharing.subjects import campaign_of
from room.sharing.cast import MEDIA, ask, put_collection, put_finding, put_peer
from unit.exchange.made import AT, make_finding, pushed

THEIRS = Terms(sender="Room B", namespace="https://b.example", tlp=Tlp.GREEN)


def theirs(**changes: Any) -> bytes:
    """A finding of another room."""
    return bundle_bytes(finding_objects(make_finding(**changes), terms=THEIRS))


def opinion(campaign: str, *, word: str = "disagree") -> bytes:
    body = {
        "type": "opinion", "spec_version": "2.1", "id": "opinion--11111111-1111-4111-8111-111111111111",
        "created": "2026-03-01T00:00:00.000Z", "modified": "2026-03-01T00:00:00.000Z", "created_by_ref": THEIRS.identity,
        "opinion": word, "explanation": "It is a fan club.", "object_refs": [campaign],
        "object_marking_refs": [THEIRS.mark],
    }  # fmt: skip
    return json.dumps(
        {"type": "bundle", "id": "bundle--11111111-1111-4111-8111-111111111111", "objects": [body]}
    ).encode()


def test_what_names_the_same_links_sites_or_hashtags_is_put_beside_the_group(room: Room, lead: Membership) -> None:
    group = put_finding(room).group
    take_in(room, theirs(), by=lead)
    campaign = Arrived.objects.get(stix_type="campaign")
    assert (campaign.state, list(campaign.groups.all())) == (ArrivedState.LINKED, [group])
    assert {"links", "domains", "hashtags"} == {name for name, values in campaign.signs.items() if values}


def test_what_has_nothing_in_common_is_new(room: Room, lead: Membership) -> None:
    put_finding(room)
    take_in(room, theirs(objects=[pushed("link", "https://elsewhere.example.net/1")]), by=lead)
    assert {one.state for one in Arrived.objects.all()} == {ArrivedState.NEW}


def test_an_opinion_of_a_peer_stands_beside_the_finding_and_changes_no_verdict(room: Room, lead: Membership) -> None:
    finding = put_finding(room)
    peer, _ = put_peer(room, by=lead, identity=THEIRS.identity)
    take_in(room, opinion(campaign_of(room, finding.finding_id)), peer=peer)
    one = Arrived.objects.get(stix_type="opinion")
    assert list(one.groups.all()) == [finding.group]
    finding.group.refresh_from_db()
    assert finding.group.verdict == ""


def test_our_own_finding_comes_back_under_its_id(room: Room, lead: Membership) -> None:
    finding = put_finding(room)
    sent = json.loads(ask(finding, by=lead).body)["objects"]
    assert any(one["id"] == campaign_of(room, finding.finding_id) for one in sent)


def test_the_same_again_is_known_and_a_later_version_is_kept_beside(room: Room, lead: Membership) -> None:
    first = take_in(room, theirs(), by=lead)
    again = take_in(room, theirs(), by=lead)
    again.refresh_from_db()
    assert again.n_known == first.n_objects
    later = Terms(sender="Room B", namespace="https://b.example", tlp=Tlp.GREEN, modified_at="2026-06-01T00:00:00Z")
    take_in(room, bundle_bytes(finding_objects(make_finding(), terms=later)), by=lead)
    assert Arrived.objects.filter(stix_type="campaign").count() == 2


def test_two_peers_do_not_get_in_each_others_way(room: Room, lead: Membership) -> None:
    b, _ = put_peer(room, by=lead, identity=THEIRS.identity)
    evil, _ = put_peer(room, by=lead, name="Evil", identity="identity--99999999-1111-4111-8111-111111111111")
    take_in(room, theirs(), peer=b)
    n = Arrived.objects.count()
    arrival = take_in(room, theirs(), peer=evil)
    refused = {row["reason"]["code"] for row in arrival.refused}
    assert refused == {"stix.other-author"}
    assert not Arrived.objects.filter(peer=evil, stix_type__in=("campaign", "report", "identity")).exists()
    assert Arrived.objects.filter(peer=b).count() == n


def test_what_is_more_closed_than_the_peer_may_send_is_refused(room: Room, lead: Membership) -> None:
    peer, _ = put_peer(room, by=lead, tlp="clear", identity=THEIRS.identity)
    arrival = take_in(room, theirs(), peer=peer)
    assert {row["reason"]["code"] for row in arrival.refused} == {"stix.above-ceiling"}


@pytest.mark.parametrize(("later", "shown"), [(Tlp.AMBER, "amber"), (Tlp.RED, "red"), (Tlp.CLEAR, "green")])
def test_a_marking_that_is_raised_after_receipt_closes_what_came_before(
    room: Room, lead: Membership, later: Tlp, shown: str
) -> None:
    """Also above what the peer may send: the later version is refused, and what is here is closed. Never opened."""
    peer, _ = put_peer(room, by=lead, tlp="amber", identity=THEIRS.identity)
    take_in(room, theirs(), peer=peer)
    assert Arrived.objects.get(stix_type="campaign").tlp == "green"
    terms = Terms(sender="Room B", namespace="https://b.example", tlp=later, modified_at="2026-06-01T00:00:00Z")
    take_in(room, bundle_bytes(finding_objects(make_finding(), terms=terms)), peer=peer)
    first = Arrived.objects.filter(stix_type="campaign").earliest("pk")
    assert first.tlp == shown
    assert Arrived.objects.filter(stix_type="campaign").count() == 1 + (later is not Tlp.RED)


def test_a_viewer_brings_nothing_and_rubbish_keeps_nothing(room: Room, lead: Membership, viewer: Membership) -> None:
    with pytest.raises(PermissionDenied):
        take_in(room, theirs(), by=viewer)
    for data in (b"", b"[", b"PK\x03\x04", b"{}" * 3):
        with pytest.raises(InputError):
            take_in(room, data, by=lead)
    assert Arrival.objects.count() == 0


def test_what_came_long_ago_is_forgotten(room: Room, lead: Membership) -> None:
    take_in(room, theirs(), by=lead)
    assert drop_old(room) == 0
    Arrival.objects.update(at=timezone.now() - KEEP - timedelta(days=1))
    drop_old(room)
    assert Arrived.objects.count() == 0


class Far:
    """Answers of a peer, one after the other; the last one again and again."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def get(self, url: str, *, headers: dict[str, str]) -> Answer:
        self.asked.append(url)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, Exception):
            raise given
        return given


def page(body: Any, *, last: str = "", kind: str = MEDIA) -> Answer:
    headers = {"content-type": kind, **({"x-taxii-date-added-last": last} if last else {})}
    return Answer(
        url="x", status=200, headers=headers, body=body if isinstance(body, bytes) else json.dumps(body).encode()
    )


@pytest.fixture
def far(room: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A peer that is pulled, and what it answers."""
    peer, _ = put_peer(room, by=lead, url="https://b.example/taxii2/b/collections/1/", their_token="t")

    def set_(*answers: Any) -> tuple[Peer, Far]:
        made = Far(*answers)
        monkeypatch.setattr(pulling, "fetcher", lambda **_: made)
        return Peer.objects.get(pk=peer.pk), made

    return set_


def notes(*numbers: int) -> list[dict[str, Any]]:
    return [
        {"type": "note", "spec_version": "2.1", "id": f"note--{n:08x}-1111-4111-8111-111111111111", "created": AT, "modified": AT,
         "content": "x", "object_refs": [THEIRS.identity], "object_marking_refs": [THEIRS.mark]}
        for n in numbers
    ]  # fmt: skip


def test_a_pull_follows_next_alone_and_goes_on_where_it_ended(far: Any) -> None:
    at = "2026-03-01T08:00:00.000000Z"
    peer, made = far(
        page({"more": True, "next": "a b&c", "objects": notes(1, 2)}, last=at), page({"objects": notes(3)}, last=at)
    )
    assert pulling.try_pull(peer) == 3
    assert "next=a+b%26c" in made.asked[1]
    peer.refresh_from_db()
    assert (peer.pulled_to, peer.n_fails, peer.trouble) == (at, 0, {})
    assert peer.next_pull_at > timezone.now() + timedelta(minutes=50)
    peer, made = far(page({}))
    assert pulling.try_pull(peer) == 0
    assert "added_after=2026-03-01T08%3A00%3A00.000000Z" in made.asked[0]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([page({"more": True, "next": "1", "objects": []})], "sharing.peer-circles"),
        ([page({}, kind="text/html")], "sharing.not-taxii"), ([page(b"[" * 100_000)], "stix.not-json"), ([page([])], "stix.not-bundle"),
        ([page({"objects": notes(*range(1_001))})], "stix.too-many"), ([SourceError("room.http-fewer", retry_after_s=7_200)], "room.http-fewer"),
        ([SourceError("room.fetch-too-large", n=10)], "room.fetch-too-large"),
    ],
    ids=["circles", "html", "nested", "list", "many", "slow-down", "large"],
)  # fmt: skip
def test_trouble_with_a_peer_is_noted_and_tried_again_later_and_later(far: Any, answers: list[Any], code: str) -> None:
    peer, made = far(*answers)
    assert pulling.try_pull(peer) == 0
    peer.refresh_from_db()
    assert (peer.trouble["code"], peer.n_fails) == (code, 1)
    first = peer.next_pull_at
    assert first > timezone.now() + timedelta(minutes=4)
    for _ in range(3):
        pulling.try_pull(peer)
        peer.refresh_from_db()
    assert peer.next_pull_at > first
    assert len(made.asked) <= 8


def test_a_peer_that_never_ends_or_lies_about_time_holds_nothing_up(far: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "MOST_PAGES", 5)
    endless = [
        page({"more": True, "next": str(n), "objects": notes(n)}, last="9999-01-01T00:00:00.000000Z") for n in range(9)
    ]
    peer, made = far(*endless)
    assert pulling.try_pull(peer) == 5
    assert len(made.asked) == 5
    peer.refresh_from_db()
    assert peer.pulled_to == ""


@pytest.mark.parametrize("bound", ["MOST_PAGES", "MOST_BYTES"])
def test_a_long_collection_is_pulled_in_several_goes(far: Any, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(pulling, bound, 3 if bound == "MOST_PAGES" else 2 * len(page({"objects": notes(1)}).body))
    at = "2026-03-01T08:00:0{}.000000Z"
    pages = [page({"more": True, "next": str(n), "objects": notes(n)}, last=at.format(n)) for n in range(9)]
    peer, made = far(*pages)
    assert 0 < pulling.try_pull(peer) < 9
    done = len(made.asked)
    peer.refresh_from_db()
    assert at.format(done - 2) < peer.pulled_to < at.format(done - 1)
    assert peer.trouble == {}


def test_a_time_that_is_none_does_not_stop_a_pull(far: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "MOST_PAGES", 2)
    last = "2026-02-31T08:00:00.000000Z"
    peer, _ = far(*[page({"more": True, "next": str(n), "objects": notes(n)}, last=last) for n in range(3)])
    assert pulling.try_pull(peer) == 2
    peer.refresh_from_db()
    assert (peer.pulled_to, peer.trouble) == ("", {})


def test_pulls_are_made_when_they_are_due(far: Any) -> None:
    _, made = far(page({"objects": notes(1)}))
    assert (pulling.pull_due(), pulling.pull_due()) == (1, 0)
    Peer.objects.update(next_pull_at=timezone.now(), is_paused=True)
    assert pulling.pull_due() == 0
    assert len(made.asked) == 1


def test_one_room_pulls_another_whole(room: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, token = put_peer(room, by=lead, name="Reader")
    shelf = put_collection(room, reader, by=lead)
    sent = ask(put_finding(room), by=lead, collection=shelf)
    peer, _ = put_peer(
        room, by=lead, name="Self", url=f"http://testserver/taxii2/watch/collections/{shelf.uuid}/", their_token=token
    )

    class Here:
        def get(self, url: str, *, headers: dict[str, str]) -> Answer:
            given = Client(headers=headers).get(url.removeprefix("http://testserver"))
            assert given.status_code == 200
            return Answer(
                url=url, status=200, headers={k.lower(): v for k, v in given.headers.items()}, body=given.content
            )

    monkeypatch.setattr(pulling, "fetcher", lambda **_: Here())
    monkeypatch.setattr(pulling, "PAGE", 3)
    n = pulling.try_pull(peer)
    bodies = {one["id"]: one for one in json.loads(sent.body)["objects"]}
    assert n == len(bodies) == Arrived.objects.filter(peer=peer).count()
    assert {one.stix_id: one.body for one in Arrived.objects.filter(peer=peer)} == bodies
    peer.refresh_from_db()
    assert pulling.try_pull(peer) == 0, "nothing is added after what was pulled"
    assert client_of(None) is not None
