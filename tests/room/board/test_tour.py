"""The tour of a demo: eight stops that lead to one another, without a script, in three languages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dideban.room.board.presenters.tour import STOPS
from dideban.room.members.models import Member, Membership
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.sources.demo.connector import first_state
from dideban.room.sources.models import Source
from room.cast import client_of

NEXT = re.compile(r'rel="next" href="([^"]+)"')


@pytest.mark.parametrize("who", ["alice", "ben", "bob"])
def test_eight_stops_lead_to_one_another(furnished: Room, who: str) -> None:
    Room.objects.filter(pk=furnished.pk).update(is_demo=True)
    Membership.objects.filter(member__username=who).update(role=Role.COORDINATOR)
    client, where, seen = client_of(Member.objects.get(username=who)), "/r/watch/?tour=1", []
    while where:
        answer = client.get(where)
        assert answer.status_code == 200, where
        html = answer.content.decode()
        seen.append(re.search(r'<main[^>]* data-tour="(\w+)"', html)[1])  # type: ignore[index]
        found = NEXT.search(html)
        where = found[1] if found else ""
    assert seen == list(STOPS)
    assert 'rel="prev"' in html
    assert 'href="/r/watch/"' in html


def test_no_tour_in_a_room_at_work(furnished: Room) -> None:
    html = client_of(Member.objects.get(username="alice")).get("/r/watch/?tour=1").content.decode()
    assert "data-tour" not in html
    assert "tour=1" not in html


@pytest.mark.parametrize("text", ["0", "9", "x", "-1", "1" * 500, "١"], ids=range(6))
def test_a_stop_that_is_none_is_no_tour(furnished: Room, text: str) -> None:
    Room.objects.filter(pk=furnished.pk).update(is_demo=True)
    answer = client_of(Member.objects.get(username="alice")).get("/r/watch/", {"tour": text})
    assert answer.status_code == 200
    assert "data-tour" not in answer.content.decode()


def test_the_first_page_says_what_comes_next(furnished: Room) -> None:
    Room.objects.filter(pk=furnished.pk).update(is_demo=True)
    state = first_state(timezone.now() - timedelta(minutes=10))
    Source.objects.create(room=furnished, kind="demo", slug="stream", name="Stream", state=state)
    html = client_of(Member.objects.get(username="ben")).get("/r/watch/").content.decode()
    assert "گروه دومی پیدا می‌شود" in html
    assert re.search(r"تا <bdi>[^<]*دقیقه", html)
