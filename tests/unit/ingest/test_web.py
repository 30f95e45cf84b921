"""Pages, feeds and web archives become posts; nothing in them is lost in silence."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.errors import InputError
from dideban.ingest import inspect_file, is_articles, read_articles
from dideban.ingest.real_address import real_address
from dideban.ingest.web_archives import MAX_BODY_BYTES, MAX_HEAD_BYTES, Record, read_records
from testdata.web import ALERTS, NITTER, SOCIAL, answer, chunked, page, record, wacz

A = page("The pool stays open", url="https://news.example/a")
ARCHIVE = [
    record(b"software: x\r\n", kind="warcinfo", url=""),
    record(b"GET /a HTTP/1.1\r\n\r\n", kind="request"),
    record(answer(A)),
    record(answer(b"\x89PNG", kind="image/png"), url="https://news.example/p.png"),
    record(answer(b"", status="301 Moved"), url="https://news.example/old"),
    record(answer(page("The bridge is closed")), url="https://other.example/b"),
    record(page("A page kept by itself"), kind="resource", url="https://third.example/c"),
]


def whole(records: list[bytes]) -> list[Record]:
    return list(read_records(iter([b"".join(records)])))


@pytest.mark.parametrize("how", ["warc", "gzip", "gzip by record", "wacz"])
def test_pages_of_a_web_archive_are_posts_and_the_rest_is_counted(intake, how):
    data = {
        "warc": b"".join(ARCHIVE),
        "gzip": gzip.compress(b"".join(ARCHIVE), mtime=0),
        "gzip by record": b"".join(gzip.compress(one, mtime=0) for one in ARCHIVE),
        "wacz": wacz(ARCHIVE),
    }[how]
    got = intake(data)
    assert got.intake.files[0].shape == "web"
    assert set(got.column("account_id")) == {"news.example", "other.example", "third.example"}
    assert set(got.column("post_id")) == {
        "https://news.example/a",
        "https://other.example/b",
        "https://third.example/c",
    }
    assert got.intake.passed == {"archive-note": 2, "archive-resource": 2}
    assert (got.law, got.rejects) == (True, [])


def test_the_same_archive_is_read_by_copies(tmp_path):
    for name, data in (("a.warc.gz", gzip.compress(b"".join(ARCHIVE), mtime=0)), ("b.wacz", wacz(ARCHIVE))):
        (tmp_path / name).write_bytes(data)
        assert is_articles([tmp_path / name])
        found = read_articles([tmp_path / name], config=IngestConfig())
        assert sorted(found.posts["account_id"]) == ["news.example", "other.example", "third.example"]
        assert found.rejects.is_empty()


def test_pages_that_are_no_articles_are_rejects(intake):
    got = intake(b"".join([
        record(answer(page("No time", at=""))), record(answer(b"<html><body>x</body></html>")),
        record(answer(page("Sound")), url="https://news.example/s"),
    ]))  # fmt: skip
    assert sorted(reason for _, reason in got.rejects) == ["article-empty", "time-missing"]
    assert (got.intake.n_posts, got.law) == (1, True)


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ("", A),
        ("Content-Encoding: gzip\r\n", gzip.compress(A, mtime=0)),
        ("Content-Encoding: deflate\r\n", zlib.compress(A)),
        ("Transfer-Encoding: chunked\r\n", chunked(A)),
        ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(A, mtime=0))),
        ("Content-Encoding: gzip\r\n", A),
        ("Transfer-Encoding: chunked\r\n", A),
    ],
    ids=["plain", "gzip", "deflate", "chunked", "chunked gzip", "gzip undone", "chunks undone"],
)
def test_bodies_are_unpacked_however_they_were_sent(more, body):
    (got,) = whole([record(answer(body, more=more))])
    assert (got.kind, got.body) == ("page", A)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (record(b"no http"), "record-unreadable"),
        (record(answer(b"\x0b\x0c", more="Content-Encoding: br\r\n")), "record-unreadable"),
        (record(answer(b"\x1f\x8bbroken", more="Content-Encoding: gzip\r\n")), "record-unreadable"),
        (record(answer(gzip.compress(b"<" * (MAX_BODY_BYTES + 9), mtime=0), more="Content-Encoding: gzip\r\n")),
         "field-too-large"),
        (record(answer(b"x" * (MAX_BODY_BYTES + MAX_HEAD_BYTES))), "field-too-large"),
        (record(answer(A), length="9" * 30), "record-unreadable"),
        (record(answer(A), length="-5"), "record-unreadable"),
        (record(answer(A), length="x"), "record-unreadable"),
        (b"WARC/1.0\r\n" + b"A: b\r\n" * 20_000, "record-unreadable"),
    ],
    ids=["no http", "unknown packing", "broken gzip", "bomb", "giant", "long length", "negative", "no number", "endless head"],
)  # fmt: skip
def test_a_broken_record_costs_itself(content, problem):
    got = whole([record(answer(A)), content, record(answer(A))])
    assert [one.kind for one in got if one.kind != "broken"] == ["page", "page"]
    assert {one.problem for one in got if one.kind == "broken"} == {problem}


def test_an_archive_that_ends_too_early_says_so(intake):
    data = b"".join(ARCHIVE)
    got = intake(data[: len(data) - 200])
    assert (got.intake.n_posts, got.rejects) == (2, [(3, "file-truncated")])
    packed = b"".join(gzip.compress(one, mtime=0) for one in ARCHIVE)
    assert "file-truncated" in intake(packed[:-50]).intake.reject_reasons


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(1, 700))
@settings(max_examples=60)
def test_any_damage_costs_records_and_never_the_reading(junk: bytes, at: int, step: int) -> None:
    data = b"".join(ARCHIVE[:4])
    data = data[:at] + junk + data[at:] + record(answer(A), url="https://last.example/")
    blocks = [data[i : i + step] for i in range(0, len(data), step)]
    got = list(read_records(iter(blocks)))
    assert got == list(read_records(iter([data])))
    assert [one.number for one in got] == list(range(1, len(got) + 1))
    assert all(one.problem for one in got if one.kind == "broken")


def test_the_page_behind_a_link_of_google_alerts_is_taken_out(intake):
    got = intake(ALERTS)
    assert got.column("account_id") == ["alder.example"]
    assert got.column("post_id") == ["https://www.alder.example/a?id=7"]
    assert got.column("text")[0].startswith(
        "The bridge is closed for the whole of the summer\nNobody knows when the bridge"
    )


@pytest.mark.parametrize(
    ("link", "page_behind"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://news.example/a%3Fb%3D1%26c%3D2&ct=ga", "https://news.example/a?b=1&c=2"),
        ("https://www.google.co.uk/url?q=http://news.example/", "http://news.example/"),
        ("https://www.google.com/url?url=javascript:alert(1)", "https://www.google.com/url?url=javascript:alert(1)"),
        ("https://www.google.com.evil.example/url?url=https://x.example", "https://www.google.com.evil.example/url?url=https://x.example"),
        ("https://google.com/search?q=https://x.example", "https://google.com/search?q=https://x.example"),
        ("http://[broken", "http://[broken"),
    ],
    ids=["alert", "country", "no page", "not Google", "a search", "broken"],
)  # fmt: skip
def test_real_addresses(link, page_behind):
    assert real_address(link) == page_behind


def test_posts_in_feeds_are_posts_of_their_platform(intake):
    got = intake(NITTER, SOCIAL)
    rows = {row["text"].split()[0] + row["platform"]: row for row in got.posts.to_dicts()}
    own, repost = rows["thex"], rows["marketx"]
    assert (own["post_id"], own["account_id"], own["urls"], own["hashtags"]) == (
        "1790000000000000001", "maple", ["https://news.example/a"], ["town"])  # fmt: skip
    assert (repost["repost_of"], repost["account_id"], repost["urls"]) == ("1790000000000000002", "maple", [])
    toot, sky, telegram = rows["lookmastodon"], rows["skybluesky"], rows["telegramtelegram"]
    assert (toot["account_id"], toot["urls"], toot["hashtags"]) == (
        "ann@town.social",
        ["https://news.example/b"],
        ["town"],
    )
    assert (sky["account_id"], sky["urls"]) == ("ben.example", ["https://news.example/b"])
    assert (telegram["post_id"], telegram["account_id"]) == ("townnews/42", "townnews")
    assert got.rejects == []


def test_a_saved_page_and_a_feed_without_entries(intake, tmp_path: Path):
    assert intake(A).column("account_id") == ["news.example"]
    with pytest.raises(InputError, match="file-empty"):
        intake('<?xml version="1.0"?><rss version="2.0"><channel><title>t</title></channel></rss>')
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(ARCHIVE))
    found = inspect_file(path, config=IngestConfig())
    assert (bool(found.refused), found.parts[0].form, found.parts[0].n_sample) == (False, "warc", 3)


def test_entities_of_a_feed_do_not_grow(intake):
    bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )
    with pytest.raises(InputError):
        intake(bomb + "]><rss version='2.0'><channel><item><title>&j;</title></item></channel></rss>")
