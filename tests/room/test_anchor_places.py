"""Anchors by mail and at a peer room: whatever is cut, moved or deleted here, they notice, and it is an alarm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from room.cast import client_of, join  # isort: skip # makes Django ready
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone, translation

from dideban.errors import InputError, SourceError
from dideban.room.alerts.deliver import deliver_due
from dideban.room.alerts.models import Alert
from dideban.room.alerts.words import sentence
from dideban.room.audit import anchoring
from dideban.room.audit.actions import record
from dideban.room.audit.anchoring import COUNT_EVERY, anchor, renew
from dideban.room.audit.anchors import drop_later
from dideban.room.audit.models import AnchorPeer, AnchorPlace, AuditEvent, AuditHead, KeptAnchor
from dideban.room.audit.peers import add_peer, keep
from dideban.room.audit.verify import anchors_path, verify
from dideban.room.checks import check_room
from dideban.room.members.models import Membership
from dideban.room.members.tokens import hash_token
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.upkeep.maintenance import watch_trail

KEEPER = ["keeper@elsewhere.example"]
TOKEN = "dba_of-the-tests"


def grow(n: int = 3) -> None:
    with transaction.atomic():
        for k in range(n):
            record(None, "case.open", by=None, subject=f"case:{k}")


def later(hours: float) -> Any:
    return timezone.now() + timedelta(hours=hours)


def cut(n: int) -> None:
    """Cut the tail off, move the head, and make the database believe that nothing was anchored."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS audit_no_delete")
        last = AuditEvent.objects.count() - n
        cursor.execute("DELETE FROM audit_auditevent WHERE seq > %s", [last])
    event = AuditEvent.objects.get(seq=last)
    AuditHead.objects.filter(pk=1).update(seq=event.seq, hash=event.hash)
    AnchorPlace.objects.all().delete()
    anchors_path().unlink(missing_ok=True)


@pytest.fixture
def by_mail() -> Iterator[None]:
    with override_settings(ANCHOR_MAIL=KEEPER, HAS_MAIL=True):
        yield


@pytest.fixture
def by_peer(room: Room, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnchorPeer]:
    """This installation as its own peer: what is sent goes through the real route."""
    peer = add_peer("Us", token_hash=hash_token(TOKEN))

    def ask(method: str, *, body: bytes | None = None, after: int = 0) -> dict[str, Any]:
        client = Client(headers={"Authorization": f"Bearer {TOKEN}"})
        query = f"?after={after}" if after else ""
        answer = client.generic(method, f"/api/v1/anchors{query}", body or b"", "text/plain")
        if answer.status_code != 200:
            raise SourceError("room.http-not-accepted", status=answer.status_code)
        return dict(json.loads(answer.content))

    monkeypatch.setattr(anchoring, "_ask_peer", ask)
    with override_settings(ANCHOR_PEER="https://peer.example/api/v1/anchors", ANCHOR_PEER_TOKEN=TOKEN):
        yield peer


def test_an_anchor_goes_by_mail_once_a_day_and_only_for_news(room: Room, by_mail: None) -> None:
    grow()
    for hours in (0, 1, 23, 25, 50):
        anchor(now=later(hours))
    assert [sent.to for sent in mail.outbox] == [KEEPER, KEEPER]  # at 0; at 25 for the count of anchors; then no news
    grow()
    anchor(now=later(75))
    assert "vouches for every event up to number" in mail.outbox[-1].body
    assert AnchorPlace.objects.get(name="mail").n == len(mail.outbox)
    assert verify().is_whole


def test_a_kept_mail_notices_a_trail_that_was_cut(room: Room, by_mail: None, tmp_path: Path) -> None:
    grow()
    anchor()
    kept = tmp_path / "mails.mbox"
    kept.write_bytes(b"From somebody\r\n\r\n" + mail.outbox[0].message().as_bytes())
    found = verify(given=[kept])
    assert found.is_whole
    assert found.places[-1]["place"] == "mails.mbox"
    assert found.places[-1]["until_event"] == AuditHead.objects.get(pk=1).seq
    assert found.vouched_since
    cut(2)
    grow(1)
    anchor()
    assert verify().is_whole  # who reaches the whole machine leaves nothing to see on it
    problems = verify(given=[kept]).problems
    assert any("was anchored" in problem for problem in problems), problems


