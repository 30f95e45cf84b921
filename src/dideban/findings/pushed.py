"""What helps to say what was pushed: how many others shared it, and what people wrote with it."""

from __future__ import annotations

import polars as pl

from dideban.findings.facts import WORDS
from dideban.findings.joint import OBJECT
from dideban.schema import post_key
from dideban.traces.targets import shorten

MOST_SAID = 8
"""Objects per finding that the words beside are looked up for, most widely shared first."""
LEAST_SAME = 2
"""Members that must have written the same words with an object."""


def count_others(pushed: pl.DataFrame, *, shares: pl.DataFrame, traces: pl.DataFrame) -> pl.DataFrame:
    """Add ``n_others``: accounts outside the group that shared the object, in all of the data.

    Parameters
    ----------
    pushed : (group_ix, object_kind, object_id, ...)
        The objects that findings list, in order.
    shares : (group_ix, object_kind, object_id, account_id, ...)
        Every share by members.
    traces : TRACES
        All of the run.
    """
    keys = ["object_kind", "object_id"]
    wanted = traces.join(pushed.select(keys).unique(), on=keys, how="semi")
    everybody = wanted.group_by(keys).agg(n_all=pl.col("account_id").n_unique())
    own = shares.join(pushed.select(OBJECT), on=OBJECT, how="semi")
    members = own.group_by(OBJECT).agg(n_own=pl.col("account_id").n_unique())
    joined = pushed.join(everybody, on=keys, how="left", maintain_order="left")
    joined = joined.join(members, on=OBJECT, how="left", maintain_order="left")
    n_others = pl.col("n_all").cast(pl.Int64) - pl.col("n_own").cast(pl.Int64)
    return joined.with_columns(n_others=n_others.fill_null(0).clip(0)).drop("n_all", "n_own")


def add_said(pushed: pl.DataFrame, *, joint: pl.DataFrame, posts: pl.LazyFrame) -> pl.DataFrame:
    """Add ``said``: the text that most members wrote with an object that is no text itself; empty where none did.

    Parameters
    ----------
    pushed : (group_ix, object_kind, object_id, ...)
        The objects that findings list, in order.
    joint : (group_ix, object_kind, object_id, account_id, post_id, ...)
        Joint shares.
    posts : POSTS
        Read once, for the texts needed.

    Notes
    -----
    A tie goes to more posts, then to the smaller text. The text is cut as labels are, and never rewritten: whatever
    is searched for when somebody's words are deleted is found in it.
    """
    bare = pushed.filter(~pl.col("object_kind").cast(pl.String).is_in(WORDS))
    wanted = bare.filter(pl.int_range(pl.len()).over("group_ix") < MOST_SAID).select(OBJECT)
    if not wanted.height:
        return pushed.with_columns(said=pl.lit(""))
    rows = joint.join(wanted, on=OBJECT, how="semi").select(*OBJECT, "account_id", "post_id").unique()
    needed = rows.get_column("post_id").unique()
    name = post_key().alias("post_id")
    texts = posts.select(name, "text").filter(pl.col("post_id").is_in(needed.implode())).collect()
    written = rows.join(texts.with_columns(said=shorten(pl.col("text"))).drop_nulls("said"), on="post_id")
    counted = written.group_by(*OBJECT, "said").agg(n=pl.col("account_id").n_unique(), n_posts=pl.len())
    kept = counted.filter(pl.col("n") >= LEAST_SAME)
    ordered = kept.sort(*OBJECT, "n", "n_posts", "said", descending=[False] * 3 + [True, True, False])
    top = ordered.unique(OBJECT, keep="first", maintain_order=True).select(*OBJECT, "said")
    return pushed.join(top, on=OBJECT, how="left", maintain_order="left").with_columns(pl.col("said").fill_null(""))
