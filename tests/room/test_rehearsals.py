"""Nightly runs of a room: due in its quiet hour, bounded, and nothing planted leaves the copy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from room.cast import NOW, client_of  # isort: skip - makes Django ready
from django.apps import apps
from django.conf import settings

from dideban.room.findings.models import KeptFinding
from dideban.room.members.models import Membership
from dideban.room.review.models import Decoy, Rehearsal
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.ticks.models import Tick
from dideban.room.ticks.run import run_tick
from dideban.room.upkeep.rehearsals import is_due, quiet_hour, run_rehearsal
from dideban.simulate import make_sample
from dideban.store.delta import STORED, PostTable

HOUR = timedelta(hours=1)


def fill(room: Room, *, n_posts: int = 5_000) -> None:
    posts = make_sample(seed=9, n_posts=n_posts, days=5).posts
    shift = NOW - posts["created_at"].max()  # type: ignore[operator] # a time
    frame = posts.with_columns(created_at=pl.col("created_at") + shift, arrived_at=pl.col("created_at") + shift)
    missing = [name for name in STORED.names if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None).alias(name) for name in missing)
    PostTable(folder_of(room.slug).posts).append(
        frame.select(pl.col(name).cast(dtype) for name, dtype in STORED.dtypes.items()), batch=1
    )


def kept(*, leave: tuple[str, ...] = ()) -> str:
    """Everything in the database and the folder but the review, as text."""
    rows = [
        str(row)
        for model in apps.get_models() if model._meta.app_label not in ("review", *leave)
        for row in model._default_manager.values_list()
    ]  # fmt: skip
    files = [path.read_bytes().decode("latin-1") for path in sorted(Path(settings.DATA).rglob("*"))
             if path.is_file() and path.stat().st_size and "sqlite" not in path.name]  # fmt: skip
    return "\n".join(rows + files)


def test_nothing_planted_leaves_the_copy(room: Room, lead: Membership) -> None:
    fill(room)
    assert run_tick(room) is not None
    before = kept()
    findings = list(KeptFinding.objects.values_list("finding_id", flat=True))
    made = run_rehearsal(room, now=NOW)
    assert made is not None
    assert [row["n_accounts"] for row in made.rows] == [5, 10, 20]
    assert made.n_posts > 4_000
    after = kept()
    assert after == before
    assert "rehearsal-" not in after.replace("rehearsal.lock", "")
    tick = run_tick(room)
    assert tick is not None
    assert list(KeptFinding.objects.values_list("finding_id", flat=True)) == findings
    html = client_of(lead).get("/r/watch/review/misses/").content.decode()
    assert "Planted groups found" in html
    assert "rehearsal-" not in html
    table = client_of(lead).get("/r/watch/review/export/planted/").content.decode("utf-8-sig")
    assert table.splitlines()[1].startswith('all,"",3,')
    for decoy in Decoy.objects.all():
        assert {row["account"] for row in decoy.document["shares"]} <= set(_accounts(room))


def _accounts(room: Room) -> list[str]:
    posts = PostTable(folder_of(room.slug).posts).scan(columns=["account_id"]).collect()
    return posts["account_id"].unique().to_list()


def test_an_empty_room_says_why_nothing_was_planted(room: Room, lead: Membership) -> None:
    made = run_rehearsal(room)
    assert made is not None
    assert (made.rows, made.reason) == ([], "rehearsal.few-posts")
    assert "too few posts" in client_of(lead).get("/r/watch/review/misses/").content.decode()
    assert Tick.objects.count() == 0


@pytest.mark.parametrize("hours", [0, 19, 25, 31])
def test_it_is_due_once_a_day_in_the_quiet_hour_or_late_in_any(room: Room, hours: int) -> None:
    fill(room, n_posts=3_500)
    later = (NOW + n * HOUR for n in range(48))  # the last week ends at another hour each time
    now = next(at for at in later if at.hour == quiet_hour(room, now=at))
    Rehearsal.objects.create(room=room, at=now - hours * HOUR, seed=1, version="x")
    assert is_due(room, now=now) == (hours >= 25)
    assert is_due(room, now=now + 3 * HOUR) == (hours == 31)


def test_a_new_room_waits_for_its_first_night(room: Room) -> None:
    assert not is_due(room, now=room.created_at + 19 * HOUR)
    assert is_due(room, now=room.created_at + 31 * HOUR)


def test_the_quiet_hour_is_that_with_the_fewest_posts(room: Room) -> None:
    assert quiet_hour(room, now=NOW) == 0
    frame = pl.DataFrame(
        {"post_id": [f"p{n}" for n in range(23)],
         "created_at": [NOW.replace(hour=hour, minute=0) - timedelta(days=1) for hour in range(24) if hour != 7]}
    )  # fmt: skip
    frame = frame.with_columns(
        account_id=pl.lit("a"), platform=pl.lit("x"), source=pl.lit("s"), arrived_at=pl.col("created_at")
    )
    lists = ("urls", "hashtags", "mentions", "media")
    frame = frame.with_columns(
        (pl.lit([]) if name in lists else pl.lit(None)).alias(name)
        for name in STORED.names
        if name not in frame.columns
    )
    PostTable(folder_of(room.slug).posts).append(
        frame.select(pl.col(name).cast(dtype) for name, dtype in STORED.dtypes.items()), batch=1
    )
    assert quiet_hour(room, now=NOW) == 7
