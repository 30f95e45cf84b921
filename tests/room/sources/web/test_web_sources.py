"""Sources of the web against made-up servers: what they bring, and what they say where nothing can be read."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from dideban.errors import SourceError
from dideban.room.fetch import Fetcher, FetchLimits
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sources import politeness
from dideban.room.sources.health import health_of
from dideban.room.sources.models import Source
from dideban.room.sources.poll import poll
from room.cast import client_of
from room.hostile import Server, fixed
from room.sources.helpers import again, stored
from room.sources.web.cast import NOW, follow, message, trouble, view


def channel(pages: dict[int, bytes]) -> Any:
    """Answer as the web view does: ``before`` leads to older messages."""

    def answer(handler: Any) -> None:
        found = re.search(r"before=(\d+)", handler.path)
        fixed(pages.get(int(found[1]) if found else 0, view()), Content_Type="text/html")(handler)

    return answer


def test_a_telegram_channel_is_followed_across_pages(room: Room, site: Server) -> None:
    site.answers["/s/example_news"] = channel({0: view(message(3), message(4, forward="https://t.me/other/9"))})
    source = follow(room, "telegram", channel="https://t.me/example_news")
    poll(source)
    site.answers["/s/example_news"] = channel({0: view(message(7), message(8)), 7: view(message(5), message(6))})
    poll(again(source))
    posts = stored()
    assert posts["post_id"].to_list() == [f"example_news/{n}" for n in range(3, 9)]
    assert posts["text"][0] == "Wheat in field 3\nsee here #harvest"
    assert (posts["urls"][0].to_list(), posts["reach"][0]) == (["https://x.example/3"], 1200)
    assert posts["repost_of"].to_list()[1] == "other/9"


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"<html><form><input type=password></form></html>", "not written as it was"),
     (view('<div class="tgme_widget_message" data-post="a/x"></div>'), "not written as it was"),
     (b"\x00\xff" * 5_000, "not written as it was"), (b"<div>" * 100_000, "not written as it was")],
    ids=["sign-in", "markup", "noise", "deep"],
)  # fmt: skip
def test_a_changed_view_is_never_no_posts(room: Room, site: Server, body: bytes, words: str) -> None:
    site.answers["/s/example_news"] = fixed(body, Content_Type="text/html")
    source = follow(room, "telegram", channel="example_news")
    assert words in trouble(source)
    assert health_of(again(source)) == "failing" or again(source).last_error


def test_an_empty_channel_is_well(room: Room, site: Server) -> None:
    site.answers["/s/example_news"] = fixed(view(), Content_Type="text/html")
    assert trouble(follow(room, "telegram", channel="example_news")) == ""


def test_robots_are_heeded(room: Room, site: Server) -> None:
    site.answers["/robots.txt"] = fixed(b"User-agent: *\nDisallow: /s/\n")
    site.answers["/s/example_news"] = fixed(view(message(1)))
    assert "robots.txt" in trouble(follow(room, "telegram", channel="example_news"))
    assert not [path for path, _ in site.asked if path.startswith("/s/")]


def test_a_server_in_trouble_is_left_alone(site: Server) -> None:
    site.answers["/robots.txt"] = fixed(b"", status=503)
    fetcher = Fetcher(FetchLimits(allow_private=True))
    with pytest.raises(SourceError):
        politeness.fetch_page(fetcher, f"{site.url}/page")
    assert len(site.asked) == 1


FEED = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><title>C</title>{}</feed>"""
ENTRY = (
    "<entry><id>yt:video:{n}</id><link rel='alternate' href='https://www.youtube.com/watch?v={n}'/><title>Film {n}</title>"
    "<author><name>/u/ana</name></author><published>{at}</published><media:group><media:description>On wheat</media:description></media:group></entry>"
)


def entries(*numbers: str) -> str:
    return "".join(ENTRY.format(n=n, at=(NOW - timedelta(hours=2)).isoformat()) for n in numbers)


def test_videos_of_a_handle(room: Room, site: Server) -> None:
    name = "UC" + "a" * 22
    site.answers["/@example"] = fixed(f'<script>{{"channelId":"{name}"}}</script>'.encode(), Content_Type="text/html")
    site.answers["/feeds/videos.xml"] = fixed(FEED.format(entries("v1", "v2")).encode(), Content_Type="text/xml")
    poll(follow(room, "youtube", channel="https://www.youtube.com/@example"))
    posts = stored()
    assert sorted(posts["post_id"]) == ["v1", "v2"]
    assert set(posts["platform"]) == {"youtube"}
    site.answers["/@other"] = fixed(b"<html>something else</html>", Content_Type="text/html")
    assert "not written as it was" in trouble(follow(room, "youtube", channel="@other"))


