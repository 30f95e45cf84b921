"""A few hours with sources that fail in every way; ``benchmarks/room/failing_day.py`` lives through a whole day."""

from __future__ import annotations

import pytest
from django.test import override_settings

from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source
from room.day import live_through, ways
from room.hostile import Server


@pytest.mark.slow
def test_no_source_is_stuck_and_no_memory_is_kept(room: Room) -> None:
    with Server().running() as web, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        seen = live_through(room, web, hours=3)
    assert Source.objects.count() == len(ways()) == 20
    assert seen.stuck == []
    assert seen.n_polls > 100
    assert seen.rss_mib[-1] < seen.rss_mib[0] * 1.1 + 10
