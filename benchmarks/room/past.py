"""How long searching in one box and comparing take in a room with many posts, and what a past run costs the watch.

Run ``python benchmarks/room/past.py FOLDER [--pages 60] [--period-posts 100000]`` on a room of ``seed_posts.py``.
Pages are asked for one after another, each with words that were not asked before. The past period is analysed in a
process of its own, as the worker starts it, while ticks go on in another; what comes in keeps them busy.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))

import polars as pl  # noqa: E402
import seed_posts  # noqa: E402
from intake import percentile  # noqa: E402

ENGLISH = "water market school bridge river harvest festival night council road city report hospital"
WORDS = f"{ENGLISH} مدرسه آب بازار پل شب شورا".split(" ")
TICK_S, HORIZON_DAYS = 20, 10
BATCHES = itertools.count(100)
"""Numbers of what comes in before each tick: no post comes twice."""


def pages(n: int) -> dict[str, list[str]]:
    """Return addresses of each kind, all different."""
    pairs = [f"{a} {b}" for a in WORDS for b in WORDS if a != b]
    return {
        "search": [f"search/?q={text}" for text in pairs[:n]],
        "compare": [f"compare/?q={pairs[-ix]}&q={WORDS[ix % len(WORDS)]}&q={pairs[ix * 3]}" for ix in range(1, n + 1)],
        "compare, split": [f"compare/?q={pairs[ix * 2 + 1]}&q={pairs[-ix * 2]}&by=lang" for ix in range(1, n + 1)],
    }


def ask(n: int) -> dict[str, Any]:
    """Ask for pages one after another; return times in ms, waiting and of this processor."""
    from django.test import Client

    from dideban.room.members.models import Membership

    client = Client(HTTP_HOST="localhost")
    client.force_login(
        Membership.objects.select_related("member")[0].member, backend="django.contrib.auth.backends.ModelBackend"
    )
    found = {}
    for kind, addresses in pages(n).items():
        client.get(f"/r/watch/{addresses[0]}")  # what is loaded once
        waited, worked = [], []
        for address in addresses[1:]:
            began, busy = time.perf_counter(), time.process_time()
            answer = client.get(f"/r/watch/{address}")
            waited.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - busy))
            assert answer.status_code == 200, address
        found[kind] = {
            "n": len(waited), "p50_ms": round(percentile(waited, 0.5)), "p95_ms": round(percentile(waited, 0.95)),
            "cpu_p50_ms": round(percentile(worked, 0.5)), "cpu_p95_ms": round(percentile(worked, 0.95)),
        }  # fmt: skip
    return found


def ticks_until(done: threading.Event) -> list[float]:
    """Make ticks as they are due, with new posts before each; return how late each ended, seconds."""
    from django.db import connection

    from dideban.room.posts.intake import Origin, keep_frame
    from dideban.room.posts.merge import merge_all
    from dideban.room.rooms.models import Room
    from dideban.room.ticks.run import run_tick
    from dideban.room.ticks.tick_cache import TickCache
    from dideban.simulate import make_sample

    room, cache, late = Room.objects.get(slug="watch"), TickCache(), list[float]()
    while not done.is_set() or len(late) < 2:
        ix = next(BATCHES)
        fresh = make_sample(seed=ix, n_posts=200, days=0.05).posts
        shift = datetime.now(UTC) - timedelta(seconds=5) - fresh["created_at"].max()
        named = fresh.with_columns(
            created_at=pl.col("created_at") + shift, post_id=pl.format("b{}-{}", pl.lit(ix), "post_id")
        )
        keep_frame(named, origin=Origin(room="watch", source="wire"))
        merge_all("watch")
        began = time.monotonic()
        run_tick(room, cache=cache)
        late.append(round(time.monotonic() - began, 1))
        done.wait(max(0.0, TICK_S - late[-1]))
    connection.close()
    return late


def look_back(n_posts: int) -> dict[str, Any]:
    """Analyse a past period of about ``n_posts`` posts beside ticks; return seconds, memory and how long ticks took."""
    from dideban.room.members.models import Membership
    from dideban.room.past.actions import ask_run
    from dideban.room.past.models import PastRun
    from dideban.room.rooms.folder import folder_of
    from dideban.room.rooms.models import Room
    from dideban.room.ticks.past_period import NICE
    from dideban.store.delta import PostTable

    room = Room.objects.get(slug="watch")
    Room.objects.filter(pk=room.pk).update(horizon_days=HORIZON_DAYS)
    at = PostTable(folder_of("watch").posts).scan(columns=["created_at"]).collect()["created_at"].sort()
    since, until = at[0], at[min(n_posts, at.len() - 1)]
    alone, over = ticks_until(_set()), threading.Event()
    run, _ = ask_run(room, since=since, until=until, by=Membership.objects.select_related("room", "member")[0])
    beside: list[float] = []
    watch = threading.Thread(target=lambda: beside.extend(ticks_until(over)), daemon=True)
    watch.start()
    began = time.monotonic()
    command = [sys.executable, "-P", "-m", "django", "room_past", "--room", "watch", "--number", str(run.number)]
    subprocess.run(command, check=True, env=os.environ, cwd="/")
    took = time.monotonic() - began
    over.set()
    watch.join()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = PastRun.objects.get(pk=run.pk)
    return {
        "posts": run.n_posts, "status": run.status, "findings": run.n_findings, "seconds": round(took, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1), "memory_mb": usage.ru_maxrss // 1024, "nice": NICE,
        "ticks_alone_s": alone, "ticks_beside_s": beside, "stages": run.seconds,
    }  # fmt: skip


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=60)
    options.add_argument("--period-posts", type=int, default=100_000)
    chosen = options.parse_args()
    seed_posts.use(chosen.folder.absolute())
    os.environ.setdefault("DIDEBAN_ROOM_HOSTS", "localhost,127.0.0.1")
    from dideban.room.members.models import Membership
    from dideban.room.posts.search_files import keep_up
    from dideban.room.roles import Role
    from dideban.room.rooms.models import Room

    room = Room.objects.get(slug="watch")
    if not Membership.objects.exists():
        from dideban.room.members.actions import add_membership, create_member

        member = create_member(username="alice", password="correct horse battery staple", email="", by=None)
        add_membership(room, member, role=Role.COORDINATOR, places=(), by=None)
    keep_up("watch")
    if chosen.pages:
        print(json.dumps({"pages": ask(chosen.pages)}, indent=1), flush=True)
    if chosen.period_posts:
        print(json.dumps({"past_run": look_back(chosen.period_posts)}, indent=1), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
