"""Time and memory of near-duplicate text by number of posts, as the flow does it: signed in batches, then clustered.

    python benchmarks/bench_text.py 100000 1000000 [--days 30]

Random texts over an own vocabulary with word frequencies like those of a language; a tenth are reworded copies and a
tenth exact copies of earlier texts. With BENCH_QUT naming the ``compute_networks`` program of the QUT toolkit (pip
install coordination-network-toolkit) its pairwise Jaccard likeness is timed on the same 10,000 texts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

SIZES = {"small": [10_000, 100_000], "full": [100_000, 1_000_000, 10_000_000]}
CHUNK = 500_000
_LETTERS = ("abcdefghijklmnoprstuvwy", "ابپتجدرزسشفقکگلمنوهی", "ابتثجحدرسشصعفقكلمنهوي")
_DAY_US = 86_400_000_000


def run(scale: str) -> list[dict]:
    rows = [measure_apart(size) for size in SIZES[scale]]
    program = os.environ.get("BENCH_QUT")
    return [*rows, compare(program)] if program else rows


def make_texts(n_texts: int, *, n_words: int = 18, seed: int = 1) -> pl.Series:
    """Return random texts of about 100 letters, a fifth of them copies."""
    chance = np.random.default_rng(seed)
    vocabulary = [
        "".join(chance.choice(list(letters), size=chance.integers(2, 9))) for letters in _LETTERS for _ in range(20_000)
    ]
    words = pl.Series(vocabulary)
    ranks = 1.0 / (np.arange(20_000) + 2.7)
    edges = np.cumsum(ranks / ranks.sum())
    language = chance.integers(0, 3, n_texts)
    picks = np.searchsorted(edges, chance.random((n_texts, n_words))).clip(0, 19_999).astype(np.int32)
    copies = np.flatnonzero(chance.random(n_texts) < 0.2)
    copies = copies[copies > 0]
    sources = (chance.random(len(copies)) * copies).astype(np.int64)
    for copy, source in zip(copies, sources, strict=True):
        kept = picks[source].copy()
        if copy % 2:
            kept[chance.integers(0, n_words, 3)] = chance.integers(0, 20_000, 3)
        picks[copy], language[copy] = kept, language[source]
    columns = {f"w{i}": words.gather(language * 20_000 + picks[:, i]) for i in range(n_words)}
    return pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator=" ")).to_series()


def write_posts(path: Path, n_posts: int, days: float) -> None:
    """Write ``n_posts`` posts in order of time, part by part; a post copies within its part."""
    parts = []
    for number, first in enumerate(range(0, n_posts, CHUNK)):
        n = min(CHUNK, n_posts - first)
        at = (first + np.arange(n)) * int(days * _DAY_US) // n_posts
        part = path.with_suffix(f".{number}")
        pl.DataFrame(
            {
                "post_id": pl.Series(np.arange(first, first + n)).cast(pl.String),
                "text": make_texts(n, seed=number + 1),
                "created_at": pl.Series(at).cast(pl.Datetime("us", "UTC")),
            }
        ).write_parquet(part, compression="lz4")
        parts.append(part)
    pl.scan_parquet(parts).sink_parquet(path, compression="lz4", row_group_size=CHUNK)
    for part in parts:
        part.unlink()


def measure(path: Path) -> dict:
    """Cluster the posts of a file and return what it took."""
    from dideban.text import cluster_texts, sign_texts

    posts = pl.scan_parquet(path)
    cluster_texts(posts.head(200).collect())  # compile first
    times = posts.select("post_id", "created_at").collect()
    n_posts = times.height
    start, start_cpu = time.perf_counter(), time.process_time()
    parts = []
    for first in range(0, n_posts, CHUNK):
        batch = posts.slice(first, CHUNK).select("post_id", "text").collect()
        parts.append(sign_texts(batch))
    signed, parts = pl.concat(parts), []
    frame = times.with_columns(text=pl.lit(None, pl.String))
    signed_s = time.perf_counter() - start
    found = cluster_texts(frame, signatures=signed)
    return {
        "posts": n_posts,
        "seconds": time.perf_counter() - start,
        "of_them_signing": signed_s,
        "processor_s": time.process_time() - start_cpu,
        "peak_mib": peak_mib(),
        "messages": found["text_id"].n_unique(),
    }


def measure_apart(n_posts: int, days: float = 30.0) -> dict:
    """Measure in a process of its own: peak memory never falls."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posts.parquet"
        subprocess.run([sys.executable, __file__, "--write", str(path), str(n_posts), "--days", str(days)], check=True)
        done = subprocess.run(
            [sys.executable, __file__, "--measure", str(path)], check=True, capture_output=True, text=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def compare(program: str, n_posts: int = 10_000) -> dict:
    """Time the pairwise Jaccard likeness of the QUT toolkit on the same texts: window over everything."""
    from dideban.text import cluster_texts

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_posts(folder / "posts.parquet", n_posts, 1.0)
        posts = pl.read_parquet(folder / "posts.parquet")
        posts.select(
            message_id="post_id", user_id=pl.concat_str(pl.lit("u"), "post_id"), username="post_id",
            repost_id=pl.lit(""), reply_id=pl.lit(""), message="text",
            timestamp=pl.col("created_at").dt.epoch("s") + 1_700_000_000, urls=pl.lit(""),
        ).write_csv(folder / "posts.csv")  # fmt: skip
        start = time.perf_counter()
        subprocess.run([program, "db", "preprocess", "posts.csv"], cwd=folder, check=True, capture_output=True)
        subprocess.run(
            [program, "db", "compute", "co_similar_tweet", "--time_window", "86400", "--similarity_threshold", "0.7",
             "--min_edge_weight", "1"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        theirs = time.perf_counter() - start
        cluster_texts(posts.head(200))
        start = time.perf_counter()
        cluster_texts(posts)
        ours = time.perf_counter() - start
    return {"posts": n_posts, "seconds": ours, "qut_toolkit_s": theirs, "times_faster": theirs / ours}


def peak_mib() -> float:
    """Return the peak resident memory of this process in MiB."""
    try:
        import resource
    except ImportError:
        return float("nan")
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--write", type=Path, help="only write so many posts to this file")
    parser.add_argument("--measure", type=Path, help="only measure this file")
    options = parser.parse_args()
    if options.write:
        write_posts(options.write, options.sizes[0], options.days)
    elif options.measure:
        print(json.dumps(measure(options.measure)), flush=True)
    else:
        for size in options.sizes:
            print(json.dumps(measure_apart(size, options.days)), flush=True)


if __name__ == "__main__":
    main()
