"""What narratives say: terms, languages, websites, posts that stand for them; by the engine, on some of the posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from dideban.config import NarrativeConfig
from dideban.findings.narratives.describe import describe
from dideban.findings.narratives.model import ListedNarrative as Described
from dideban.findings.narratives.read import Messages, links_of
from dideban.schema import post_key
from dideban.store.delta import PostTable

MOST_READ = 600
"""Posts read of one narrative, evenly spread over time."""
MOST_AROUND = 20_000
"""Posts that terms are told from, evenly spread."""
COLUMNS = ["platform", "post_id", "account_id", "created_at", "text", "lang", "place", "urls"]


def say(table: PostTable, members: pl.DataFrame, *, keys: Sequence[int], config: NarrativeConfig) -> list[Described]:
    """Put narratives into words.

    Parameters
    ----------
    table : PostTable
        Posts.
    members : MEMBERS
        Which post is in which narrative.
    keys : numbers
        Narratives that are described.

    Returns
    -------
    list of dideban.findings.narratives.Narrative
        ``id`` is the key as text. Counts are of the posts read: see MOST_READ.
    """
    told = members.drop_nulls("narrative")
    order = ["created_at", "platform", "post_id"]
    mine = _spread(told.filter(pl.col("narrative").is_in(list(keys))).sort("narrative", *order))
    around = told.sort(order).gather_every(max(1, told.height // MOST_AROUND + 1))
    wanted = pl.concat([mine, around]).select("platform", "post_id").unique()
    first, last = told["created_at"].min(), told["created_at"].max()
    if not isinstance(first, datetime) or mine.is_empty():
        return []
    stored = table.scan(since=first, columns=COLUMNS).filter(pl.col("created_at") <= last)
    posts = stored.join(wanted.lazy(), on=["platform", "post_id"], how="semi").collect()
    background = around.join(posts, on=["platform", "post_id"], maintain_order="left")["text"].drop_nulls()
    named = mine.select("platform", "post_id", "text_id", narrative_id=pl.col("narrative").cast(pl.String))
    kept = posts.join(named, on=["platform", "post_id"]).sort(order)
    kept = kept.with_columns(
        name=post_key(), at_us=pl.col("created_at").dt.epoch("us"),
        bin=pl.lit(0, pl.Int64),
    )  # fmt: skip
    texts = kept.filter(pl.col("text").is_not_null()).unique("text_id", keep="first", maintain_order=True)
    messages = Messages(
        posts=kept, texts=texts.select("text_id", "text", "lang", "name"), links=links_of(kept), n_posts=kept.height
    )
    given = pl.DataFrame(schema={"narrative_id": pl.String, "given": pl.String})
    return describe(
        kept, messages, given=given, totals=np.array([kept.height]), start_us=0, step_s=1, config=config, proved=None,
        background=background,
    )  # fmt: skip


def _spread(members: pl.DataFrame) -> pl.DataFrame:
    """Keep MOST_READ posts of each narrative at most."""
    place, n = pl.int_range(pl.len()).over("narrative"), pl.len().over("narrative")
    step = (n + MOST_READ - 1) // MOST_READ
    return members.filter(place % step == 0)
