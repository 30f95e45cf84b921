"""Likeness of meaning by vectors from outside: optional, computed on representatives only, on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dideban.arrays import F8, I8

Vectors = NDArray[np.float32]

BLOCK = 1024
"""Rows compared at a time."""
COSINE_DIGITS = 5
"""Decimal digits of a cosine that count: products of matrices differ beyond them between processors."""

TIES = {"young": pl.Int64(), "old": pl.Int64(), "likeness": pl.Float64()}


class Embedder(Protocol):
    """Turns texts into vectors whose cosine is likeness of meaning. None comes with Dideban; nothing is downloaded."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d), one row per text; a row of zeros is like nothing."""


class Meanings:
    """Mean vector of each narrative, and which are alike.

    Parameters
    ----------
    embedder : Embedder
    least : cosine, 0..1
        Vectors at least so alike mean the same.
    """

    def __init__(self, embedder: Embedder, *, least: float) -> None:
        self._embedder, self._least = embedder, least
        self._sums: dict[int, F8] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, each of length 1 (or 0)."""
        vectors = np.asarray(self._embedder.embed(texts), np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise ValueError(f"an embedder returned {vectors.shape} for {len(texts)} texts")
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return unit

    def alike(self, vectors: Vectors) -> pl.DataFrame:
        """Return ``row``, ``other`` (< row), ``likeness`` of texts that mean the same: the most alike of each."""
        row, other, cosine = _best_earlier(vectors, asked=np.arange(len(vectors)), least=self._least)
        return pl.DataFrame({"row": row, "other": other, "likeness": cosine}, schema=_SCHEMA)

    def add(self, numbers: I8, vectors: Vectors) -> None:
        """Add texts to the means of their narratives."""
        for number, vector in zip(numbers.tolist(), vectors.astype(np.float64), strict=True):
            self._sums[number] = self._sums.get(number, 0.0) + vector

    def totals(self) -> dict[int, F8]:
        """Return the sum of the vectors of each narrative."""
        return self._sums

    def restore(self, totals: Mapping[int, Sequence[float]]) -> None:
        """Take sums that :meth:`totals` gave."""
        self._sums = {number: np.asarray(total, np.float64) for number, total in totals.items()}

    def join(self, young: int, old: int) -> None:
        """Add one narrative to another."""
        self._sums[old] = self._sums[old] + self._sums.pop(young)

    def keep(self, numbers: set[int]) -> None:
        """Forget all other narratives."""
        self._sums = {number: total for number, total in self._sums.items() if number in numbers}

    def ties(self, asked: set[int]) -> pl.DataFrame:
        """Return TIES of narratives to the older one that means most nearly the same."""
        numbers = np.array(sorted(self._sums), np.int64)
        if not len(numbers):
            return pl.DataFrame(schema=TIES)
        sums = np.stack([self._sums[number] for number in numbers.tolist()])
        means = (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)).astype(np.float32)
        wanted = np.flatnonzero(np.isin(numbers, sorted(asked)))
        row, other, cosine = _best_earlier(means, asked=wanted, least=self._least)
        return pl.DataFrame({"young": numbers[row], "old": numbers[other], "likeness": cosine}, schema=TIES)


_SCHEMA = {"row": pl.Int32(), "other": pl.Int32(), "likeness": pl.Float64()}


def _best_earlier(
    vectors: Vectors, *, asked: NDArray[np.intp], least: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], F8]:
    """Return rows asked for, the most alike earlier row of each, and their cosine, where it reaches ``least``."""
    rows, others, cosines = [], [], []
    for start in range(0, len(asked), BLOCK):
        block = asked[start : start + BLOCK]
        scores = np.round(vectors[block] @ vectors.T, COSINE_DIGITS)
        scores[np.arange(vectors.shape[0])[None, :] >= block[:, None]] = -1.0
        best = scores.argmax(axis=1)
        cosine = scores[np.arange(len(block)), best]
        found = cosine >= least
        rows.append(block[found])
        others.append(best[found])
        cosines.append(cosine[found].astype(np.float64))
    none = np.zeros(0, np.intp)
    return (
        np.concatenate([none, *rows]),
        np.concatenate([none, *others]),
        np.concatenate([np.zeros(0), *cosines]),
    )
