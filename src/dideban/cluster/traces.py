"""Stage 2: POSTS to TRACES on the cluster. Workers tell what each post holds; what several accounts hold is kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from dideban.cluster.engine import Engine
from dideban.cluster.frames import map_frame
from dideban.cluster.held import HELD, MEANT, hold, is_short_link, read_held_contacts, split_items
from dideban.cluster.shared import join_skewed, several
from dideban.cluster.texts import find_texts
from dideban.config import TraceConfig
from dideban.messages import Message
from dideban.schema import INSTANT, OBJECT_KINDS
from dideban.traces import contact, media

EVENT = ("object_id", "post_id", "account_id", "created_at")
FOUND = {
    **{name: HELD[name] for name in ("object_kind", *EVENT)}, "born_at": INSTANT, "origin": pl.String(),
    "label": pl.String(),
}  # fmt: skip
"""Traces on the cluster, each with what is known of its object."""


@dataclass(frozen=True, kw_only=True)
class ClusterTraces:
    """TRACES on the cluster, before anything is brought to the driver."""

    frame: Any
    """FOUND, in no order."""
    counts: dict[str, int]
    """Per kind, before objects of one account alone were left out."""
    notes: list[Message]


def find_traces(engine: Engine, posts: Any, *, config: TraceConfig) -> ClusterTraces:
    """Find what posts share: the traces of the laptop engine, found where the posts lie.

    Parameters
    ----------
    posts : POSTS on the cluster
        Each post once.
    """
    kinds = [kind for kind in OBJECT_KINDS if kind in config.kinds]
    held = engine.keep(map_frame(posts, partial(hold, config=config), columns=HELD), "held", stage="traces")
    parts, counts, notes = [], dict[str, int](), list[Message]()
    for kind in kinds:
        if kind == "text":
            events, n, said = find_texts(engine, posts, held, config=config)
        else:
            events, n, said = _find(engine, kind, held, posts, config)
        parts.append(_columns(events, kind))
        counts[kind] = n
        notes += said
    found = parts[0]
    for part in parts[1:]:
        found = found.unionByName(part)
    return ClusterTraces(frame=engine.keep(found, "traces", stage="traces"), counts=counts, notes=notes)


def _columns(events: Any, kind: str) -> Any:
    from pyspark.sql import functions as F  # noqa: N812

    missing = {name: F.lit(None).cast("timestamp" if name == "born_at" else "string") for name in FOUND}
    named = {name: F.col(name) if name in events.columns else missing[name] for name in FOUND}
    return events.select(F.lit(kind).alias("object_kind"), *(named[name].alias(name) for name in list(FOUND)[1:]))


def _find(engine: Engine, kind: str, held: Any, posts: Any, config: TraceConfig) -> tuple[Any, int, list[Message]]:
    mine = held.filter(held["object_kind"] == kind)
    events, notes = mine, list[Message]()
    if kind == "link":
        events, notes = _links(engine, mine)
    elif kind in ("repost", "reply"):
        events = _targets(engine, mine, posts)
    elif kind == "contact":
        events, notes = _contacts(engine, mine)
    elif kind == "media":
        events, notes = _pictures(engine, mine, config)
    elif kind == "domain":
        events = mine.withColumn("origin", mine["object_id"])
    n = int(engine.run(events.count, stage="traces"))
    return several(engine, events, name=kind), n, notes


def _links(engine: Engine, held: Any) -> tuple[Any, list[Message]]:
    from pyspark.sql import functions as F  # noqa: N812

    counts = held.agg(F.sum("n").alias("written"), F.sum(F.expr("if(object_id is null, n, 0)")).alias("rejected"))
    written, rejected = engine.take(counts, stage="traces").row(0)
    events = held.filter("object_id is not null")
    short = map_frame(events.select("object_id"), count_short, columns=SHORT)
    short = short.agg(F.sum("n").alias("n"), F.sum("short").alias("short"))
    n, n_short = (int(value or 0) for value in engine.take(short, stage="traces").row(0))
    notes = []
    if rejected:
        notes.append(Message("note.links-no-address", n=int(rejected), all=int(written)))
    if n_short:
        notes.append(Message("note.links-shortened", n=n_short, all=n, share=round(n_short / n, 3)))
    return events, notes


SHORT = {"n": pl.Int64(), "short": pl.Int64()}


def count_short(pages: pl.DataFrame) -> pl.DataFrame:
    """Return SHORT of a batch: links, and those that lead to a site that shortens addresses."""
    counted = pages["object_id"].value_counts(name="n")
    short = [n for page, n in counted.iter_rows() if is_short_link(page)]
    return pl.DataFrame({"n": [pages.height], "short": [sum(short)]}, schema=SHORT)


def _targets(engine: Engine, held: Any, posts: Any) -> Any:
    """Name the posts that are pointed at, with what is known of them; one's own posts, and oneself, are left out."""
    from pyspark.sql import functions as F  # noqa: N812

    originals = posts.select(
        "platform", F.col("post_id").alias("target"), F.col("account_id").alias("author"),
        F.col("created_at").alias("born_at"),
    )  # fmt: skip
    target = F.col("object_id").alias("target")
    pointers = held.select("platform", target, "post_id", "account_id", "created_at").distinct()
    joined = join_skewed(engine, pointers, originals, ["platform", "target"], how="left", stage="traces")
    others = joined.filter(~F.col("author").eqNullSafe(F.col("account_id")) & (F.col("target") != F.col("account_id")))
    return others.select(
        F.concat_ws("/", "platform", "target").alias("object_id"), "post_id", "account_id", "created_at", "born_at",
        F.col("author").alias("origin"),
    )  # fmt: skip


def _contacts(engine: Engine, held: Any) -> tuple[Any, list[Message]]:
    from pyspark.sql import functions as F  # noqa: N812

    items = held.select(F.explode("items").alias("items")).groupBy("items").count()
    rules = items.groupBy(F.substring_index("items", "\x1f", 1)).count().agg(F.max("count").alias("most"))
    spelled, notes = None, list[Message]()
    if (engine.take(rules, stage="traces").row(0)[0] or 0) > contact.MAX_READ:
        counts = split_items(engine.take(items, stage="traces").rename({"count": "n"}))
        spelled, notes = contact.most_frequent(counts.select("rule", "found", "n"))
    return map_frame(held, partial(read_held_contacts, spelled=spelled), columns=MEANT), notes


def _pictures(engine: Engine, held: Any, config: TraceConfig) -> tuple[Any, list[Message]]:
    """Pictures that look alike are found on the driver, among the distinct ones: these are few beside the posts."""
    from pyspark.sql import functions as F  # noqa: N812

    values = held.groupBy(F.col("object_id").alias("value")).agg(F.sum("n").alias("n"))
    leaders, notes = media.lead_pictures(engine.take(values, stage="traces"), distance=config.media_distance)
    given = engine.give(leaders, stage="traces")
    named = join_skewed(
        engine, held.withColumnRenamed("object_id", "value"), given, ["value"], how="inner", stage="traces"
    )
    events = named.select(
        F.coalesce("leader", "origin").alias("object_id"), "post_id", "account_id", "created_at"
    ).distinct()  # fmt: skip
    return events, notes
