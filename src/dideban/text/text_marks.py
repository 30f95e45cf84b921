"""Texts known again by two keyed hashes: what a process remembers of texts without keeping them."""

from __future__ import annotations

import secrets

import polars as pl

MARKS = {"mark": pl.UInt64(), "proof": pl.UInt64()}
"""Columns of :meth:`TextMarks.of`."""


class TextMarks:
    """Two 64-bit hashes of a text under seeds that no one else knows: in memory only, worth nothing to another process.

    Ten times as quick as the hashes that a file of signatures needs, which every machine must compute alike.
    """

    def __init__(self) -> None:
        self._seeds = secrets.randbits(64), secrets.randbits(64)

    def of(self, texts: pl.Series) -> pl.DataFrame:
        """Return ``mark`` and ``proof`` of each text; null counts as empty."""
        texts = texts.fill_null("")
        return pl.DataFrame([texts.hash(seed).alias(name) for name, seed in zip(MARKS, self._seeds, strict=True)])


def look_up(marks: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Return what is known of each text, and which texts are not known.

    Parameters
    ----------
    marks : (mark, proof), (n,)
    known : (mark, proof, ...)
        Each mark once. A text whose mark another text has already is never known.

    Returns
    -------
    DataFrame, (n,)
        ``marks`` with the other columns of ``known``.
    Boolean series, (n,)
    """
    found = marks.join(known, on="mark", how="left", maintain_order="left", suffix="_known")
    is_new = found.select(pl.col("proof_known").ne_missing(pl.col("proof"))).to_series()
    return found.drop("proof_known"), is_new


__all__ = ["MARKS", "TextMarks", "look_up"]
