"""What leaves the room: two members, exact bytes, taking back, redaction."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from room.cast import join  # isort: skip - makes Django ready
from django.core.exceptions import PermissionDenied
from django.test import override_settings
from django.utils import timezone

from dideban.errors import InputError
from dideban.exchange.stix import read_stix
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.actions import open_case
from dideban.room.members.models import Membership
from dideban.room.narratives.models import Narrative
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.sharing import actions
from dideban.room.sharing.models import Export, ExportState, Shelved
from dideban.room.ticks.redaction import redact
from room.sharing.cast import ask, put_collection, put_finding, put_peer
from unit.exchange.made import SECRET


def test_green_leaves_with_one_editor_and_amber_waits_for_a_second(room: Room, lead: Membership) -> None:
    peer, _ = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    finding = put_finding(room)
    assert ask(finding, by=lead, tlp="green", collection=shelf).state == ExportState.SENT
    waiting = ask(finding, by=lead, tlp="amber", collection=shelf)
    assert waiting.state == ExportState.WAITING
    n = Shelved.objects.count()
    with pytest.raises(InputError, match="second member"):
        actions.decide_export(waiting, is_agreed=True, by=lead)
    assert Shelved.objects.count() == n
    second = join(room, "emma", Role.EDITOR)
    with pytest.raises(InputError) as raised:
        actions.decide_export(waiting, is_agreed=True, by=second)
    assert raised.value.message.code == "room.reveal-too-new", "an account made to agree with oneself"
    Export.objects.filter(pk=waiting.pk).update(asked_at=timezone.now())
    actions.decide_export(waiting, is_agreed=True, by=second)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == (ExportState.SENT, second.member)
    assert Shelved.objects.count() > n
    with pytest.raises(InputError):
        actions.decide_export(waiting, is_agreed=False, by=second)


def test_a_second_account_of_the_same_person_is_no_second_member(room: Room, lead: Membership) -> None:
    second = join(room, "emma", Role.EDITOR)
    waiting = ask(put_finding(room), by=lead, tlp="amber")
    Membership.objects.filter(pk=second.pk).update(vouched_by=lead.member)
    second.refresh_from_db()
    with pytest.raises(InputError) as raised:
        actions.decide_export(waiting, is_agreed=True, by=second)
    assert raised.value.message.code == "reveal.made-by-asker"
    Membership.objects.filter(pk=second.pk).update(vouched_by=None)
    second.refresh_from_db()
    with override_settings(SECOND_MEMBER_DAYS=3), pytest.raises(InputError) as raised:
        actions.decide_export(waiting, is_agreed=True, by=second)
    assert raised.value.message.code == "reveal.too-young"


def test_an_analyst_asks_and_an_editor_sends(
    room: Room, lead: Membership, analyst: Membership, viewer: Membership
) -> None:
    finding = put_finding(room)
    asked = ask(finding, by=analyst, tlp="clear")
    assert asked.state == ExportState.WAITING
    with pytest.raises(PermissionDenied):
        actions.decide_export(asked, is_agreed=True, by=analyst)
    with pytest.raises(PermissionDenied):
        ask(finding, by=viewer)
    actions.decide_export(asked, is_agreed=True, by=lead)
    with pytest.raises(PermissionDenied):
        actions.revoke_export(asked, reason="x", by=analyst)
    with pytest.raises(PermissionDenied):
        put_peer(room, by=analyst)


def test_exactly_what_was_seen_leaves(room: Room, lead: Membership) -> None:
    finding, at = put_finding(room), timezone.now()
    seen = actions.draft(room, finding, tlp="green", now=at)
    sent = actions.ask_export(
        room, finding, tlp="green", collection=None, places=[], at=at, sha256=seen.sha256, by=lead
    )
    assert sent.body.encode() == seen.data
    assert hashlib.sha256(seen.data).hexdigest() == sent.sha256
    assert SECRET not in sent.body
    for changed in (
        {"tlp": "clear"},
        {"at": at - timedelta(days=2)},
        {"at": at + timedelta(days=2)},
    ):
        options = {"tlp": "green", "at": at, **changed}
        with pytest.raises(InputError):
            actions.ask_export(room, finding, collection=None, places=[], sha256=seen.sha256, by=lead, **options)


def test_nothing_goes_above_the_ceiling_of_a_collection(room: Room, lead: Membership) -> None:
    peer, _ = put_peer(room, by=lead, tlp="red")
    shelf = put_collection(room, peer, by=lead, tlp="green")
    finding = put_finding(room)
    for tlp in ("amber", "amber+strict", "red", "pink"):
        with pytest.raises(InputError):
            ask(finding, by=lead, tlp=tlp, collection=shelf)
    ask(finding, by=lead, tlp="green", collection=shelf)
    with pytest.raises(InputError, match="never rises"):
        actions.save_collection(
            room, title="x", tlp_ceiling="red", is_inbox=False, peers=[peer], collection=shelf, by=lead
        )
    low, _ = put_peer(room, by=lead, name="Low", tlp="clear")
    with pytest.raises(InputError, match="Low"):
        actions.save_collection(room, title="x", tlp_ceiling="green", is_inbox=False, peers=[low], by=lead)


def test_taking_back_marks_the_same_ids_and_keeps_what_was_there(room: Room, lead: Membership) -> None:
    peer, _ = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    sent = ask(put_finding(room), by=lead, collection=shelf)
    before = set(Shelved.objects.values_list("stix_id", "version"))
    with pytest.raises(InputError, match="why"):
        actions.revoke_export(sent, reason=" ", by=lead)
    actions.revoke_export(sent, reason="a mistake of ours", by=lead)
    rows = [json.loads(row.body) for row in Shelved.objects.order_by("seq")]
    revoked = [row for row in rows if row.get("revoked")]
    assert {row["type"] for row in revoked} == {"campaign", "report"}
    assert {row["id"] for row in revoked} <= {name for name, _ in before}
    assert before <= set(Shelved.objects.values_list("stix_id", "version"))
    assert any(row.get("content") == "a mistake of ours" for row in rows)
    last = Shelved.objects.filter(is_last=True, stix_type="campaign").get()
    assert json.loads(last.body)["revoked"] is True
    whole = json.dumps({"objects": rows}).encode()
    assert read_stix(whole, now=timezone.now()).refused == []
    with pytest.raises(InputError):
        actions.revoke_export(sent, reason="again", by=lead)


def test_a_deletion_on_request_takes_back_what_was_sent_of_it(room: Room, lead: Membership) -> None:
    peer, _ = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    finding = put_finding(room)
    sent, waiting = ask(finding, by=lead, collection=shelf), ask(finding, by=lead, tlp="amber", collection=shelf)
    redact(room, finding.document["accounts"][0])
    sent.refresh_from_db()
    waiting.refresh_from_db()
    assert (sent.state, waiting.state) == (ExportState.REVOKED, ExportState.REFUSED)
    assert AuditEvent.objects.filter(action="export.revoke", member_id=None).count() == 1


def test_a_later_export_is_a_later_version_of_the_same_objects(room: Room, lead: Membership) -> None:
    finding = put_finding(room)
    first, second = (json.loads(ask(finding, by=lead).body)["objects"] for _ in range(2))
    campaigns = [next(one for one in objects if one["type"] == "campaign") for objects in (first, second)]
    assert campaigns[0]["id"] == campaigns[1]["id"]
    assert campaigns[0]["modified"] < campaigns[1]["modified"]
    assert campaigns[1]["created"] == campaigns[0]["created"]


def test_narratives_and_cases_leave_with_numbers_and_what_was_written_for_peers(room: Room, lead: Membership) -> None:
    now = timezone.now()
    story = Narrative.objects.create(
        room=room, number=1, key=0, terms=["bridge", "closed"], first_at=now, last_at=now, found_at=now, start_at=now,
        n_posts=9, domains={"news.example.org": 3},
    )  # fmt: skip
    case = open_case(room, title="A case", summary=SECRET, by=lead)
    told = json.loads(ask(story, by=lead).body)["objects"]
    assert {"narrative", "report", "domain-name"} <= {one["type"] for one in told}
    sent = ask(case, by=lead, text="What peers should know.")
    assert SECRET not in sent.body
    assert "What peers should know." in sent.body


def test_every_step_leaves_a_line_in_the_audit_trail(room: Room, lead: Membership) -> None:
    peer, _ = put_peer(room, by=lead)
    shelf = put_collection(room, peer, by=lead)
    sent = ask(put_finding(room), by=lead, collection=shelf)
    actions.revoke_export(sent, reason="x", by=lead)
    actions.pause_peer(peer, is_paused=True, by=lead)
    actions.remove_collection(shelf, by=lead)
    seen = list(AuditEvent.objects.order_by("seq").values_list("action", flat=True))
    wanted = [
        "peer.save",
        "peer.token",
        "collection.save",
        "export.ask",
        "export.send",
        "export.revoke",
        "peer.pause",
        "collection.remove",
    ]
    assert [one for one in seen if one.split(".")[0] in ("peer", "collection", "export")] == wanted
    assert SECRET not in json.dumps(list(AuditEvent.objects.values_list("details", flat=True)))
