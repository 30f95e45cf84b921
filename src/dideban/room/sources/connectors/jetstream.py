"""Jetstream of Bluesky: how it is connected to and read; asked once, for a test or to look back."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings as room_settings
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from dideban.errors import SourceError
from dideban.room.fetch import AGENT, checked_address, origin_of, words_of
from dideban.room.posts.intake import room_for_more
from dideban.room.sources.connectors.model import Ask, Collected

COLLECTIONS = ("app.bsky.feed.post", "app.bsky.feed.repost")
MAX_MESSAGE = 1024 * 1024
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
    return Collected(parts=_parts(settings, ask), state=ask.state)


def _parts(settings: dict[str, Any], ask: Ask) -> Iterator[tuple[str, bytes]]:
    held: list[str] = []
    for line in _lines(settings, ask):
        held.append(line)
        if len(held) >= PART:
            _wait_for_room(ask.room)
            yield "jetstream.ndjson", "\n".join(held).encode("utf-8", "replace")
            held = []
    if held:
        yield "jetstream.ndjson", "\n".join(held).encode("utf-8", "replace")


def _lines(settings: dict[str, Any], ask: Ask) -> Iterator[str]:
    """Yield what is wanted of the stream, until it has caught up with now, falls silent, or the time is over."""
    cursor = None if ask.is_test or ask.since is None else int(ask.since.timestamp() * 1_000_000)
    until = int((ask.now - timedelta(seconds=1)).timestamp() * 1_000_000)
    end = time.monotonic() + (TEST_S if ask.is_test else LONGEST_S)
    n = 0
    try:
        with connected(address(settings["url"], cursor=cursor)) as link:
            while (left := end - time.monotonic()) > 0:
                line, at = read_message(link.recv(timeout=min(left, QUIET_S)), settings)
                if line:
                    n += 1
                    yield line
                if n >= TEST_MESSAGES if ask.is_test else at >= until:
                    return
    except TimeoutError:
        return
    except (OSError, WebSocketException) as error:
        raise SourceError(stream_words(error), url=settings["url"]) from error


def _wait_for_room(room: str) -> None:
    end = time.monotonic() + WAIT_S
    while not room_for_more(room):
        if time.monotonic() > end:
            raise SourceError("the room has more posts waiting than it wants", retry_after_s=30)
        time.sleep(1.0)


def address(url: str, *, cursor: int | None) -> str:
    """Return the address of a stream from a place in it on, microseconds; None = from now on."""
    query: list[tuple[str, str | int]] = [("wantedCollections", name) for name in COLLECTIONS]
    if cursor is not None:
        query.append(("cursor", max(0, cursor)))
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def connected(url: str) -> ClientConnection:
    """Connect to the address that was checked, whatever the name says a moment later."""
    _, host, port = origin_of(url)
    address = checked_address(host, port, allow_private=room_settings.ALLOW_PRIVATE_ADDRESSES)
    link = socket.create_connection((address, port), timeout=15)
    return connect(
        url, sock=link, max_size=MAX_MESSAGE, open_timeout=15, close_timeout=5, user_agent_header=AGENT, proxy=None
    )


def read_message(message: str | bytes, settings: dict[str, Any]) -> tuple[str, int]:
    """Return the line to keep (empty = not wanted) and the place in the stream, microseconds."""
    try:
        event = json.loads(message)
        at = int(event.get("time_us") or 0)
        record = event.get("commit", {}).get("record", {}) if event.get("kind") == "commit" else {}
    except (ValueError, AttributeError, TypeError):
        return "", 0
    if not isinstance(record, dict) or not record:
        return "", at
    return (json.dumps(event, ensure_ascii=False) if _is_wanted(record, settings) else ""), at


def _is_wanted(record: dict[str, Any], settings: dict[str, Any]) -> bool:
    languages = {tag.strip() for tag in settings.get("languages", "").split(",") if tag.strip()}
    words = [word.strip().lower() for word in settings.get("words", "").split(",") if word.strip()]
    if "text" not in record:  # a repost carries neither language nor words
        return not languages and not words
    said = {str(tag).split("-")[0] for tag in record.get("langs") or []}
    text = str(record.get("text", "")).lower()
    return (not languages or bool(said & languages)) and (not words or any(word in text for word in words))


def stream_words(error: Exception) -> str:
    """Return what ended a stream, in plain words."""
    words = words_of(error)
    return words if "(" not in words else f"the stream broke ({str(error)[:150] or type(error).__name__})"
