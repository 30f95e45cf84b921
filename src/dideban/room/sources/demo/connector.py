"""Sending the posts of a demo as its hour goes by, round after round."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.utils import timezone

from dideban.room.patience import patiently
from dideban.room.posts.intake import keep_frame, origin_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.owners import owners_of, save_owner
from dideban.room.sources.demo.acts import ROUND_MINUTES, acts
from dideban.room.sources.demo.stream import PARTS, dated, round_posts
from dideban.room.sources.health import record_success
from dideban.room.sources.models import Source, SourceRun

FIRST_SEED = 100
"""Added to the seed of the source: rounds have other posts than the days before the demo."""
LATE = timedelta(minutes=5)
"""A demo that slept for longer than this past the end of its round begins the next one afresh."""


def listen(source: Source, stopped: Callable[[], bool]) -> None:
    """Send what is due, round after round.

    Notes
    -----
    Its posts are dated into the days before, so their age says nothing about the room. The lag of this source is
    counted from the moment at which a post was due.
    """
    state = dict(source.state) if "began" in source.state else first_state(timezone.now())
    while not stopped():
        state = send_due(source, state, now=timezone.now())
        _keep(source, state=state)
        time.sleep(1.0)


def _keep(source: Source, **values: Any) -> None:
    """Write a few values; a database that others hold is waited for, it is no failure of the source."""
    patiently(lambda: Source.objects.filter(pk=source.pk).update(**values))


def declare_owners(room_id: int, posts: pl.DataFrame, *, from_s: float, to_s: float) -> None:
    """Declare the owners of groups whose acts begin in a stretch of the round; the accounts of rounds before go."""
    for act in acts():
        if act.owner and from_s < 60 * act.minute <= to_s:
            accounts = posts.filter(pl.col("group") == act.group)["account_id"].unique().sort().to_list()
            room = Room.objects.get(pk=room_id)  # afresh: members edit the list of owners too
            names = [owner["name"] for owner in owners_of(room)]
            number = names.index(act.owner) + 1 if act.owner in names else 0
            save_owner(room, name=act.owner, kind="wire", accounts=accounts, domains=(), number=number, by=None)


def first_state(now: datetime) -> dict[str, Any]:
    """Return where a source stands that begins its first round now."""
    return {"round": 0, "began": now.isoformat(), "sent_s": -1.0}


def send_due(source: Source, state: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Send the posts that are due now and were not sent before; return where the source stands then."""
    pace = max(0.1, float(source.settings.get("pace") or 1))
    began = datetime.fromisoformat(state["began"])
    now_s = (now - began).total_seconds() * pace
    posts = round_posts(int(source.settings.get("seed") or 1) + FIRST_SEED + state["round"])
    part = source.settings.get("part") or PARTS[0]
    if part == PARTS[0]:
        declare_owners(source.room_id, posts, from_s=state["sent_s"], to_s=now_s)
    due = posts.filter((pl.col("after_s") > state["sent_s"]) & (pl.col("after_s") <= now_s) & (pl.col("part") == part))
    if due.height:
        taken = keep_frame(dated(due, began), origin=origin_of(source))
        lag_s = (now_s - float(due["after_s"].median() or 0.0)) / pace  # type: ignore[arg-type]
        _keep(source, lag_s=max(lag_s, 0.0))
        record_success(source, SourceRun(source=source, started_at=now, n_rejects=taken.n_rejects))
    if now_s <= 60 * ROUND_MINUTES:
        return {**state, "sent_s": now_s}
    ends = began + timedelta(minutes=ROUND_MINUTES / pace)
    return {"round": state["round"] + 1, "began": (ends if now - ends < LATE else now).isoformat(), "sent_s": -1.0,
            "before": state["began"]}  # fmt: skip
