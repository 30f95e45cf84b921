"""What the modules of the object kinds take and give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Protocol

import numpy as np
import polars as pl

from dideban.config import TraceConfig
from dideban.messages import Message
from dideban.progress import SILENT, Progress
from dideban.schema import INSTANT, post_key

BATCH_ROWS = 500_000
"""Texts in memory at a time."""


@dataclass(frozen=True)
class Traces:
    """Who shared which object when, and what the objects are."""

    traces: pl.DataFrame
    """TRACES, sorted by object_kind, object_id, created_at, account_id, post_id."""
    objects: pl.DataFrame
    """OBJECTS, one row per (object_kind, object_id) of ``traces``, sorted by it."""
    counts: dict[str, int]
    """Traces per kind before objects of one account alone were left out."""
    notes: list[Message]
    """What a reader should know about this extraction, one sentence each."""


@dataclass(frozen=True)
class Found:
    """One kind: which post shared which object, and what the objects are."""

    events: pl.DataFrame
    """(row, object_id) of shared objects only, one row per (post, object); ``row`` as in PostTable.index."""
    objects: pl.DataFrame
    """(object_id, born_at, origin, label)."""
    n_traces: int
    """Events before objects of one account alone were left out."""
    notes: list[Message] = field(default_factory=list)


class Extractor(Protocol):
    """What the module of a kind offers as ``find``."""

    def __call__(self, table: PostColumns) -> Found:
        """Find the objects of one kind that several accounts shared."""


class PageReader(Protocol):
    """What reads addresses, or remembers them."""

    def of(self, urls: pl.Series, *, progress: Progress = SILENT) -> pl.DataFrame:
        """Return (urls, page) of distinct addresses."""


class ContactSpotter(Protocol):
    """What looks for contacts in texts, or remembers them."""

    def of(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return (row, rule, found) of a table (row, text)."""

    def forget(self) -> None:
        """Forget texts that were not asked for, where they are many."""


class PostColumns:
    """POSTS, read column by column: ``index`` is in memory, everything else stays where it is until asked for."""

    def __init__(
        self,
        posts: pl.LazyFrame,
        *,
        config: TraceConfig,
        threads: int = 0,
        progress: Progress = SILENT,
        pages: PageReader | None = None,
        contacts: ContactSpotter | None = None,
    ) -> None:
        self.config, self.threads, self.progress = config, threads, progress
        self.pages, self.contacts = pages, contacts
        self.lazy = posts.with_row_index("row")
        self.index = self._read_index()
        """row, account_id, platform, post_id, created_at, account (dense code of account_id)."""
        self.links: tuple[pl.DataFrame, list[Message]] | None = None
        """Canonical links once they were read: two kinds need them."""
        self.reading_links = Lock()
        """Held while they are read, so that kinds found beside each other read them once."""

    def _read_index(self) -> pl.DataFrame:
        platform = pl.col("platform").cast(pl.Categorical)
        index = self.lazy.select("row", platform, "account_id", "post_id", "created_at").collect()
        codes = index.select(pl.col("account_id").unique()).with_row_index("account")
        coded = index.join(codes, on="account_id", how="left", maintain_order="left")
        return coded.with_columns(account_id=own_strings(codes)["account_id"].gather(coded["account"]))

    @cached_property
    def named(self) -> pl.DataFrame:
        """row, account_id, created_at, post_id as ``platform/post_id``, place: among all by time, account and post."""
        index = self.index.select("row", "account_id", "created_at", post_id=full_name())
        order = index.select(pl.arg_sort_by("created_at", "account_id", "post_id")).to_series().to_numpy()
        place = np.empty(len(order), np.uint32)
        place[order] = np.arange(len(order), dtype=np.uint32)
        return index.with_columns(place=pl.Series(place))

    @cached_property
    def is_once(self) -> bool:
        """Whether no post stands in two rows."""
        return self.named["post_id"].n_unique() == self.named.height

    def column(self, name: str, *, originals_only: bool = True) -> pl.DataFrame:
        """Return (row, name) where the column holds something; what reposts carry is their author's, so left out."""
        value = pl.col(name)
        is_list = self.lazy.collect_schema()[name] == pl.List(pl.String)
        wanted = (value.list.len() > 0) if is_list else (value.is_not_null() & (value != ""))
        if originals_only:
            wanted &= pl.col("repost_of").is_null()
        return self.lazy.filter(wanted).select("row", name).collect()

    def text_batches(self) -> Iterator[pl.DataFrame]:
        """Yield (row, text) of posts that are not reposts, in order, a bounded number at a time."""
        wanted = pl.col("text").is_not_null() & pl.col("repost_of").is_null()
        yield from (
            self.lazy.filter(wanted).select("row", "text").collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)
        )

    def texts(self, rows: pl.Series) -> pl.DataFrame:
        """Return (row, text, lang) of some posts."""
        wanted = pl.DataFrame({"row": rows.unique()}).lazy()
        return self.lazy.select("row", "text", "lang").join(wanted, on="row", how="semi").collect()

    def posts_called(self, names: pl.DataFrame) -> pl.DataFrame:
        """Return index rows of the posts that ``names`` (platform, post_id) calls by name."""
        found = self.index.select("row", "platform", "post_id", "account", "account_id", "created_at")
        found = found.join(names.select("platform", "post_id").unique(), on=["platform", "post_id"], how="semi")
        return found.sort("created_at", "account_id").unique(["platform", "post_id"], keep="first")

    def accounts_of(self, events: pl.DataFrame) -> pl.Series:
        """Return the account code of each event."""
        return self.index["account"].gather(events["row"])

    def shared(self, events: pl.DataFrame, *, key: str = "object_id") -> pl.DataFrame:
        """Keep the events whose object two distinct accounts or more shared."""
        keyed = events.with_columns(account=self.accounts_of(events))
        spread = keyed.group_by(key).agg(low=pl.col("account").min(), high=pl.col("account").max())
        several = spread.filter(pl.col("low") != pl.col("high"))
        return events.join(several.select(key), on=key, how="semi")

    def first_rows(self, events: pl.DataFrame) -> pl.DataFrame:
        """Return (object_id, row) of the earliest post of each object; ties go to the smaller platform/post_id."""
        timed = events.select("object_id", "row").with_columns(at=self.index["created_at"].gather(events["row"]))
        first = timed.filter(pl.col("at") == pl.col("at").min().over("object_id"))
        names = self.index[first["row"]].select(name=full_name())["name"]
        named = first.with_columns(name=names).sort("object_id", "name", "row")
        return named.unique("object_id", keep="first").select("object_id", "row")


def own_strings(table: pl.DataFrame) -> pl.DataFrame:
    """Return the same table with strings of its own.

    Chosen rows of a column of strings keep all strings of that column in memory: a table of labels would hold every
    text. Writing them out anew is what copies them.
    """
    return table.with_columns(
        pl.format("{}", name).alias(name) for name, dtype in table.schema.items() if dtype == pl.String and table.height
    )


def full_name() -> pl.Expr:
    """``platform/post_id``: how a post is named across tables."""
    return post_key()


def plain_labels(events: pl.DataFrame) -> pl.DataFrame:
    """(object_id, born_at, origin, label) of objects that are their own label."""
    objects = events.select(pl.col("object_id").unique())
    return objects.select(
        "object_id",
        born_at=pl.lit(None, INSTANT),
        origin=pl.lit(None, pl.String),
        label=pl.col("object_id"),
    )
