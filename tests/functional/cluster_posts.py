"""Posts that hold everything a trace can come from, with what is hard for engines: skew, ids that look alike, gaps."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from dideban.schema import POSTS

START = datetime(2026, 3, 2, tzinfo=UTC)
WORDS = [
    "river",
    "market",
    "school",
    "bridge",
    "doctor",
    "winter",
    "lesson",
    "garden",
    "signal",
    "harvest",
    "library",
    "council",
]
ACCOUNTS = [*(f"user{n}" for n in range(40)), "Ana", "ana", "ANA", "caf\u00e9", "cafe\u0301", "علی", "علي"]
"""Among them ids that differ in case, in normal form or in one letter: they are different accounts."""


def mixed_posts(n: int, *, seed: int = 1) -> pl.DataFrame:
    """Make ``n`` posts: 30% share one link, one account writes a third of all, the rest is spread out."""
    draw = random.Random(seed)
    rows = [_post(draw, place, n) for place in range(n)]
    frame = pl.DataFrame(rows, schema=POSTS.dtypes)
    return POSTS.check(frame)


def _post(draw: random.Random, place: int, n: int) -> dict[str, Any]:
    account = "user0" if draw.random() < 0.33 else draw.choice(ACCOUNTS)
    kind = draw.random()
    empty: list[str] = []
    post: dict[str, Any] = {
        "post_id": draw.choice(["P", "p"]) + str(place), "account_id": account, "platform": draw.choice(["x", "telegram"]),
        "source": "posts.parquet", "created_at": START + timedelta(seconds=draw.randrange(n * 40)), "text": None,
        "lang": None, "urls": empty, "hashtags": empty, "mentions": empty, "media": empty, "repost_of": None,
        "reply_to": None, "quote_of": None, "place": None, "reach": draw.choice([None, 3]),
    }  # fmt: skip
    if kind < 0.2:
        post["repost_of"] = draw.choice(["P", "p"]) + str(draw.randrange(max(n // 20, 1)))
        return post
    post["text"] = _text(draw)
    if draw.random() < 0.3:
        post["urls"] = ["https://example.org/everyone?utm_source=a"]
    elif kind < 0.5:
        post["urls"] = [_url(draw), *([_url(draw)] if draw.random() < 0.2 else [])]
    if kind > 0.7:
        post["hashtags"] = draw.sample(["One", "two", "THREE", "four"], 3)
    if kind > 0.6:
        post["media"] = [draw.choice(["00ff00ff00ff00ff", "00ff00ff00ff00fe", "IMG_7", "a" * 40])]
    if 0.5 < kind < 0.6:
        post["reply_to"] = draw.choice(["P1", "p2", "ana", "nobody"])
    if 0.55 < kind < 0.65:
        post["quote_of"] = draw.choice(["P3", "p4"])
    return post


def _url(draw: random.Random) -> str:
    page = draw.randrange(12)
    return draw.choice(
        [f"https://news{page % 3}.example/a{page}", f"http://www.news{page % 3}.example/a{page}#top",
         f"https://t.me/Channel{page % 2}/{page}", "https://bit.ly/x1", "not an address", "anon-url:5"]
    )  # fmt: skip


def _text(draw: random.Random) -> str:
    if draw.random() < 0.15:
        return draw.choice(["buy $NXS now", "call +98 912 345 6789", "quartz zephyr", "quartz zephyr!"])
    said = " ".join(WORDS[draw.randrange(6) :][:6])
    return f"{said} opens on Monday with longer hours{draw.choice(['', '!', ' for all', ' 😀'])}"