def test_a_feed_that_breaks_off_is_not_well_and_what_came_is_kept(room: Room, site: Server) -> None:
    whole = FEED.format(entries("v1", "v2", "v3"))
    site.answers["/feed"] = fixed(whole[: whole.index("yt:video:v3")].encode(), Content_Type="text/xml")
    source = follow(room, "feed", url=f"{site.url}/feed")
    assert "breaks off" in trouble(source)
    assert stored().height >= 2
    assert again(source).n_failures == 1
    site.answers["/feed"] = fixed(whole.encode(), Content_Type="text/xml")
    assert trouble(again(source)) == ""
    assert again(source).n_failures == 0


def reddit(n: int) -> dict[str, Any]:
    data = {"id": f"r{n}", "name": f"t3_r{n}", "author": "ana", "created_utc": NOW.timestamp() - 3600 + n, "title": f"T {n}",
            "selftext": "On wheat", "subreddit": "farming", "url": f"https://x.example/{n}", "permalink": f"/r/farming/{n}"}  # fmt: skip
    return {"kind": "t3", "data": data}


def test_reddit_by_json_and_by_feed_where_that_is_refused(room: Room, site: Server) -> None:
    listing = {"kind": "Listing", "data": {"children": [reddit(1), reddit(2)]}}
    site.answers["/r/farming/new.json"] = fixed(json.dumps(listing).encode(), Content_Type="application/json")
    source = follow(room, "reddit", community="r/farming")
    poll(source)
    assert sorted(stored()["post_id"]) == ["t3_r1", "t3_r2"]
    site.answers["/r/farming/new.json"] = fixed(b"<html>prove that you are human</html>", Content_Type="text/html")
    site.answers["/r/farming/new/.rss"] = fixed(
        FEED.format(entries("x").replace("yt:video:x", "t3_r3")).encode(), Content_Type="text/xml"
    )
    assert trouble(again(source)) == ""
    assert "t3_r3" in stored()["post_id"].to_list()
    site.answers["/r/farming/new/.rss"] = fixed(b"<html>prove it</html>", Content_Type="text/html")
    assert "no RSS" in trouble(again(source))


def test_lemmy_and_its_odd_answers(room: Room, site: Server) -> None:
    post = {"id": 5, "name": "Wheat", "body": "in", "ap_id": "https://l.example/post/5", "creator_id": 1, "community_id": 1,
            "published": (NOW - timedelta(hours=1)).isoformat(), "language_id": 0, "url": "https://x.example/5"}  # fmt: skip
    found = {"posts": [{"post": post, "creator": {"id": 1, "name": "ana", "actor_id": "https://l.example/u/ana"},
                        "community": {"id": 1, "name": "farm", "actor_id": "https://l.example/c/farm"}, "counts": {}}]}  # fmt: skip
    site.answers["/api/v3/post/list"] = fixed(json.dumps(found).encode(), Content_Type="application/json")
    source = follow(room, "lemmy", server=site.url, community="farm")
    assert trouble(source) == ""
    assert stored().height == 1
    site.answers["/api/v3/post/list"] = fixed(b'{"error":"moved"}', Content_Type="application/json")
    assert "another way" in trouble(again(source))


def sky(n: int) -> dict[str, Any]:
    at = (NOW - timedelta(hours=1) + timedelta(seconds=n)).isoformat().replace("+00:00", "Z")
    return {"uri": f"at://did:plc:a/app.bsky.feed.post/{n}", "cid": "c", "indexedAt": at,
            "author": {"did": "did:plc:a", "handle": "ana.example"},
            "record": {"$type": "app.bsky.feed.post", "text": f"Wheat {n}", "createdAt": at}}  # fmt: skip


