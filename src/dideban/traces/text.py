"""Texts: the same wording, exactly after normalisation or nearly."""

from __future__ import annotations

import polars as pl

from dideban.schema import INSTANT
from dideban.text import normal_form, text_print
from dideban.traces.tables import Found, PostTable
from dideban.traces.targets import shorten


def find(table: PostTable) -> Found:
    """Find the texts that several accounts posted in their own name."""
    events = exact_texts(table)
    shared = table.shared(events).with_columns(_text_id())
    return Found(events=shared, objects=_objects(table, shared), n_traces=events.height)


def exact_texts(table: PostTable) -> pl.DataFrame:
    """Return (row, object_id as print) of texts that are long enough."""
    parts = [pl.DataFrame(schema={"row": pl.UInt32, "object_id": pl.UInt64})]
    for batch in table.text_batches():
        is_long = normal_form(batch["text"]).str.len_chars() >= table.config.min_text_chars
        kept = batch.filter(is_long)
        parts.append(kept.select("row", object_id=text_print(kept["text"])))
    return pl.concat(parts)


def _text_id() -> pl.Expr:
    """16 hex digits of the print."""
    return pl.col("object_id").map_batches(
        lambda prints: pl.Series([f"{number:016x}" for number in prints], dtype=pl.String), return_dtype=pl.String
    )


def _objects(table: PostTable, shared: pl.DataFrame) -> pl.DataFrame:
    """Language and display text of the earliest post."""
    first = table.first_rows(shared)
    return first.join(table.texts(first["row"]), on="row", how="left").select(
        "object_id",
        born_at=pl.lit(None, INSTANT),
        origin="lang",
        label=pl.coalesce(shorten(pl.col("text")), "object_id"),
    )
