"""Ids that are not those of the rows: a comment names the post below which it stands, and has an id of its own."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dideban.ingest.column_evidence import MOST, FirstRows
from dideban.ingest.columns import plain

_OF_POSTS = frozenset({"post_id", "postid", "video_id", "videoid", "article_id", "item_id", "content_id", "status_id",
    "tweet_id", "tweetid", "stories_id", "uri"})  # fmt: skip
"""Names of ids that comments have beside their own; not those of messages, which count within a chat."""


def is_of_parent(name: str, others: Sequence[str], texts: Sequence[str], evidence: FirstRows) -> bool:
    """Whether a column holds the id of what rows answer: rows that share it say different things.

    Parameters
    ----------
    others : names
        Other columns that may hold ids: one of them must hold another one in each row.
    texts : names
        Columns of words; the first is asked.
    """
    cells = evidence.filled(name)
    if plain(name) not in _OF_POSTS or cells.n_unique() == len(cells) or not texts:
        return False
    n = evidence.sample.height
    if not any(len(evidence.filled(other)) == n == evidence.filled(other).n_unique() for other in others):
        return False
    pairs = evidence.sample.select(v=pl.col(name), text=pl.col(texts[0])).drop_nulls()
    each = pairs.group_by("v").agg(n=pl.len(), different=pl.col("text").n_unique() > 1).filter(pl.col("n") > 1)
    return not each.is_empty() and float(each["different"].sum()) >= MOST * each.height
