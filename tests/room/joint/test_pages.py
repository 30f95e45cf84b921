"""Proof with other rooms as members see it."""

from __future__ import annotations

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dideban.joint.charter import charter_bytes, read_charter
from dideban.joint.record import EpochRecord
from dideban.room.joint.models import EpochState, JointEpoch
from dideban.room.joint.statement import statement_digest
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Member, Membership
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from room.cast import client_of, join
from room.joint.made import made_charter, put_joint

AT = "/r/watch/federation/"
PAGES = (AT, f"{AT}epochs/1/", f"{AT}findings/1/")


@pytest.mark.parametrize("language", ["en", "fa", "ar"])
def test_the_pages_speak_each_language(room: Room, lead: Membership, north: Place, language: str) -> None:
    put_joint(room, lead, [north])
    Member.objects.filter(pk=lead.member_id).update(language=language)
    client = client_of(lead)
    for page in PAGES:
        text = client.get(page).content.decode()
        assert ("With other rooms" in text) == (language == "en"), page
    direction = 'dir="rtl"' if language != "en" else 'dir="ltr"'
    assert direction in text


def test_the_leak_statement_stands_before_the_form(room: Room, lead: Membership) -> None:
    text = client_of(lead).get(AT).content.decode()
    assert text.index("What was sent cannot be called back") < text.index('name="has_read"')


def form(room: Room, **changes: object) -> dict[str, object]:
    charter = charter_bytes(made_charter(room, federation="Six rivers"))
    return {
        "do": "ask", "file": SimpleUploadedFile("charter.json", charter), "holder_1": "https://one.example",
        "holder_2": "https://other.example", "statement": statement_digest(), "has_read": "1", **changes,
    }  # fmt: skip


def act(client: Client, fields: dict[str, object]) -> None:
    assert client.post(f"{AT}act/", fields).status_code == 303


def test_two_members_join_and_one_leaves(room: Room, lead: Membership) -> None:
    second = client_of(join(room, "zoe", Role.COORDINATOR))
    mine = client_of(lead)
    act(mine, form(room))
    epoch = JointEpoch.objects.get()
    assert epoch.state == EpochState.WAITING
    act(mine, {"do": "agree", "epoch": 1})
    epoch.refresh_from_db()
    assert epoch.state == EpochState.WAITING, "nobody agrees with oneself"
    act(second, {"do": "agree", "epoch": 1})
    epoch.refresh_from_db()
    assert epoch.state == EpochState.OPEN
    act(mine, {"do": "leave", "epoch": 1})
    epoch.refresh_from_db()
    assert epoch.state == EpochState.LEFT


@pytest.mark.parametrize(
    "changes",
    [{"has_read": ""}, {"statement": "0" * 64}, {"holder_2": ""}, {"holder_1": "ftp://x"},
     {"file": SimpleUploadedFile("c.json", b"{}")}],
    ids=["not-read", "other-statement", "one-holder", "no-address", "no-charter"],
)  # fmt: skip
def test_what_cannot_be_joined_is_refused(room: Room, lead: Membership, changes: dict[str, object]) -> None:
    act(client_of(lead), form(room, **changes))
    assert not JointEpoch.objects.exists()


def test_a_charter_of_others_is_refused(room: Room, lead: Membership) -> None:
    given = made_charter(room, federation="Others")
    keys = dict(zip(["a" * 64, *list(given.rooms)[1:]], given.rooms.values(), strict=True))
    content = {**orjson.loads(charter_bytes(given)), "rooms": keys, "host": "a" * 64}
    act(client_of(lead), form(room, file=SimpleUploadedFile("c.json", orjson.dumps(content))))
    assert not JointEpoch.objects.exists()


def test_a_limited_member_sees_findings_of_their_places_and_no_epoch(room: Room, north: Place, south: Place) -> None:
    boss = join(room, "alice", Role.COORDINATOR)
    put_joint(room, boss, [north])
    there, elsewhere = join(room, "nia", Role.EDITOR, north), join(room, "sue", Role.EDITOR, south)
    assert client_of(there).get(PAGES[2]).status_code == 200
    assert client_of(elsewhere).get(PAGES[2]).status_code == 404
    assert client_of(there).get(PAGES[1]).status_code == 404
    assert "Rooms federation" not in client_of(elsewhere).get(AT).content.decode()


def test_a_stranger_replays_the_record_that_is_downloaded(room: Room, lead: Membership) -> None:
    put_joint(room, lead, [])
    answer = client_of(lead).get(f"{AT}epochs/1/record/")
    charter, *messages = answer.content.splitlines()
    assert EpochRecord.replay(read_charter(charter), messages).phase == 0


def test_programs_read_joint_findings(room: Room, lead: Membership, north: Place) -> None:
    put_joint(room, lead, [north])
    _, secret = make_api_token(name="reader", scopes=["read"], days=1, by=lead)
    headers = {"Authorization": f"Bearer {secret}"}
    found = Client().get("/api/v1/rooms/watch/joint", headers=headers).json()
    one = Client().get("/api/v1/rooms/watch/joint/1", headers=headers).json()
    assert found["items"] == [one]
    assert (one["own"], one["places"], one["rooms"][1]["side"]) == (["a" * 17], ["north"], "against")
