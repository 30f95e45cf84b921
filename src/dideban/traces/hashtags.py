"""Hashtag sequences: the same hashtags in the same order. One hashtag alone is never evidence."""

from __future__ import annotations

import polars as pl

from dideban.text import normal_form
from dideban.traces.tables import Found, PostColumns, plain_labels


def find(table: PostColumns) -> Found:
    """Find the ordered hashtag sequences that several accounts used."""
    events = sequences(table)
    shared = table.shared(events)
    return Found(events=shared, objects=plain_labels(shared), n_traces=events.height)


def sequences(table: PostColumns) -> pl.DataFrame:
    """Return (row, object_id) of every post with enough hashtags."""
    fewest = max(table.config.min_hashtags, 1)
    written = table.column("hashtags").filter(pl.col("hashtags").list.len() >= fewest)
    tags = written.explode("hashtags").drop_nulls("hashtags")
    forms = _forms(tags["hashtags"].unique())
    used = (
        tags.join(forms, on="hashtags", how="inner", maintain_order="left")
        .group_by("row", maintain_order=True)
        .agg(pl.col("form").unique(maintain_order=True))
        .filter(pl.col("form").list.len() >= fewest)
    )
    return used.select("row", object_id=pl.col("form").list.join(" "))


def _forms(tags: pl.Series) -> pl.DataFrame:
    """(hashtags, form) of distinct hashtags: ``#`` and the normal form without spaces; empty ones left out."""
    plain = normal_form(tags.str.strip_chars("#＃ ")).str.replace_all(r"[\s_]+", "")
    forms = pl.DataFrame({"hashtags": tags, "form": plain})
    return forms.filter(pl.col("form") != "").with_columns(form="#" + pl.col("form"))
