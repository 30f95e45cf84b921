"""What reposts and replies have in common: a post that points at another post."""

from __future__ import annotations

import polars as pl

from dideban.schema import post_key
from dideban.traces.tables import Found, PostColumns

MAX_LABEL_CHARS = 1000
"""Display texts are cut here; the posts hold the rest."""


def find_targets(table: PostColumns, pointers: pl.DataFrame) -> Found:
    """Find posts that several accounts point at.

    Parameters
    ----------
    table : PostTable
    pointers : (row, target)
        Which post points at which id on its own platform.
    """
    platform = table.index["platform"].gather(pointers["row"])
    named = pointers.with_columns(platform=platform).unique()
    originals = table.posts_called(named.select("platform", post_id="target"))
    joined = named.join(
        originals.select("platform", target="post_id", author="account"), on=["platform", "target"], how="left"
    )
    is_own = pl.col("author").eq_missing(table.accounts_of(joined))
    is_self = pl.col("target") == table.index["account_id"].gather(joined["row"])
    events = joined.filter(~is_own & ~is_self).select("row", object_id=_name("target"))
    shared = table.shared(events)
    return Found(events=shared, objects=_objects(table, shared, originals), n_traces=events.height)


def _name(column: str) -> pl.Expr:
    return post_key(column)


def _objects(table: PostColumns, shared: pl.DataFrame, originals: pl.DataFrame) -> pl.DataFrame:
    """Birth and author from the original where it is among the posts; its text, else that of its first share."""
    known = originals.select("row", "created_at", "account_id", object_id=_name("post_id"))
    first = table.first_rows(shared).join(known, on="object_id", how="left", suffix="_original")
    first = first.with_columns(shown=pl.coalesce("row_original", "row"))
    texts = table.texts(first["shown"]).select(shown="row", text=shorten(pl.col("text")))
    return first.join(texts, on="shown", how="left").select(
        "object_id", born_at="created_at", origin="account_id", label=pl.coalesce("text", "object_id")
    )


def shorten(text: pl.Expr) -> pl.Expr:
    """Cut long display texts with an ellipsis; null where nothing is to be seen."""
    cut = pl.when(text.str.len_chars() > MAX_LABEL_CHARS).then(text.str.head(MAX_LABEL_CHARS) + "…").otherwise(text)
    return pl.when(text.str.strip_chars() != "").then(cut)
