"""Texts as sparse vectors of word n-grams, and which earlier texts are nearest."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dideban.arrays import F4, F8, I4, I8, read_only
from dideban.figures import settle
from dideban.kernels.grams import invert_rows, keep_heaviest, nearest_earlier, weigh_rows, word_grams
from dideban.text.normalise import chunks, fold_bytes

BITS = 20
"""Grams are hashed to so many bits."""
MAX_GRAMS = 64
"""Grams kept per text: those with the largest tf-idf when it arrived."""
MAX_LETTERS = 4_000
"""Letters of a text that are read: an article counts by its beginning."""
BUDGET = 8_192
"""Index entries visited per text at most, rarest grams first: bounds what one passage poured out everywhere costs."""


@dataclass(frozen=True)
class GramRows:
    """Texts as rows of grams: row ``i`` holds ``grams[starts[i] : starts[i + 1]]``, ascending."""

    starts: I8
    grams: I4
    counts: F4

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def empty(cls) -> Self:
        """Return no rows."""
        return cls(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    def take(self, which: NDArray[np.intp]) -> GramRows:
        """Return some rows, in the order named."""
        sizes = np.diff(self.starts)[which]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        at = np.repeat(self.starts[:-1][which] - starts[:-1], sizes) + np.arange(starts[-1])
        return GramRows(starts, self.grams[at], self.counts[at])

    def join(self, other: GramRows) -> GramRows:
        """Return these rows and then those of ``other``."""
        return GramRows(
            np.concatenate([self.starts, other.starts[1:] + self.starts[-1]]),
            np.concatenate([self.grams, other.grams]),
            np.concatenate([self.counts, other.counts]),
        )


class GramWeights:
    """How telling each gram is, learned as texts pass by: inverse document frequency that forgets."""

    def __init__(self) -> None:
        self.seen = np.zeros(1 << BITS)
        """Decayed number of texts that hold each gram."""
        self.total = 0.0
        """Decayed number of texts."""

    def learn(self, rows: GramRows, *, keep: float = 1.0) -> None:
        """Count the texts each gram stands in; what was learned before counts ``keep`` times."""
        self.seen *= keep
        self.seen += np.bincount(rows.grams, minlength=1 << BITS)
        self.total = self.total * keep + len(rows)

    def idf(self) -> F8:
        """Return the weight of every gram, >= 0: ``log((1 + texts) / (1 + texts with it))``."""
        weights: F8 = np.log((1 + self.total) / (1 + np.minimum(self.seen, self.total)))
        return settle(weights)  # the same on every processor: all that follows is sums and products


def count_grams(texts: pl.Series) -> GramRows:
    """Return the word n-grams of display texts: runs of four letters within words, word edges counted as letters.

    Parameters
    ----------
    texts : String series, (n,)
        Nulls count as empty.
    """
    rows = GramRows.empty()
    for part in chunks(texts):
        rows = rows.join(GramRows(*word_grams(*fold_bytes(part), BITS, MAX_LETTERS)))
    return rows


def heaviest(rows: GramRows, idf: F8) -> GramRows:
    """Return the rows with their ``MAX_GRAMS`` most telling grams only."""
    return GramRows(*keep_heaviest(rows.starts, rows.grams, rows.counts, idf, MAX_GRAMS))


def tf_idf(rows: GramRows, idf: F8) -> F4:
    """Return the weight of each entry: ``(1 + log count) * idf``, every row of length 1."""
    weights: F4 = weigh_rows(rows.starts, rows.grams, rows.counts, idf)
    return weights


def nearest(
    rows: GramRows,
    weights: F4,
    *,
    asked: NDArray[np.intp],
    n_nearest: int,
    least: float,
    threads: int = 0,
) -> pl.DataFrame:
    """Return the nearest earlier rows of some rows.

    Parameters
    ----------
    rows : Rows
        In order of time.
    weights : f4, (n_entries,)
        Weight of each entry, every row of length 1.
    asked : (k,)
        Rows whose neighbours are wanted, ascending.
    n_nearest : count
        Neighbours per row at most.
    least : cosine, 0..1
        Less alike rows are no neighbours.
    threads : count
        0 = all cores. Never changes the result.

    Returns
    -------
    DataFrame
        ``row``, ``other`` (< row) and ``likeness`` (cosine), sorted by row, most alike first.
    """
    grams = read_only(rows.grams)
    heads, holders = invert_rows(rows.starts, grams, 1 << BITS)
    n_threads = threads or os.cpu_count() or 1

    def part(some: NDArray[np.intp]) -> tuple[I4, F4]:
        found: tuple[I4, F4] = nearest_earlier(
            rows.starts, grams, weights, heads, holders, some, n_nearest, least, BUDGET
        )
        return found

    with ThreadPoolExecutor(n_threads) as pool:
        parts = list(pool.map(part, np.array_split(asked.astype(np.int64), 4 * n_threads)))
    other = np.concatenate([near for near, _ in parts]).ravel()
    cosine = np.concatenate([likeness for _, likeness in parts]).ravel()
    found = other >= 0
    row = np.repeat(asked.astype(np.int32), n_nearest)[found]
    return pl.DataFrame({"row": row, "other": other[found], "likeness": cosine[found].astype(np.float64)})
