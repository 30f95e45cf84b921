"""What the copies of a text have in common, for the objects that findings show."""

from __future__ import annotations

from typing import Any

import polars as pl

from dideban.remembered import Remembered
from dideban.schema import post_key
from dideban.text import templates

MAX_TEMPLATES = 5
"""Texts per finding that get a template, most widely shared first."""
MAX_TEXTS = 50
"""Different texts compared per template."""


def fill_templates(
    pushed: pl.DataFrame, *, joint: pl.DataFrame, posts: pl.LazyFrame, memory: Remembered | None = None
) -> pl.DataFrame:
    """Add a ``template`` column (Python lists, or null) to pushed objects.

    Parameters
    ----------
    pushed : (n_objects,)
        Objects per group, most widely shared first.
    joint : (n_joint,)
        Joint shares.
    posts : POSTS
        Read once, for the texts needed.
    memory : Remembered, optional
        Templates of the run before. Never changes the result.
    """
    keys = ["group_ix", "object_kind", "object_id"]
    texts = pushed.filter(pl.col("object_kind") == "text")
    wanted = texts.filter(pl.int_range(pl.len()).over("group_ix") < MAX_TEMPLATES).select(keys)
    variants = _variants(wanted, joint=joint, posts=posts) if wanted.height else {}
    found = (memory or Remembered()).each("template", [tuple(texts) for texts in variants.values()], templates)
    made = dict(zip(variants, found, strict=True))
    values = [made.get(key) or None for key in pushed.select(keys).iter_rows()]
    return pushed.with_columns(template=pl.Series(values, dtype=pl.Object))


def _variants(wanted: pl.DataFrame, *, joint: pl.DataFrame, posts: pl.LazyFrame) -> dict[tuple[Any, ...], list[str]]:
    keys = ["group_ix", "object_kind", "object_id"]
    shares = joint.join(wanted, on=keys, how="semi").select(*keys, "created_at", "post_id").unique()
    needed = shares.get_column("post_id").unique()
    post_id = post_key().alias("post_id")
    texts = (
        posts.select(post_id, "text").filter(pl.col("post_id").is_in(needed.implode()), pl.col("text").is_not_null())
    ).collect()
    listed = (
        shares.join(texts, on="post_id")
        .sort(*keys, "created_at", "post_id")
        .group_by(keys, maintain_order=True)
        .agg(pl.col("text").unique(maintain_order=True).head(MAX_TEXTS))
    )
    return {row[:-1]: row[-1] for row in listed.iter_rows()}
