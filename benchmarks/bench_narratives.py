"""Narratives by number of posts: time, memory, and agreement with events that are known.

Posts about known events come from ``dideban.simulate.stories``, a quarter more events for ten times the posts. NMI is
the normalised mutual information (arithmetic mean) of narrative and event over the posts about an event, purity the
share of them in narratives whose main event is theirs; ``found`` the share of events with 20 posts or more for which a
narrative exists that holds half of them and consists of them by half. ``words_alone`` is the NMI of near-duplicate
messages alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from bench_text import peak_mib

SIZES = {"small": [10_000], "full": [10_000, 100_000, 1_000_000]}
EVENTS = {10_000: 60, 100_000: 120, 1_000_000: 240}
SEED = 2
"""Settings were chosen on seed 1."""


def run(scale: str) -> list[dict]:
    return [measure_apart(n) for n in SIZES[scale]]


def measure_apart(n_posts: int) -> dict:
    """Measure in a process of its own: peak memory never falls."""
    done = subprocess.run([sys.executable, __file__, str(n_posts)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(n_posts: int) -> dict:
    from dideban.config import NarrativeConfig
    from dideban.findings.narratives import make_narratives
    from dideban.simulate.stories import make_stories

    made = make_stories(seed=SEED, n_posts=n_posts, n_stories=EVENTS.get(n_posts, 100))
    make_narratives(made.posts.head(500).lazy())  # compile first
    start, start_cpu = time.perf_counter(), time.process_time()
    found = make_narratives(made.posts.lazy())
    took, took_cpu = time.perf_counter() - start, time.process_time() - start_cpu
    every = make_narratives(made.posts.lazy(), config=NarrativeConfig(min_posts=1)) if n_posts <= 100_000 else found
    truth = made.truth.with_columns(post_id="sample/" + pl.col("post_id"))
    table = every.posts.join(truth, on="post_id")
    told = table.drop_nulls("story")
    return {
        "posts": n_posts, "seconds": took, "processor_s": took_cpu, "peak_mib": peak_mib(),
        "narratives": len(found.items), "nmi": agreement(told, "narrative_id"), "purity": purity(told),
        "found": found_share(table), "words_alone": agreement(told, "text_id"),
    }  # fmt: skip


def agreement(told: pl.DataFrame, by: str) -> float:
    """Return the normalised mutual information of ``by`` and the event."""
    parts = [told.group_by(keys).len()["len"].to_numpy() for keys in ([by], ["story"], [by, "story"])]
    ours, truth, both = (float(-(n / n.sum() * np.log(n / n.sum())).sum()) for n in parts)
    return 2 * (ours + truth - both) / (ours + truth)


def purity(told: pl.DataFrame) -> float:
    both = told.group_by("narrative_id", "story").len()
    return both.group_by("narrative_id").agg(pl.col("len").max())["len"].sum() / told.height


def found_share(table: pl.DataFrame) -> float:
    events = table.drop_nulls("story").group_by("story").agg(n_event=pl.len()).filter(pl.col("n_event") >= 20)
    sizes = table.group_by("narrative_id").agg(n=pl.len())
    both = table.drop_nulls("story").group_by("narrative_id", "story").agg(both=pl.len())
    full = both.join(sizes, on="narrative_id").join(events, on="story")
    hit = full.filter((pl.col("both") * 2 >= pl.col("n_event")) & (pl.col("both") * 2 >= pl.col("n")))
    return hit["story"].n_unique() / max(events.height, 1)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    print(json.dumps(measure(int(sys.argv[1]))))
