"""Posts on a cluster, as the one analysis asks for them: traces and moments first, what findings show at the end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from dideban.cluster.engine import Engine
from dideban.cluster.inputs import DELTA
from dideban.cluster.shared import join_skewed
from dideban.cluster.traces import ClusterTraces, find_traces
from dideban.config import Config
from dideban.progress import SILENT, Progress
from dideban.schema import INSTANT, OBJECT_KINDS, OBJECTS, POSTS, TRACES, post_key
from dideban.traces import Traces
from dideban.traces.targets import shorten

KIND = pl.Enum(OBJECT_KINDS)
OBJECT = ["object_kind", "object_id"]


class ClusterPosts:
    """POSTS that stay where they are.

    Parameters
    ----------
    engine : Engine
    frame : POSTS on the cluster
        Each post once.
    out : path
        File for the posts that findings show: the only ones that come to this machine.
    """

    def __init__(self, engine: Engine, frame: Any, *, out: Path) -> None:
        self.engine, self.frame, self.out = engine, frame, out
        self.found: ClusterTraces | None = None

    def traces(self, *, config: Config, progress: Progress = SILENT) -> Traces:
        """Return the traces of several accounts; objects have their ids for labels until findings ask for more."""
        with progress.stage("cluster-traces", total=1, unit="steps") as task, self.engine.telling("traces"):
            self.found = find_traces(self.engine, self.frame, config=config.traces)
            rows = self.engine.take(self.found.frame, stage="collect")
            task.advance()
        return Traces(traces=_traces(rows), objects=_objects(rows), counts=self.found.counts, notes=self.found.notes)

    def facts(self) -> dict[str, Any]:
        """Return posts, accounts, first and last time."""
        with self.engine.telling("collect"):
            return self._facts()

    def _facts(self) -> dict[str, Any]:
        from pyspark.sql import functions as F  # noqa: N812

        counted = self.frame.agg(
            F.count("*").alias("n"), F.count_distinct("account_id").alias("n_accounts"),
            F.min("created_at").alias("first"), F.max("created_at").alias("last"),
        )  # fmt: skip
        return self.engine.take(counted, stage="collect").row(0, named=True)

    def moments(self) -> pl.DataFrame:
        """Return (account_id, created_at): when those who share something with somebody posted at all."""
        with self.engine.telling("moments"):
            return self._moments()

    def _moments(self) -> pl.DataFrame:
        sharers = self._found().frame.select("account_id").distinct()
        posted = self.frame.select("account_id", "created_at").distinct()
        mine = join_skewed(self.engine, posted, sharers, ["account_id"], how="left_semi", stage="moments")
        return self.engine.take(mine, stage="moments")

    def about(self, traces: Traces, *, accounts: Iterable[str]) -> tuple[Traces, pl.LazyFrame]:
        """Return what findings about some accounts need: traces of the objects they shared, and their posts."""
        asked = pl.DataFrame({"account_id": sorted(set(accounts))}, schema={"account_id": pl.String})
        objects = traces.traces.join(asked, on="account_id", how="semi").select(OBJECT).unique()
        held = traces.traces.join(objects, on=OBJECT, how="semi", maintain_order="left")
        with self.engine.telling("findings"):
            posts = self._posts_of(held)
        posts.write_parquet(self.out)
        about = traces.objects.join(objects, on=OBJECT, how="semi", maintain_order="left")
        known = Traces(traces=held, objects=_labelled(about, held, posts), counts=traces.counts, notes=traces.notes)
        return known, pl.scan_parquet(self.out)

    def write_traces(self, place: str) -> None:
        """Write TRACES as Parquet, or as Delta where the place begins with ``delta:``; replace what was there."""
        kind, where = ("delta", place.removeprefix(DELTA)) if place.startswith(DELTA) else ("parquet", place)
        with self.engine.telling("tables"):
            frame = self._found().frame.select(TRACES.names).repartition("object_kind")
            ordered = frame.sortWithinPartitions("object_id", "created_at", "account_id", "post_id")
            ordered.write.mode("overwrite").format(kind).save(where)

    def _found(self) -> ClusterTraces:
        if self.found is None:
            raise RuntimeError("traces were not asked for yet")
        return self.found

    def _posts_of(self, held: pl.DataFrame) -> pl.DataFrame:
        """Return the posts that hold these traces, and those that they point at."""
        from pyspark.sql import functions as F  # noqa: N812

        pointed = held.filter(pl.col("object_kind").is_in(["repost", "reply"])).select(name="object_id")
        names = pl.concat([held.select(name="post_id"), pointed]).unique().sort("name")
        if names.is_empty():
            return POSTS.empty()
        given = self.engine.give(names, stage="findings")
        keyed = self.frame.withColumn("name", F.concat_ws("/", "platform", "post_id"))
        posts = self.engine.take(keyed.join(given, "name", "left_semi").select(POSTS.names), stage="findings")
        return POSTS.check(posts.with_columns(pl.col(name).cast(dtype) for name, dtype in POSTS.dtypes.items())).sort(
            "created_at", "platform", "post_id"
        )


def _traces(rows: pl.DataFrame) -> pl.DataFrame:
    typed = rows.with_columns(pl.col("object_kind").cast(KIND), pl.col("created_at").cast(INSTANT))
    return TRACES.check(
        typed.select(TRACES.names).sort("object_kind", "object_id", "created_at", "account_id", "post_id")
    )


def _objects(rows: pl.DataFrame) -> pl.DataFrame:
    known = rows.select(*OBJECT, "born_at", "origin", "label").unique(OBJECT, keep="any")
    return OBJECTS.check(
        known.with_columns(
            pl.col("object_kind").cast(KIND), pl.col("born_at").cast(INSTANT), pl.col("origin").cast(pl.String),
            label=pl.coalesce("label", "object_id"),
        ).select(OBJECTS.names).sort(OBJECT)
    )  # fmt: skip


def _labelled(objects: pl.DataFrame, held: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Give posts and texts the words that they are shown by: those of the original, else of the first share."""
    words = posts.select(name=post_key(), text=shorten(pl.col("text"))).drop_nulls("text")
    shown = held.filter(pl.col("object_kind").is_in(["repost", "reply", "text"]))
    first = shown.sort(*OBJECT, "created_at", "post_id").unique(OBJECT, keep="first").select(*OBJECT, "post_id")
    originals = posts.select(object_id=post_key(), original=shorten(pl.col("text")))
    known = pl.col("object_kind").is_in(["repost", "reply"])
    named = (
        first.join(words, left_on="post_id", right_on="name", how="left")
        .join(originals.with_columns(is_known=True), on="object_id", how="left")
        .select(*OBJECT, words=pl.when(known & pl.col("is_known")).then("original").otherwise("text"))
    )
    labelled = objects.join(named, on=OBJECT, how="left", maintain_order="left")
    return labelled.with_columns(label=pl.coalesce("words", "label")).select(OBJECTS.names)
