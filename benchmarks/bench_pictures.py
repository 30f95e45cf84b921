"""How well and how fast pictures are recognised: recall by change, false matches, pictures a second, clustering.

Run: python benchmarks/bench_pictures.py [--pictures 40] [--hashes 1000000] [--files 600]
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import polars as pl
from made_pictures import CHANGES, KINDS, scene, words_on
from PIL import Image

from dideban.ingest.pictures import Decoders, Print, print_of
from dideban.traces.pictures import DISTANCE, cluster_pictures, words_of


def hashed(folder: Path, pictures: list[Image.Image]) -> list[Print]:
    """Hash pictures as a scan does: saved, decoded in processes, hashed."""
    paths = [folder / f"{number}.png" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        picture.convert("RGB").save(path, compress_level=1)
    found = list(Decoders().each(paths, print_of))
    assert all(isinstance(one, Print) for one in found)
    return found  # type: ignore[return-value]


def codes(value: str) -> np.ndarray:
    return words_of(pl.Series(value.removeprefix("pdq:").split("."))) if value else np.empty((0, 4), np.uint64)


def distance(one: np.ndarray, two: np.ndarray) -> int:
    """Fewest bits between a hash of one and a hash of the other."""
    if not len(one) or not len(two):
        return 256
    return int(np.bitwise_count(one[:, None, :] ^ two[None, :, :]).sum(axis=2).min())


def recall(folder: Path, n: int) -> list[np.ndarray]:
    """Print the share of changed pictures that are recognised; return the hashes of the originals."""
    chance = np.random.default_rng(2024)
    hits: dict[str, Counter[str]] = defaultdict(Counter)
    kept = []
    for kind, make in KINDS.items():
        for _ in range(n):
            original = make(chance)
            changed = [change(original, chance) for change in CHANGES.values()]
            first, *others = (codes(one.parts) for one in hashed(folder, [original, *changed]))
            kept.append(first)
            for name, other in zip(CHANGES, others, strict=True):
                hits[name][kind] += distance(first, other) <= DISTANCE
    print("| change |", " | ".join(KINDS), "|\n|---|" + "---|" * len(KINDS))
    for name, counts in hits.items():
        print(f"| {name} |", " | ".join(f"{counts[kind] / n:.0%}" for kind in KINDS), "|")
    pictured = [kind for kind in KINDS if kind != "page"]
    usual = [counts[kind] for name, counts in hits.items() if name != "mirrored" for kind in pictured]
    print(f"all changes but mirrored, pages of text apart: {sum(usual) / len(usual) / n:.1%}")
    return kept


def false_matches(folder: Path, n: int) -> None:
    """Print how many pairs of different pictures are taken for one; memes on one template apart."""
    chance = np.random.default_rng(7)
    makers = list(KINDS.values())
    different = [codes(one.parts) for one in hashed(folder, [makers[i % len(makers)](chance) for i in range(n)])]
    n_pairs = n * (n - 1) // 2
    wrong = sum(distance(different[i], different[j]) <= DISTANCE for i in range(n) for j in range(i))
    print(f"different pictures: {wrong} of {n_pairs:,} pairs taken for one")
    for bar in (True, False):
        template = scene(chance)
        memes = [codes(one.value) for one in hashed(folder, [words_on(template, chance, bar=bar) for _ in range(20)])]
        same = sum(distance(memes[i], memes[j]) <= DISTANCE for i in range(20) for j in range(i))
        print(f"one template, other words {'on bars' if bar else 'on the picture'}: {same} of 190 pairs taken for one")


def speed(folder: Path, n: int) -> None:
    """Print pictures a second, from JPEG files of 1,280 x 960."""
    chance = np.random.default_rng(1)
    sources = [scene(chance).resize((1280, 960)) for _ in range(20)]
    paths = [folder / f"s{number}.jpg" for number in range(n)]
    for number, path in enumerate(paths):
        sources[number % 20].save(path, quality=80)
    list(Decoders().each(paths[:8], print_of))
    start, used = time.perf_counter(), os.times()
    list(Decoders().each(paths, print_of))
    wall, now = time.perf_counter() - start, os.times()
    cpu = sum(now[:4]) - sum(used[:4])
    print(f"{n} pictures of 1,280 x 960: {n / wall:.0f} a second; {cpu / n * 1000:.1f} ms of processor each")


def clustering(n: int) -> None:
    """Print time and memory of gathering hashes: half alone, half in clouds around others."""
    chance = np.random.default_rng(3)
    centres = chance.integers(0, 256, (n // 2, 32), np.uint8)
    near = centres[chance.integers(0, len(centres) // 10 + 1, n - len(centres))]
    for start in range(0, len(near), 50_000):
        near[start : start + 50_000] ^= np.packbits(
            chance.random((len(near[start : start + 50_000]), 256)) < 0.04, axis=1
        )
    values = [f"pdq:{row.tobytes().hex()}" for row in np.concatenate([centres, near])]
    table = pl.DataFrame({"value": values, "n": 1}).unique("value")
    cluster_pictures(table.head(2))
    start, used = time.perf_counter(), time.process_time()
    clusters, notes = cluster_pictures(table)
    wall, cpu = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{table.height:,} hashes: {wall:.0f} s ({cpu:.0f} s of processor), {peak:.2f} GB at most, "
          f"{clusters['leader'].n_unique():,} pictures, notes: {[note.code for note in notes]}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--different", type=int, default=300)
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recall(folder, options.pictures)
        false_matches(folder, options.different)
        speed(folder, options.files)
    clustering(options.hashes)


if __name__ == "__main__":
    main()
