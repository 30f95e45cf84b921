"""The first start: one page that works once, and signs in; invitations that say who, what and where."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from django.test import Client

from dideban.room.members.models import Member, Membership
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source
from dideban.room.sources.preview import Preview
from dideban.room.upkeep.first_start import is_open, offer
from dideban.room.upkeep.setup import make_room
from room.cast import PASSWORD, client_of

FORM = {
    "username": "sara", "password": PASSWORD, "language": "fa", "time_zone": "Asia/Tehran", "calendar": "jalali",
    "name_fa": "بندر", "name_en": "Harbour", "places": "شمال، جنوب\nEast", "source_kind": "feed",
    "source_value": "https://news.example/feed",
}  # fmt: skip


@pytest.fixture
def empty(data: Path) -> Room:
    return make_room()


def test_one_page_makes_everything_and_signs_in(empty: Room) -> None:
    client, where = Client(), f"/first/{offer()}/"
    assert "A room begins" in client.get(where).content.decode()
    answer = client.post(where, FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/r/watch/")
    html = client.get("/r/watch/").content.decode()
    assert '<html lang="fa" dir="rtl"' in html
    assert "بندر" in html
    lead = Membership.objects.get()
    assert (lead.role, lead.member.calendar, lead.member.time_zone) == ("coordinator", "jalali", "Asia/Tehran")
    assert lead.room.names == {"fa": "بندر", "en": "Harbour"}
    assert sorted(lead.room.places.values_list("name", flat=True)) == ["East", "جنوب", "شمال"]
    assert Source.objects.get().settings["url"] == "https://news.example/feed"
    assert Client().get(where).status_code == 404
    assert Client().post(where, {**FORM, "username": "mallory"}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"password": "short"},
        {"time_zone": "Mars/Olympus"},
        {"language": "xx"},
        {"source_value": "javascript:1"},
        {"username": ""},
    ],
)
def test_what_makes_no_sense_asks_again_and_makes_nothing(empty: Room, change: dict[str, str]) -> None:
    answer = Client().post(f"/first/{offer()}/", {**FORM, **change})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Member.objects.exists()
    assert not Source.objects.exists()
    assert is_open(offer())


def test_a_link_that_is_guessed_or_late_is_nothing(empty: Room) -> None:
    assert Client().get("/first/guessed/").status_code == 404
    offer()
    for token in ("", "x", "\u202e", "a" * 5_000):
        assert not is_open(token)


def test_a_source_is_tried_before_the_room_begins(empty: Room) -> None:
    seen = Preview(n=0)
    with mock.patch("dideban.room.board.views.first_start.preview", return_value=seen) as asked:
        html = Client().post(f"/first/{offer()}/", {**FORM, "do": "preview"}).content.decode()
    assert asked.call_count == 1
    assert "no posts now" in html
    assert PASSWORD not in html
    assert not Member.objects.exists()


def test_an_invitation_says_who_what_and_where_and_signs_in(room: Room, lead: Membership) -> None:
    from dideban.room.rooms.actions import save_place

    save_place(room, name="North", names={"fa": "شمال"}, by=lead)
    client = client_of(lead)
    client.post("/r/watch/members/act/", {"do": "invite", "role": "analyst", "places": ["north"]})
    link = client.get("/r/watch/members/").content.decode().split("/join/")[1].split("/")[0]
    new = Client()
    html = new.get(f"/join/{link}/").content.decode()
    assert "alice" in html
    assert "North" in html
    assert "judge findings" in html
    assert "دعوت می‌کند" in html
    assert "يدعوك" in html
    new.post(f"/join/{link}/", {"username": "dora", "password": PASSWORD, "language": "en"})
    assert new.get("/r/watch/").status_code == 200
