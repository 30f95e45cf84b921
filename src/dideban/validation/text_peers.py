"""The rules by which other tools call two texts the same, on labelled pairs."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl

from dideban.arrays import U8
from dideban.kernels.text import hash_texts
from dideban.text.normalise import to_bytes

N_PERMUTATIONS = 128
GRAM = 5
"""Character n-grams of the text in lower case, as written otherwise."""
_PRIME = (1 << 31) - 1
BLOCK = 2_000
"""Texts hashed at a time."""


def judge_pairs(pairs: pl.DataFrame) -> dict[str, pl.Series]:
    """Return, by rule, which pairs it calls the same.

    Parameters
    ----------
    pairs : DataFrame
        ``left`` and ``right``: texts.

    References
    ----------
    Broder 1997 (MinHash); Charikar 2002, doi:10.1145/509907.509965, Manku, Jain, Sarma 2007 (SimHash, 3 bits).
    """
    signatures = [_signatures(pairs[side].str.to_lowercase()) for side in ("left", "right")]
    (minima, prints), (other_minima, other_prints) = signatures
    likeness = (minima == other_minima).mean(axis=1)
    distance = np.bitwise_count(prints ^ other_prints)
    return {
        "exact match": pairs["left"] == pairs["right"],
        "MinHash 0.8": pl.Series(likeness >= 0.8),
        "MinHash 0.7": pl.Series(likeness >= 0.7),
        "SimHash 3 bits": pl.Series(distance <= 3),
    }


def _signatures(texts: pl.Series) -> tuple[U8, U8]:
    """Return the MinHash (n, 128) and the SimHash (n,) of each text."""
    parts = [_block(texts.slice(at, BLOCK).to_list()) for at in range(0, len(texts), BLOCK)]
    return np.concatenate([minima for minima, _ in parts]), np.concatenate([prints for _, prints in parts])


def _block(texts: list[str]) -> tuple[U8, U8]:
    grams = [sorted({text[i : i + GRAM] for i in range(max(1, len(text) - GRAM + 1))}) for text in texts]
    starts = np.cumsum([0, *map(len, grams)])
    hashes = hash_texts(*to_bytes(pl.Series(list(itertools.chain(*grams)), dtype=pl.String)), np.uint64(1))
    chance = np.random.default_rng(7)
    factor = chance.integers(1, _PRIME, N_PERMUTATIONS, dtype=np.uint64)
    shift = chance.integers(0, _PRIME, N_PERMUTATIONS, dtype=np.uint64)
    low = hashes % np.uint64(_PRIME)
    minima = np.empty((len(texts), N_PERMUTATIONS), np.uint64)
    prints = np.zeros(len(texts), np.uint64)
    bits = np.arange(64, dtype=np.uint64)
    for ix, (start, stop) in enumerate(itertools.pairwise(starts.tolist())):
        minima[ix] = ((low[start:stop, None] * factor + shift) % np.uint64(_PRIME)).min(axis=0)
        votes = ((hashes[start:stop, None] >> bits) & np.uint64(1)).sum(axis=0) * 2 > stop - start
        prints[ix] = (votes.astype(np.uint64) << bits).sum(dtype=np.uint64)
    return minima, prints
