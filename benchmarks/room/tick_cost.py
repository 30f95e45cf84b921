"""What a tick costs in processor seconds, stage by stage, after so many new posts in a horizon of so many.

Run ``python benchmarks/room/tick_cost.py --posts 1000000 --new 10000 [--profile FILE]``. The first line is a tick of a
process that remembers nothing, each other line one after new posts. Findings of two versions are the same where
``digest`` is. ``--profile`` writes the last tick as ``pstats`` reads it, everything in one thread: it makes Python code
dearer.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import cProfile
import gc
import hashlib
import itertools
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

STAGES = ("read", "traces", "evidence", "findings", "rest")
END = datetime(2026, 11, 30, tzinfo=UTC)


class InTurn:
    """A pool that does everything at once and in turn: a profile sees one thread."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def submit(self, work: Callable[..., Any], *args: Any, **named: Any) -> concurrent.futures.Future[Any]:
        done: concurrent.futures.Future[Any] = concurrent.futures.Future()
        done.set_result(work(*args, **named))
        return done

    def map(self, work: Callable[..., Any], *items: Iterable[Any]) -> Iterator[Any]:
        return iter([work(*one) for one in zip(*items, strict=False)])

    def shutdown(self, *_: Any, **__: Any) -> None: ...

    def __enter__(self) -> InTurn:
        return self

    def __exit__(self, *_: object) -> None: ...


def _note(marks: list[float]) -> None:
    marks.append(time.process_time())


def measure(home: Path, *, n_posts: int, n_new: int, n_ticks: int, threads: int, profile: Path | None) -> None:
    import polars as pl

    from dideban.config import load_config
    from dideban.room.ticks.analysis import analyse_horizon
    from dideban.room.ticks.tick_cache import TickCache
    from dideban.simulate import make_sample
    from dideban.store.delta import STORED, PostTable

    n_all = n_posts + n_ticks * n_new
    posts = make_sample(seed=1, n_posts=n_all, days=13.0 * n_all / n_posts).posts.sort("created_at", "post_id")
    posts = posts.with_columns(pl.col("created_at") + (END - pl.lit(posts["created_at"].max())))
    stored = posts.with_columns(norm="text", arrived_at="created_at").select(STORED.names)
    table, cache = PostTable(home / "posts"), TickCache()
    config = load_config(flags={"threads": threads})
    for tick in range(n_ticks + 1):
        new = stored.slice(n_posts + (tick - 1) * n_new, n_new) if tick else stored.head(n_posts)
        table.append(new, batch=tick + 1)
        caches, marks = cache.caches(home / "signatures"), [time.process_time()]
        watched = cProfile.Profile(time.process_time) if profile and tick == n_ticks else None
        if watched:
            watched.enable()
        found = analyse_horizon(
            table.path, since=END - timedelta(days=30), until=END + timedelta(days=1), config=config,
            selfcheck={"enough_data": True}, caches=caches, beat=partial(_note, marks),
        )  # fmt: skip
        if watched and profile:
            watched.disable()
            watched.dump_stats(profile)
        marks.append(time.process_time())
        spent = [round(b - a, 2) for a, b in itertools.pairwise(marks)]
        said = json.dumps([one.to_dict() for one in found.findings], sort_keys=True, default=str)
        result = {
            "posts": found.n_posts, "n_findings": len(found.findings), **dict(zip(STAGES, spent, strict=True)),
            "all": round(marks[-1] - marks[0], 2),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "digest": hashlib.sha256(said.encode()).hexdigest()[:12],
        }  # fmt: skip
        print(json.dumps(result), flush=True)
        if caches.signatures and caches.signatures.unsaved > 0.02:
            caches.signatures.save()
        del found, caches
        gc.collect()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=1_000_000)
    options.add_argument("--new", type=int, default=10_000)
    options.add_argument("--ticks", type=int, default=2)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--profile", type=Path)
    chosen = options.parse_args()
    if chosen.profile:
        concurrent.futures.ThreadPoolExecutor = InTurn  # type: ignore[assignment, misc]
    with tempfile.TemporaryDirectory(prefix="dideban-ticks-") as folder:
        measure(
            Path(folder), n_posts=chosen.posts, n_new=chosen.new, n_ticks=chosen.ticks, threads=chosen.threads,
            profile=chosen.profile,
        )  # fmt: skip


if __name__ == "__main__":
    main()
