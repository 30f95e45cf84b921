"""The simulated stream of a demo: made-up posts of made-up accounts, among whom campaigns unfold while one watches."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import polars as pl

from dideban.simulate import make_sample

PLACES = ("north", "south", "coast")
HISTORY_POSTS = 14_000
HISTORY_DAYS = 6.0
ROUND_POSTS = 4_000
ROUND_DAYS = 1.0
"""Length of one round of the stream in simulated days; it is played ``speed`` times as fast."""
SPEED = 120.0
"""A day in twelve minutes. Posts keep the rhythm of a whole day, like those of a source that catches up on the day
before: squeezed into minutes, everybody would act in concert."""


def history(seed: int, *, until: datetime) -> pl.DataFrame:
    """Return POSTS of the days before ``until``."""
    posts = make_sample(seed=seed, n_posts=HISTORY_POSTS, days=HISTORY_DAYS).posts
    last = posts["created_at"].max()
    return _placed(posts.with_columns(created_at=pl.col("created_at") + (pl.lit(until) - pl.lit(last))), f"h{seed}")


@lru_cache(maxsize=2)
def stream(seed: int, speed: float) -> pl.DataFrame:
    """Return one round of the stream: POSTS with ``after_s``, seconds after the round began, at which each comes."""
    posts = make_sample(seed=seed, n_posts=ROUND_POSTS, days=ROUND_DAYS).posts
    first = posts["created_at"].min()
    after = (pl.col("created_at") - pl.lit(first)).dt.total_microseconds() / 1e6 / speed
    return _placed(posts, f"s{seed}").with_columns(after_s=after).sort("after_s")


def _placed(posts: pl.DataFrame, mark: str) -> pl.DataFrame:
    """Give each account a place, and each post an id that no other round has."""
    number = pl.col("account_id").hash(seed=1) % len(PLACES)
    place = number.replace_strict(dict(enumerate(PLACES)), return_dtype=pl.String)
    ids = [
        pl.format(f"{mark}-{{}}", pl.col(name)).alias(name) for name in ("post_id", "repost_of", "reply_to", "quote_of")
    ]
    return posts.with_columns(place.alias("place"), *ids)
