"""POSTS as narratives need them: which message each carries, which pages it links."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dideban.progress import SILENT, Progress
from dideban.text import cluster_texts
from dideban.traces.link import canonical_pages
from dideban.traces.tables import full_name


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Posts that carry a message, in order of time (ties by name)."""

    posts: pl.DataFrame
    """name, account_id, platform, created_at, at_us, lang, place, text_id; one row per post."""
    texts: pl.DataFrame
    """text_id, text, lang, name: the earliest post of each message, in order of time."""
    links: pl.DataFrame
    """name, page: canonical links of these posts."""
    n_posts: int
    """Posts read, with or without a message."""


def read_messages(
    posts: pl.LazyFrame, *, min_chars: int = 40, threads: int = 0, progress: Progress = SILENT
) -> Messages:
    """Read POSTS; posts without text enough are left out, reposts without text count as what they repost."""
    columns = ("account_id", "platform", "created_at", "text", "lang", "place", "urls", "repost_of", "post_id")
    table = posts.select(columns).with_columns(name=full_name()).collect()
    named = table.select("text", "created_at", post_id="name")
    found = cluster_texts(named, min_chars=min_chars, threads=threads, progress=progress)
    texts_of = pl.concat([found.select(name="post_id", text_id="text_id"), _handed_on(table, found)])
    kept = table.join(texts_of, on="name").sort("created_at", "name")
    return Messages(
        posts=kept.select(
            "name", "account_id", "platform", "created_at", "lang", "place", "text_id",
            at_us=pl.col("created_at").dt.epoch("us"),
        ),
        texts=kept.filter(pl.col("text").is_not_null())
        .unique("text_id", keep="first", maintain_order=True)
        .select("text_id", "text", "lang", "name"),
        links=links_of(kept, progress=progress),
        n_posts=table.height,
    )  # fmt: skip


def _handed_on(table: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return name, text_id of reposts that carry no message themselves but repost one that is here."""
    bare = table.filter(pl.col("repost_of").is_not_null()).join(found.select(name="post_id"), on="name", how="anti")
    whole = bare.select("name", original=pl.concat_str("platform", pl.lit("/"), "repost_of"))
    return whole.join(found.select(original="post_id", text_id="text_id"), on="original").select("name", "text_id")


def links_of(kept: pl.DataFrame, *, progress: Progress = SILENT) -> pl.DataFrame:
    """Return name, page: the canonical links of posts (``name``, ``urls``)."""
    written = kept.select("name", "urls").explode("urls").drop_nulls("urls")
    pages = canonical_pages(written["urls"].unique(), progress=progress)
    linked = written.join(pages, on="urls").select("name", "page").drop_nulls()
    # the bare address of a site is not a page that tells of anything
    return linked.filter(pl.col("page").str.contains(r"^https://[^/]+/[^/]")).unique().sort("name", "page")
