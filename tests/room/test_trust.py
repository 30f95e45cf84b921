"""The audit trail, reveals, deletion on request, membership."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from dideban.errors import InputError, StoreError
from dideban.room.audit.actions import hash_of, record
from dideban.room.audit.models import AppendOnlyError, AuditEvent, AuditHead
from dideban.room.audit.verify import anchor, anchors_path, verify
from dideban.room.members.actions import (
    accept_invitation,
    change_membership,
    create_member,
    invite,
    make_api_token,
    note_visit,
    remove_membership,
    revoke_invitation,
)
from dideban.room.members.models import Membership
from dideban.room.posts.actions import ask_erasure, ask_reveal, decide_reveal, open_reveal
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure, Reveal
from dideban.room.roles import Permission, Role
from dideban.room.rooms.actions import remove_place
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.rooms.sealed_ids import pseudonym_of
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys
from room.cast import PASSWORD, join, post


def note(room: Room, n: int = 3) -> None:
    for i in range(n):
        with transaction.atomic():
            record(room, "test.note", by=None, subject=f"note:{i}", details={"i": i, "text": "سلام"})


def tamper(sql: str) -> None:
    """Change the table as somebody with the database file could: the triggers taken away first."""
    with connection.cursor() as cursor:
        for verb in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER audit_no_{verb}")
        for one in sql.split(";"):
            cursor.execute(one)


def test_an_untouched_trail_is_whole(room: Room) -> None:
    note(room)
    outcome = verify()
    assert outcome.is_whole
    assert outcome.n_events >= 3


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditevent SET action = 'nothing.happened' WHERE seq = 2",
        "UPDATE audit_auditevent SET at = '2020-01-01 00:00:00' WHERE seq = 2",
        "UPDATE audit_auditevent SET member_name = 'somebody else' WHERE seq = 1",
        "UPDATE audit_auditevent SET details = '{}' WHERE seq = 3",
        "DELETE FROM audit_auditevent WHERE seq = 2",
        "DELETE FROM audit_auditevent WHERE seq = (SELECT max(seq) FROM audit_auditevent)",
        "UPDATE audit_auditevent SET seq = seq + 100 WHERE seq IN (2, 3);"
        "UPDATE audit_auditevent SET seq = 105 - seq WHERE seq IN (102, 103)",
        "UPDATE audit_auditevent SET member_id = 7 WHERE seq = 2",
        "UPDATE audit_auditevent SET room_slug = 'elsewhere' WHERE seq = 2",
        "UPDATE audit_auditevent SET subject = 'case:9' WHERE seq = 2",
        "UPDATE audit_auditevent SET previous_hash = hash WHERE seq = 2",
        "DELETE FROM audit_auditevent WHERE seq = 1",
        "DELETE FROM audit_audithead",
        "UPDATE audit_audithead SET seq = seq - 1",
        "INSERT INTO audit_auditevent SELECT 99, at, room_slug, member_id, member_name, action, subject, details,"
        " hash, 'made up' FROM audit_auditevent WHERE seq = 2",
    ],
)
def test_tampering_shows(room: Room, sql: str) -> None:
    note(room)
    tamper(sql)
    assert not verify().is_whole


def test_a_chain_cut_short_with_its_head_shows_by_its_anchors(room: Room) -> None:
    note(room)
    assert anchor()
    assert not anchor()  # nothing new to anchor
    last = AuditEvent.objects.order_by("-seq")[1]
    tamper(f"DELETE FROM audit_auditevent WHERE seq > {last.seq}")
    AuditHead.objects.filter(pk=1).update(seq=last.seq, hash=last.hash)
    assert any("anchored" in problem for problem in verify().problems)
    anchors_path().unlink()
    assert "the anchors are missing: audit.anchors" in verify().problems


def test_neither_program_nor_database_changes_an_event(room: Room) -> None:
    note(room)
    event = AuditEvent.objects.get(seq=1)
    for attempt in (event.delete, AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(action="x")):
        with pytest.raises(AppendOnlyError):
            attempt()
    for sql in ("DELETE FROM audit_auditevent", "UPDATE audit_auditevent SET action = 'x'"):
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_chain_written_anew_shows_by_its_anchors(room: Room) -> None:
    note(room)
    anchor()
    tamper("UPDATE audit_auditevent SET action = 'nothing.happened' WHERE seq = 2")
    previous = AuditEvent.objects.get(seq=1).hash
    for event in AuditEvent.objects.filter(seq__gt=1):
        event.previous_hash = previous
        previous = hash_of(event)
        tamper_row = "UPDATE audit_auditevent SET previous_hash = %s, hash = %s WHERE seq = %s"
        with connection.cursor() as cursor:
            cursor.execute(tamper_row, [event.previous_hash, previous, event.seq])
    AuditHead.objects.update(hash=previous)
    assert verify().problems == [f"event {AuditEvent.objects.count()} is not the one that was anchored"]


def test_an_event_without_a_transaction_is_a_mistake(room: Room) -> None:
    with pytest.raises(RuntimeError):
        record(room, "test.note", by=None)


def test_events_of_many_writers_form_one_chain(room: Room) -> None:
    def write() -> None:
        for _ in range(5):
            note(room, 1)
        connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome = verify()
    assert outcome.is_whole
    assert AuditEvent.objects.filter(action="test.note").count() == 20


def test_what_fails_leaves_no_event(room: Room, lead: Membership) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(InputError):
        change_membership(lead, role=Role.VIEWER, places=[], by=lead)
    assert AuditEvent.objects.count() == before


# Reveals


@pytest.fixture
def secret(room: Room) -> str:
    """The pseudonym of an account whose original id is sealed in the room."""
    take_bytes(
        json.dumps(post(1, account_id="real-name")).encode(), name="p.ndjson", origin=Origin(room="watch", source="s")
    )
    merge_all("watch")
    return pseudonym_of("watch", "real-name")


def test_a_reveal_takes_two_members_and_a_reason(
    room: Room, lead: Membership, analyst: Membership, secret: str
) -> None:
    with pytest.raises(InputError, match="give a reason"):
        ask_reveal(room, account_id=secret, reason="hm", by=analyst)
    asked = ask_reveal(room, account_id=secret, reason="threats against a reporter, case 3", by=analyst)
    with pytest.raises(InputError, match="not open"):
        open_reveal(asked, by=analyst)
    decide_reveal(asked, is_agreed=True, by=lead)
    assert open_reveal(asked, by=analyst) == "real-name"
    actions = list(AuditEvent.objects.filter(subject=f"reveal:{asked.pk}").values_list("action", "member_name"))
    assert sorted(actions) == [("reveal.agree", "alice"), ("reveal.ask", "ben"), ("reveal.see", "ben")]
    everything = json.dumps([event.details for event in AuditEvent.objects.all()])
    assert "real-name" not in everything


def test_nobody_agrees_to_their_own_reveal(room: Room, lead: Membership, secret: str) -> None:
    asked = ask_reveal(room, account_id=secret, reason="a good reason, I think", by=lead)
    with pytest.raises(InputError, match="two members"):
        decide_reveal(asked, is_agreed=True, by=lead)


def test_an_account_made_for_it_does_not_agree(room: Room, lead: Membership, secret: str) -> None:
    asked = ask_reveal(room, account_id=secret, reason="It threatens a person by name", by=lead)
    late = join(room, "late", Role.COORDINATOR)
    with pytest.raises(InputError, match="before the request"):
        decide_reveal(asked, is_agreed=True, by=late)
    with pytest.raises(InputError, match="not open"):
        open_reveal(asked, by=lead)
    decide_reveal(asked, is_agreed=False, by=late)  # anybody else may refuse


def test_a_reveal_expires_and_is_refused(room: Room, lead: Membership, analyst: Membership, secret: str) -> None:
    asked = ask_reveal(room, account_id=secret, reason="a good reason, I think", by=analyst)
    decide_reveal(asked, is_agreed=True, by=lead)
    Reveal.objects.filter(pk=asked.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    asked.refresh_from_db()
    with pytest.raises(InputError, match="not open"):
        open_reveal(asked, by=analyst)
    again = ask_reveal(room, account_id=secret, reason="a good reason, I think", by=analyst)
    decide_reveal(again, is_agreed=False, by=lead)
    with pytest.raises(InputError, match="not open"):
        open_reveal(again, by=analyst)
    with pytest.raises(InputError, match="decided already"):
        decide_reveal(again, is_agreed=True, by=lead)


def test_others_do_not_see_a_reveal(room: Room, lead: Membership, analyst: Membership, secret: str) -> None:
    asked = ask_reveal(room, account_id=secret, reason="a good reason, I think", by=analyst)
    decide_reveal(asked, is_agreed=True, by=lead)
    with pytest.raises(InputError, match="two members"):
        open_reveal(asked, by=join(room, "eve", Role.COORDINATOR))
    with pytest.raises(PermissionDenied):
        ask_reveal(room, account_id=secret, reason="a good reason, I think", by=join(room, "vic", Role.VIEWER))


def test_without_the_private_key_nothing_opens(room: Room, lead: Membership, analyst: Membership, secret: str) -> None:
    asked = ask_reveal(room, account_id=secret, reason="a good reason, I think", by=analyst)
    decide_reveal(asked, is_agreed=True, by=lead)
    folder = folder_of("watch")
    folder.seal_private.rename(folder.root / "elsewhere")
    with pytest.raises(StoreError, match="cannot be read"):
        open_reveal(asked, by=analyst)
    assert not AuditEvent.objects.filter(action="reveal.see").exists()


# Deletion on request


def test_posts_of_a_person_are_deleted_and_stay_away(room: Room, lead: Membership) -> None:
    origin = Origin(room="watch", source="s")
    lines = "\n".join(json.dumps(post(n, account_id="real-name" if n % 2 else "other")) for n in range(10))
    take_bytes(lines.encode(), name="p.ndjson", origin=origin)
    merge_all("watch")
    waiting = json.dumps(post(99, account_id="real-name"))
    take_bytes(waiting.encode(), name="p.ndjson", origin=origin)  # still in the spool
    keys = PostKeys(folder_of("watch").index)
    assert keys.sealed(pseudonym_of("watch", "real-name"))
    made = ask_erasure(room, account="real-name", reason="by e-mail of 3 May", by=lead)
    made.refresh_from_db()
    assert made.n_posts == 6
    assert keys.sealed(pseudonym_of("watch", "real-name")) is None
    rows = PostTable(folder_of("watch").posts).scan().collect()
    assert rows.height == 5
    assert pseudonym_of("watch", "real-name") not in rows["account_id"].to_list()
    taken = take_bytes(lines.encode(), name="p.ndjson", origin=origin)
    assert taken.reasons["account-erased"] == 5
    assert Erasure.objects.get().account_id.startswith("a")
    assert {"person.erase", "person.erased"} <= set(AuditEvent.objects.values_list("action", flat=True))


def test_what_is_on_its_way_while_a_person_is_deleted_does_not_come_back(room: Room, lead: Membership) -> None:
    origin = Origin(room="watch", source="s")
    take_bytes(json.dumps(post(1, account_id="real-name")).encode(), name="p.ndjson", origin=origin)
    PostKeys(folder_of("watch").index).erase(pseudonym_of("watch", "real-name"))  # after it was acknowledged
    merge_all("watch")
    assert PostTable(folder_of("watch").posts).scan().collect().is_empty()


def test_only_a_lead_deletes(room: Room, analyst: Membership) -> None:
    with pytest.raises(PermissionDenied):
        ask_erasure(room, account="real-name", reason="because", by=analyst)


# Membership


def test_an_invitation_works_once(room: Room, lead: Membership, north: Place) -> None:
    _, token = invite(room, role=Role.ANALYST, places=[north], by=lead)
    new = create_member(username="dora", password=PASSWORD, by=None)
    joined = accept_invitation(token, member=new)
    assert (joined.role, joined.place_ids()) == ("analyst", {north.pk})
    other = create_member(username="eric", password=PASSWORD, by=None)
    with pytest.raises(InputError, match="no longer valid"):
        accept_invitation(token, member=other)


def test_a_revoked_or_made_up_invitation_does_not_work(room: Room, lead: Membership) -> None:
    made, token = invite(room, role=Role.COORDINATOR, by=lead)
    revoke_invitation(made, by=lead)
    new = create_member(username="dora", password=PASSWORD, by=None)
    for attempt in (token, "dbi_made-up", ""):
        with pytest.raises(InputError):
            accept_invitation(attempt, member=new)


def test_a_room_keeps_a_coordinator(room: Room, lead: Membership) -> None:
    with pytest.raises(InputError, match="at least one coordinator"):
        remove_membership(lead, by=lead)
    second = join(room, "dora", Role.COORDINATOR)
    remove_membership(lead, by=second)
    assert room.memberships.count() == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.EDITOR])
def test_only_leads_manage_members(room: Room, lead: Membership, role: Role) -> None:
    who = join(room, "eve", role)
    for attempt in (
        lambda: invite(room, role=Role.COORDINATOR, by=who),
        lambda: change_membership(who, role=Role.COORDINATOR, places=[], by=who),
        lambda: remove_membership(lead, by=who),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    who.refresh_from_db()
    assert who.role == role


def test_a_place_that_limits_somebody_is_not_removed(room: Room, lead: Membership, north: Place) -> None:
    join(room, "eve", Role.VIEWER, north)
    with pytest.raises(InputError, match="limited to this place"):
        remove_place(north, by=lead)


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012", "wilhelmina12"])
def test_weak_passwords_are_refused(room: Room, password: str) -> None:
    with pytest.raises(ValidationError):
        create_member(username="wilhelmina1", password=password, by=None)


def test_tokens_and_passwords_are_kept_as_hashes_only(room: Room, data: Path, lead: Membership) -> None:
    _, secret = make_api_token(name="x", scopes=["read"], days=None, by=lead)
    connections["default"].close()
    content = (data / "room.sqlite3").read_bytes()
    assert secret.encode() not in content
    assert PASSWORD.encode() not in content


def test_what_is_new_is_counted_from_the_visit_before(room: Room, analyst: Membership) -> None:
    note_visit(analyst)
    assert analyst.new_since_at is None
    first = timezone.now() - timedelta(hours=5)
    Membership.objects.filter(pk=analyst.pk).update(last_seen_at=first)
    analyst.refresh_from_db()
    note_visit(analyst)
    assert analyst.new_since_at == first


def test_permissions_grow_with_the_role() -> None:
    from dideban.room.roles import PERMISSIONS

    order: list[Any] = [PERMISSIONS[role] for role in Role]
    assert all(a < b for a, b in itertools.pairwise(order))
    assert order[-1] == frozenset(Permission)
