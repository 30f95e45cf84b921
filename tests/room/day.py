"""A day of a room by a clock that runs fast: sources that fail in every way, and are asked when their time has come."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from unittest import mock

from room.cast import HOME  # isort: skip # makes Django ready
from django.utils import timezone

from dideban.room.alerts.room_state import watch_rooms
from dideban.room.fetch import Fetcher, FetchLimits
from dideban.room.posts.merge import merge_all
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.health import claim_due
from dideban.room.sources.models import Source
from dideban.room.sources.poll import poll
from room.hostile import Answer, Server, bomb, cut_off, drip, endless, fixed, item, redirect, reply, rss

STEP = timedelta(seconds=60)
LIMITS = FetchLimits(allow_private=True, max_seconds=0.5, max_bytes=1024 * 1024)
DEEP = b"<rss><channel>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</channel></rss>"
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "'
    + b"x" * 1_000
    + b'"><!ENTITY b "'
    + b"&a;" * 1_000
    + b'">]><rss><title>&b;</title></rss>'
)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close without a word."""
    handler.close_connection = True
    handler.connection.close()


def silent_head(handler: BaseHTTPRequestHandler) -> None:
    """Begin a head and say no more."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: y\r\n")
    drip(handler)


def by_chance(chance: random.Random) -> Answer:
    """Answer otherwise each time."""
    return lambda handler: chance.choice([fixed(b"", status=502), fixed(rss(item(1))), cut_off, hang_up])(handler)


def ways() -> dict[str, Answer]:
    """Return twenty ways to fail."""
    return {
        "500": fixed(b"", status=500), "404": fixed(b"", status=404), "410": fixed(b"", status=410),
        "403": fixed(b"", status=403), "429": fixed(b"", status=429, Retry_After="900"),
        "503-for-ever": fixed(b"", status=503, Retry_After="99999999999"), "retry-odd": fixed(b"", status=429, Retry_After="-1"),
        "empty": fixed(b""), "page": fixed(b"<html><body>Welcome</body></html>"), "cut": cut_off, "bomb": bomb,
        "endless": endless, "drip": silent_head, "hang-up": hang_up, "loop": redirect("/loop"),
        "elsewhere": redirect("gopher://x.example/"), "packed-odd": fixed(b"x" * 99, Content_Encoding="br"),
        "deep": fixed(DEEP), "laughs": fixed(LAUGHS), "chance": by_chance(random.Random(7)),
    }  # fmt: skip


@dataclass
class Seen:
    """What a day was like."""

    n_polls: int = 0
    rss_mib: list[float] = field(default_factory=list)
    """Memory at the end of each hour."""
    stuck: list[str] = field(default_factory=list)


@contextmanager
def fast_clock(start: datetime) -> Iterator[Callable[[timedelta], datetime]]:
    """Let Django's clock stand, and move it when told."""
    at = [start]

    def move(by: timedelta) -> datetime:
        at[0] += by
        return at[0]

    def now() -> datetime:
        return at[0]

    with mock.patch.object(timezone, "now", now):
        yield move


def memory_mib() -> float:
    """Return the memory that this process holds."""
    gc.collect()
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def live_through(room: Room, web: Server, *, hours: int, heal_h: int = 8) -> Seen:
    """Follow failing sources for some hours, let them heal, and see whether each speaks again."""
    made = []
    for name, answer in ways().items():
        web.answers[f"/{name}"] = answer
        settings: dict[str, Any] = {"url": f"{web.url}/{name}"}
        made.append(add_source(room, kind="feed", name=name, settings=settings, by=None))
    seen = Seen()
    limited = mock.patch("dideban.room.sources.poll.fetcher", _fetcher)
    with fast_clock(timezone.now()) as move, limited:
        for _ in range(hours):
            _hour(seen, move)
            seen.rss_mib.append(memory_mib())
        for one in made:
            web.answers[f"/{one.name}"] = _healed
        for _ in range(heal_h):
            _hour(seen, move)
        seen.stuck = sorted(Source.objects.filter(room=room, n_failures__gt=0).values_list("name", flat=True))
        seen.stuck += sorted(Source.objects.filter(room=room, last_ok_at=None).values_list("name", flat=True))
    return seen


def _fetcher(**_: Any) -> Fetcher:
    return Fetcher(LIMITS)


def _healed(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, rss(item(1)))


def _hour(seen: Seen, move: Callable[[timedelta], datetime]) -> None:
    for _ in range(60):
        for pk in claim_due(move(STEP)):
            seen.n_polls += 1
            poll(Source.objects.select_related("room", "place").get(pk=pk))
    merge_all("watch")
    watch_rooms()


__all__ = ["HOME", "Seen", "live_through"]
