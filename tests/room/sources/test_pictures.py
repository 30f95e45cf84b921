"""Pictures of posts that a room takes in: compared by what they show where a source is asked to, and not kept."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.test import override_settings

from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.bluesky.stream import looked
from dideban.room.sources.pictures import MOST_PICTURES, looking
from dideban.room.sources.poll import poll
from room.hostile import Server, fixed, item, rss
from room.sources.bluesky.test_bluesky import jet
from room.sources.helpers import again, feed_source, stored, when
from room.sources.mastodon.test_mastodon import status, timeline

Image = pytest.importorskip("PIL.Image", reason="the extra media is not installed")
ASKED = {"pictures": True}


def photo(seed: int, *, quality: int = 90, side: int = 400) -> bytes:
    small = np.random.default_rng(seed).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    held = io.BytesIO()
    Image.fromarray(small).resize((side, 300), Image.Resampling.BICUBIC).save(held, "JPEG", quality=quality)
    return held.getvalue()


@pytest.fixture
def shown(web: Server) -> Server:
    """A server with two copies of one picture, another one, and what is none."""
    web.answers |= {
        "/a.jpg": fixed(photo(1)), "/copy.jpg": fixed(photo(1, quality=40, side=350)), "/b.jpg": fixed(photo(2)),
        "/bad.jpg": fixed(b"no picture"), "/bomb.jpg": fixed(b"\xff\xd8" + bytes(5 * 1024 * 1024)),
    }  # fmt: skip
    return web


def test_pictures_of_statuses_are_named_by_what_they_show(room: Room, shown: Server) -> None:
    def attached(name: str) -> list[dict[str, str]]:
        return [{"id": name, "type": "image", "preview_url": f"{shown.url}/{name}.jpg"}]

    names = ["a", "copy", "b", "bad", "bomb", "gone"]
    shown.answers["/api/v1/timelines/public"] = timeline(
        [status(n, media_attachments=attached(name)) for n, name in enumerate(names)]
    )
    settings = {"server": shown.url, **ASKED}
    source = add_source(room, kind="mastodon", name="Tag", settings=settings, by=None)
    assert poll(again(source)).n_posts == len(names)
    media = [row[0] for row in stored()["media"].to_list()]
    assert media[0].startswith("pdq:")
    assert media[2].startswith("pdq:")
    assert media[3:] == ["bad", "bomb", "gone"]
    codes = [int(value.removeprefix("pdq:"), 16) for value in media[:3]]
    assert (codes[0] ^ codes[1]).bit_count() <= 31 < (codes[0] ^ codes[2]).bit_count()
    assert not [path for path in folder_of("watch").posts.parent.rglob("*") if path.suffix in (".jpg", ".jpeg")]


def test_nothing_is_fetched_unless_the_source_is_asked_to(room: Room, shown: Server) -> None:
    feed = item(1, date=when(1), extra=f'<enclosure url="{shown.url}/a.jpg" type="image/jpeg" length="1"/>')
    shown.answers["/feed"] = fixed(rss(feed))
    shown.asked.clear()
    poll(feed_source(room, shown))
    assert [path for path, _ in shown.asked] == ["/feed"]
    assert stored()["media"].to_list() == [[]]


def test_enclosures_of_a_feed_are_looked_at(room: Room, shown: Server) -> None:
    extra = (
        f'<enclosure url="{shown.url}/a.jpg" type="image/jpeg" length="1"/>'
        f'<enclosure url="{shown.url}/talk.mp3" type="audio/mpeg" length="1"/>'
    )
    shown.answers["/feed"] = fixed(rss(item(1, date=when(1), extra=extra)))
    shown.asked.clear()
    poll(feed_source(room, shown, **ASKED))
    assert [path for path, _ in shown.asked] == ["/feed", "/a.jpg"]
    ((one,),) = stored()["media"].to_list()
    assert one.startswith("pdq:")


def test_pictures_of_a_stream_are_fetched_by_author_and_name_and_nothing_else(shown: Server) -> None:
    def event(name: object) -> str:
        return jet(
            1, embed={"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": {"ref": {"$link": name}}}]}
        )

    shown.answers["/img/did:plc:1/bafy@jpeg"] = fixed(photo(1))
    settings = {"picture_server": f"{shown.url}/img/", **ASKED}
    shown.asked.clear()
    with looking(settings) as pictures:
        seen = json.loads(looked(event("bafy"), settings=settings, pictures=pictures))
        for hostile in ("../../secret", "a?b", 3, None, ["x"]):
            text = event(hostile)
            assert json.loads(looked(text, settings=settings, pictures=pictures)) == json.loads(text)
    link = seen["commit"]["record"]["embed"]["images"][0]["image"]["ref"]["$link"]
    assert link.startswith("pdq:")
    assert [path for path, _ in shown.asked] == ["/img/did:plc:1/bafy@jpeg"]


def test_our_own_network_is_never_asked_for_pictures(shown: Server) -> None:
    shown.asked.clear()
    with override_settings(ALLOW_PRIVATE_ADDRESSES=False), looking(ASKED) as pictures:
        assert pictures is not None
        for address in (f"{shown.url}/a.jpg", "file:///etc/passwd", "ftp://a.example/a.jpg", None, 3):
            assert pictures.look(address) is None
    assert shown.asked == []


def test_a_try_looks_at_so_many_pictures_and_no_more_and_each_once(shown: Server) -> None:
    shown.asked.clear()
    with looking(ASKED) as pictures:
        assert pictures is not None
        assert pictures.look(f"{shown.url}/a.jpg") == pictures.look(f"{shown.url}/a.jpg")
        assert len(shown.asked) == 1
        pictures.known |= dict.fromkeys((f"https://a.example/{n}" for n in range(MOST_PICTURES)), None)
        assert pictures.look(f"{shown.url}/b.jpg") is None
    with looking(ASKED, all_s=0.0) as late:
        assert late is not None
        assert late.look(f"{shown.url}/b.jpg") is None
    assert len(shown.asked) == 1
    assert not Path(pictures.path).parent.exists()
