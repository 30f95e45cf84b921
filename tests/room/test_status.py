"""``dideban room status``: what it says and advises, in every language, for a room that is well and for one that is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from dideban.messages import languages, say
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source
from dideban.room.ticks.heartbeat import beat, beat_worker
from dideban.room.ticks.models import Tick
from dideban.room.upkeep import status as module
from dideban.room.upkeep.status import BACKUP, said_in, status


def codes(told: module.Status) -> tuple[set[str], set[str]]:
    return ({one.code.removeprefix("status.") for one in told.lines},
            {one.code.removeprefix("status.") for one in told.steps})  # fmt: skip


def test_a_room_that_never_ran_is_told_how_to_begin(data: Path, room: Room) -> None:
    lines, steps = codes(status(asks_pages=False))
    assert {"worker-down", "no-tick", "no-backup"} <= lines
    assert {"do-start", "do-source", "do-backup"} <= steps


def test_a_room_that_is_well_has_nothing_to_do(room: Room) -> None:
    now = timezone.now()
    beat_worker()
    beat(BACKUP)
    Tick.objects.create(room=room, due_at=now, started_at=now, status="done", n_posts=7)
    Source.objects.create(room=room, slug="files", kind="upload", name="Files")
    told = status(asks_pages=False)
    assert {"worker-up", "tick", "backup"} <= codes(told)[0]
    assert codes(told)[1] == set()
    assert [one.code for one in said_in(told)][-1] != "status.next"


def test_a_room_that_sleeps_is_behind_and_has_failing_sources_says_each(room: Room) -> None:
    now = timezone.now()
    beat_worker()
    Tick.objects.create(room=room, due_at=now, started_at=now, status="done", n_posts=7)
    url = {"url": "https://a.example/f"}
    Source.objects.create(
        room=room, slug="w", kind="feed", name="Wire\u202e", settings=url, n_failures=9, last_error="x"
    )
    told = status(now=now + timedelta(days=3), asks_pages=False)
    lines, steps = codes(told)
    assert {"worker-slept", "failing", "no-backup"} <= lines
    assert {"do-start", "do-behind", "do-failing", "do-backup"} <= steps
    for language in languages():
        said = [say(one, language) for one in said_in(told)]
        assert not any("{" in one or "status." in one for one in said)
        assert not any("\u202e" in one for one in said)


def test_pages_that_nobody_serves_are_noticed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    beat_worker()
    monkeypatch.setattr(module, "_answers", lambda _address: False)
    lines, steps = codes(status())
    assert "pages-down" in lines
    assert "do-web" in steps
