"""Sources whose server asks to sign in, or writes in another way than it did: said as such, never "no posts"."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dideban.room.rooms.models import Room
from dideban.room.sources.health import health_of
from dideban.room.sources.models import Health
from dideban.room.sources.poll import poll
from dideban.room.sources.registry import types
from room.hostile import Server, fixed, redirect
from room.sources.helpers import again, stored
from room.sources.web.cast import NOW, follow, message, trouble, view

SIGN_IN = b"<!doctype html><html><title>Log in</title><form><input name=u><input type=password></form></html>"
ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "feed": ({"url": "{site}/feed"}, "/feed"),
    "page": ({"url": "{site}/list"}, "/list"),
    "telegram": ({"channel": "example_news"}, "/s/example_news"),
    "youtube": ({"channel": "UC" + "a" * 22}, "/feeds/videos.xml"),
    "reddit": ({"community": "farming"}, "/r/farming/new.json"),
    "mastodon": ({"server": "{site}"}, "/api/v1/timelines/public"),
    "lemmy": ({"server": "{site}", "community": "farm"}, "/api/v3/post/list"),
    "bluesky_search": ({"query": "wheat"}, "/xrpc/app.bsky.feed.searchPosts"),
    "vk": ({"wall": "example_news", "token": "t"}, "/method/wall.get"),
}
"""Every type of source that asks a web server: its settings, and what it asks for."""
OTHERS = {"newsletter", "folder", "demo"}
"""Types that are asked too, but no web server."""


def asked(room: Room, site: Server, kind: str) -> Any:
    settings, _ = ASKED[kind]
    return follow(room, kind, **{name: str(value).format(site=site.url) for name, value in settings.items()})


def test_no_type_of_source_is_forgotten() -> None:
    assert {slug for slug, one in types().items() if one.is_polled} <= set(ASKED) | OTHERS
    assert set(ASKED) <= set(types())


@pytest.mark.parametrize("way", ["shown", "redirected", "as-json"])
@pytest.mark.parametrize("kind", sorted(ASKED))
def test_a_page_to_sign_in_is_no_empty_source(room: Room, site: Server, kind: str, way: str) -> None:
    page = fixed(SIGN_IN, Content_Type="application/json" if way == "as-json" else "text/html; charset=utf-8")
    site.answers |= {"/login": page, ASKED[kind][1]: redirect(f"{site.url}/login") if way == "redirected" else page}
    site.answers["/r/farming/new/.rss"] = page
    source = asked(room, site, kind)
    assert trouble(source)
    assert "our-mistake" not in json.dumps(again(source).last_error)
    assert health_of(again(source)) == Health.FAILING
    assert stored().is_empty()


def several(make: Callable[[int], Any]) -> list[Any]:
    return [make(n) for n in range(5)]


CHANGED: dict[str, Any] = {
    "mastodon": several(lambda n: {"uid": n, "content": "Wheat"}),
    "lemmy": {"posts": several(lambda n: {"object": {"title": f"Wheat {n}"}})},
    "bluesky_search": {"posts": several(lambda n: {"link": f"at://x/{n}", "record": {"text": "Wheat"}})},
    "vk": {"response": {"items": several(lambda n: {"post": n, "text": "Wheat"})}},
    "reddit": {"data": {"children": several(lambda n: {"kind": "t3", "post": {"title": f"Wheat {n}"}})}},
}
"""Answers whose list is where it was, of records that are not written as they were."""


@pytest.mark.parametrize("kind", sorted(CHANGED))
def test_records_without_ids_are_another_way_of_answering(room: Room, site: Server, kind: str) -> None:
    site.answers[ASKED[kind][1]] = fixed(json.dumps(CHANGED[kind]).encode(), Content_Type="application/json")
    source = asked(room, site, kind)
    assert "our-mistake" not in json.dumps(poll(source).error)
    assert health_of(again(source)) == Health.FAILING
    assert stored().is_empty()


def test_records_of_which_none_can_be_read_leave_the_source_where_it_was(room: Room, site: Server) -> None:
    """Ids alone are no posts; once the server writes as before, the same ones come."""
    bare = [{"id": str(n), "account": {"id": "1", "acct": "ana"}} for n in range(5)]
    site.answers["/api/v1/timelines/public"] = fixed(json.dumps(bare).encode(), Content_Type="application/json")
    source = asked(room, site, "mastodon")
    assert "another way" in trouble(source)
    assert health_of(again(source)) == Health.FAILING
    assert again(source).state == {}
    whole = [{**one, "created_at": NOW.isoformat(), "content": "<p>Wheat</p>", "url": f"https://m.example/{one['id']}"}
             for one in bare]  # fmt: skip
    site.answers["/api/v1/timelines/public"] = fixed(json.dumps(whole).encode(), Content_Type="application/json")
    assert trouble(again(source)) == ""
    assert stored().height == 5


def test_two_odd_records_are_no_other_way_of_answering(room: Room, site: Server) -> None:
    bare = [{"id": str(n), "account": {"id": "1", "acct": "ana"}} for n in range(2)]
    site.answers["/api/v1/timelines/public"] = fixed(json.dumps(bare).encode(), Content_Type="application/json")
    assert trouble(asked(room, site, "mastodon")) == ""


def test_a_channel_that_had_messages_and_shows_none_has_changed(room: Room, site: Server) -> None:
    site.answers["/s/example_news"] = fixed(view(message(3)), Content_Type="text/html")
    source = asked(room, site, "telegram")
    assert trouble(source) == ""
    renamed = view(message(4)).replace(b"tgme_widget_message", b"tgme_bubble")
    site.answers["/s/example_news"] = fixed(renamed, Content_Type="text/html")
    assert "not written as it was" in trouble(again(source))
    assert health_of(again(source)) == Health.FAILING


def test_a_channel_whose_messages_lost_their_words_has_changed(room: Room, site: Server) -> None:
    site.answers["/s/example_news"] = fixed(view(*map(message, range(3, 6))), Content_Type="text/html")
    source = asked(room, site, "telegram")
    assert trouble(source) == ""
    silent = view(*map(message, range(6, 10))).replace(b"message_text", b"message_words")
    site.answers["/s/example_news"] = fixed(silent, Content_Type="text/html")
    assert "not written as it was" in trouble(again(source))
    assert stored().height == 3
    site.answers["/s/example_news"] = fixed(view(*map(message, range(6, 10))), Content_Type="text/html")
    assert trouble(again(source)) == ""
    assert stored().height == 7


def test_a_channel_of_voices_alone_is_well(room: Room, site: Server) -> None:
    silent = view(*map(message, range(3, 9))).replace(b"message_text", b"message_voice")
    site.answers["/s/example_news"] = fixed(silent, Content_Type="text/html")
    source = asked(room, site, "telegram")
    assert trouble(source) == ""
    assert trouble(again(source)) == ""
