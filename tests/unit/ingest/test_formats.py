"""The same posts, written in every format, are read as the same posts; a campaign in them is seen in each."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.ingest import read_posts
from dideban.ingest.sources import SHAPES
from testdata.exports import WRITERS, Post

WORDS = ("the bridge is closed", "خبر امروز بازار", "market day", "we all saw it", "نص عن السوق")


@st.composite
def made_up(draw: st.DrawFn) -> list[Post]:
    """Posts of which some repost and answer others; two of one account never say the same at one time."""
    n = draw(st.integers(3, 12))
    posts: list[Post] = []
    for number in range(1, n + 1):
        words = f"{draw(st.sampled_from(WORDS))} {number}"
        link = draw(st.sampled_from(["", "https://news.example/a", "https://other.example/b?x=1"]))
        tag = draw(st.sampled_from(["", "town", "بازار"]))
        post = Post(number, draw(st.integers(1, 4)), draw(st.integers(0, 3000)), words, link, tag)
        originals = [one for one in posts if one.repost_of is None]
        kind = draw(st.sampled_from(["own", "own", "repost", "reply"]))
        if kind == "repost" and originals:
            of = draw(st.sampled_from(originals))
            post = Post(number, post.author, post.second, of.words, of.link, of.tag, repost_of=of.number)
        elif kind == "reply" and originals:
            post = Post(
                number, post.author, post.second, words, link, tag, reply_to=draw(st.sampled_from(originals)).number
            )
        posts.append(post)
    return posts


def read(posts: list[Post], name: str, folder: Path) -> pl.DataFrame:
    path = folder / "in"
    path.write_bytes(WRITERS[name].write(posts))
    mapping = {"account_id": "=ann"} if name == "x-archive" else {}
    got = read_posts([path], out=folder / "out", key=bytes(32), config=IngestConfig(keep_ids=True), mapping=mapping)
    assert got.files[0].shape == WRITERS[name].shape
    assert (got.n_rejects, got.n_duplicates) == (0, 0)
    return pl.read_parquet(got.posts_path)


@pytest.mark.parametrize("name", WRITERS)
@given(posts=made_up())
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_read_back(tmp_path: Path, name: str, posts: list[Post]) -> None:
    if WRITERS[name].carries.isdisjoint({"repost_of"}):  # a format that cannot say so holds none
        posts = [post for post in posts if post.repost_of is None] or posts[:1]
        kept = {post.number for post in posts}
        posts = [post for post in posts if post.reply_to is None or post.reply_to in kept]
    if name == "whatsapp":
        posts = sorted(posts, key=lambda post: post.second)
    found = read(posts, name, tmp_path).to_dicts()
    assert len(found) == len(posts)
    by_moment = {(row["created_at"], row["text"] or "", row["account_id"]): row for row in found}
    assert len(by_moment) == len(found)
    pairs = [(post, row) for post, row in zip(_ordered(posts), _ordered_rows(found, posts, name), strict=True)]
    compare(pairs, WRITERS[name].carries, name)


def _ordered(posts: list[Post]) -> list[Post]:
    return sorted(posts, key=lambda post: (post.at, post.text, post.number))


def _ordered_rows(rows: list[dict[str, object]], posts: list[Post], name: str) -> list[dict[str, object]]:
    """Rows in the order of their posts: by time and text, then by the number that most ids end with."""
    if name == "bluesky-jetstream":  # a repost has no text of its own
        texts = {post.number: post.text for post in posts}
        rows = [{**row, "text": row["text"] or texts[int(str(row["post_id"]).rpartition("/k")[2])]} for row in rows]
    width = max(len(str(row["post_id"])) for row in rows)
    return sorted(rows, key=lambda row: (row["created_at"], row["text"], str(row["post_id"]).rjust(width)))


def compare(pairs: list[tuple[Post, dict[str, object]]], carries: frozenset[str], name: str) -> None:
    """Fields are the same, names of accounts and posts may be others: one for one."""
    assert [row["created_at"] for _, row in pairs] == [post.at for post, _ in pairs]
    assert [row["text"] for _, row in pairs] == [post.text for post, _ in pairs]
    if name != "x-archive":
        accounts = {(post.author, row["account_id"]) for post, row in pairs}
        assert len(accounts) == len({author for author, _ in accounts}) == len({account for _, account in accounts})
    for field, value in (("urls", "link"), ("hashtags", "tag")):
        if field in carries:
            own = [(getattr(post, value), row[field]) for post, row in pairs if post.repost_of is None]
            assert [row for _, row in own] == [[said] if said else [] for said, _ in own], field
    for field in ("repost_of", "reply_to"):
        if field in carries:
            seen = {
                (getattr(post, field), row[field])
                for post, row in pairs
                if post.reply_to is not None or field == "repost_of"
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
    if name == "whatsapp":
        posts = sorted(posts, key=lambda post: post.second)
    found = read(posts, name, tmp_path)
    shared = found.explode("urls").filter(pl.col("urls").str.contains("campaign.example"))
    groups = shared.group_by("urls").agg(
        pl.col("account_id").unique().sort(), span=pl.col("created_at").max() - pl.col("created_at").min()
    )
    assert groups.height == 6
    assert groups["account_id"].n_unique() == 1
    assert groups["account_id"][0].len() == 5
    assert groups["span"].dt.total_seconds().max() == 20
    assert found.explode("urls")["urls"].drop_nulls().str.contains("campaign.example|own.example").all()


def test_no_two_shapes_recognise_the_same_table() -> None:
    for name, writer in WRITERS.items():
        first = writer.write(campaign()[:3])
        if not first.startswith((b"{", b"[", b"window")) and writer.shape != "whatsapp" and b"\t" not in first[:200]:
            header = frozenset(first.decode("utf-8").split("\n\n")[-1].split("\n", 1)[0].replace('"', "").split(","))
            assert [shape.name for shape in SHAPES if shape.columns is not None and shape.columns(header)] in (
                [writer.shape], [] if writer.shape == "table" else [writer.shape]), name  # fmt: skip
