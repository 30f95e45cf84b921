"""Small pictures of posts: kept where a source is asked to, shown to those who see the post, gone with it."""

from __future__ import annotations

import base64
import io
import json
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from dideban.report.pictures import read_thumbnail
from dideban.room.board.presenters import finding
from dideban.room.board.presenters.exports import POST_FORMATS, export_posts
from dideban.room.members.models import Membership
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure
from dideban.room.posts.search import Query, Scope, first_posts
from dideban.room.posts.thumbnails import KEEP_NEW_S, find, hold, sweep
from dideban.room.reader.web_views import channel_page
from dideban.room.roles import Role
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.poll import poll
from dideban.room.sources.telegram import connector
from dideban.room.upkeep.erasure import try_erasure
from dideban.store.delta import PostTable
from room.cast import client_of, join
from room.hostile import Server, fixed
from room.sources.helpers import again, stored
from room.sources.mastodon.test_mastodon import status, timeline
from room.sources.test_pictures import photo

Image = pytest.importorskip("PIL.Image", reason="the extra media is not installed")
ASKED = {"pictures": True, "thumbnails": True}


def files(room: str = "watch") -> list[Path]:
    return sorted(folder_of(room).thumbnails.rglob("*.jpg"))


def taken(room: Room, web: Server, *, place: Place | None = None, **settings: Any) -> pl.DataFrame:
    """Take in three posts of two people: one picture twice, another once."""
    web.answers |= {f"/{n}.jpg": fixed(photo(n)) for n in (1, 2)}
    said = [
        status(n, account={"acct": who, "id": who}, media_attachments=[
            {"id": str(n), "type": "image", "preview_url": f"{web.url}/{shown}.jpg"}])
        for n, who, shown in ((1, "ana", 1), (2, "bea", 1), (3, "bea", 2))
    ]  # fmt: skip
    web.answers["/api/v1/timelines/public"] = timeline(said)
    given = {"server": web.url, **settings}
    source = add_source(room, kind="mastodon", name="Tag", settings=given, place=place, by=None)
    poll(again(source))
    return stored()


def shown_on(page: str) -> int:
    return page.count('<img src="data:image/jpeg;base64,')


def test_nothing_is_kept_unless_both_switches_are_on(room: Room, web: Server) -> None:
    for settings in ({}, {"pictures": True}, {"thumbnails": True}):
        taken(room, web, **settings)
        assert files() == []


def test_small_pictures_are_shown_blurred_with_their_posts_and_with_no_other(
    room: Room, web: Server, north: Place, south: Place
) -> None:
    posts = taken(room, web, place=north, **ASKED)
    assert len(files()) == posts["media"].explode().n_unique() == 2
    for path in files():
        with Image.open(path) as small:
            assert max(small.size) == 128
            assert not small.getexif()
    nora, sara = join(room, "nora", Role.VIEWER, north), join(room, "sara", Role.VIEWER, south)
    for address in ("/r/watch/posts/", "/r/watch/search/?q=%23"):
        page = client_of(nora).get(address).content.decode()
        assert shown_on(page) == page.count('<label class="thumb"><input type="checkbox" aria-label=')
        assert shown_on(client_of(sara).get(address).content.decode()) == 0
    assert shown_on(client_of(nora).get("/r/watch/posts/").content.decode()) == 3


def test_no_export_of_posts_holds_them(room: Room, web: Server, lead: Membership) -> None:
    taken(room, web, **ASKED)
    held = [path.read_bytes() for path in files()]
    assert held
    found = first_posts("watch", Query(), scope=Scope(), most=100)
    answers = [export_posts(found, kind)[0] for kind in POST_FORMATS]
    answers += [client_of(lead).get(address).content for address in ("/api/v1/rooms/watch/posts",)]
    for data in answers:
        assert b"/9j/" not in data
        assert not any(one in data or base64.b64encode(one) in data for one in held)


def test_a_picture_leaves_with_the_person_who_posted_it_though_others_did_too(
    room: Room, web: Server, lead: Membership
) -> None:
    posts = taken(room, web, **ASKED)
    ana = posts.group_by("account_id").len().filter(pl.col("len") == 1)["account_id"].item()
    mine = posts.filter(pl.col("account_id") == ana)["media"].explode()
    theirs = [value for value in posts["media"].explode().unique() if value not in mine.to_list()]
    hold("watch", "pdq:waits", photo(5, side=128))
    try_erasure(Erasure.objects.create(room=room, account_id=ana, reason="asked", member=lead.member))
    assert find("watch", mine) == {}
    assert list(find("watch", theirs)) == theirs
    assert len(files()) == 1
    taken(room, web, **ASKED)  # their post comes again, is refused, and so is its picture
    assert find("watch", mine) == {}


