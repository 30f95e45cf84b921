"""What the nightly run of a room costs beside a tick: groups planted in a copy of the last week, decoys, proposals.

Run ``python benchmarks/room/night.py FOLDER [--posts 1000000] [--days 6.5]``. All posts lie in the last week, so the
night looks at as many as the tick. A first tick has no memory, as after a start; the next two come after 10,000 new
posts each and remember it. Seconds of the clock and of processors, and the most memory of each process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))

import polars as pl  # noqa: E402
import seed_posts  # noqa: E402

N_NEW = 10_000


def ticks(n: int) -> list[dict[str, Any]]:
    """Make ticks in this process, with new posts before all but the first."""
    from dideban.room.rooms.models import Room
    from dideban.room.ticks.run import run_tick
    from dideban.room.ticks.tick_cache import TickCache

    room, cache, found = Room.objects.get(slug="watch"), TickCache(), []
    for number in range(n):
        if number:
            _bring(number)
        found.append(_timed(lambda: run_tick(room, cache=cache), who=resource.RUSAGE_SELF))
    return found


def _bring(number: int) -> None:
    from dideban.room.posts.intake import Origin, keep_frame
    from dideban.room.posts.merge import merge_all
    from dideban.simulate import make_sample

    fresh = make_sample(seed=100 + number, n_posts=N_NEW, days=0.1).posts
    shift = datetime.now(UTC) - timedelta(seconds=5) - fresh["created_at"].max()
    named = fresh.with_columns(
        created_at=pl.col("created_at") + shift, post_id=pl.format("n{}-{}", pl.lit(number), "post_id")
    )
    keep_frame(named, origin=Origin(room="watch", source="wire"))
    merge_all("watch")


def night() -> dict[str, Any]:
    """Make the nightly run in a process of its own, as the worker starts it."""
    command = [sys.executable, "-P", "-m", "django", "room_rehearse", "--room", "watch"]
    said: list[str] = []

    def run() -> None:
        said.append(
            subprocess.run(command, check=True, env=os.environ, cwd="/", stdout=subprocess.PIPE, text=True).stdout
        )

    timed = _timed(run, who=resource.RUSAGE_CHILDREN)
    return {**timed, **json.loads(said[0].splitlines()[-1])}


def _timed(run: Callable[[], object], *, who: int) -> dict[str, Any]:
    before, began = resource.getrusage(who), time.monotonic()
    run()
    after = resource.getrusage(who)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "clock_s": round(time.monotonic() - began, 1), "cpu_s": round(cpu, 1), "most_mb": after.ru_maxrss // 1024
    }  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--posts", type=int, default=1_000_000)
    options.add_argument("--days", type=float, default=6.5)
    options.add_argument("--ticks", type=int, default=3)
    chosen = options.parse_args()
    seed_posts.use(chosen.folder.absolute())
    print(json.dumps(seed_posts.fill(chosen.folder, n_posts=chosen.posts, days=chosen.days)), flush=True)
    for one in ticks(chosen.ticks):
        print(json.dumps({"tick": one}), flush=True)
    print(json.dumps({"night": night()}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
