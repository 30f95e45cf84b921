"""Short texts: whether a few words say anything is judged by how rare they are in the data, not by their length."""

from __future__ import annotations

import numpy as np
import polars as pl

from dideban.text.normalise import normal_form
from dideban.text.stock_phrases import drop_signatures

LEAST_BITS = 12.0
"""A short text is an object where its words are rarer together than one text in 2**12."""
_UNIT = 1000
"""Bits are summed in whole thousandths, so that no decision hangs on the last digit of a sum."""
_TEXTS = {"print": pl.UInt64(), "text": pl.String()}
_WORDS = {"print": pl.UInt64(), "word": pl.String()}
_SPACELESS = r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])"
"""Letters of scripts that are written without spaces: each counts as a word."""


class KnownWords:
    """Words of the texts of a run before: only new texts are cut into words. They save time and change no result."""

    def __init__(self) -> None:
        self._texts = pl.DataFrame(schema=_TEXTS)
        self._words = pl.DataFrame(schema=_WORDS)

    def of(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return (print, word) of (print, text), each once and in no particular order; other texts are forgotten."""
        texts = texts.select(list(_TEXTS))
        known = texts.join(self._texts, on=list(_TEXTS), how="semi")
        new = texts.join(self._texts, on=list(_TEXTS), how="anti")
        self._words = pl.concat([self._words.join(known, on="print", how="semi"), _words(new)])
        self._texts = texts
        return self._words


def information(
    texts: pl.DataFrame, *, sample: pl.DataFrame, known: tuple[KnownWords, KnownWords] | None = None
) -> pl.DataFrame:
    """Return how much each text says, from how many other texts hold its words.

    Parameters
    ----------
    texts, sample : (print, text)
        Display texts, each print once. Texts in ``sample`` stand for all texts of the data, whoever posted them and
        however often: a copy does not make its own words common.
    known : (KnownWords, KnownWords), optional
        Words of the texts, and of the sample, of the run before. Never changes the result.

    Returns
    -------
    DataFrame, (n_texts,)
        ``print`` and ``bits``: the sum over its different words of log2((N + 1) / (n + 1)), where n of the N sampled
        texts other than itself hold the word. Zero for texts of digits alone.

    Notes
    -----
    Deterministic for any order of rows. Words are those of the normal form.

    Examples
    --------
    >>> said = pl.DataFrame({"print": range(8), "text": [*["good day"] * 7, "nexus now"]})
    >>> information(said.tail(1), sample=said)["bits"].to_list()
    [6.34]
    """
    words, common = (_words(texts), _words(sample)) if known is None else (known[0].of(texts), known[1].of(sample))
    n = max(sample.height, 1)
    counts = common.group_by("word").len()
    held = words.join(common.with_columns(own=1), on=["print", "word"], how="left").join(counts, on="word", how="left")
    others = held["len"].fill_null(0).cast(pl.Int64) - held["own"].fill_null(0)
    bits = np.rint(_UNIT * np.log2((n + 1) / (others.to_numpy() + 1))).astype(np.int64)
    is_word = held["word"].str.contains(r"\p{L}")
    said = held.select("print").with_columns(bits=pl.Series(bits), is_word=is_word)
    sums = said.group_by("print").agg(pl.col("bits").sum(), pl.col("is_word").any())
    joined = texts.select("print").join(sums, on="print", how="left", maintain_order="left")
    return joined.select("print", bits=pl.when("is_word").then(pl.col("bits") / _UNIT).fill_null(0.0))


def _words(texts: pl.DataFrame) -> pl.DataFrame:
    """Return (print, word), each once."""
    forms = normal_form(drop_signatures(texts["text"])).str.replace_all(_SPACELESS, " $1 ")
    table = texts.select("print", word=forms.str.split(" ").list.unique()).explode("word")
    return table.filter(pl.col("word") != "").drop_nulls()
