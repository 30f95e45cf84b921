"""Sources against real servers speaking their protocols."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from django.test import override_settings
from django.utils import timezone
from websockets.exceptions import WebSocketException
from websockets.sync.server import ServerConnection, serve

from dideban.errors import InputError, SourceError
from dideban.room.members.models import Membership
from dideban.room.posts.merge import merge_all
from dideban.room.reader.feeds import parse
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source, ask_backfill, ask_test, ask_upload, change_source, set_paused
from dideban.room.sources.connectors.jetstream import read_message
from dideban.room.sources.health import claim_due, health_of
from dideban.room.sources.listen import hear
from dideban.room.sources.models import Health, Source, SourceGap, SourceKind, SourceRun
from dideban.room.sources.poll import poll
from dideban.store.delta import PostTable
from room.cast import post
from room.hostile import Server, fixed, item, reply, rss


@pytest.fixture(scope="module")
def web() -> Iterator[Server]:
    with Server().running() as running, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        yield running


def stored() -> pl.DataFrame:
    merge_all("watch")
    return PostTable(folder_of("watch").posts).scan().collect().sort("created_at", "post_id")


def again(source: Source) -> Source:
    return Source.objects.select_related("room", "place").get(pk=source.pk)


def when(hours: float) -> str:
    return format_datetime(datetime.now(UTC) - timedelta(hours=hours))


def feed_source(room: Room, web: Server, **settings: Any) -> Source:
    return again(add_source(room, kind="feed", name="News", settings={"url": f"{web.url}/feed", **settings}, by=None))


def test_a_feed_becomes_posts_once(room: Room, web: Server, north: Place) -> None:
    web.answers["/feed"] = fixed(rss(item(1, date=when(2)), item(2, date=when(1))))
    source = add_source(room, kind="feed", name="News", settings={"url": f"{web.url}/feed"}, place=north, by=None)
    assert poll(again(source)).n_posts == 2
    rows = stored().to_dicts()
    assert rows[0]["text"] == "Harvest report 1\nThe wheat of field 1 is in."
    assert rows[0]["urls"] == [f"{web.url}/story/1"]
    assert (rows[0]["place"], rows[0]["source"], rows[0]["platform"], rows[0]["lang"]) == ("north", "news", "web", "en")
    web.answers["/feed"] = fixed(rss(item(1, date=when(2)), item(2, date=when(1)), item(3, date=when(0.5))))
    assert poll(again(source)).n_posts == 1
    assert stored().height == 3


def test_a_feed_that_did_not_change_is_not_sent_again(room: Room, web: Server) -> None:
    def conditional(handler: Any) -> None:
        if handler.headers.get("If-None-Match") == '"v1"':
            reply(handler, b"", status=304)
        else:
            reply(handler, rss(item(1, date=when(1))), ETag='"v1"')

    web.answers["/feed"] = conditional
    source = feed_source(room, web)
    assert poll(source).n_posts == 1
    assert poll(again(source)).n_posts == 0
    assert web.asked[-1][1]["If-None-Match"] == '"v1"'
    assert again(source).last_error == ""


def test_full_text_takes_the_place_of_the_summary(room: Room, web: Server) -> None:
    paragraphs = "".join(f"<p>Paragraph {n} tells of the harvest at some length, as articles do.</p>" for n in range(9))
    web.answers["/feed"] = fixed(rss(item(1, date=when(1))))
    web.answers["/story/1"] = fixed(f"<html><body><article><h1>x</h1>{paragraphs}</article></body></html>".encode())
    poll(feed_source(room, web, full_text=True))
    assert "Paragraph 8 tells of the harvest" in stored()["text"][0]


def test_a_feed_in_another_encoding_and_a_broken_one_are_read(room: Room, web: Server) -> None:
    persian = rss(f"<title>گزارش برداشت گندم</title><guid>fa</guid><pubDate>{when(1)}</pubDate>").decode()
    web.answers["/feed"] = fixed(persian.replace("UTF-8", "windows-1256").encode("windows-1256", "xmlcharrefreplace"))
    poll(feed_source(room, web))
    assert stored()["text"][0] == "گزارش برداشت گندم"
    assert len(parse(rss(item(1), item(2))[:-40]).entries) >= 1


def test_an_entry_from_the_future_is_refused_and_one_without_a_date_is_of_now(room: Room, web: Server) -> None:
    web.answers["/feed"] = fixed(rss(item(1, date=format_datetime(datetime.now(UTC) + timedelta(days=9))), item(2)))
    run = poll(feed_source(room, web))
    assert (run.n_posts, run.reasons) == (1, {"time-in-future": 1})
    assert datetime.now(UTC) - stored()["created_at"][0] < timedelta(minutes=1)


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
    assert "the server failed (HTTP 500)" in now.last_error
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


def status(n: int, *, hours: float = 1.0, **values: Any) -> dict[str, Any]:
    """A status as a Mastodon server tells it."""
    at = (datetime.now(UTC) - timedelta(hours=hours, seconds=-n)).isoformat().replace("+00:00", "Z")
    account = {
        "id": f"{n % 3}",
        "username": f"user{n % 3}",
        "acct": f"user{n % 3}",
        "url": f"https://m.example/@u{n % 3}",
    }
    return {
        "id": str(1000 + n), "created_at": at, "content": f"<p>The wheat of field {n} is in, says the station</p>",
        "language": "en", "uri": f"https://m.example/s/{n}", "url": f"https://m.example/@u/{n}", "account": account,
        "reblog": None, "mentions": [], "tags": [{"name": "harvest", "url": ""}], "media_attachments": [],
        "in_reply_to_id": None, "reblogs_count": 0, "favourites_count": 0, "card": None, **values,
    }  # fmt: skip


def timeline(statuses: list[dict[str, Any]]) -> Any:
    """Answer pages as a Mastodon server does."""

    def answer(handler: Any) -> None:
        from urllib.parse import parse_qs, urlsplit

        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        limit = min(int(query.get("limit", 20)), 40)
        found = sorted(statuses, key=lambda s: int(s["id"]), reverse=True)
        if "min_id" in query:
            newer = [s for s in found if int(s["id"]) > int(query["min_id"])]
            page = newer[-limit:]
        else:
            page = [s for s in found if "max_id" not in query or int(s["id"]) < int(query["max_id"])][:limit]
        reply(handler, json.dumps(page).encode(), Content_Type="application/json")

    return answer


def test_a_hashtag_timeline_is_followed_without_gaps(room: Room, web: Server) -> None:
    statuses = [status(n) for n in range(10)]
    web.answers["/api/v1/timelines/tag/harvest"] = timeline(statuses)
    settings = {"server": web.url, "hashtag": "#harvest"}
    source = add_source(room, kind="mastodon", name="Tag", settings=settings, by=None)
    assert poll(again(source)).n_posts == 10
    statuses += [status(n) for n in range(10, 130)]  # three pages come at once
    assert poll(again(source)).n_posts == 120
    rows = stored()
    assert rows.height == 130
    assert rows["hashtags"][0].to_list() == ["harvest"]
    assert "wheat of field" in rows["text"][0]
    assert poll(again(source)).n_posts == 0


def test_a_backfill_looks_back_as_far_as_asked(room: Room, web: Server, lead: Membership) -> None:
    web.answers["/api/v1/timelines/public"] = timeline([status(n, hours=24 * (10 - n / 10)) for n in range(100)])
    source = add_source(room, kind="mastodon", name="All", settings={"server": web.url}, by=None)
    run = SourceRun.objects.get(pk=ask_backfill(again(source), days=5, by=lead).pk)
    assert run.error == ""
    assert 40 <= run.n_posts <= 55


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"error": "no"}', b"[1, 2]", b'[{"no": "id"}]'])
def test_a_server_that_is_no_mastodon_is_an_error_or_nothing(room: Room, web: Server, body: bytes) -> None:
    web.answers["/api/v1/timelines/public"] = fixed(body)
    source = add_source(room, kind="mastodon", name="All", settings={"server": web.url}, by=None)
    run = poll(again(source))
    assert run.n_posts == 0
    assert run.error or body.startswith(b"[")


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
            hear(source, lambda: False)
        began = time.monotonic()
        hear(again(source), lambda: time.monotonic() - began > 2)
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
        with mock.patch("dideban.room.sources.connectors.jetstream.TEST_S", 1.0):
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
    line, at = read_message(jet(1, **record), settings)
    assert bool(line) is wanted
    assert at > 0


def test_a_stream_to_a_private_address_is_refused(room: Room) -> None:
    source = again(add_source(room, kind="bluesky", name="Sky", settings={"url": "ws://127.0.0.1:9/"}, by=None))
    with override_settings(ALLOW_PRIVATE_ADDRESSES=False), pytest.raises(SourceError, match="private network"):
        hear(source, lambda: False)


def drop(path: Path, *posts: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(p) for p in posts), "utf-8")
    os.utime(path, (time.time() - 60, time.time() - 60))


def test_a_watched_folder_is_read_file_by_file(room: Room) -> None:
    inbox = folder_of("watch").root / "inbox" / "drop"
    drop(inbox / "a.ndjson", post(1), post(2))
    drop(inbox / "deep" / "b.ndjson", post(3))
    (inbox / "broken.csv").write_bytes(b"\x00\x01nonsense")
    os.utime(inbox / "broken.csv", (1, 1))
    source = add_source(room, kind="folder", name="Drop", settings={"path": "drop"}, by=None)
    run = poll(again(source))
    assert (run.n_posts, run.error) == (3, "")
    assert run.n_rejects == 1
    assert poll(again(source)).n_read == 0
    drop(inbox / "a.ndjson", post(1), post(4))
    assert poll(again(source)).n_posts == 2
    assert stored().height == 4


@pytest.mark.parametrize("path", ["/etc", "../../..", "../keys", "drop/../../keys"])
def test_a_folder_outside_is_not_read(room: Room, path: str) -> None:
    source = add_source(room, kind="folder", name="Drop", settings={"path": path}, by=None)
    assert "may not read" in poll(again(source)).error


def test_a_link_that_leads_out_of_the_folder_is_not_followed(room: Room) -> None:
    inbox = folder_of("watch").root / "inbox"
    inbox.mkdir()
    (inbox / "innocent.csv").symlink_to(folder_of("watch").key)
    source = add_source(room, kind="folder", name="Drop", settings={"path": "."}, by=None)
    assert poll(again(source)).n_read == 0


def test_an_upload_is_read_with_a_mapping(room: Room, analyst: Membership) -> None:
    source = again(add_source(room, kind="upload", name="Files", by=None))
    table = "nummer,wer,wann,was\n" + "".join(
        f"{n},acc{n},2026-11-2{n} 10:00,Satz {n} vom Weizen\n" for n in range(1, 3)
    )
    mapping = {"post_id": "nummer", "account_id": "wer", "created_at": "wann", "text": "was"}
    run = ask_upload(source, files=[("../../x.csv", [table.encode()])], mapping=mapping, by=analyst)
    run.refresh_from_db()
    assert (run.n_posts, run.error, run.file_name) == (2, "", "x.csv")
    assert stored()["text"].to_list() == ["Satz 1 vom Weizen", "Satz 2 vom Weizen"]
    assert list(folder_of("watch").uploads.iterdir()) == []


def test_an_upload_that_is_a_bomb_is_refused_in_words(room: Room, analyst: Membership) -> None:
    import gzip

    source = again(add_source(room, kind="upload", name="Files", by=None))
    bomb = gzip.compress(b"a,b,c\n" + b"0" * 200_000_000)
    run = ask_upload(source, files=[("bomb.csv.gz", [bomb])], by=analyst)
    run.refresh_from_db()
    assert run.n_posts == 0
    assert run.error or run.reasons
    assert list(folder_of("watch").uploads.iterdir()) == []


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


def test_a_changed_address_begins_anew(room: Room, web: Server) -> None:
    web.answers["/feed"] = fixed(rss(item(1, date=when(1))), ETag='"v1"')
    source = feed_source(room, web)
    poll(source)
    change_source(again(source), settings={"url": f"{web.url}/other"}, by=None)
    assert again(source).state == {}
    assert SourceKind(again(source).kind) == SourceKind.FEED