def test_mail_that_does_not_go_out_is_an_alarm_after_an_hour(room: Room) -> None:
    with override_settings(ANCHOR_MAIL=KEEPER, HAS_MAIL=False):
        assert "dideban.E008" in {one.id for one in check_room()}
        grow()
        with pytest.raises(Exception, match="no mail server"):
            anchor(now=later(-2))
        assert any("not reached mail" in problem for problem in verify().problems)


def test_a_peer_keeps_anchors_and_notices_a_trail_that_was_cut(by_peer: AnchorPeer) -> None:
    for _ in range(3):
        grow()
        assert anchor()
    assert KeptAnchor.objects.count() == 3
    found = verify(ask=True)
    assert found.is_whole
    assert found.places[-1]["place"] == "peer"
    assert found.n_anchors == 3
    kept = list(KeptAnchor.objects.values_list("line", flat=True))
    cut(4)
    assert any("was anchored" in problem for problem in verify(ask=True).problems)
    grow(1)
    anchor()  # the first of a new series: earlier ones stay
    assert list(KeptAnchor.objects.filter(series=1).values_list("line", flat=True)) == kept
    assert any("1 earlier series" in note for note in verify(ask=True).notes)
    assert AuditEvent.objects.filter(action="anchors.series").exists()


def test_a_peer_refuses_what_does_not_follow(by_peer: AnchorPeer) -> None:
    grow()
    anchor()
    state = AnchorPlace.objects.get(name="peer")
    state.n, state.seq = 7, 0
    state.save()
    grow()
    with pytest.raises(SourceError):
        anchor()
    assert KeptAnchor.objects.count() == 1
    assert AuditEvent.objects.filter(action="anchors.refuse").count() == 1
    with pytest.raises(SourceError):
        anchor()
    assert AuditEvent.objects.filter(action="anchors.refuse").count() == 1  # a stolen token fills no disk
    AnchorPlace.objects.filter(name="peer").update(waits_since=later(-2))
    assert any("not reached peer" in problem for problem in verify().problems)


def test_an_answer_that_was_lost_costs_nothing(by_peer: AnchorPeer) -> None:
    grow()
    anchor()
    AnchorPlace.objects.filter(name="peer").update(seq=0, n=0, mac="0" * 64)
    grow(0)
    anchor()
    assert KeptAnchor.objects.count() == 1
    state = AnchorPlace.objects.get(name="peer")
    assert (state.n, state.mac) == (1, KeptAnchor.objects.get().line.split()[4])


