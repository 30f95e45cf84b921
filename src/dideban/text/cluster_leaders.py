"""Which text leads each message: runs of posts in order of time, script by script, and what is kept between runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4, I8, U1, U4, U8, read_only
from dideban.kernels.minhash_lead import find_runs, lead_texts
from dideban.kernels.text import main_scripts

LEAST_SHARED = 3
"""Shared values that make two texts candidates."""
LEAST_COVER = 0.4
"""Share of the shorter text's 4-grams that must stand in the other."""
LEAST_DIAMETER = 0.25
"""The same against the leader and every other anchor of a cluster."""
LONGEST_LIST = 64
"""A shingle that more clusters of the window hold is too common to look up (document-frequency cap)."""
BUDGET = 256
"""Index entries visited per text at most, rarest shingles first."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Distinct texts in order of their first post (ties by post id)."""

    prints: U8
    data: U1
    """Normal forms, one after the other."""
    offsets: I8
    """(n_texts + 1,) where each begins."""
    sketches: U4
    sizes: I4


@dataclass(frozen=True, kw_only=True)
class _FoundTexts:
    """What one run found about its texts, and from which posts."""

    at: I8
    """(n_posts,) times, microseconds, ascending."""
    prints: U8
    """(n_posts,)"""
    window: int
    bits: tuple[int, ...]
    """Size of the index of each script: it decides which rare collisions happen."""
    lead: I4
    likeness: F8
    is_anchor: B1


class ClusterLeaders:
    """What a run found, kept in memory for the next: texts of posts before the first new one are not sought again.

    A text is led by what stood before it, so whatever comes later changes nothing about it.
    """

    def __init__(self) -> None:
        self._found: _FoundTexts | None = None
        self.n_known = 0
        """Texts of the last run whose leader was known."""

    def recall(self, now: _FoundTexts) -> int:
        """Fill in what is known about texts that stand as before; return how many, the first in order of time."""
        before, self._found, self.n_known = self._found, now, 0
        if before is None or (before.window, before.bits) != (now.window, now.bits):
            return 0
        n = min(len(before.at), len(now.at))
        differs = (before.at[:n] != now.at[:n]) | (before.prints[:n] != now.prints[:n])
        first = int(np.argmax(differs)) if differs.any() else n
        times = [one.at[first] for one in (before, now) if first < len(one.at)]
        same = int(np.searchsorted(now.at, min(times))) if times else n
        # texts are numbered by their first post: those of the posts that are the same come first, in both runs
        self.n_known = known = pl.Series(now.prints[:same]).n_unique()
        for name in ("lead", "likeness", "is_anchor"):
            getattr(now, name)[:known] = getattr(before, name)[:known]
        return known


def lead_nodes(
    nodes: Nodes,
    posts: pl.DataFrame,
    *,
    window_h: float,
    threads: int,
    memory: ClusterLeaders | None = None,
) -> tuple[I4, F8, int]:
    """Return leader and likeness to it of each text; the texts of each script are led on their own, side by side.

    Parameters
    ----------
    nodes : Nodes, (n_texts,)
    posts : (print, created_at), (n_posts,)
        In order of time, ties by post id.
    memory : ClusterLeaders, optional
        What the run before found. Never changes the result.

    Returns
    -------
    (n_texts,) int, (n_texts,) float, int
        The last: look-ups of shingles left out as too common, among texts whose leader was not known.
    """
    window, n = round(window_h * 3.6e9), len(nodes.sizes)
    node, start, end = _runs(posts, nodes.prints, window=window)
    data, offsets = nodes.data, nodes.offsets
    sketches, text_sizes = read_only(nodes.sketches), read_only(nodes.sizes)
    script = main_scripts(data, offsets)[node]
    sizes = np.bincount(script, minlength=1)
    found = _FoundTexts(
        at=posts["created_at"].dt.epoch("us").to_numpy(), prints=posts["print"].to_numpy(), window=window,
        bits=tuple(_bits(size) for size in sizes.tolist()),
        lead=np.full(n, -1, np.int32), likeness=np.ones(n), is_anchor=np.zeros(n, np.bool_),
    )  # fmt: skip
    n_known = memory.recall(found) if memory else 0
    counts = np.zeros(n, np.int16)

    def lead_script(one: int) -> int:
        rows = np.flatnonzero(script == one)
        return lead_texts(
            data, offsets, sketches, text_sizes, node[rows], start[rows], end[rows],
            window, found.bits[one], LEAST_SHARED, LEAST_COVER, LEAST_DIAMETER, LONGEST_LIST, BUDGET,
            found.lead, found.likeness, found.is_anchor, n_known, counts,
        )  # fmt: skip

    largest_first = np.argsort(-sizes, kind="stable").tolist()
    return found.lead, found.likeness, sum(in_threads(lead_script, largest_first, threads=threads))


def _bits(n_runs: int) -> int:
    """Return the bits of a slot of the index, for about six slots a text."""
    return int(np.clip(np.ceil(np.log2(max(1, n_runs) * 6)), 12, 26))


def _runs(posts: pl.DataFrame, prints: U8, *, window: int) -> tuple[I8, I8, I8]:
    """Cut the posts of each text where they pause for longer than the window: node, start, end in microseconds."""
    table = pl.DataFrame({"print": pl.Series(prints, dtype=pl.UInt64), "node": np.arange(len(prints))})
    node = posts.select("print").join(table, on="print", maintain_order="left")["node"].to_numpy()
    times = posts["created_at"].dt.epoch("us").to_numpy()
    runs = find_runs(read_only(node), read_only(times), len(prints), window)
    order = np.lexsort((runs[0], runs[1]))
    return runs[0][order], runs[1][order], runs[2][order]


def in_threads(work: Callable[[T], R], items: Iterable[T], *, threads: int) -> list[R]:
    """Do a piece of work for each item, some at a time; 0 threads = all cores."""
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        return list(pool.map(work, items))