def test_bluesky_searches_and_feeds(room: Room, site: Server) -> None:
    site.answers["/xrpc/app.bsky.feed.searchPosts"] = fixed(
        json.dumps({"posts": [sky(1), sky(2)]}).encode(), Content_Type="application/json"
    )
    site.answers["/xrpc/app.bsky.feed.getFeed"] = fixed(
        json.dumps({"feed": [{"post": sky(3)}]}).encode(), Content_Type="application/json"
    )
    assert trouble(follow(room, "bluesky_search", query="wheat")) == ""
    assert trouble(follow(room, "bluesky_search", feed="https://bsky.app/profile/did:plc:a/feed/farm")) == ""
    assert stored().height == 3
    asked = [path for path, _ in site.asked if "getFeed" in path]
    assert "at%3A%2F%2Fdid%3Aplc%3Aa%2Fapp.bsky.feed.generator%2Ffarm" in asked[0]
    site.answers["/xrpc/app.bsky.feed.searchPosts"] = fixed(b"{}", status=403)
    assert "HTTP 403" in trouble(follow(room, "bluesky_search", query="x"))


@pytest.mark.parametrize(("code", "words"), [(15, "not public"), (5, "password"), (29, "fewer"), (100, "another way")])
def test_a_wall_of_vk_and_why_it_cannot_be_read(room: Room, site: Server, code: int, words: str) -> None:
    item = {
        "id": 1,
        "owner_id": -9,
        "from_id": -9,
        "date": int(NOW.timestamp()) - 3600,
        "text": "Wheat",
        "views": {"count": 5},
    }
    body = json.dumps({"response": {"count": 1, "items": [item]}}).encode()
    site.answers["/method/wall.get"] = fixed(body, Content_Type="application/json")
    source = follow(room, "vk", wall="https://vk.com/example_news", token="service-token")
    assert trouble(source) == ""
    assert stored()["post_id"].to_list() == ["-9_1"]
    assert not [path for path, _ in site.asked if "service-token" in path]
    site.answers["/method/wall.get"] = fixed(
        json.dumps({"error": {"error_code": code, "error_msg": "x"}}).encode(), Content_Type="application/json"
    )
    assert words in trouble(again(source))


def listing(*numbers: int) -> bytes:
    links = "".join(f'<a href="/news/{n}"><span>The wheat of field number {n}</span> is in</a>' for n in numbers)
    return f"<html><nav><a href=/>Home</a></nav>{links}<a href='https://ads.example/x'>A very long advertisement</a></html>".encode()


def test_new_links_of_a_page(room: Room, site: Server) -> None:
    site.answers["/list"] = fixed(listing(1, 2), Content_Type="text/html")
    source = follow(room, "page", url=f"{site.url}/list", part="/news/")
    poll(source)
    assert stored().is_empty()  # what was there before is not new
    site.answers["/list"] = fixed(listing(3, 1, 2), Content_Type="text/html")
    poll(again(source))
    assert stored()["text"].to_list() == ["The wheat of field number 3 is in"]
    site.answers["/list"] = fixed(b"<html><input type=password></html>", Content_Type="text/html")
    assert "page for people" in trouble(again(source))
    site.answers["/list"] = fixed(b"<html>nothing</html>", Content_Type="text/html")
    assert "not written as it was" in trouble(again(source))


def test_a_preview_keeps_nothing_and_hides_who_wrote(room: Room, lead: Membership, site: Server) -> None:
    site.answers["/s/example_news"] = fixed(view(message(1)), Content_Type="text/html")
    client = client_of(lead)
    form = {"name": "News", "s_channel": "@example_news"}
    html = client.post("/r/watch/sources/preview/telegram/", form).content.decode()
    assert "Wheat in field 1" in html
    assert 'value="@example_news"' in html
    assert not Source.objects.exists()
    assert stored().is_empty()
    html = client.post("/r/watch/sources/preview/telegram/", {**form, "s_channel": "!"}).content.decode()
    assert "names nothing that can be followed" in html
    assert "Older than what the analyses look at" not in html
    old = message(1).replace((NOW - timedelta(minutes=59)).isoformat(), "2019-01-02T03:04:05+00:00")
    site.answers["/s/example_news"] = fixed(view(old), Content_Type="text/html")
    html = client.post("/r/watch/sources/preview/telegram/", form).content.decode()
    assert "Older than what the analyses look at:</b> 1." in html
    site.answers["/s/example_news"] = fixed(b"<html></html>", Content_Type="text/html")
    html = client.post("/r/watch/sources/preview/telegram/", form).content.decode()
    assert "not written as it was" in html


def test_servers_wait_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    politeness.forget()
    slept: list[float] = []
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=slept.append)
    monkeypatch.setattr("dideban.room.sources.politeness.time", clock)
    for _ in range(4):
        politeness.pause("https://one.example", least_s=1.0)
    politeness.pause("https://two.example", least_s=1.0)
    assert [round(s) for s in slept] == [0, 1, 2, 3, 0]
