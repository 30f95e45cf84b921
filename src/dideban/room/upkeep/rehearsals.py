"""Each night groups are planted in a copy of the last week and looked for, and decoys are made for the review queue."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import datetime, timedelta

import polars as pl
from django.utils import timezone

from dideban.ingest.merge import time_resolution
from dideban.room.findings.models import FollowedGroup
from dideban.room.locks import REHEARSAL, only_one
from dideban.room.review.keep import keep_decoys, note_rehearsal
from dideban.room.review.models import Rehearsal
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.ticks.run import config_of
from dideban.schema import POSTS, post_key
from dideban.store.delta import PostTable
from dideban.text import SignatureCache
from dideban.traces import extract_traces
from dideban.validation.rehearsal import VERSION, make_decoys, rehearse

DAYS = 7
AGAIN_AFTER = timedelta(hours=20)
AT_LATEST = timedelta(hours=30)
"""Where the quiet hour was missed, any hour will do."""
NICE = 15


def is_due(room: Room, *, now: datetime) -> bool:
    """Say whether the room's nightly run is due: once a day, in the hour in which the fewest posts are written."""
    last = Rehearsal.objects.filter(room=room).order_by("-at").values_list("at", flat=True).first()
    waited = now - (last or room.created_at)
    if waited < AGAIN_AFTER:
        return False
    return waited > AT_LATEST or now.hour == quiet_hour(room, now=now)


def quiet_hour(room: Room, *, now: datetime) -> int:
    """Return the hour of the day (UTC) in which the fewest posts of the last week were written."""
    posts = PostTable(folder_of(room.slug).posts).scan(
        since=now - timedelta(days=DAYS), until=now, columns=["created_at"]
    )
    sizes = posts.group_by(hour=pl.col("created_at").dt.hour()).len().collect()
    counts = dict.fromkeys(range(24), 0) | dict(sizes.iter_rows())
    return min(range(24), key=lambda hour: (counts[hour], hour))


def run_rehearsal(room: Room, *, now: datetime | None = None) -> Rehearsal | None:
    """Plant, look, and make decoys; None = another process is at it.

    Notes
    -----
    The last week alone is analysed, without exchanged copies, leads, explanations and packages: less than one tick.
    Nothing of it is written but the counts and the decoys, which only the review queue reads.
    """
    with only_one(folder_of(room.slug).root / REHEARSAL) as is_ours:
        return _run(room, now or timezone.now()) if is_ours else None


def _run(room: Room, now: datetime) -> Rehearsal:
    began, folder, config = time.monotonic(), folder_of(room.slug), config_of(room)
    seed = int.from_bytes(hashlib.sha256(f"{room.slug}:{now.date()}".encode()).digest()[:6], "big")
    night = Rehearsal.objects.filter(room=room, reason="").count()
    stored = (
        PostTable(folder.posts).scan(since=now - timedelta(days=DAYS), until=now, columns=list(POSTS.names)).collect()
    )
    posts = POSTS.check(stored.select(POSTS.names))
    traces = extract_traces(
        posts.lazy(), config=config.traces, threads=config.threads, signatures=SignatureCache(folder.signatures)
    )
    resolution_s = time_resolution(posts["created_at"], time_zone="UTC") if posts.height else 0.0
    members = FollowedGroup.objects.filter(room=room, is_active=True).values_list("members", flat=True)
    found = rehearse(
        traces, posts.select("account_id", "created_at"), config=config, seed=seed, night=night,
        resolution_s=resolution_s, avoid=sorted({account for one in members for account in one}),
    )  # fmt: skip
    groups = make_decoys(traces, seed=seed, config=config)
    where = dict(posts.select(post_key(), pl.col("place").fill_null("")).iter_rows())
    shares = [
        [{"kind": row["kind"], "label": str(row["label"])[:300], "object": row["object"], "account": row["account"],
          "at": row["at"].isoformat()} for row in group]
        for group in groups
    ]  # fmt: skip
    keep_decoys(
        room, shares, places=[sorted({where.get(row["post"], "") for row in group}) for group in groups],
        seed=seed, at=now,
    )  # fmt: skip
    return note_rehearsal(
        room, at=now, seed=seed, version=VERSION, n_posts=posts.height, rows=found.rows, reason=found.reason,
        seconds=time.monotonic() - began,
    )  # fmt: skip


def step_back() -> None:
    """Let everything else of the machine go first."""
    if hasattr(os, "nice"):
        os.nice(NICE)
