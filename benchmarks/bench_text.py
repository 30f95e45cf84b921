"""Time and memory of near-duplicate text by number of posts.

    python benchmarks/bench_text.py 100000 1000000 [--days 30]

Random texts over an own vocabulary with word frequencies like those of a language; a tenth are reworded copies and a
tenth exact copies of earlier texts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np
import polars as pl

from dideban.progress import SILENT
from dideban.text import cluster_texts

_LETTERS = ("abcdefghijklmnoprstuvwy", "ابپتجدرزسشفقکگلمنوهی", "ابتثجحدرسشصعفقكلمنهوي")
_DAY_US = 86_400_000_000


def make_texts(n_texts: int, *, n_words: int = 18, seed: int = 1) -> pl.Series:
    """Return random texts of about 100 letters, a fifth of them copies."""
    chance = np.random.default_rng(seed)
    vocabulary = [
        "".join(chance.choice(list(letters), size=chance.integers(2, 9))) for letters in _LETTERS for _ in range(20_000)
    ]
    words = pl.Series(vocabulary).to_numpy().reshape(3, -1)
    ranks = 1.0 / (np.arange(words.shape[1]) + 2.7)
    edges = np.cumsum(ranks / ranks.sum())
    language = chance.integers(0, 3, n_texts)
    picks = np.searchsorted(edges, chance.random((n_texts, n_words))).clip(0, words.shape[1] - 1)
    copies = np.flatnonzero(chance.random(n_texts) < 0.2)
    copies = copies[copies > 0]
    sources = (chance.random(len(copies)) * copies).astype(np.int64)
    for copy, source in zip(copies, sources, strict=True):
        kept = picks[source].copy()
        if copy % 2:
            swaps = chance.integers(0, n_words, 3)
            kept[swaps] = chance.integers(0, words.shape[1], 3)
        picks[copy], language[copy] = kept, language[source]
    columns = {f"w{i}": words[language, picks[:, i]] for i in range(n_words)}
    return pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator=" ")).to_series()


def measure(n_posts: int, days: float) -> None:
    """Cluster ``n_posts`` texts and print one line."""
    chance = np.random.default_rng(2)
    at = np.sort(chance.integers(0, int(days * _DAY_US), n_posts))
    posts = pl.DataFrame(
        {
            "post_id": pl.Series(np.arange(n_posts)).cast(pl.String),
            "text": make_texts(n_posts),
            "created_at": pl.Series(at).cast(pl.Datetime("us", "UTC")),
        }
    )
    before_mib = peak_mib()
    cluster_texts(posts.head(200), progress=SILENT)  # compile first
    start, start_cpu = time.perf_counter(), time.process_time()
    found = cluster_texts(posts)
    took, took_cpu = time.perf_counter() - start, time.process_time() - start_cpu
    print(
        f"{n_posts:>10,} posts over {days:g} days: {took:7.1f} s ({took_cpu:.1f} s of processor), "
        f"peak {peak_mib():,.0f} MiB "
        f"({before_mib:,.0f} MiB before), {found['text_id'].n_unique():,} messages",
        flush=True,
    )


def peak_mib() -> float:
    """Return the peak resident memory of this process in MiB."""
    try:
        import resource
    except ImportError:
        return float("nan")
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--days", type=float, default=30.0)
    options = parser.parse_args()
    if len(options.sizes) == 1:
        measure(options.sizes[0], options.days)
    else:
        for size in options.sizes:  # one process each: peak memory never falls
            subprocess.run([sys.executable, __file__, str(size), "--days", str(options.days)], check=True)
