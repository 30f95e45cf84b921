"""What feeds may hold, and what becomes of it: encodings, links, markup, and what takes too long to read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from unittest import mock

import pytest
from django.test import override_settings
from django.utils import timezone

from dideban.errors import SourceError
from dideban.room.posts.merge import merge_all
from dideban.room.reader.feeds import parse, plain, records
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from dideban.room.sources.poll import poll
from dideban.room.wording.problems import said
from dideban.store.delta import PostTable
from room.hostile import Server, fixed, item, rss


@pytest.fixture(scope="module")
def web() -> Iterator[Server]:
    with Server().running() as running, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        yield running


def feed_source(room: Room, web: Server, **settings: object) -> Source:
    made = add_source(room, kind="feed", name="News", settings={"url": f"{web.url}/feed", **settings}, by=None)
    return Source.objects.select_related("room", "place").get(pk=made.pk)


@pytest.mark.parametrize(
    "body",
    [
        rss(item(1), head='<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        rss(item(1), head='<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'),
        rss(item(1), head='<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>').decode().encode("utf-16"),
        rss(item(1), head='<!DOCTYPE r [<!ENTITY a "aaaa">]>').decode().encode("cp037"),
        rss(item(1), head='<!DOCTYPE r [<!ENTITY a "aaaa">]>').decode().replace("UTF-8", "utf-7").encode("utf-7"),
        rss(item(1)).decode().replace("UTF-8", "punycode").encode(),
        rss(item(1)).decode().replace("UTF-8", "unicode_escape").encode(),
        b"<html><body>no feed</body></html>",
        b"",
        b"\xff\xfe\x00\x01" * 100,
    ],
    ids=["xxe", "bomb", "xxe-in-utf-16", "ebcdic", "utf-7", "punycode", "escapes", "page", "empty", "noise"],
)
def test_what_is_no_feed_or_a_dangerous_one_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(SourceError):
        parse(body)


@pytest.mark.parametrize("named", ["cp037", "utf-7", "idna", "raw_unicode_escape"])
def test_an_encoding_that_hides_markup_is_refused_whoever_names_it(named: str) -> None:
    with pytest.raises(SourceError, match="encoding of the feed"):
        parse(rss(item(1)), content_type=f'application/xml; charset="{named}"')


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (rss(item(1)).decode().replace("UTF-8", "iso-8859-1").encode(), "", "Harvest"),
        (rss("<title>café</title><guid>1</guid>").decode().encode("latin-1"), "text/xml; charset=utf-8", "café"),
        (rss("<title>سلام</title><guid>1</guid>"), "text/html; charset=utf-16", "سلام"),
        (rss("<title>سلام</title><guid>1</guid>"), "text/xml; charset=no-such", "سلام"),
        (rss("<title>سلام</title><guid>1</guid>").decode().replace("UTF-8", "UTF-16").encode("utf-16-le"), "", "سلام"),
    ],
    ids=["declared-wrongly", "header-wrong", "both-wrong", "unknown", "no-mark"],
)
def test_a_feed_that_lies_about_its_encoding_is_read(body: bytes, content_type: str, words: str) -> None:
    found, n = records(body, content_type=content_type, url="https://news.example/feed/", now=timezone.now())
    assert n == 1
    assert words in found[0]["text"]


def test_links_are_made_whole_and_others_left_out() -> None:
    links = ["../a", "//cdn.example/b", "?c=1", "javascript:alert(1)", "data:text/html,x", "http://[bad", ""]
    body = rss(*(f"<title>t</title><guid isPermaLink='false'>{n}</guid><link>{link}</link>"
                 for n, link in enumerate(links)))  # fmt: skip
    found, _ = records(body, content_type="", url="https://news.example/feed/x.xml", now=timezone.now())
    assert [one["urls"] for one in found] == [
        ["https://news.example/a"], ["https://cdn.example/b"], ["https://news.example/feed/x.xml?c=1"], [], [], [], []
    ]  # fmt: skip


SLOW = {
    "attributes": b"<rss " + b" ".join(b"a%d='1'" % n for n in range(60_000)) + b"><channel><item><title>x</title>",
    "nested": rss("<guid>1</guid><description>" + "&lt;div&gt;" * 150_000 + "x</description>"),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_feed_that_takes_minutes_to_read_is_given_up(
    room: Room, web: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("dideban.room.reader.isolated.LIMIT_S", 2.0)
    web.answers["/feed"] = fixed(SLOW[name])
    began = time.monotonic()
    run = poll(feed_source(room, web))
    assert time.monotonic() - began < 10
    assert said(run.error) == "the feed takes too long to read"
    web.answers["/feed"] = fixed(rss(item(1)))  # the next is read by a process that lives
    monkeypatch.setattr("dideban.room.reader.isolated.LIMIT_S", 30.0)
    assert poll(Source.objects.select_related("room", "place").get()).n_posts == 1


def test_articles_under_persian_addresses_are_fetched(room: Room, web: Server) -> None:
    paragraphs = "".join(f"<p>بند {n} از برداشت گندم در دشت می‌گوید، چنان که گزارش‌ها می‌گویند.</p>" for n in range(9))
    at = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    entry = f"<title>گزارش</title><guid>1</guid><link>/خبر/گندم</link><pubDate>{at}</pubDate>"
    web.answers["/feed"] = fixed(rss(entry))
    page = f"<html><body><article><h1>x</h1>{paragraphs}</article></body></html>".encode()
    web.answers["/%D8%AE%D8%A8%D8%B1/%DA%AF%D9%86%D8%AF%D9%85"] = fixed(page)
    run = poll(feed_source(room, web, full_text=True))
    assert (run.error, run.n_posts) == ("", 1)
    merge_all("watch")
    assert "بند 8" in PostTable(folder_of("watch").posts).scan().collect()["text"][0]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<script>alert(1)</script>said", "said"),
        ("a<br>b", "a\nb"),
        ("&lt;img src=x onerror=alert(1)&gt;", "<img src=x onerror=alert(1)>"),
        ("گفت &amp; رفت", "گفت & رفت"),
    ],
)
def test_markup_is_taken_off(markup: str, words: str) -> None:
    assert plain(markup) == words


def test_a_feed_whose_bytes_the_reader_stumbles_over_is_refused_in_words() -> None:
    body = b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>\xbe</title></item>'
    stumble = UnicodeDecodeError("utf-8", b"\xbe", 0, 1, "bad")
    with mock.patch("feedparser.parse", side_effect=stumble), pytest.raises(SourceError):
        parse(body)
