"""What goes wrong around a room: a locked database, a full disk in the merge, clocks that jump."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from dideban.errors import StoreError
from dideban.room.alerts.deliver import deliver_due
from dideban.room.alerts.models import Alert, Delivery
from dideban.room.members.models import Membership
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge, merge_all
from dideban.room.posts.spool import Spool
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.health import claim_due
from dideban.room.sources.models import Source
from dideban.room.ticks.heartbeat import beat_worker
from dideban.room.ticks.models import Tick, WatchGap
from dideban.room.ticks.run import due_at, is_due, run_tick
from dideban.store.delta import PostTable
from room.cast import client_of
from room.cast import post as line

DAY = timedelta(days=1)


def send(*posts: dict[str, Any]) -> None:
    body = "\n".join(json.dumps(one) for one in posts).encode()
    take_bytes(body, name="p.ndjson", origin=Origin(room="watch", source="wire"))


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold the database as a long write of another program does."""
    link = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    link.execute("BEGIN EXCLUSIVE")
    try:
        yield link
    finally:
        link.close()


@pytest.fixture
def impatient(data: Path) -> Iterator[None]:
    """A connection that waits a tenth of a second for a lock, not twenty."""
    link = connections["default"]
    link.close()
    options = link.settings_dict["OPTIONS"]
    kept = dict(options)
    options.update(timeout=0.1, init_command=options["init_command"].replace("20000", "100"))
    yield
    link.close()
    options.update(kept)


def test_a_short_lock_is_waited_for(lead: Membership, data: Path) -> None:
    client = client_of(lead)
    connections["default"].close()
    with locked(data / "room.sqlite3") as link:
        timer = threading.Timer(0.7, lambda: link.execute("COMMIT"))
        timer.start()
        assert client.get("/r/watch/").status_code == 200
        timer.join()


def test_a_long_lock_is_told_in_words_and_passes(lead: Membership, data: Path, impatient: None) -> None:
    client = client_of(lead)
    client.raise_request_exception = False
    Membership.objects.update(last_seen_at=timezone.now() - DAY)
    connections["default"].close()
    with locked(data / "room.sqlite3"):
        answer = client.post("/r/watch/cases/open/", {"title": "While it is locked"})
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        assert "does not answer" in answer.content.decode()
        assert "Traceback" not in answer.content.decode()
    assert client.post("/r/watch/cases/open/", {"title": "After it"}).status_code == 303


def test_a_disk_that_is_full_at_the_merge_loses_and_doubles_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(*(line(n) for n in range(5)))

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("dideban.store.delta.write_deltalake", full)
        with pytest.raises(StoreError, match="cannot be read or written"):
            merge("watch")
    assert Spool(folder_of("watch").spool).n_waiting() == 5
    send(line(5))
    assert merge_all("watch") == 6
    stored = PostTable(folder_of("watch").posts).scan().collect()
    assert sorted(stored["post_id"]) == [f"p{n}" for n in range(6)]


# Clocks


def test_a_clock_set_back_does_not_put_the_watch_to_sleep(room: Room) -> None:
    send(line(1))
    merge_all("watch")
    ahead = timezone.now() + 3 * DAY
    first = run_tick(room, now=ahead)
    assert first
    assert not is_due(room, ahead)
    now = timezone.now()
    assert is_due(room, now)
    send(line(2))
    merge_all("watch")
    second = run_tick(room, now=now)
    assert second
    assert (second.status, second.n_missed) == ("done", 0)
    assert due_at(room) <= now + timedelta(seconds=room.tick_s)
    assert not is_due(room, now)


def test_a_clock_set_forward_is_a_gap_that_is_noted_and_one_tick(room: Room) -> None:
    send(line(1))
    merge_all("watch")
    beat_worker()
    run_tick(room)
    later = timezone.now() + timedelta(seconds=10 * room.tick_s)
    tick = run_tick(room, now=later)
    assert tick
    assert tick.n_missed >= 8
    assert not is_due(room, later)
    assert Tick.objects.count() == 2
    assert not WatchGap.objects.exists()


def test_sources_and_deliveries_planned_before_the_clock_was_set_back_are_not_forgotten(
    room: Room, lead: Membership
) -> None:
    ahead, now = timezone.now() + 30 * DAY, timezone.now()
    feed = add_source(room, kind="feed", name="Wire", settings={"url": "https://news.example/feed"}, by=lead)
    Source.objects.filter(pk=feed.pk).update(next_at=ahead + DAY, last_try_at=ahead)
    assert claim_due(now) == [feed.pk]
    assert claim_due(now) == [feed.pk]  # until it was asked, and that is noted
    Source.objects.filter(pk=feed.pk).update(next_at=now + DAY, last_try_at=now)
    assert claim_due(now) == []
    alert = Alert.objects.create(room=room, kind="room-late", key="late:1", at=now, params={"minutes": 5})
    Delivery.objects.create(alert=alert, channel="email", member=lead.member, next_at=ahead)
    assert deliver_due() == 1
