"""Jetstream against a real server of web sockets."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.test import override_settings
from django.utils import timezone
from websockets.exceptions import WebSocketException
from websockets.sync.server import ServerConnection, serve

from dideban.errors import SourceError
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_backfill, ask_test
from dideban.room.sources.bluesky.listening import listen
from dideban.room.sources.bluesky.stream import read_message
from dideban.room.sources.models import SourceRun
from room.sources.helpers import again, stored


def jet(n: int, **record: Any) -> str:
    """A message of a Jetstream."""
    at = datetime.now(UTC) - timedelta(minutes=5) + timedelta(seconds=n)
    content = {
        "$type": "app.bsky.feed.post",
        "createdAt": at.isoformat(),
        "langs": ["en"],
        "text": f"Wheat {n} is in",
        **record,
    }
    commit = {
        "rev": "r",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": f"k{n}",
        "cid": f"c{n}",
        "record": content,
    }
    return json.dumps(
        {"did": f"did:plc:{n % 4}", "time_us": int(at.timestamp() * 1e6), "kind": "commit", "commit": commit}
    )


def test_a_jetstream_is_listened_to_and_gone_on_with_after_a_break(room: Room) -> None:
    asked: list[str] = []

    def speak(link: ServerConnection) -> None:
        asked.append(link.request.path if link.request else "")
        for n in range(20) if len(asked) == 1 else range(15, 30):
            link.send(jet(n))
        link.send("not json")
        link.send(json.dumps({"kind": "identity", "time_us": 5}))
        if len(asked) == 1:
            time.sleep(1.5)
            link.close()  # the first connection breaks
        else:
            time.sleep(3)

    with serve(speak, "127.0.0.1", 0) as server, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        source = again(add_source(room, kind="bluesky", name="Sky", settings={"url": url}, by=None))
        with pytest.raises(SourceError, match="broke"):
            listen(source, lambda: False)
        began = time.monotonic()
        listen(again(source), lambda: time.monotonic() - began > 2)
        server.shutdown()
    assert "cursor=" in asked[1]
    rows = stored()
    assert rows["post_id"].n_unique() == rows.height == 30
    assert rows["account_id"].n_unique() == 4


def test_a_jetstream_is_tried_and_looked_back_at(room: Room, lead: Membership) -> None:
    asked: list[str] = []

    def speak(link: ServerConnection) -> None:
        asked.append(link.request.path if link.request else "")
        for n in range(40):
            link.send(jet(n))
        link.send(jet(400))  # of now: what was asked for is told
        with contextlib.suppress(WebSocketException):
            link.recv(timeout=20)

    with serve(speak, "127.0.0.1", 0) as server, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        source = add_source(room, kind="bluesky", name="Sky", settings={"url": url}, by=None)
        began = time.monotonic()
        back = SourceRun.objects.get(pk=ask_backfill(again(source), days=2, by=lead).pk)
        assert time.monotonic() - began < 5
        assert (back.error, back.n_posts) == ("", 41)
        cursor = int(asked[0].split("cursor=")[1]) / 1e6
        assert abs(cursor - (timezone.now() - timedelta(days=2)).timestamp()) < 60
        assert stored().height == 41
        with mock.patch("dideban.room.sources.bluesky.connector.TEST_S", 1.0):
            tried = SourceRun.objects.get(pk=ask_test(again(source), by=lead).pk)
        assert (tried.error, tried.n_posts) == ("", 41)
        assert "cursor" not in asked[1]
        assert stored().height == 41
        server.shutdown()
    broken = SourceRun.objects.get(pk=ask_test(again(source), by=lead).pk)
    assert broken.error
    assert again(source).n_failures == 0


@pytest.mark.parametrize(
    ("settings", "record", "wanted"),
    [
        ({}, {}, True),
        ({"languages": "fa,ar"}, {}, False),
        ({"languages": "fa,en"}, {}, True),
        ({"languages": "pt"}, {"langs": ["pt-BR"]}, True),
        ({"words": "WHEAT, barley"}, {}, True),
        ({"words": "barley"}, {}, False),
    ],
)
def test_only_what_is_wanted_of_a_jetstream_is_kept(
    settings: dict[str, str], record: dict[str, Any], wanted: bool
) -> None:
    heard = read_message(jet(1, **record), settings)
    assert bool(heard.line) is wanted
    assert heard.at > 0


def test_a_stream_to_a_private_address_is_refused(room: Room) -> None:
    source = again(add_source(room, kind="bluesky", name="Sky", settings={"url": "ws://127.0.0.1:9/"}, by=None))
    with override_settings(ALLOW_PRIVATE_ADDRESSES=False), pytest.raises(SourceError, match="private network"):
        listen(source, lambda: False)
