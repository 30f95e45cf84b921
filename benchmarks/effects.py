"""How long the effects of sixty responses take among 1,000 targets of 90 days: the estimate alone, and the command.

python benchmarks/effects.py [--targets 1000] [--responses 60]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import measure
import yardstick

from dideban.effect import estimate_effects
from dideban.simulate.responses import Responses, make_bursts, posts_of, responses_of
from dideban.validation.effects import responses_of as timed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=1_000)
    parser.add_argument("--responses", type=int, default=60)
    asked = parser.parse_args()
    planted = Responses(n=asked.responses, reduction=0.3)
    bursts = make_bursts(planted, seed=5, n_units=asked.targets, days=90)
    posts = posts_of(bursts, seed=5)
    print(f"{asked.targets:,} targets, {posts.height:,} posts, {bursts.responses.height} responses")
    series, responses = timed(bursts, horizon_h=48)
    start, cpu = time.perf_counter(), time.process_time()
    effects, pooled = estimate_effects(series, responses)
    spent = time.process_time() - cpu
    known = sum(effect.identifiable for effect in effects)
    print(
        f"estimate: {time.perf_counter() - start:.1f} s, {spent:.1f} s of processors, {known} known",
        pooled[0].reduction,
    )
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        posts.write_parquet(base / "posts.parquet")
        responses_of(bursts, planted).write_csv(base / "responses.csv")
        for turn in ("first", "again"):
            cost = measure.dideban(
                "effect", base / "posts.parquet", "--responses", base / "responses.csv", "--out", base / turn
            )
            print(
                f"command, {turn}: {cost.seconds:.1f} s, {cost.cpu_seconds:.1f} s of processors, {cost.peak_mb:,.0f} MB"
            )
    print(f"a yard: {yardstick.measure():.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
