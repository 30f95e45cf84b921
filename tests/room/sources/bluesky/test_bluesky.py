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
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from websockets.exceptions import WebSocketException
from websockets.sync.server import ServerConnection, serve

from dideban.errors import SourceError
from dideban.room.members.models import Membership
from dideban.room.posts import intake
from dideban.room.posts.removals import heard_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_backfill, ask_test
from dideban.room.sources.bluesky.listening import Batch, _keep, listen
from dideban.room.sources.bluesky.stream import read_message
from dideban.room.sources.models import SourceRun
from room.cast import post
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


def test_deletions_and_accounts_taken_down_are_noted_of_posts_that_are_there(room: Room) -> None:
    def deletion(name: str, **values: Any) -> str:
        event = json.loads(jet(1))
        event["commit"] = {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": name, **values}
        return json.dumps(event)

    account = json.dumps(
        {"did": "did:plc:2", "time_us": int(time.time() * 1e6), "kind": "account",
         "account": {"active": False, "status": "takendown"}}
    )  # fmt: skip
    asleep = account.replace("takendown", "deactivated").replace("plc:2", "plc:3")
    gone = [deletion("k5"), deletion("never"), deletion("k9", collection="app.bsky.feed.like"), account, asleep]
    batch = Batch()
    for n in range(10):
        batch.add(read_message(jet(n), {}))
    source = again(add_source(room, kind="bluesky", name="Sky", settings={"url": "wss://sky.example/"}, by=None))
    _keep(source, batch, 0)
    stored()
    removed = Batch()
    for message in gone:
        removed.add(read_message(message, {}))
    _keep(source, removed, batch.at)
    (heard,) = heard_of("watch")
    assert (heard.platform, heard.n, heard.n_accounts) == ("bluesky", 1, 1)
    for odd in ({"did": 7}, {"did": "a b"}, {"commit": []}, {"account": 3, "kind": "account"}):
        assert not read_message(json.dumps({**json.loads(gone[0]), **odd}), {}).gone_account


def test_a_jetstream_is_tried_and_looked_back_at(room: Room, lead: Membership) -> None:
    asked: list[str] = []

    def speak(link: ServerConnection) -> None:
        asked.append(link.request.path if link.request else "")
        for n in range(40):
            link.send(jet(n))
        link.send(jet(300))  # of now: what was asked for is told
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


DEEP = '{"time_us": %d, "kind": "commit", "commit": ' + "[" * 100_000 + "]" * 100_000 + "}"
NOW_US = int(time.time() * 1e6)
HOSTILE = {
    "langs-is-a-number": json.dumps({**json.loads(jet(1)), "commit": {"record": {"text": "x", "langs": 5}}}),
    "text-is-a-list": json.dumps({**json.loads(jet(1)), "commit": {"record": {"text": ["x"], "langs": ["en"]}}}),
    "nested-100000-deep": DEEP % NOW_US,
    "time-beyond-all-numbers": '{"time_us": 1e999, "kind": "commit", "commit": {"record": {"text": "x"}}}',
    "time-is-not-a-number": '{"time_us": NaN, "kind": "commit", "commit": {"record": {"text": "x"}}}',
    "commit-is-text": '{"time_us": 5, "kind": "commit", "commit": "x"}',
    "record-is-a-list": '{"time_us": 5, "kind": "commit", "commit": {"record": [1]}}',
    "a-list": "[]",
    "a-number": "7",
    "null": "null",
    "cut-short": '{"time_us": 5, "kind"',
    "halves-of-pairs": '{"time_us": 5, "kind": "commit", "commit": {"record": {"text": "\\ud800"}}}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_one_hostile_message_is_no_more_than_a_reject(name: str) -> None:
    for settings in ({}, {"languages": "en"}, {"words": "wheat"}):
        heard = read_message(HOSTILE[name], settings)
        assert not heard.line or not heard.fault
        assert 0 <= heard.at <= time.time_ns() // 1000


def test_a_place_of_the_future_is_no_place_to_go_on_from() -> None:
    far = json.loads(jet(1)) | {"time_us": int((time.time() + 40 * 86_400) * 1e6)}
    assert read_message(json.dumps(far), {}).at == 0
    near = json.loads(jet(1)) | {"time_us": int((time.time() + 3_600) * 1e6)}
    assert 0 < read_message(json.dumps(near), {}).at <= time.time_ns() // 1000
    assert read_message(DEEP % 77, {}).at == 77  # what cannot be read still says where it stood


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(time_us=JSON, langs=JSON, text=JSON, commit=JSON)
@hypothesis_settings(max_examples=150)
def test_any_field_of_any_type_is_read(time_us: object, langs: object, text: object, commit: object) -> None:
    for inner in (commit, {"record": {"text": text, "langs": langs}}):
        event = {"time_us": time_us, "kind": "commit", "commit": inner}
        heard = read_message(json.dumps(event), {"languages": "en", "words": "x"})
        assert heard.at >= 0


def test_a_stream_of_hostile_messages_goes_on_and_moves(room: Room) -> None:
    """Records that broke the source for good: each is one reject, good ones are kept, the place moves."""

    def speak(link: ServerConnection) -> None:
        link.send(jet(1))
        for message in HOSTILE.values():
            link.send(message)
        link.send(jet(2))
        with contextlib.suppress(WebSocketException):
            link.recv(timeout=5)

    with serve(speak, "127.0.0.1", 0) as server, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        settings = {"url": url, "languages": "en"}
        source = again(add_source(room, kind="bluesky", name="Sky", settings=settings, by=None))
        began = time.monotonic()
        listen(source, lambda: time.monotonic() - began > 3)
        server.shutdown()
    now = again(source)
    assert now.n_failures == 0
    assert now.last_error == ""
    assert now.state["cursor"] >= json.loads(jet(2))["time_us"] - 60_000_000
    assert now.n_rejects >= 8
    assert stored()["post_id"].n_unique() == 2


def test_a_record_that_breaks_the_reader_takes_no_other_with_it(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    source = again(add_source(room, kind="intake", name="Wire", by=None))
    real = intake.take_bytes

    def fragile(data: bytes, **given: Any) -> intake.Taken:
        if b"poison" in data:
            raise RecursionError("a bug of the reader")
        return real(data, **given)

    monkeypatch.setattr(intake, "take_bytes", fragile)
    lines = [json.dumps(post(n)) for n in range(40)]
    lines[17] = lines[17].replace("harvest", "poison")
    taken = intake.take_lines(lines, name="x.ndjson", origin=intake.origin_of(source))
    assert (taken.n_posts, taken.n_rejects, dict(taken.reasons)) == (39, 1, {"record-unreadable": 1})