def test_a_picture_waits_for_its_post_and_goes_when_none_shows_it(room: Room, web: Server) -> None:
    hold("watch", "pdq:of-nobody", photo(1, side=128))
    assert len(files()) == 1
    assert find("watch", ["pdq:of-nobody"]) == {}
    old = time.time() - KEEP_NEW_S - 60
    os.utime(files()[0], (old, old))
    taken(room, web, **ASKED)
    assert len(files()) == 2
    table = PostTable(folder_of("watch").posts)
    one = stored()["media"].explode()[2]
    table.delete(f"array_has(media, '{one}')", at_once=True)
    assert sweep("watch") == 1
    assert find("watch", [one]) == {}


def test_the_page_of_a_finding_shows_pictures_of_posts_that_its_reader_may_see(
    room: Room, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = taken(room, web, **ASKED)["media"].explode().unique(maintain_order=True)
    objects = [{"kind": kind, "id": value} for kind, value in
               (("media", first), ("url", other), ("media", other), ("media", "pdq:unknown"))]  # fmt: skip
    held = pl.DataFrame({"media": [[first], [other]], "place": ["north", "south"]})
    monkeypatch.setattr(finding, "read_posts", lambda room, finding_id, columns: held.select(columns))
    one: Any = SimpleNamespace(document={"objects": objects}, finding_id="f")
    assert finding._pictured("watch", one, None) == (first, other)
    assert finding._pictured("watch", one, ("north",)) == (first,)
    assert finding._pictured("watch", one, ()) == ()


def test_only_a_small_picture_with_nothing_else_in_it_is_shown() -> None:
    def jpeg(side: int, **more: Any) -> bytes:
        held = io.BytesIO()
        Image.new("RGB", (side, 90), "red").save(held, "JPEG", **more)
        return held.getvalue()

    small = read_thumbnail(jpeg(128))
    assert small is not None
    assert (small.width, small.height) == (128, 90)
    noted = Image.Exif()
    noted[0x010E] = "where it was taken"
    assert read_thumbnail(jpeg(128, exif=noted)) is None
    assert read_thumbnail(jpeg(128, comment=b"who took it")) is None
    assert read_thumbnail(jpeg(129)) is None
    assert read_thumbnail(jpeg(100) + b"more") is None
    assert read_thumbnail(jpeg(100) + b"PK\x03\x04 another file\xff\xd9") is None
    assert read_thumbnail(jpeg(100)[:-2] + b"\xff\xe1\x00\x0awhere it\xff\xd9") is None
    assert read_thumbnail(jpeg(100, progressive=True)) is not None
    assert read_thumbnail(b"") is None
    assert read_thumbnail(b"\xff\xd8\xff\xe0" + bytes(40) + b"\xff\xd9") is None
    assert read_thumbnail(b"<svg/>") is None


CHANNEL = """<div class="tgme_channel_history"><div class="tgme_widget_message" data-post="news/7">
<a class="tgme_widget_message_photo_wrap" href="x" style="width:800px;background-image:url('HOME/1.jpg')"></a>
<i class="tgme_widget_message_reply_thumb" style="background-image:url('HOME/2.jpg')"></i>
<a class="tgme_widget_message_photo_wrap" style="background-image:url('javascript:1')"></a>
<div class="tgme_widget_message_text js-message_text">Look</div>
<time datetime="2026-05-01T10:00:00+00:00"></time></div></div>"""


def test_pictures_of_a_telegram_channel_are_looked_at_where_asked(
    room: Room, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.answers |= {"/1.jpg": fixed(photo(1)), "/2.jpg": fixed(photo(2))}
    page = channel_page(CHANNEL.replace("HOME", web.url).encode())
    assert page["records"][0]["pictures"] == [f"{web.url}/1.jpg"]
    monkeypatch.setattr(connector, "_page", lambda name, before, ask: page)
    for settings, n in (({}, 0), (ASKED, 1)):
        source = add_source(room, kind="telegram", name="Channel", settings={"channel": "news", **settings}, by=None)
        collected = connector.collect(again(source).settings, connector.Ask(
            state={}, fetcher=None, now=None, pictures=None))  # type: ignore[arg-type]  # fmt: skip
        assert json.loads(dict(collected.parts)["telegram.ndjson"])["media"] == []
        web.asked.clear()
        poll(again(source))
        assert len(web.asked) == n
    merge_all("watch")  # the post was known already: its picture is of no post
    assert [path.parent.name for path in files()] == ["new"]
