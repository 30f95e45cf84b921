from __future__ import annotations

import builtins
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError
from dideban.ingest import is_articles, read_articles
from dideban.ingest.articles import plain_text
from dideban.schema import POSTS

CONFIG = IngestConfig()
BODY = "The council voted on Tuesday evening to keep the old swimming pool on Harbour Street open for everybody. " * 4
FARSI = "شورای شهر سه‌شنبه شب رأی داد که استخر قدیمی خیابان بندر باز می‌ماند و سقف آن پیش از زمستان تعمیر می‌شود. " * 4


def page(body: str = BODY, *, head: str = "", title: str = "The pool stays open", lang: str = "en") -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f"<nav><a href='/'>Home</a> <a href='/sport'>Sport</a></nav><article><h1>{title}</h1><p>{body}</p></article>"
        "<footer>All rights reserved</footer></body></html>"
    )


def at(time: str) -> str:
    return f'<meta property="article:published_time" content="{time}">'


def read_one(folder: Path, markup: str | bytes, name: str = "a.html") -> Any:
    data = markup if isinstance(markup, bytes) else markup.encode()
    (folder / name).write_bytes(data)
    return read_articles([folder], config=CONFIG)


def test_a_page_becomes_a_post(tmp_path: Path) -> None:
    head = at("2026-03-02T09:30:00+03:30") + (
        '<link rel="canonical" href="https://www.alder-herald.example/pool/7"><meta property="og:site_name" content="Alder Herald">'
    )
    found = read_one(tmp_path, page(head=head))
    row = POSTS.check(found.posts).row(0, named=True)
    assert row["account_id"] == "alder-herald.example"
    assert row["post_id"] == "https://www.alder-herald.example/pool/7"
    assert row["created_at"] == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert (row["lang"], row["platform"], row["urls"]) == ("en", "web", [row["post_id"]])
    assert row["text"].startswith("The pool stays open\n")
    assert "Harbour Street" in row["text"]
    assert "All rights" not in row["text"]
    assert "Sport" not in row["text"]
    assert found.names == {"alder-herald.example": "Alder Herald"}
    assert found.rejects.is_empty()


def test_joiners_of_persian_are_kept(tmp_path: Path) -> None:
    found = read_one(
        tmp_path, page(FARSI.replace("می‌ماند", "می&zwnj;ماند"), head=at("2026-03-02T09:30:00Z"), lang="fa")
    )
    text = found.posts["text"][0]
    assert "سه‌شنبه" in text
    assert "می‌ماند" in text


TIMES = [
    (at("2026-03-02T09:30:00Z"), 9),
    ('<meta itemprop="datePublished" content="2026-03-02T10:30:00Z">', 10),
    ('<script type="application/ld+json">{"@type":"NewsArticle","datePublished": "2026-03-02T11:30:00Z"}</script>', 11),
    ("<meta content='2026-03-02T12:30:00Z' name='pubdate'>", 12),
    (at("2026-03-02T09:30:00Z") + '<meta itemprop="datePublished" content="2026-03-02T10:30:00Z">', 9),
]


@pytest.mark.parametrize(("head", "hour"), TIMES, ids=["article", "itemprop", "json-ld", "pubdate", "most-trusted"])
def test_times_come_from_what_the_page_says(tmp_path: Path, head: str, hour: int) -> None:
    assert read_one(tmp_path, page(head=head)).posts["created_at"][0] == datetime(2026, 3, 2, hour, 30, tzinfo=UTC)


def test_the_element_time_is_the_last_resort(tmp_path: Path) -> None:
    markup = page().replace("<article>", '<article><time datetime="2026-03-02T13:30:00Z">today</time>')
    assert read_one(tmp_path, markup).posts["created_at"][0].hour == 13


FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Osk Courier</title><link>https://osk-courier.example</link><language>en-gb</language>
<item><title>The pool stays open</title><link>https://osk-courier.example/1</link>
<pubDate>Mon, 02 Mar 2026 09:30:00 +0000</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>{body}</p><p>&amp;amp; more</p><script>alert(1)</script>]]></content:encoded></item>
<item><title>No time</title><link>https://osk-courier.example/2</link><description>{body}</description></item>
<item><title>x</title><link>https://osk-courier.example/3</link><pubDate>Mon, 02 Mar 2026 09:30:00 +0000</pubDate></item>
<item><title>Odd</title><link>https://osk-courier.example/4</link><pubDate>the day before</pubDate><description>{body}</description></item>
</channel></rss>
""".replace("{body}", BODY)


def test_a_feed_becomes_posts_and_the_rest_is_rejected_with_reasons(tmp_path: Path) -> None:
    found = read_one(tmp_path, FEED, "feed.xml")
    assert found.posts.height == 1
    row = found.posts.row(0, named=True)
    assert (row["account_id"], row["lang"], row["created_at"].hour) == ("osk-courier.example", "en", 9)
    assert "alert" not in row["text"]
    assert "Harbour Street" in row["text"]
    assert found.names == {"osk-courier.example": "Osk Courier"}
    assert sorted(found.rejects["reason"]) == ["article-empty", "time-missing", "time-unreadable"]
    assert found.rejects["source"].unique().to_list() == ["feed.xml"]


def test_one_article_at_two_places_is_one(tmp_path: Path) -> None:
    head = at("2026-03-02T09:30:00Z") + '<link rel="canonical" href="https://alder.example/1">'
    (tmp_path / "b.html").write_text(page(head=head))
    found = read_one(tmp_path, page(head=head))
    assert (found.posts.height, found.n_duplicates) == (1, 1)


BAD: list[tuple[bytes, str, str]] = [
    (b"", "a.html", "file-empty"),
    (b"   \n", "a.html", "file-empty"),
    (b"<html><body></body></html>", "a.html", "article-empty"),
    (page().encode(), "a.html", "time-missing"),
    (page(head=at("1412/12/11 09:30")).encode(), "a.html", "time-jalali"),
    (page(head=at("in the year one")).encode(), "a.html", "time-unreadable"),
    (b"not xml at all", "a.xml", "file-empty"),
    (b"\x00\x01\x02" * 500, "a.html", "article-empty"),
]


@pytest.mark.parametrize(("data", "name", "reason"), BAD, ids=[reason + str(i) for i, (_, _, reason) in enumerate(BAD)])
def test_what_cannot_be_used_is_rejected_with_its_reason(tmp_path: Path, data: bytes, name: str, reason: str) -> None:
    found = read_one(tmp_path, data, name)
    assert found.posts.is_empty()
    assert found.rejects["reason"].to_list() == [reason]


def test_a_page_too_large_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"<p>" + b"x" * 200)
    found = read_articles([tmp_path], config=IngestConfig(max_field_bytes=100))
    assert found.rejects["reason"].to_list() == ["field-too-large"]


@pytest.mark.parametrize(
    "markup",
    ["<" * 200_000, "<meta " * 60_000, "<p>" * 30_000 + BODY, "<!--" * 50_000, "&amp;" * 100_000, "<script>" * 30_000],
    ids=["open", "meta", "nested", "comment", "entities", "script"],
)
def test_hostile_pages_end_soon(tmp_path: Path, markup: str) -> None:
    found = read_one(tmp_path, page(head=at("2026-03-02T09:30:00Z")) + markup)
    assert found.posts.height + found.rejects.height == 1
    plain_text(markup)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.html", "a.xml", "a.rss"]))
def test_any_bytes_are_a_post_or_a_reject(tmp_path: Path, data: bytes, name: str) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    found = read_one(tmp_path, data, name)
    assert found.posts.height + found.rejects.height >= 1


def test_endings_tell_pages_from_posts(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("x")
    assert is_articles([tmp_path])
    (tmp_path / "b.csv").write_text("x")
    assert not is_articles([tmp_path])
    with pytest.raises(InputError):
        is_articles([tmp_path / "none"])


def test_without_the_extra_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def blocked(name: str, *rest: Any, **more: Any) -> Any:
        if name == "trafilatura":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", blocked)
    (tmp_path / "a.html").write_text(page())
    with pytest.raises(ConfigError, match="trafilatura") as error:
        read_articles([tmp_path], config=CONFIG)
    assert "dideban[news]" in str(error.value.hint)


def test_plain_text() -> None:
    assert plain_text("<p>One<br>two</p><style>p {}</style><div>three &lt;b&gt;</div>") == "One\ntwo\nthree <b>"
    assert plain_text("") == ""
