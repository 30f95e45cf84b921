"""The posts of a demo: made-up posts of made-up accounts, among whom the acts of an hour unfold while one watches."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import polars as pl

from dideban.room.sources.demo.acts import ROUND_MINUTES, STORY, Act, acts, campaigns
from dideban.schema import POSTS
from dideban.simulate import make_sample
from dideban.simulate.stories import make_stories

PLACES = ("north", "south", "coast")
PARTS = ("main", "second")
"""Two sources share a round: the second falls silent in the course of it."""
HISTORY_POSTS = 14_000
HISTORY_DAYS = 6.0
ROUND_POSTS = 5_000
ROUND_DAYS = 4.0
"""The posts of a round are dated into so many days before it began, like those of a source that catches up: squeezed
into an hour, everybody would act in concert."""
STORY_POSTS, STORY_DAYS = 440, 0.5
STORY_LANGUAGES = ("fa", "ar", "en")
SECOND_SHARE = 6
"""One account in so many is of the second source."""


def history(seed: int, *, until: datetime) -> pl.DataFrame:
    """Return POSTS of the days before ``until``."""
    posts = make_sample(seed=seed, n_posts=HISTORY_POSTS, days=HISTORY_DAYS).posts
    return _marked(_until(posts, until), f"h{seed}")


@lru_cache(maxsize=2)
def round_posts(seed: int) -> pl.DataFrame:
    """Return one round: POSTS with ``before_us`` (age when the round begins), ``after_s`` (when it is sent), ``part``.

    What groups of crowds do for ordinary reasons is left out, so that a round claims what its acts say and no more.
    """
    planted = campaigns()
    sample = make_sample(seed=seed, n_posts=ROUND_POSTS, days=ROUND_DAYS, plants=tuple(planted.values()))
    names = {f"plant-{ix:02d}": name for ix, name in enumerate(planted)}
    groups = sample.truth.filter("is_plant").select("account_id", group=pl.col("group").replace_strict(names))
    crowds = sample.truth.filter(~pl.col("is_plant"))["account_id"].unique()
    posts = sample.posts.join(groups, on="account_id", how="left")
    posts = posts.filter(pl.col("group").is_not_null() | ~pl.col("account_id").is_in(crowds.implode()))
    told = _story(seed).with_columns(group=pl.lit(STORY))
    whole = pl.concat([_aged(posts, ROUND_DAYS), _aged(told, STORY_DAYS)])
    return _sent(_marked(_with_words(whole), f"s{seed}")).sort("after_s", "post_id")


def dated(posts: pl.DataFrame, began: datetime) -> pl.DataFrame:
    """Return POSTS of rows of a round that began then."""
    at = pl.lit(began) - pl.duration(microseconds=pl.col("before_us"))
    return POSTS.check(posts.with_columns(created_at=at.cast(pl.Datetime("us", "UTC"))).select(POSTS.names))


def _story(seed: int) -> pl.DataFrame:
    """Return posts about one event."""
    language = STORY_LANGUAGES[seed % len(STORY_LANGUAGES)]
    made = make_stories(seed=seed, n_posts=STORY_POSTS, n_stories=1, days=STORY_DAYS, languages=(language,))
    told = made.truth.filter(pl.col("story").is_not_null())["post_id"]
    return made.posts.filter(pl.col("post_id").is_in(told.implode()))


def _with_words(posts: pl.DataFrame) -> pl.DataFrame:
    """Add what groups say openly: a post by the first of them, before all others."""
    added = [posts]
    for act in acts():
        if act.says:
            first = posts.filter(pl.col("group") == act.group).sort("before_us", "post_id", descending=True).head(1)
            lists = [pl.lit([], pl.List(pl.String)).alias(name) for name in ("urls", "hashtags", "mentions", "media")]
            none = [pl.lit(None, pl.String).alias(name) for name in ("repost_of", "reply_to", "quote_of")]
            post_id = pl.format("{}-says", "post_id")
            added.append(first.with_columns(*lists, *none, text=pl.lit(act.says), post_id=post_id))
    return pl.concat(added)


def _aged(posts: pl.DataFrame, days: float) -> pl.DataFrame:
    """Note how long before the round each post was written; the stretch of days ends where the round begins."""
    first = posts["created_at"].min()
    age = pl.lit(first) + timedelta(days=days) - pl.col("created_at")
    return posts.with_columns(before_us=pl.max_horizontal(age.dt.total_microseconds(), pl.lit(0)))


def _sent(posts: pl.DataFrame) -> pl.DataFrame:
    """Say when each post is sent: those of acts with their act, all others evenly over the round."""
    place = (-pl.col("before_us")).rank("ordinal").over("group") - 1
    share = 100 * place / pl.len().over("group")
    after = (share / 100 * ROUND_MINUTES).alias("minute")
    posts = posts.with_columns(share=share, minute=after)
    for act in acts():
        if act.group:
            posts = posts.with_columns(minute=pl.when(_is_of(act)).then(_minute_in(act)).otherwise("minute"))
    is_second = (pl.col("account_id").hash(seed=2) % SECOND_SHARE == 0) & pl.col("group").is_null()
    posts = posts.with_columns(part=pl.when(is_second).then(pl.lit(PARTS[1])).otherwise(pl.lit(PARTS[0])))
    for act in acts():
        if act.expects == "silence":
            kept_back = (pl.col("part") == PARTS[1]) & pl.col("minute").is_between(act.minute, act.ends, closed="left")
            posts = posts.with_columns(minute=pl.when(kept_back).then(pl.lit(act.ends)).otherwise("minute"))
    return posts.with_columns(after_s=60 * pl.col("minute")).drop("minute", "share")


def _is_of(act: Act) -> pl.Expr:
    low, high = act.part
    return (pl.col("group") == act.group) & (pl.col("share") >= low) & (pl.col("share") < high)


def _minute_in(act: Act) -> pl.Expr:
    low, high = act.part
    return act.minute + act.lasts * (pl.col("share") - low) / (high - low)


def _until(posts: pl.DataFrame, until: datetime) -> pl.DataFrame:
    return posts.with_columns(created_at=pl.col("created_at") + (pl.lit(until) - pl.lit(posts["created_at"].max())))


def _marked(posts: pl.DataFrame, mark: str) -> pl.DataFrame:
    """Give each account a place, and posts and accounts names that no other round has."""
    number = pl.col("account_id").hash(seed=1) % len(PLACES)
    place = number.replace_strict(dict(enumerate(PLACES)), return_dtype=pl.String)
    names = [
        pl.format(f"{mark}-{{}}", pl.col(name)).alias(name)
        for name in ("post_id", "account_id", "repost_of", "reply_to", "quote_of")
    ]
    return posts.with_columns(place.alias("place"), *names)
