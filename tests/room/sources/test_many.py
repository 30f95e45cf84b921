"""Ten thousand sources: none waits for ever, no page and no look of the worker grows with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dideban.room.alerts.actions import save_rule
from dideban.room.alerts.models import Alert
from dideban.room.alerts.room_state import AT_ONCE, watch_sources
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sources.health import claim_due
from dideban.room.sources.models import Source
from room.cast import client_of

MANY = 10_000
pytestmark = pytest.mark.slow


@pytest.fixture
def many(room: Room) -> list[int]:
    """Sources that are due, every second one failing; the last ones made have waited longest."""
    now = timezone.now()
    made = [
        Source(
            room=room, slug=f"s{n}", kind="feed", name=f"Source {n}", settings={"url": f"https://x.example/{n}"},
            next_at=now - timedelta(seconds=n), n_failures=5 * (n % 2), last_error="x", created_at=now,
        )
        for n in range(MANY)
    ]  # fmt: skip
    Source.objects.bulk_create(made)
    return list(Source.objects.order_by("next_at").values_list("pk", flat=True))


def test_whoever_waits_longest_is_asked_first_and_everybody_is(many: list[int]) -> None:
    now, asked = timezone.now(), list[int]()
    while claimed := claim_due(now, most=1_000):
        assert len(claimed) <= 1_000
        asked += claimed
    assert asked == many
    assert claim_due(now + timedelta(hours=1), most=0) == []
    assert claim_due(now + timedelta(hours=1), most=-5) == []


def test_a_network_that_is_away_is_told_a_part_at_a_time_and_once(room: Room, many: list[int]) -> None:
    save_rule(room, kind="source-silent", name="silent", by=None)
    now = timezone.now()
    for n in (1, 2, 3):
        watch_sources(room, now)
        assert Alert.objects.count() == n * AT_ONCE
    with CaptureQueriesContext(connection) as done:
        watch_sources(room, now)
    assert len(done) < AT_ONCE * 10 + 100


@pytest.mark.parametrize("page", ["", "sources/", "alerts/?show=all", "rules/", "review/", "settings/"])
def test_pages_do_not_grow_with_sources(lead: Membership, many: list[int], page: str) -> None:
    browser = client_of(lead)
    with CaptureQueriesContext(connection) as done:
        answer = browser.get(f"/r/watch/{page}")
    assert answer.status_code == 200
    assert len(answer.content) < 200_000
    assert len(done) < 80


def test_every_source_is_on_some_page(lead: Membership, many: list[int]) -> None:
    browser, seen = client_of(lead), set[str]()
    for n in (1, 2, 25, 50):
        rows = browser.get(f"/r/watch/sources/?page={n}").context["rows"]
        assert len(rows) == 200
        seen |= {source.slug for source, _ in rows}
    assert len(seen) == 800
