"""POSTS as narratives need them: which message each carries, which pages it links."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from dideban.findings.narratives.checkpoint import MORE, READ
from dideban.progress import SILENT, Progress
from dideban.schema import post_key
from dideban.text import cluster_texts, sign_texts
from dideban.traces.link import canonical_pages
from dideban.traces.tables import full_name

WINDOW_H = 48.0
"""Texts are compared with those of so many hours before (docs/methods/text.md)."""


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
    n_late: int = 0
    """Posts left out because earlier runs went past their time."""
    prints: pl.DataFrame = field(default_factory=pl.DataFrame)
    """print, text_id: which message each text is, of all posts up to now."""
    every: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Posts read, and those that earlier runs left, that carry a message: columns of POSTS with name and text_id."""


def read_messages(
    posts: pl.LazyFrame,
    *,
    min_chars: int = 40,
    threads: int = 0,
    progress: Progress = SILENT,
    recent: pl.DataFrame | None = None,
    prints: pl.DataFrame | None = None,
    settled_us: int | None = None,
) -> Messages:
    """Read POSTS; posts without text enough are left out, reposts without text count as what they repost.

    Parameters
    ----------
    posts : POSTS
        Any order.
    min_chars : count
        Shorter texts carry no message.
    threads : count
        0 = all cores. Never changes the result.
    progress : Progress
        Reports each stage.
    recent, prints : DataFrame
        What an earlier run left: posts to compare with (those with ``is_open`` are told again), and the message of
        every text seen.
    settled_us : microseconds since 1970
        Posts before it were told by earlier runs, or come too late: they are left out and counted.
    """
    recent = pl.DataFrame(schema=dict(MORE["recent"])) if recent is None else recent
    prints = pl.DataFrame(schema=dict(MORE["prints"])) if prints is None else prints
    read = posts.select(READ).collect().with_columns(is_open=pl.lit(True))
    fresh = read if settled_us is None else read.filter(pl.col("created_at").dt.epoch("us") >= settled_us)
    table = pl.concat([recent, fresh])
    table = table.with_columns(name=full_name()).unique("name", keep="first", maintain_order=True)
    named = table.select("text", "created_at", post_id="name")
    signed = sign_texts(named.select("post_id", "text"), min_chars=min_chars, threads=threads)
    found = cluster_texts(named, min_chars=min_chars, threads=threads, progress=progress, signatures=signed)
    found, prints = _carried(found, signed, named, prints)
    texts_of = pl.concat([found.select(name="post_id", text_id="text_id"), _handed_on(table, found)])
    every = table.join(texts_of, on="name").sort("created_at", "name")
    kept = every.filter("is_open")
    return Messages(
        posts=kept.select(
            "name", "account_id", "platform", "created_at", "lang", "place", "text_id",
            at_us=pl.col("created_at").dt.epoch("us"),
        ),
        texts=kept.filter(pl.col("text").is_not_null())
        .unique("text_id", keep="first", maintain_order=True)
        .select("text_id", "text", "lang", "name"),
        links=links_of(kept, progress=progress),
        n_posts=int(table["is_open"].sum()),
        n_late=read.height - fresh.height,
        prints=prints,
        every=every,
    )  # fmt: skip


def _carried(
    found: pl.DataFrame, signed: pl.DataFrame, named: pl.DataFrame, prints: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give clusters that hold a text of earlier runs the message it had; return found, and print, text_id of all texts.

    A text keeps its message whatever comes later; other texts of its cluster have that of the earliest text known.
    """
    timed = found.join(signed.select("post_id", "print"), on="post_id").join(
        named.select("post_id", "created_at"), on="post_id"
    )
    known = timed.join(prints.rename({"text_id": "known"}), on="print", how="left").sort("created_at", "post_id")
    first = known.drop_nulls("known").unique("text_id", keep="first", maintain_order=True)
    given = known.join(first.select("text_id", first="known"), on="text_id", how="left", maintain_order="left")
    meant = given.with_columns(text_id=pl.coalesce("known", "first", "text_id"))
    every = pl.concat([prints, meant.select("print", "text_id")]).unique("print", keep="first").sort("print")
    return meant.select(found.columns).sort("post_id"), every


def recent_of(every: pl.DataFrame, *, until_us: int | None) -> pl.DataFrame:
    """Return the posts that the next run compares with: of the last hours, and the earliest of each message in them.

    Those from ``until_us`` on are ``is_open``: all of them are there, to be told again.
    """
    last = every["created_at"].max()
    if last is None:
        return pl.DataFrame(schema=dict(MORE["recent"]))
    is_open = pl.lit(True) if until_us is None else pl.col("created_at").dt.epoch("us") >= until_us
    marked = every.with_columns(is_open=is_open).sort("created_at", "name")
    is_late = pl.col("is_open") | (pl.col("created_at") >= pl.lit(last) - pl.duration(hours=WINDOW_H))
    active = marked.filter(is_late)["text_id"].unique()
    is_first = pl.col("text_id").is_first_distinct() & pl.col("text_id").is_in(active.implode())
    return marked.filter(is_late | is_first).select(list(MORE["recent"]))


def _handed_on(table: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return name, text_id of reposts that carry no message themselves but repost one that is here."""
    bare = table.filter(pl.col("repost_of").is_not_null()).join(found.select(name="post_id"), on="name", how="anti")
    whole = bare.select("name", original=post_key("repost_of"))
    return whole.join(found.select(original="post_id", text_id="text_id"), on="original").select("name", "text_id")


def links_of(kept: pl.DataFrame, *, progress: Progress = SILENT) -> pl.DataFrame:
    """Return name, page: the canonical links of posts (``name``, ``urls``)."""
    written = kept.select("name", "urls").explode("urls").drop_nulls("urls")
    pages = canonical_pages(written["urls"].unique(), progress=progress)
    linked = written.join(pages, on="urls").select("name", "page").drop_nulls()
    # the bare address of a site is not a page that tells of anything
    return linked.filter(pl.col("page").str.contains(r"^https://[^/]+/[^/]")).unique().sort("name", "page")
