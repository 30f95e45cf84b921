"""RSS and Atom against a real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from dideban.room.reader.feeds import parse, records
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source, change_source
from dideban.room.sources.poll import poll
from room.hostile import Server, fixed, item, reply, rss
from room.sources.helpers import again, feed_source, stored, when
from testdata.web import ALERTS


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


def test_a_changed_address_begins_anew(room: Room, web: Server) -> None:
    web.answers["/feed"] = fixed(rss(item(1, date=when(1))), ETag='"v1"')
    source = feed_source(room, web)
    poll(source)
    change_source(again(source), settings={"url": f"{web.url}/other"}, by=None)
    assert again(source).state == {}
    assert again(source).kind == "feed"


def test_alerts_of_google_are_of_the_sites_behind_their_links() -> None:
    found, _ = records(
        ALERTS.encode(), content_type="", url="https://www.google.com/alerts/feeds/1/2", now=datetime.now(UTC)
    )
    assert [(one["account_id"], one["urls"]) for one in found] == [
        ("www.alder.example", ["https://www.alder.example/a?id=7"])
    ]
