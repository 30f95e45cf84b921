"""Centres of narratives: decayed sums of the vectors of their texts, cut to the heaviest grams."""

from __future__ import annotations

import numpy as np
import polars as pl

from dideban.arrays import F4, F8, I8
from dideban.text.vectors import GramRows

MAX_CENTRE = 128
"""Grams kept of a centre, heaviest first."""

CENTRES = {"number": pl.Int64(), "gram": pl.Int32(), "weight": pl.Float64()}
"""One row per narrative and gram, sorted."""


def no_centres() -> pl.DataFrame:
    """Return CENTRES without rows."""
    return pl.DataFrame(schema=CENTRES)


def centres_of(rows: GramRows, weights: F4, *, numbers: I8, n_posts: I8) -> pl.DataFrame:
    """Return what texts add to the centres of their narratives: a text of n posts counts the root of n times."""
    sizes = np.diff(rows.starts)
    scale = np.repeat(np.sqrt(n_posts.astype(np.float64)), sizes)
    entries = {"number": np.repeat(numbers, sizes), "gram": rows.grams, "weight": weights.astype(np.float64) * scale}
    return pl.DataFrame(entries, schema=CENTRES)


def add_up(parts: pl.DataFrame) -> pl.DataFrame:
    """Return the sum of centres, each cut to its heaviest grams (ties to smaller ones)."""
    # sorted before it is summed: floating-point sums depend on the order of their terms
    ordered = parts.sort("number", "gram", "weight")
    total = ordered.group_by("number", "gram", maintain_order=True).agg(pl.col("weight").sum())
    heavy = total.sort(["number", "weight", "gram"], descending=[False, True, False])
    return heavy.filter(pl.int_range(pl.len()).over("number") < MAX_CENTRE).sort("number", "gram")


def renumber(centres: pl.DataFrame, *, young: pl.Series, old: pl.Series) -> pl.DataFrame:
    """Return the centres with those of ``young`` added to those of ``old``; the others are left as they are."""
    changed = pl.col("number").is_in(pl.concat([young, old]).implode())
    joined = centres.filter(changed).with_columns(pl.col("number").replace(young, old))
    return pl.concat([centres.filter(~changed), add_up(joined)]).sort("number", "gram")


def as_rows(centres: pl.DataFrame) -> tuple[I8, GramRows, F4, F8]:
    """Return the numbers, their centres as rows, the weights with every row of length 1, and the lengths before."""
    numbers, sizes = np.unique(centres["number"].to_numpy(), return_counts=True)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    weight = centres["weight"].to_numpy()
    length = np.sqrt(np.add.reduceat(weight**2, starts[:-1])) if len(numbers) else np.zeros(0)
    scaled = (weight / np.repeat(np.maximum(length, 1e-300), sizes)).astype(np.float32)
    return numbers, GramRows(starts, centres["gram"].to_numpy(), np.ones(len(scaled), np.float32)), scaled, length
