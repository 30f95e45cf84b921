"""How fast a million posts are searched, and how long a tick over them takes.

Run ``python benchmarks/room/search.py --posts 1000000 [--tick]``. The posts are a made-up sample in three languages.
``--room=FOLDER`` searches a room that ``seed_posts.py`` made instead. Every time is that of a search made anew.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

GIVEN = next((one.removeprefix("--room=") for one in sys.argv if one.startswith("--room=")), "")
HOME = Path(GIVEN) if GIVEN else Path(tempfile.mkdtemp(prefix="dideban-search-"))
REPEATS = 20
os.environ.update(DIDEBAN_ROOM_DATA=str(HOME), DJANGO_SETTINGS_MODULE="dideban.room.settings")

import django  # noqa: E402

django.setup()

import polars as pl  # noqa: E402

from dideban.room.posts import matches  # noqa: E402
from dideban.room.posts.intake import Origin, keep_frame  # noqa: E402
from dideban.room.posts.merge import merge_all  # noqa: E402
from dideban.room.posts.search import Query, Scope, count_posts, search_posts  # noqa: E402
from dideban.room.posts.search_files import keep_up  # noqa: E402
from dideban.room.rooms.folder import folder_of  # noqa: E402
from dideban.room.ticks.run import run_tick, summary  # noqa: E402
from dideban.room.upkeep.setup import make_room, prepare  # noqa: E402
from dideban.simulate import make_sample  # noqa: E402
from dideban.store.delta import PostTable  # noqa: E402

QUERIES = {
    "one word, common": Query(text="the"),
    "two words": Query(text="water market"),
    "a Persian word": Query(text="مدرسه"),
    "a phrase": Query(text='"of the"'),
    "nothing": Query(text="xyzzyplugh"),
    "no words, one place": Query(places=("north",)),
    "a link": Query(object="example"),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=1_000_000)
    options.add_argument("--days", type=float, default=13.0)
    options.add_argument("--tick", action="store_true")
    options.add_argument("--room", help="folder of a room that is there")
    chosen = options.parse_args()
    prepare()
    room = make_room()
    if not chosen.room:
        fill(chosen)
    measure()
    if chosen.tick:
        began = time.monotonic()
        tick = run_tick(room)
        print(json.dumps({"tick_s": round(time.monotonic() - began, 1), **(summary(tick) if tick else {})}))
    if not chosen.room:
        shutil.rmtree(HOME, ignore_errors=True)
    return 0


def fill(chosen: argparse.Namespace) -> None:
    posts = make_sample(seed=1, n_posts=chosen.posts, days=chosen.days).posts
    last = posts["created_at"].max()
    shift = datetime.now(UTC) - timedelta(minutes=1) - last  # type: ignore[operator]
    posts = posts.with_columns(created_at=pl.col("created_at") + shift)
    began = time.monotonic()
    for start in range(0, posts.height, 50_000):
        keep_frame(posts.slice(start, 50_000), origin=Origin(room="watch", source="wire"))
    kept = time.monotonic() - began
    merge_all("watch")
    merged = time.monotonic() - began - kept
    PostTable(folder_of("watch").posts).compact(min_files=2)
    keep_up("watch")
    print(json.dumps({"posts": posts.height, "keep_s": round(kept, 1), "merge_s": round(merged, 1)}), flush=True)


def measure() -> None:
    for name, query in QUERIES.items():
        times = []
        search_posts("watch", query, scope=Scope())
        for _ in range(REPEATS):
            matches._kept.clear()
            began = time.monotonic()
            found = search_posts("watch", query, scope=Scope())
            times.append(time.monotonic() - began)
        began = time.monotonic()
        count_posts("watch", query, scope=Scope(), every="1d")
        counted = time.monotonic() - began
        result = {
            "query": name,
            "found": found.n_total,
            "best_s": round(min(times), 3),
            "median_s": round(sorted(times)[REPEATS // 2], 3),
            "p95_s": round(sorted(times)[int(REPEATS * 0.95) - 1], 3),
        }
        print(json.dumps({**result, "histogram_s": round(counted, 3)}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
