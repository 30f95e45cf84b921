"""Files with the traits of real exports are read as a person would read them; what that is was written down by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dideban.config import IngestConfig
from dideban.errors import InputError
from dideban.ingest import Intake, inspect_file, read_posts

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Case:
    """What a person finds in a file; a field that is not named is not compared."""

    shape: str
    posts: int
    accounts: set[str]
    times: tuple[str, str]
    """First and last."""
    platform: str = "unknown"
    duplicates: int = 0
    rejects: tuple[str, ...] = ()
    passed: dict[str, int] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    reposts: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)


DAY = "2026-05-01T12:00:0"
A = "https://news.example/a"
CASES = {
    "01-zeeschuimer-x/half-no-legacy.ndjson": Case("zeeschuimer", 6, {"100"}, ("2026-05-26T12:00:00", "2026-05-26T12:00:05"), "x",
        ids=("1000", "1001", "1002", "1003", "1004", "1005"), texts=tuple(f"text number {i} about the bridge" for i in range(6))),
    "01-zeeschuimer-x/no-legacy.ndjson": Case("zeeschuimer", 5, {"100"}, ("2026-05-26T12:00:00", "2026-05-26T12:00:04"), "x"),
    "01-zeeschuimer-x/note-tweet.ndjson": Case("zeeschuimer", 1, {"100"}, ("2026-05-26T12:00:06",) * 2, "x", texts=(
        "short beginning of a very long text that is cut here but it goes on with many more words and https://t.co/zzz",)),
    "01-zeeschuimer-x/ok-missing-entities.ndjson": Case("zeeschuimer", 3, {"100", "103"},
        ("2026-05-26T12:00:01", "2026-05-26T12:00:03"), "x", urls=(A,)),
    "01-zeeschuimer-x/retweets.ndjson": Case("zeeschuimer", 2, {"100", "101"}, ("2026-05-26T12:00:04", "2026-05-26T12:00:05"), "x",
        reposts=("1050", "1050"), texts=("the long original text about the market that everyone shares",) * 2),
    "02-telegram-ids-per-channel/4cat-vk.csv": Case("4cat", 6, {"-500", "-501"}, (DAY + "1", DAY + "3"), "vk",
        ids=("-500_1", "-500_2", "-500_3", "-501_1", "-501_2", "-501_3")),
    "02-telegram-ids-per-channel/telethon.csv": Case("table", 12, {"chA", "chB", "chC"}, (DAY + "1", DAY + "4"),
        ids=tuple(f"ch{c}/{i}" for c in "ABC" for i in range(1, 5))),
    "02-telegram-ids-per-channel/telethon.json": Case("telethon", 6, {"1001", "1002"}, (DAY + "1", DAY + "3"), "telegram",
        ids=tuple(f"{c}/{i}" for c in (1001, 1002) for i in range(1, 4)), urls=tuple(f"https://news.example/{i}" for i in (1, 2, 3)) * 2),
    "02-telegram-ids-per-channel/telethon.ndjson": Case("telethon", 6, {"1001", "1002"}, (DAY + "1", DAY + "3"), "telegram",
        ids=tuple(f"{c}/{i}" for c in (1001, 1002) for i in range(1, 4)), reposts=("77/9", "77/9"),
        urls=("https://news.example/1", "https://news.example/3") * 2),
    "02-telegram-ids-per-channel/telethon2.csv": Case("table", 12, {"1001", "1002", "1003"}, (DAY + "1", DAY + "4"),
        ids=tuple(f"{c}/{i}" for c in (1001, 1002, 1003) for i in range(1, 5))),
    "03-4cat-telegram/4cat-telegram.csv": Case("4cat", 4, {"uchA1", "uchA2", "uchB1", "uchB2"}, (DAY + "1", DAY + "2"), "telegram",
        ids=("chA-1", "chA-2", "chB-1", "chB-2"), replies=("chA-42", "chA-42", "chB-42", "chB-42"), reposts=("900@1777633200",) * 4),
    "04-bluesky/4cat-bsky.csv": Case("4cat", 1, {"did:plc:aaa"}, (DAY + "0",) * 2, "bluesky",
        ids=("at://did:plc:aaa/app.bsky.feed.post/3k1",), urls=("https://news.example/long/article",), hashtags=("alpha", "beta")),
    "04-bluesky/atproto-snake.ndjson": Case("bluesky-api", 1, {"did:plc:aaa"}, (DAY + "0",) * 2, "bluesky", hashtags=("alpha",),
        texts=("read this #alpha",)),
    "04-bluesky/jetstream-odd-times.ndjson": Case("bluesky-jetstream", 6, {"did:plc:aaa"}, (DAY + "0.123456", DAY + "1.000006"), "bluesky",
        texts=tuple(f"hi {i}" for i in range(1, 7))),
    "04-bluesky/offset-createdAt.ndjson": Case("bluesky-api", 5, {"did:plc:aaa"}, (DAY + "0", DAY + "1"), "bluesky"),
    "05-x-collectors/apify.json": Case("apify-x", 3, {"500", "501", "502"}, (DAY + "0", DAY + "2"), "x", urls=(A,) * 3,
        hashtags=("market",) * 3, ids=("1790000000000000000", "1790000000007777777", "1790000000015555554")),
    "05-x-collectors/gazou.csv": Case("gazouilloire", 3, {"500", "501", "502"}, (DAY + "0", DAY + "2"), "x",
        reposts=("1790000000769999923",) * 3),
    "05-x-collectors/snscrape.csv": Case("table", 3, {"u0", "u1", "u2"}, ("2023-03-01T12:00:00", "2023-03-01T12:00:02"), "x", urls=(A,) * 3),
    "05-x-collectors/snscrape.jsonl": Case("snscrape", 3, {"501", "502", "503"}, ("2023-03-01T12:00:01", "2023-03-01T12:00:03"), "x",
        urls=(A,) * 2, hashtags=("market",) * 2, reposts=("1790000000069999993",)),
    "05-x-collectors/snscrape2.csv": Case("snscrape-csv", 3, {"500", "501", "502"}, ("2023-03-01T12:00:00", "2023-03-01T12:00:02"), "x",
        urls=(A,) * 3, hashtags=("market",) * 3),
    "05-x-collectors/tcat.csv": Case("dmi-tcat", 3, {"500", "501", "502"}, (DAY + "0", DAY + "2"), "x", urls=("http://t.co/x",) * 3),
    "05-x-collectors/troll538.csv": Case("ira-tweets", 3, {f"90600000000000000{i}" for i in range(3)}, ("2017-10-01T19:58:00",) * 2, "x"),
    "05-x-collectors/twarc.csv": Case("twarc-csv", 3, {"11", "12", "13"}, (DAY + "0", DAY + "4"), "x", urls=("https://news.example/story/1",),
        hashtags=("Market",), reposts=("1790000000007777777",), replies=("1790000000007777777",)),
    "05-x-collectors/twe.csv": Case("twitter-web-exporter", 3, {"500", "501", "502"}, ("2026-05-01T08:30:00", "2026-05-01T08:30:02"), "x",
        ids=("1790000000000000000", "1790000000007777777", "1790000000015555554"), reposts=("1790000000769999923",) * 3),
    "05-x-collectors/tweets.js": Case("x-archive", 2, {"ann"}, (DAY + "0", DAY + "1"), "x", texts=("hi", "hi"), mapping={"account_id": "=ann"}),
    "05-x-collectors/twint-ms.csv": Case("twint", 3, {"51", "52", "53"}, ("2021-05-01T10:00:01", "2021-05-01T10:00:03"), "x", texts=("read",) * 3),
    "05-x-collectors/twint.csv": Case("twint", 3, {"51", "52", "53"}, ("2021-05-01T10:00:01", "2021-05-01T10:00:03"), "x", urls=(A,) * 3,
        hashtags=("market",) * 3),
    "05-x-collectors/twscrape.jsonl": Case("snscrape", 3, {"500", "501", "502"}, ("2026-03-01T12:00:00", "2026-03-01T12:00:02"), "x",
        urls=(A,) * 3, hashtags=("market",) * 3),
    "07-float-ids/pandas-float.csv": Case("table", 6, {f"50{i}" for i in range(6)}, (DAY + "0", DAY + "5"), "x"),
    "07-float-ids/pandas-float2.csv": Case("table", 6, {f"50{i}" for i in range(6)}, (DAY + "0", DAY + "5"), "x", replies=("1790000000007777777",)),
    **{f"08-date-and-time-columns/{name}.csv": Case("table", 4, {"u0", "u1", "u2", "u3"}, (DAY + "0", DAY + "3")) for name in
       ("DT", "dt", "td", "pub", "fa")},
    "08-date-and-time-columns/excel-resaved.csv": Case("table", 4, {"u0", "u1", "u2", "u3"}, ("2026-05-13T08:30:00", "2026-05-13T08:30:03")),
    "10-telegram-desktop/all-chats.json": Case("telegram-export", 3, {"user101"}, (DAY + "1",) * 2, "telegram", ids=("1/1", "2/1", "3/1"),
        passed={"service-message": 1}),
    "10-telegram-desktop/all-rich.json": Case("telegram-export", 2, {"user102", "user103"}, (DAY + "2", DAY + "3"), "telegram",
        texts=("a rich", "x")),
    "10-telegram-desktop/bad-emoji.json": Case("telegram-export", 2, {"user101", "user103"}, (DAY + "1", DAY + "3"), "telegram",
        rejects=("json-invalid",)),
    "10-telegram-desktop/forwards.json": Case("telegram-export", 3, {"user101", "user102", "user103"}, (DAY + "1", DAY + "3"), "telegram",
        texts=("same", "same", "Bob hi 1q"), reposts=("channel900@2026-05-01T11:00:00",)),
    "10-telegram-desktop/rich.json": Case("telegram-export", 3, {"user101", "user102", "user103"}, (DAY + "1", DAY + "3"), "telegram",
        texts=("plain", "a rich list about the market", "")),
    "10-telegram-desktop/truncated.json": Case("telegram-export", 4, {f"user10{i}" for i in range(1, 5)}, (DAY + "1", DAY + "4"), "telegram",
        rejects=("json-invalid",)),
    "11-tiktok/apify-tiktok.csv": Case("apify-tiktok", 3, {"t0", "t1", "t2"}, (DAY + "0", DAY + "2"), "tiktok", hashtags=("town",) * 3),
    **{f"11-tiktok/research.{end}": Case("tiktok-research", 3, {"t0", "t1", "t2"}, (DAY + "0", DAY + "2"), "tiktok",
        hashtags=("town", "dance") * 3, ids=tuple(f"730000000000000000{i}" for i in range(3))) for end in ("csv", "json", "ndjson")},
    **{f"13-others/gdelt-doc.{end}": Case("gdelt-doc", 3, {f"news{i}.example" for i in range(3)}, (DAY + "0",) * 2, "web", texts=("Title",) * 3)
       for end in ("csv", "json")},
    "13-others/gdelt-events.CSV": Case("gdelt-events", 1, {"news.example"}, (DAY + "0",) * 2, "web", duplicates=2, ids=(A,)),
    "13-others/gdelt-gkg.csv": Case("gdelt-gkg", 1, {"news.example"}, (DAY + "0",) * 2, "web", duplicates=2, ids=(A,)),
    "13-others/vk-api.json": Case("vk-api", 3, {"-500", "-501", "-502"}, (DAY + "0", DAY + "2"), "vk", ids=("-500_1", "-501_1", "-502_1"),
        reposts=("-7_9",) * 3),
    "13-others/weibo-api.ndjson": Case("weibo-api", 3, {"60", "61", "62"}, (DAY + "0", DAY + "2"), "weibo", reposts=("99",) * 3),
    "13-others/weibo-search.csv": Case("weibo-table", 3, {"600", "601", "602"}, (DAY + "0",) * 2, "weibo", hashtags=("市场",) * 3),
    "13-others/weibo-spider.csv": Case("weibo-table", 3, {"600"}, ("2026-05-01T00:00:00",) * 2, "weibo", ids=("49000", "49001", "49002"),
        texts=("市场",) * 3, mapping={"account_id": "=600"}),
    "13-others/whatsapp-en.txt": Case("whatsapp", 3, {"Ann", "Bob", "Cat"}, ("2026-05-01T12:01:00", "2026-05-01T12:03:04"), "whatsapp",
        texts=(f"read {A}", "second line\ncontinues here", "hi"), urls=(A,), passed={"service-message": 1}),
    "13-others/whatsapp-fa.txt": Case("whatsapp", 2, {"آنا", "بابک"}, ("2026-05-01T12:01:00", "2026-05-01T12:02:00"), "whatsapp",
        texts=("سلام، بازار", "خبر"), passed={"service-message": 1}),
    "14-monitoring/brandwatch.csv": Case("brandwatch", 3, {"u0", "u1", "u2"}, (DAY + "0", DAY + "2"), "x", ids=("0", "1", "2"), urls=(A,) * 3,
        hashtags=("market",) * 3, texts=("look here https://t.co/a #market",) * 3),
    "14-monitoring/communalytic.csv": Case("communalytic", 3, {"500", "501", "502"}, (DAY + "0", DAY + "2"), "x", reposts=("999",) * 3),
    "14-monitoring/junkipedia.csv": Case("junkipedia", 3, {"700", "701", "702"}, (DAY + "0", DAY + "2"), "", urls=(A,) * 3),
    "14-monitoring/mediacloud-new.csv": Case("media-cloud", 3, {f"news{i}.example" for i in range(3)}, ("2026-05-01T00:00:00",) * 2, "web"),
    "14-monitoring/mediacloud.csv": Case("media-cloud", 3, {f"news{i}.example" for i in range(3)}, (DAY + "0",) * 2, "web"),
    "14-monitoring/meltwater.csv": Case("meltwater", 3, {"u0", "u1", "u2"}, (DAY + "0", "2026-05-01T12:02:00"), "x", urls=(A,) * 3,
        hashtags=("market",) * 3,
        texts=("look here",) * 3),
    "14-monitoring/newswhip.csv": Case("newswhip", 3, {f"news{i}.example" for i in range(3)}, (DAY + "0",) * 2, "web", texts=("Head",) * 3),
    "14-monitoring/talkwalker.csv": Case("talkwalker", 3, {"0", "1", "2"}, (DAY + "0", DAY + "2"), "x", urls=(A,) * 3),
    "15-meta/ct-facebook.csv": Case("crowdtangle", 3, {"101", "102", "103"}, ("2023-05-01T16:00:01", "2023-05-01T16:00:03"), "facebook",
        urls=(A, A)),
    "15-meta/ct-instagram.csv": Case("crowdtangle-instagram", 3, {"acc0", "acc1", "acc2"}, ("2023-05-01T19:00:00", "2023-05-01T19:00:02"),
        "instagram", hashtags=("market",) * 3, mentions=("ann",) * 3, ids=("C0", "C1", "C2")),
    "15-meta/mcl-fb.csv": Case("meta-content-library", 3, {"100", "101", "102"}, (DAY + "0", DAY + "2"), "facebook", urls=(A,) * 3, media=("5",) * 3),
    "15-meta/mcl-ig.csv": Case("meta-content-library", 3, {"100", "101", "102"}, (DAY + "0", DAY + "2"), "instagram", hashtags=("market",) * 3),
    "33-zeeschuimer-others/gab.ndjson": Case("zeeschuimer", 2, {"5"}, (DAY + "0", DAY + "1"), "gab", texts=("look",) * 2, ids=("110", "111")),
    "33-zeeschuimer-others/instagram.ndjson": Case("zeeschuimer", 4, {"u1", "u2", "o3", "54"}, (DAY + "1", DAY + "4"), "instagram",
        ids=("C1", "C2", "C3", "C4"), hashtags=("town",) * 3),
    "33-zeeschuimer-others/rednote.ndjson": Case("zeeschuimer", 2, {"5"}, (DAY + "0", DAY + "0.001"), "xiaohongshu", hashtags=("市场",) * 2),
    "33-zeeschuimer-others/threads.ndjson": Case("zeeschuimer", 2, {"u0", "u1"}, (DAY + "0", DAY + "1"), "threads", urls=(A,) * 2),
    "33-zeeschuimer-others/tiktok-comments.ndjson": Case("zeeschuimer", 3, {"t0", "t1", "t2"}, (DAY + "0", DAY + "2"), "tiktok",
        replies=("72",) * 3, hashtags=("town",) * 3),
    "33-zeeschuimer-others/tiktok.ndjson": Case("zeeschuimer", 2, {"t0", "t1"}, (DAY + "0", DAY + "1"), "tiktok", hashtags=("town",) * 2),
    "33-zeeschuimer-others/truth.ndjson": Case("zeeschuimer", 2, {"https://truthsocial.com/@u0", "https://truthsocial.com/@u1"},
        (DAY + "0", DAY + "1"), "truthsocial", urls=(A,) * 2),
    "raster-one-instant.csv": Case("table", 6, {"a", "b", "c"}, ("2024-01-01T00:00:00",) * 2, reposts=("x", "x", "x", "y", "y", "y")),
}  # fmt: skip
"""Name to what a person finds in it."""
REFUSED = {
    "07-float-ids/excel-damaged.csv": "account-missing",
    "05-x-collectors/tweets.js": "account-missing",
    "13-others/weibo-spider.csv": "account_id",
    "33-zeeschuimer-others/linkedin.ndjson": "time-missing",
    "09-time-formats/f20.csv": "time-relative",
    "09-time-formats/f21.csv": "time-relative",
}
"""Files that do not say who or when, and what names the trouble."""
NOON_OF = {
    "f00": "2020-01-29T05:33:50", "f03": "2024-05-01T08:30:00", "f04": "2024-05-01T09:00:00", "f05": "2024-05-01T08:30:00",
    "f15": "2024-05-01T16:00:00", "f17": "2024-05-02T00:00:00", "f19": "2024-05-01T12:00:00.123", "f25": "2024-05-01T00:00:00",
    "f29": "2025-03-28T21:29:00",
}  # fmt: skip
"""Times of the files of times that are not noon of 1 May 2024."""


def read(path: Path, out: Path, **more: Any) -> tuple[Intake, pl.DataFrame]:
    got = read_posts([path], out=out, key=bytes(32), config=IngestConfig(keep_ids=True), **more)
    return got, pl.read_parquet(got.posts_path).sort("post_id")


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    if not (shared / "cases").is_dir():
        pytest.skip("the cases are not beside the project")
    return shared / "cases"


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_as_a_person_would_read_it(cases: Path, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    got, posts = read(cases / name, tmp_path, mapping=case.mapping)
    assert got.files[0].shape == case.shape
    assert (got.n_posts, got.n_duplicates) == (case.posts, case.duplicates)
    assert tuple(sorted(got.reject_reasons)) == case.rejects
    assert set(posts["account_id"]) == case.accounts
    assert (posts["created_at"].min(), posts["created_at"].max()) == tuple(map(instant, case.times))
    assert got.passed == case.passed
    if case.platform:
        assert set(posts["platform"]) == {case.platform}
    for column, expected in fields(case):
        found = sorted(
            posts[column].explode().drop_nulls()
            if posts.schema[column] == pl.List(pl.String)
            else posts[column].drop_nulls()
        )
        assert found == sorted(expected), column


def fields(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is compared: objects always, ids and texts where they are written down."""
    yield from (
        (("urls", case.urls), ("hashtags", case.hashtags), ("mentions", case.mentions))
        if case.shape != "twarc-csv"
        else (("urls", case.urls), ("hashtags", case.hashtags))
    )
    yield from (("repost_of", case.reposts),) if case.shape != "ira-tweets" else ()
    yield from (("reply_to", case.replies), ("quote_of", case.quotes))
    yield from (("post_id", case.ids),) if case.ids else ()
    yield from (("text", case.texts),) if case.texts else ()
    yield from (("media", case.media),) if case.media else ()


@pytest.mark.parametrize("number", [n for n in range(36) if n not in (20, 21)])
def test_times_are_read_in_every_way_of_writing(cases: Path, tmp_path: Path, number: int) -> None:
    name = f"f{number:02}"
    got, posts = read(cases / "09-time-formats" / f"{name}.csv", tmp_path)
    assert (got.n_posts, got.n_rejects) == (2, 0)
    assert set(posts["created_at"]) == {instant(NOON_OF.get(name, "2024-05-01T12:00:00"))}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_does_not_say_who_or_when_is_refused(cases: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=REFUSED[name]):
        read(cases / name, tmp_path)
    found = inspect_file(cases / name, config=IngestConfig())
    assert REFUSED[name] in str(found.refused)


def test_every_file_is_written_down(cases: Path) -> None:
    names = {path.relative_to(cases).as_posix() for path in cases.rglob("*") if path.is_file()}
    told = {name for name in names if not name.endswith(("cmd.txt", "formats.txt")) and not name.startswith("09-")}
    assert told == CASES.keys() | {name for name in REFUSED if not name.startswith("09-")}


def instant(text: str) -> Any:
    from datetime import UTC, datetime

    return datetime.fromisoformat(text).replace(tzinfo=UTC)
