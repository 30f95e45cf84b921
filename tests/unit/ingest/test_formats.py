"""The same posts, written in every format, are read as the same posts; a campaign in them is seen in each."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.ingest import read_posts
from dideban.ingest.sources import GENERIC, SHAPES
from dideban.ingest.sources.fourcat import _MARKS
from testdata.exports import Post
from testdata.formats import VALUES, WRITERS

SHAPE_BY_NAME = {shape.name: shape for shape in [*SHAPES, GENERIC]}
WORDS = ("the bridge is closed", "خبر امروز بازار", "market day", "we all saw it", "نص عن السوق")


@st.composite
def made_up(draw: st.DrawFn) -> list[Post]:
    """Posts of which some repost, quote and answer others, each in a minute of its own."""
    n = draw(st.integers(3, 12))
    minutes = draw(st.lists(st.integers(0, 300), min_size=n, max_size=n, unique=True))
    posts: list[Post] = []
    for number in range(1, n + 1):
        words = f"{draw(st.sampled_from(WORDS))} {number}"
        link = draw(st.sampled_from(["", "https://news.example/a", "https://other.example/b?x=1"]))
        tag = draw(st.sampled_from(["", "town", "بازار"]))
        more = {
            "lang": draw(st.sampled_from(["en", "fa", "ar"])),
            "place": draw(st.sampled_from(["", "Tehran", "القاهرة"])),
            "reach": draw(st.integers(1, 10**9)),
            "picture": draw(st.sampled_from(["", "3_17", "a.jpg"])),
            "mention": draw(st.sampled_from(["", "ann", "ben_9"])),
        }
        post = Post(
            number,
            draw(st.integers(1, 4)),
            60 * minutes[number - 1] + draw(st.integers(0, 59)),
            words,
            link,
            tag,
            **more,
        )
        originals = [one for one in posts if one.repost_of is None]
        kind = draw(st.sampled_from(["own", "own", "repost", "reply", "quote"]))
        if kind == "repost" and originals:
            of = draw(st.sampled_from(originals))
            same = {"words": of.words, "link": of.link, "tag": of.tag, "mention": of.mention, "picture": ""}
            post = dataclasses.replace(post, **same, repost_of=of.number)
        elif kind == "reply" and originals:
            post = dataclasses.replace(post, reply_to=draw(st.sampled_from(originals)).number)
        elif kind == "quote" and originals:
            post = dataclasses.replace(post, quote_of=draw(st.sampled_from(originals)).number)
        posts.append(post)
    return posts


def read(posts: list[Post], name: str, folder: Path) -> pl.DataFrame:
    path = folder / "in"
    path.write_bytes(WRITERS[name].write(posts))
    mapping = dict(WRITERS[name].mapping)
    got = read_posts([path], out=folder / "out", key=bytes(32), config=IngestConfig(keep_ids=True), mapping=mapping)
    assert got.files[0].shape == WRITERS[name].shape
    assert (got.n_rejects, got.n_duplicates) == (0, 0)
    return pl.read_parquet(got.posts_path)


@pytest.mark.parametrize("name", WRITERS)
@given(posts=made_up())
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_read_back(tmp_path: Path, name: str, posts: list[Post]) -> None:
    if WRITERS[name].carries.isdisjoint({"repost_of"}):  # a format that cannot say so holds none
        posts = [post for post in posts if post.repost_of is None] or posts[:1]
        kept = {post.number for post in posts}
        posts = [post for post in posts if post.reply_to is None or post.reply_to in kept]
    posts = in_order(posts, name)
    found = read(posts, name, tmp_path).to_dicts()
    assert len(found) == len(posts)
    pairs = list(zip(sorted(posts, key=lambda p: p.at), sorted(found, key=lambda r: r["created_at"]), strict=True))
    compare(pairs, WRITERS[name].carries, name)


def in_order(posts: list[Post], name: str) -> list[Post]:
    """Chats are written in the order of their messages; formats that tell times coarsely have coarse times."""
    unit = WRITERS[name].unit_s
    posts = [dataclasses.replace(post, second=post.second // unit * unit) for post in posts]
    return sorted(posts, key=lambda post: post.second) if name.startswith(("whatsapp", "line")) else posts


def compare(pairs: list[tuple[Post, dict[str, object]]], carries: frozenset[str], name: str) -> None:
    """Fields are the same, names of accounts and posts may be others: one for one."""
    assert [row["created_at"] for _, row in pairs] == [post.at for post, _ in pairs]
    silent = name in ("bluesky-jetstream", "activitypub")  # a repost has no text of its own
    texts = [(post, row) for post, row in pairs if not (silent and post.repost_of is not None)]
    assert [row["text"] for _, row in texts] == [post.text for post, _ in texts]
    if name != "x-archive":
        accounts = {(post.author, row["account_id"]) for post, row in pairs}
        assert len(accounts) == len({author for author, _ in accounts}) == len({account for _, account in accounts})
    shape = SHAPE_BY_NAME[WRITERS[name].shape]
    assert {row["platform"] for _, row in pairs} == {WRITERS[name].platform or shape.platform or "unknown"}
    for field in ("lang", "place", "reach"):
        if field in carries:
            assert [row[field] for _, row in pairs] == [VALUES[field](post) for post, _ in pairs], field
    for field in ("media", "mentions"):
        if field in carries:
            assert [row[field] for _, row in pairs] == [VALUES[field](post) for post, _ in pairs], field
    for field, value in (("urls", "link"), ("hashtags", "tag")):
        if field in carries:
            own = [(getattr(post, value), row[field]) for post, row in pairs if post.repost_of is None]
            assert [row for _, row in own] == [[said] if said else [] for said, _ in own], field
    for field in ("repost_of", "reply_to", "quote_of"):
        if field in carries:
            seen = {
                (getattr(post, field), row[field])
                for post, row in pairs
                if post.reply_to is not None or field != "reply_to"
            }
            assert all((said is None) == (read is None) for said, read in seen), field
            assert len(seen) == len({said for said, _ in seen}) == len({read for _, read in seen}), field


def campaign() -> list[Post]:
    """Five accounts that share six links within seconds, among forty that share others at their own pace."""
    rng = random.Random(3)
    posts: list[Post] = []
    for i in range(6):
        for author in range(1, 6):
            posts.append(
                Post(
                    len(posts) + 1, author, 400 * i + 5 * author, f"look {i} {author}", f"https://campaign.example/{i}"
                )
            )
    for author in range(10, 50):
        number = len(posts) + 1
        posts.append(Post(number, author, rng.randrange(2900), f"mine {author}", f"https://own.example/{author}"))
    return posts


@pytest.mark.parametrize(
    "name", [name for name, writer in WRITERS.items() if "urls" in writer.carries and name != "x-archive"]
)
def test_a_campaign_is_seen_in_every_format(tmp_path: Path, name: str) -> None:
    posts = campaign()
    posts = in_order(posts, name)
    found = read(posts, name, tmp_path)
    shared = found.explode("urls").filter(pl.col("urls").str.contains("campaign.example"))
    groups = shared.group_by("urls").agg(
        pl.col("account_id").unique().sort(), span=pl.col("created_at").max() - pl.col("created_at").min()
    )
    assert groups.height == 6
    assert groups["account_id"].n_unique() == 1
    assert groups["account_id"][0].len() == 5
    assert groups["span"].dt.total_seconds().max() in ([20] if WRITERS[name].unit_s == 1 else [0, 60])
    assert found.explode("urls")["urls"].drop_nulls().str.contains("campaign.example|own.example").all()


@pytest.mark.parametrize(
    "name", [name for name, writer in WRITERS.items() if "repost_of" in writer.carries and name != "x-archive"]
)
def test_a_campaign_of_reposts_is_seen_in_every_format_that_tells_them(tmp_path: Path, name: str) -> None:
    posts = [Post(i, 60 + i, i, f"first {i}") for i in range(1, 7)]
    for i in range(1, 7):
        for author in range(1, 6):
            number = len(posts) + 1
            posts.append(Post(number, author, 400 * i + 5 * author, f"first {i}", repost_of=i))
    found = read(in_order(posts, name), name, tmp_path).filter(pl.col("repost_of").is_not_null())
    groups = found.group_by("repost_of").agg(pl.col("account_id").unique().sort())
    assert groups.height == 6
    assert groups["account_id"].n_unique() == 1
    assert groups["account_id"][0].len() == 5


def test_no_two_shapes_recognise_the_same_table() -> None:
    for name, writer in WRITERS.items():
        first = writer.write(campaign()[:3])
        if (
            not first.startswith((b"{", b"[", b"window", b"<"))
            and writer.shape != "whatsapp"
            and b"\t" not in first[:200]
        ):
            header = frozenset(first.decode("utf-8").split("\n\n")[-1].split("\n", 1)[0].replace('"', "").split(","))
            assert [shape.name for shape in SHAPES if shape.columns is not None and shape.columns(header)] in (
                [writer.shape], [] if writer.shape == "table" else [writer.shape]), name  # fmt: skip


ELSEWHERE = {
    "dideban": "test_shapes.py",
    "coortweet": "test_shapes.py",
    "gdelt-events": "test_formats.py",
}
"""Shapes that cannot hold the made-up posts as they are, and where they are tested."""


def test_every_shape_is_written_and_read_back() -> None:
    assert {shape.name for shape in SHAPE_BY_NAME.values()} == {w.shape for w in WRITERS.values()} | ELSEWHERE.keys()


ASKED = {
    "twarc-csv": ["twarc-csv"], "Twint": ["twint"], "snscrape": ["snscrape", "snscrape-csv"], "twscrape": ["snscrape"],
    "Apify": ["apify-x", "apify-tiktok"], "Bright Data": ["brightdata"], "twitter-web-exporter": ["twitter-web-exporter"],
    "X v2": ["x-v2"], "Zeeschuimer X": ["zeeschuimer-x", "zeeschuimer-x-details"], "Zeeschuimer TikTok": ["zeeschuimer-tiktok"],
    "Zeeschuimer comments": ["zeeschuimer-comments"], "Zeeschuimer Instagram": ["zeeschuimer-instagram"],
    "Zeeschuimer Threads": ["zeeschuimer-threads"], "Zeeschuimer LinkedIn": ["zeeschuimer-linkedin"],
    "Zeeschuimer Rednote": ["zeeschuimer-rednote"], "Zeeschuimer Gab": ["zeeschuimer-gab"], "Zeeschuimer Truth": ["zeeschuimer-truth"],
    "Zeeschuimer 9gag": ["zeeschuimer-9gag"], "Zeeschuimer Imgur": ["zeeschuimer-imgur"], "Zeeschuimer Douyin": ["zeeschuimer-douyin"],
    "4CAT": ["4cat"], "Telegram Desktop": ["telegram-export"], "Telethon": ["telethon", "telethon-table"], "Pyrogram": ["pyrogram"],
    "Bluesky": ["bluesky-api", "bluesky-jetstream", "bluesky-repository"], "Mastodon": ["mastodon"], "Lemmy": ["lemmy"], "imageboards": ["imageboard"], "GETTR": ["gettr"], "Nostr": ["nostr"], "LINE": ["line"], "ActivityPub": ["activitypub"],
    "TikTok Research API": ["tiktok-research"], "YouTube": ["youtube-api", "ytdt-videos", "ytdt-comments"], "VK": ["vk-api"],
    "Odnoklassniki": ["ok-api"], "Weibo": ["weibo-api", "weibo-table"],
    "WhatsApp": ["whatsapp", "whatsapp-fa", "whatsapp-ar", "whatsapp-us", "whatsapp-tr", "whatsapp-de", "whatsapp-es"],
    "Reddit": ["reddit", "reddit-table"], "GDELT": ["gdelt-doc", "gdelt-gkg"], "Media Cloud": ["media-cloud"],
    "Brandwatch": ["brandwatch"], "Meltwater": ["meltwater"], "Talkwalker": ["talkwalker"], "NewsWhip": ["newswhip", "newswhip-api"],
    "Junkipedia": ["junkipedia", "junkipedia-table", "junkipedia-api"], "Communalytic": ["communalytic", "communalytic-bluesky"],
    "Meta Content Library": ["meta-content-library"], "CrowdTangle": ["crowdtangle", "crowdtangle-instagram"], "feeds": ["web"],
}  # fmt: skip
"""Exports of this field, and the writers that stand for them; web archives and Google Alerts: test_web.py."""


@pytest.mark.parametrize("export", ASKED)
def test_every_export_has_a_fixture_and_a_row_in_the_table_of_inputs(export: str) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "inputs.md").read_text("utf-8")
    for name in ASKED[export]:
        assert f"| `{WRITERS[name].shape}` |" in page


@pytest.mark.parametrize(("platform", "marks"), _MARKS, ids=[f"{p}-{min(m)}" for p, m in _MARKS])
def test_tables_of_4cat_are_of_their_platform(intake, platform: str, marks: frozenset[str]) -> None:
    head = ["id", "thread_id", "author", "body", "timestamp", "unix_timestamp", *sorted(marks - {"author", "body"})]
    rows = [
        [f"{1790000000000000000 + i}", "1", f"u{i}", f"word {i} https://news.example/a #town", f"2026-05-01 12:00:0{i}", f"{1777636800 + i}"]
        for i in range(3)
    ]  # fmt: skip
    got = intake("\n".join(",".join(row + [""] * (len(head) - len(row))) for row in [head, *rows]))
    assert got.intake.files[0].shape == "4cat"
    assert set(got.column("platform")) == {platform}
    assert got.column("account_id") == ["u0", "u1", "u2"]
    assert got.column("created_at")[0] == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert got.column("urls") == [["https://news.example/a"]] * 3
    assert got.column("hashtags") == [["town"]] * 3


def test_events_of_gdelt_are_one_post_an_article(intake) -> None:
    def row(number: int, site: str) -> str:
        cells = [str(number), "20260501", "202605", "2026", *[""] * 53]
        cells[-2:] = ["20260501120000", f"https://{site}.example/a"]
        return "\t".join(cells)

    got = intake("\n".join([row(1000001, "a"), row(1000002, "a"), row(1000003, "b")]))
    assert (got.intake.n_posts, got.intake.n_duplicates) == (2, 1)
    assert set(got.column("account_id")) == {"a.example", "b.example"}
    assert set(got.column("post_id")) == {"https://a.example/a", "https://b.example/a"}
