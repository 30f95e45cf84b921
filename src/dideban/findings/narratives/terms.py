"""Words that tell a narrative from the rest."""

from __future__ import annotations

import polars as pl

from dideban.text import normal_form

MAX_TERMS = 8
MAX_TEXTS = 500
"""Texts of one narrative that are read for its words, those with the most posts first."""
MAX_BACKGROUND = 100_000
"""Texts of all that are read for comparison, evenly spread over time."""
STEM = 5
"""Words that begin with the same letters, so many, are one term."""
MAX_WORDS = 200
"""Words of a text."""
PRIOR = 0.1
"""Strength of the background: this many pretended texts per text of the narrative."""
_WORD = r"[\p{L}\p{M}\p{N}\u200c’'_-]{2,40}"


def find_terms(texts: pl.DataFrame, *, background: pl.Series) -> pl.DataFrame:
    """Return the terms of each narrative.

    Parameters
    ----------
    texts : DataFrame
        ``narrative`` (any key), ``text`` and ``n_posts``.
    background : String series
        Texts of all narratives and of none, in order of time.

    Returns
    -------
    DataFrame
        ``narrative``, ``term`` (as written most often), ``form``, ``score``; sorted, best first within a narrative.

    Notes
    -----
    Score: log-odds of a text holding the word, inside against outside, with the background as prior, by its standard
    error. Words in fewer than two texts of a narrative with several are left out.

    References
    ----------
    Monroe, Colaresi, Quinn 2008, doi:10.1093/pan/mpn018.
    """
    step = max(1, -(-len(background) // MAX_BACKGROUND))
    common = background.gather_every(step)
    around = _words(pl.DataFrame({"text": common})).group_by("form").agg(n_around=pl.len())
    inside = texts.sort(["narrative", "n_posts", "text"], descending=[False, True, False])
    inside = inside.filter(pl.int_range(pl.len()).over("narrative") < MAX_TEXTS)
    words = _words(inside.select("narrative", "text"))
    shown = words.group_by("narrative", "form", "word").len().sort(["len", "word"], descending=[True, False])
    shown = shown.unique(["narrative", "form"], keep="first", maintain_order=True)
    counted = words.group_by("narrative", "form").agg(n=pl.len())
    sizes = inside.group_by("narrative").agg(n_texts=pl.len())
    table = (
        counted.join(sizes, on="narrative").join(around, on="form", how="left").join(shown, on=["narrative", "form"])
    )
    table = table.filter((pl.col("n") >= 2) | (pl.col("n_texts") < 2))
    scored = _scored(table, n_background=len(common))
    ordered = scored.sort(["narrative", "score", "form"], descending=[False, True, False])
    # one word of a stem: inflections say the same
    apart = ordered.filter(pl.col("score") > 0).unique(
        ["narrative", pl.col("form").str.slice(0, STEM)], keep="first", maintain_order=True
    )
    best = apart.filter(pl.int_range(pl.len()).over("narrative") < MAX_TERMS)
    return best.select("narrative", term="word", form="form", score="score")


def _words(texts: pl.DataFrame) -> pl.DataFrame:
    """Return one row per text and word form, with the word as written; numbers and single letters are no terms."""
    cut = texts.with_row_index("text_ix").with_columns(
        word=pl.col("text").str.replace_all(r"https?://\S+|@\w+", " ").str.extract_all(_WORD).list.head(MAX_WORDS)
    )
    words = cut.drop("text").explode("word").drop_nulls("word")
    written = words["word"].unique()
    forms = pl.DataFrame({"word": written, "form": normal_form(written).str.replace_all(" ", "")})
    is_word = (pl.col("form").str.len_chars() >= 3) & ~pl.col("form").str.contains(r"^[0-9.]+$")
    return (
        words.join(forms.filter(is_word), on="word").unique(["text_ix", "form"], maintain_order=False).drop("text_ix")
    )


def _scored(table: pl.DataFrame, *, n_background: int) -> pl.DataFrame:
    rate = (pl.col("n_around").fill_null(0) + 0.5) / (n_background + 1)
    prior = pl.max_horizontal(PRIOR * pl.col("n_texts"), pl.lit(1.0))
    hits = pl.col("n") + prior * rate
    misses = pl.col("n_texts") - pl.col("n") + prior * (1 - rate)
    odds = (hits / misses.clip(1e-9)).log() - (rate / (1 - rate).clip(1e-9)).log()
    # rounded, so that equal words stand in the order of their letters on every processor
    return table.with_columns(score=(odds / (1 / hits + 1 / misses.clip(0.5)).sqrt()).round(9))
