"""The simulated stream of a demo: made-up posts of made-up accounts, among whom campaigns unfold while one watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

import polars as pl
from django.utils import timezone

from dideban.room.posts.intake import keep_frame, origin_of
from dideban.room.sources.health import record_success
from dideban.room.sources.models import Source, SourceRun
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


def play(source: Source, stopped: Callable[[], bool]) -> None:
    """Send the stream as time goes by, round after round.

    Notes
    -----
    Its posts are dated into the day before, so their age says nothing about the room. The lag of this source is counted
    from the moment at which the stream lets a post out.
    """
    speed = max(0.1, float(source.settings.get("speed") or SPEED))
    origin = origin_of(source)
    state = dict(source.state) or {"round": 0, "began": timezone.now().isoformat(), "sent_s": -1.0}
    while not stopped():
        posts = stream(int(source.settings.get("seed", 1)) + 100 + state["round"], speed)
        began = datetime.fromisoformat(state["began"])
        now_s = (timezone.now() - began).total_seconds()
        due = posts.filter((pl.col("after_s") > state["sent_s"]) & (pl.col("after_s") <= now_s))
        if due.height:
            taken = keep_frame(_dated(due, began, speed), origin=origin)
            run = SourceRun(source=source, started_at=timezone.now(), n_rejects=taken.n_rejects)
            since_due_s = (timezone.now() - began).total_seconds() - float(due["after_s"].median() or 0.0)  # type: ignore[arg-type]
            Source.objects.filter(pk=source.pk).update(lag_s=max(since_due_s, 0.0))
            record_success(source, run)
        state["sent_s"] = now_s
        if now_s > float(posts["after_s"][-1]) + 5:
            state = {"round": state["round"] + 1, "began": timezone.now().isoformat(), "sent_s": -1.0}
        Source.objects.filter(pk=source.pk).update(state=state)
        time.sleep(1.0)


def _dated(posts: pl.DataFrame, began: datetime, speed: float) -> pl.DataFrame:
    """Date a round into the day before it began."""
    after_us = (pl.col("after_s") * speed * 1e6).cast(pl.Int64)
    at = pl.lit(began - timedelta(days=ROUND_DAYS)) + pl.duration(microseconds=after_us)
    return posts.with_columns(created_at=at.cast(pl.Datetime("us", "UTC"))).drop("after_s")


def _placed(posts: pl.DataFrame, mark: str) -> pl.DataFrame:
    """Give each account a place, and each post an id that no other round has."""
    number = pl.col("account_id").hash(seed=1) % len(PLACES)
    place = number.replace_strict(dict(enumerate(PLACES)), return_dtype=pl.String)
    ids = [
        pl.format(f"{mark}-{{}}", pl.col(name)).alias(name) for name in ("post_id", "repost_of", "reply_to", "quote_of")
    ]
    return posts.with_columns(place.alias("place"), *ids)
