"""Pushing to the inbox of a peer, and keys that are pinned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from dideban.errors import ExchangeError, InputError, SourceError
from dideban.room.fetch import Fetched, FetchLimits, _Timed
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sharing import push as pushing
from dideban.room.sharing.models import Arrived, Peer, Shelved
from room.sharing.cast import ask, put_collection, put_finding, put_peer

HERE = "http://testserver"


class Wire:
    """The way to this very installation; it can lose answers."""

    def __init__(self) -> None:
        self.n_lost, self.sent = 0, []  # type: ignore[var-annotated]

    def send(self, method: str, url: str, *, headers: dict[str, str], body: bytes) -> Fetched:
        kind = headers.pop("Content-Type")
        given = Client(headers=headers).generic(method, url.removeprefix(HERE), body, content_type=kind)
        self.sent.append(given.status_code)
        if self.n_lost:
            self.n_lost -= 1
            raise SourceError("room.connection-broke", detail="")
        if given.status_code >= 400:
            raise SourceError("room.http-nothing", status=given.status_code)
        return Fetched(
            url=url, status=given.status_code, headers={k.lower(): v for k, v in given.headers.items()},
            body=given.content,
        )  # fmt: skip


@pytest.fixture
def pushed(room: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch) -> tuple[Peer, Wire]:
    """A peer that is this room itself: what is pushed to it arrives in an inbox here."""
    sender, token = put_peer(room, by=lead, name="We, as they see us")
    box = put_collection(room, sender, by=lead, is_inbox=True)
    peer, _ = put_peer(
        room, by=lead, name="They", push_url=f"{HERE}/taxii2/watch/collections/{box.uuid}/", their_token=token
    )
    shelf = put_collection(room, peer, by=lead)
    ask(put_finding(room), by=lead, collection=shelf)
    wire = Wire()
    monkeypatch.setattr(pushing, "fetcher", lambda **_: wire)
    monkeypatch.setattr(pushing, "MAX_PAGE", 4)
    return Peer.objects.get(pk=peer.pk), wire


def test_everything_arrives_once_although_an_answer_is_lost(pushed: tuple[Peer, Wire]) -> None:
    peer, wire = pushed
    wire.n_lost = 1
    assert pushing.try_push(peer) == 0
    peer.refresh_from_db()
    assert (peer.n_push_fails, peer.push_trouble["code"]) == (1, "room.connection-broke")
    assert peer.next_push_at is not None
    assert peer.next_push_at > timezone.now() + timedelta(minutes=4)
    n = pushing.try_push(peer)
    peer.refresh_from_db()
    assert (n, peer.push_trouble) == (Shelved.objects.count(), {})
    assert Arrived.objects.values("stix_id").distinct().count() == Arrived.objects.count() > 4
    assert pushing.try_push(peer) == 0
    assert set(wire.sent) == {202}


def test_pushes_are_made_when_they_are_due_and_never_to_who_may_not_read(
    pushed: tuple[Peer, Wire], lead: Membership
) -> None:
    peer, wire = pushed
    Peer.objects.filter(pk=peer.pk).update(max_tlp="clear")
    assert pushing.push_due() == 1
    assert wire.sent == [], "the collection is more closed than what the peer may read"
    assert pushing.push_due() == 0
    Peer.objects.filter(pk=peer.pk).update(max_tlp="amber", next_push_at=timezone.now(), is_paused=True)
    assert pushing.push_due() == 0


def test_the_command_line_lists_and_pushes(pushed: tuple[Peer, Wire], capsys: pytest.CaptureFixture[str]) -> None:
    peer, wire = pushed
    call_command("room_peers", room="watch", do="list")
    assert capsys.readouterr().out.count('"push"') == 2
    call_command("room_peers", room="watch", do="push", peer=peer.slug)
    assert f'"objects": {Shelved.objects.count()}' in capsys.readouterr().out
    wire.n_lost = 1
    Peer.objects.filter(pk=peer.pk).update(pushed={})
    with pytest.raises(ExchangeError):
        call_command("room_peers", room="watch", do="push")
    with pytest.raises(InputError):
        call_command("room_peers", room="watch", do="pull", peer="nobody")


class Stream:
    """A connection that shows one certificate."""

    def __init__(self) -> None:
        self.is_closed = False
        self.written = b""

    def start_tls(self, *_: object) -> Stream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return None

    def write(self, data: bytes, timeout: float | None) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True


def test_a_pinned_key_is_the_only_one(room: Room, lead: Membership) -> None:
    """Nothing goes to a server with another key, nor in the clear."""
    inner, pin = Stream(), "a" * 64
    assert FetchLimits(pin=pin).pin == pin
    link = _Timed(inner, float("inf"), pin=pin)  # type: ignore[arg-type]
    with pytest.raises(SourceError) as caught:
        link.write(b"secret")
    assert caught.value.message.code == "room.fetch-other-key"
    with pytest.raises(SourceError):
        link.start_tls(None)  # type: ignore[arg-type]
    assert (inner.is_closed, inner.written) == (True, b"")
    peer, _ = put_peer(room, by=lead, pin="AA:" * 31 + "AA")
    assert peer.pin == "aa" * 32
    with pytest.raises(InputError):
        put_peer(room, by=lead, name="Other", pin="abc")
