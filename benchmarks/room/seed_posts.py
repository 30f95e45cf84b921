"""A room with many posts, made in bulk: what the other benchmarks of this folder measure.

Run ``python benchmarks/room/seed_posts.py FOLDER --posts 1000000 [--hold 5]`` to make one and keep it. ``--hold`` keeps
the posts of so many planted campaigns out and writes them to ``FOLDER/held.parquet``: they can come in as one watches.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

CHUNK = 50_000
PLACES = ("north", "south", "coast", "hills")


def use(home: Path) -> None:
    """Make this process work on the room in a folder. Call it once, before anything of the room is imported."""
    os.environ.update(DIDEBAN_ROOM_DATA=str(home), DJANGO_SETTINGS_MODULE="dideban.room.settings")
    os.environ.setdefault("DIDEBAN_ROOM_LOG_LEVEL", "WARNING")
    import django

    django.setup()


def sample(n_posts: int, *, days: float, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return made-up posts that end a minute ago, each account in a place, and what was planted in them."""
    from dideban.simulate import make_sample

    made = make_sample(seed=seed, n_posts=n_posts, days=days)
    shift = datetime.now(UTC) - timedelta(minutes=1) - made.posts["created_at"].max()
    number = pl.col("account_id").hash(seed=1) % len(PLACES)
    place = number.replace_strict(dict(enumerate(PLACES)), return_dtype=pl.String)
    return made.posts.with_columns(created_at=pl.col("created_at") + shift, place=place), made.truth


def fill(home: Path, *, n_posts: int, days: float = 13.0, n_held: int = 0) -> dict[str, Any]:
    """Make a room with posts, by the way all posts go: spool, merge, table."""
    from dideban.room.posts.intake import Origin, keep_frame
    from dideban.room.posts.merge import merge_all
    from dideban.room.rooms.folder import folder_of
    from dideban.room.upkeep.setup import make_room, prepare
    from dideban.store.delta import PostTable

    prepare()
    make_room()
    posts, truth = sample(n_posts, days=days)
    plants = truth.filter("is_plant")
    held = plants["group"].unique(maintain_order=True).head(n_held)
    accounts = plants.filter(pl.col("group").is_in(held.implode())).select("account_id", "group").unique("account_id")
    posts.join(accounts, on="account_id").sort("group", "created_at").write_parquet(home / "held.parquet")
    kept = posts.join(accounts, on="account_id", how="anti", maintain_order="left")
    began = time.monotonic()
    for start in range(0, kept.height, CHUNK):
        keep_frame(kept.slice(start, CHUNK), origin=Origin(room="watch", source="wire"))
    spooled = time.monotonic() - began
    merge_all("watch")
    merged = time.monotonic() - began - spooled
    PostTable(folder_of("watch").posts).compact(min_files=2)
    return {"posts": kept.height, "keep_s": round(spooled, 1), "merge_s": round(merged, 1), "held": len(held)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--posts", type=int, default=1_000_000)
    options.add_argument("--days", type=float, default=13.0)
    options.add_argument("--hold", type=int, default=0)
    chosen = options.parse_args()
    use(chosen.folder.absolute())
    print(json.dumps(fill(chosen.folder, n_posts=chosen.posts, days=chosen.days, n_held=chosen.hold)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