@pytest.mark.parametrize("line", ["", "1 2 3", "\x00" * 50, "1 " + "g" * 64, "9" * 200, "x" * 5_000])
def test_what_is_no_anchor_is_refused(by_peer: AnchorPeer, line: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {TOKEN}"})
    assert client.generic("POST", "/api/v1/anchors", line.encode(), "text/plain").status_code == 400
    assert not KeptAnchor.objects.exists()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer dba_made-up", "Basic dba_of-the-tests", f"Token {TOKEN}"])
def test_without_its_token_nothing_is_kept_or_told(by_peer: AnchorPeer, header: str) -> None:
    client = Client(headers={"Authorization": header} if header else {})
    assert client.get("/api/v1/anchors").status_code == 401
    assert client.post("/api/v1/anchors", b"x", "text/plain").status_code == 401


def test_one_peer_sees_nothing_of_another(by_peer: AnchorPeer) -> None:
    grow()
    anchor()
    add_peer("Other", token_hash=hash_token("dba_other"))
    client = Client(headers={"Authorization": "Bearer dba_other"})
    assert client.get("/api/v1/anchors").json() == {"series": 1, "lines": [], "more": False}
    for odd in ("x", "-1", "9" * 30):
        assert client.get(f"/api/v1/anchors?after={odd}").status_code == 400


def test_a_series_begins_again_once_an_hour(by_peer: AnchorPeer) -> None:
    grow()
    anchor()
    line = KeptAnchor.objects.get().line
    seq, head, _, at, mac = line.split()
    keep(by_peer, f"{int(seq) + 1} {head} 1 {at} {mac}")
    with pytest.raises(InputError):
        keep(by_peer, f"{int(seq) + 2} {head} 1 {at} {mac}")


def test_deleted_anchors_are_written_down_and_stay_an_alarm(room: Room) -> None:
    for _ in range(3):
        grow()
        anchor()
    anchors_path().unlink()
    assert "the anchors are missing: audit.anchors" in verify().problems
    grow()
    anchor()  # as the worker does a minute later
    assert any("were lost" in problem for problem in verify().problems)
    AnchorPlace.objects.all().delete()
    assert any("were lost" in problem for problem in verify().problems)  # it is in the trail itself
    moved = renew()
    assert [path.exists() for path in moved] == [True]
    anchor()
    found = verify()
    assert found.is_whole, found.problems
    assert found.n_anchors == 1


def test_the_trail_itself_counts_its_anchors(room: Room) -> None:
    for _ in range(3):
        grow()
        anchor()
    anchor(now=timezone.now() + 2 * COUNT_EVERY)
    assert AuditEvent.objects.filter(action="anchors.count").count() == 1
    anchor(now=timezone.now() + 2 * COUNT_EVERY)
    AnchorPlace.objects.all().delete()
    anchors_path().unlink()
    grow()
    anchor()
    assert "3 anchors of audit.anchors were made, 1 are there" in verify().problems


def test_a_damaged_trail_is_an_alert_and_a_mail_to_coordinators(
    room: Room, lead: Membership, viewer: Membership
) -> None:
    grow()
    anchor()
    watch_trail()
    assert not Alert.objects.exists()
    anchors_path().unlink()
    watch_trail()
    watch_trail()
    alert = Alert.objects.get()
    assert deliver_due() == 1
    assert [sent.to for sent in mail.outbox] == [["alice@example.org"]]
    for language, words in (("en", "audit trail"), ("fa", "دفتر بازبینی"), ("ar", "سجل التدقيق")):
        with translation.override(language):
            assert words in sentence(alert)
    assert "audit trail" in client_of(lead).get("/r/watch/alerts/").content.decode().lower()
    assert client_of(viewer).get("/r/watch/alerts/").status_code == 200


def test_a_backup_made_while_anchors_are_written_is_restored_whole(room: Room) -> None:
    grow()
    anchor()
    grow()
    anchor()
    cut(3)
    path = anchors_path()
    lines = [f"{seq} {'a' * 64}" for seq in (1, AuditHead.objects.get(pk=1).seq + 1)]
    path.write_text("\n".join(lines) + "\n")
    drop_later(path)
    assert path.read_text() == lines[0] + "\n"


def test_the_command_names_each_place_and_takes_what_was_kept(
    room: Room, by_mail: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grow()
    anchor()
    kept = tmp_path / "mail.txt"
    kept.write_text(str(mail.outbox[0].body))
    call_command("room_audit", "verify", anchors=[str(kept)], no_ask=True)
    told = json.loads(capsys.readouterr().out)
    assert [one["place"] for one in told["places"]] == ["audit.anchors", "mail.txt"]
    kept.write_text("nothing")
    with pytest.raises(InputError):
        call_command("room_audit", "verify", anchors=[str(kept)], no_ask=True)
    call_command("room_audit", "peer", name="Tehran")
    token = capsys.readouterr().out.strip()
    assert AnchorPeer.objects.get().token_hash == hash_token(token)
    with pytest.raises(InputError):
        call_command("room_audit", "peer", name="<b>")
    with override_settings(ANCHOR_PEER="ftp://x", ANCHOR_PEER_TOKEN="x"):
        assert "dideban.E009" in {one.id for one in check_room()}


def test_a_peer_that_is_silent_is_a_note(room: Room) -> None:
    join(room, "zoe", Role.VIEWER)
    with override_settings(ANCHOR_PEER="http://127.0.0.1:1/api/v1/anchors", ANCHOR_PEER_TOKEN="x"):
        found = verify(ask=True)
    assert found.is_whole
    assert found.notes
