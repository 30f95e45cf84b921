"""What holds for sources of every type: schedule, failures, tests, settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_test, set_paused
from dideban.room.sources.health import claim_due, health_of
from dideban.room.sources.models import Health, SourceGap, SourceRun
from dideban.room.sources.poll import poll
from dideban.room.wording.problems import said
from room.hostile import Server, fixed, item, rss
from room.sources.helpers import again, feed_source, stored, when


def test_a_source_that_fails_is_left_alone_for_longer_each_time(room: Room, web: Server) -> None:
    web.answers["/feed"] = fixed(b"", status=500)
    source = feed_source(room, web)
    waits = []
    for _ in range(3):
        poll(again(source))
        now = again(source)
        assert now.next_at
        waits.append((now.next_at - timezone.now()).total_seconds())
    assert waits[0] < waits[1] < waits[2]
    assert said(now.last_error) == "the server failed (HTTP 500)"
    assert health_of(now) == Health.FAILING
    assert SourceGap.objects.get(source=source).until_at is None
    web.answers["/feed"] = fixed(rss(item(1, date=when(1))))
    poll(again(source))
    assert (again(source).n_failures, again(source).last_error) == (0, "")
    assert SourceGap.objects.get(source=source).until_at is not None


def test_a_server_that_asks_to_wait_is_obeyed(room: Room, web: Server) -> None:
    web.answers["/feed"] = fixed(b"", status=429, Retry_After="7200")
    source = feed_source(room, web)
    poll(source)
    assert again(source).next_at > timezone.now() + timedelta(seconds=6000)  # type: ignore[operator]


def test_a_due_source_is_claimed_by_one_caller(room: Room, web: Server) -> None:
    source = feed_source(room, web)
    now = timezone.now()
    assert claim_due(now) == [source.pk]
    assert claim_due(now) == []
    set_paused(source, is_paused=True, by=None)
    assert claim_due(now + timedelta(days=1)) == []


def test_a_test_keeps_nothing_and_says_what_came(room: Room, web: Server, lead: Membership) -> None:
    web.answers["/feed"] = fixed(rss(item(1, date=when(1)), item(2, date="")))
    source = feed_source(room, web)
    run = SourceRun.objects.get(pk=ask_test(source, by=lead).pk)
    assert (run.kind, run.n_posts, run.error) == ("test", 2, "")
    assert stored().is_empty()


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("feed", {}),
        ("feed", {"url": "javascript:alert(1)"}),
        ("feed", {"url": "https://user:pass@news.example/"}),
        ("feed", {"url": "https://news.example/", "shoe_size": "44"}),
        ("folder", {}),
        ("carrier-pigeon", {}),
        ("demo", {"seed": "lots"}),
    ],
)
def test_settings_that_make_no_sense_are_refused(room: Room, kind: str, settings: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        add_source(room, kind=kind, name="x", settings=settings, by=None)
