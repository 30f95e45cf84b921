"""Asking a Jetstream once, for a test or to look back; listening to it is in ``listening.py``."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from websockets.exceptions import WebSocketException

from dideban.errors import SourceError
from dideban.room.posts.intake import room_for_more
from dideban.room.sources.bluesky.listening import listen
from dideban.room.sources.bluesky.stream import address, connected, looked, read_message, stream_trouble
from dideban.room.sources.contract import Ask, Collected

TEST_S, TEST_MESSAGES = 10.0, 50
QUIET_S = 10.0
"""A stream that says nothing for this long has told all it has of the past."""
PART = 1_000
LONGEST_S = 3600.0
"""A look back ends after an hour: what it did not reach is asked for again."""
WAIT_S = 300.0
"""How long a look back waits for a room that has more posts waiting than it wants."""


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return what the stream says now (test), or said from ``ask.since`` until now.

    Raises
    ------
    SourceError
        Where the parts are read: it cannot be reached, or breaks; what was read before is kept.
    """
    faults: Counter[str] = Counter()
    return Collected(parts=_parts(settings, ask, faults), state=ask.state, faults=faults)


def _parts(settings: dict[str, Any], ask: Ask, faults: Counter[str]) -> Iterator[tuple[str, bytes]]:
    held: list[str] = []
    for line in _lines(settings, ask, faults):
        held.append(line)
        if len(held) >= PART:
            _wait_for_room(ask.room)
            yield "jetstream.ndjson", "\n".join(held).encode("utf-8", "replace")
            held = []
    if held:
        yield "jetstream.ndjson", "\n".join(held).encode("utf-8", "replace")


def _lines(settings: dict[str, Any], ask: Ask, faults: Counter[str]) -> Iterator[str]:
    """Yield what is wanted of the stream, until it has caught up with now, falls silent, or the time is over."""
    cursor = None if ask.is_test or ask.since is None else int(ask.since.timestamp() * 1_000_000)
    until = int((ask.now - timedelta(seconds=1)).timestamp() * 1_000_000)
    end = time.monotonic() + (TEST_S if ask.is_test else LONGEST_S)
    n = 0
    try:
        with connected(address(settings["url"], cursor=cursor)) as link:
            while (left := end - time.monotonic()) > 0:
                heard = read_message(link.recv(timeout=min(left, QUIET_S)), settings)
                if heard.fault:
                    faults[heard.fault] += 1
                if heard.line:
                    n += 1
                    yield looked(heard.line, settings=settings, pictures=ask.pictures)
                if n >= TEST_MESSAGES if ask.is_test else heard.at >= until:
                    return
    except TimeoutError:
        return
    except (OSError, WebSocketException) as error:
        raise SourceError(stream_trouble(error), url=settings["url"]) from error


def _wait_for_room(room: str) -> None:
    end = time.monotonic() + WAIT_S
    while not room_for_more(room):
        if time.monotonic() > end:
            raise SourceError("room.queue-full", retry_after_s=30)
        time.sleep(1.0)


__all__ = ["collect", "listen"]
