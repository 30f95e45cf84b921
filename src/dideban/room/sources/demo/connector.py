"""Sending the simulated stream as time goes by."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl
from django.utils import timezone

from dideban.room.posts.intake import keep_frame, origin_of
from dideban.room.sources.demo.stream import ROUND_DAYS, SPEED, stream
from dideban.room.sources.health import record_success
from dideban.room.sources.models import Source, SourceRun


def listen(source: Source, stopped: Callable[[], bool]) -> None:
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
