"""Stage 3: texts. Workers sign them; the kernels of the laptop engine compare the distinct ones on the driver."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from dideban.cluster.engine import Engine
from dideban.cluster.frames import map_frame
from dideban.cluster.held import N_SHINGLES, SIGNED, sign
from dideban.cluster.shared import join_skewed, several
from dideban.config import TraceConfig
from dideban.messages import Message
from dideban.text.near_duplicates import cluster_signed
from dideban.text.rarity import LEAST_BITS, information
from dideban.traces.text import LEAST_SHARE, MAX_SAMPLE, most_days

NAMED = {"print": pl.Int64(), "object_id": pl.String()}
POST = ("post_id", "account_id", "created_at")


def find_texts(engine: Engine, posts: Any, held: Any, *, config: TraceConfig) -> tuple[Any, int, list[Message]]:
    """Find the texts that several accounts posted in their own name, and where they come from.

    Parameters
    ----------
    posts : POSTS on the cluster
    held : HELD
        Its links say where texts come from.

    Returns
    -------
    events, count before objects of one account alone were left out, notes
    """
    signed = engine.keep(map_frame(posts, partial(sign, config=config), columns=SIGNED), "signed", stage="texts")
    long = signed.filter("is_long")
    names = _lead(engine, long) if config.near_text else _exact(engine, long)
    given = engine.give(names, stage="texts")
    events = join_skewed(engine, long, given, ["print"], how="inner", stage="texts").select("object_id", *POST)
    shared = several(engine, events, name="text")
    n = int(engine.run(long.count, stage="texts"))
    if config.short_texts:
        rare, n_rare = _rare(engine, posts, signed)
        shared, n = shared.unionByName(rare), n + n_rare
    return _with_origins(engine, shared, held), n, []


def _lead(engine: Engine, long: Any) -> pl.DataFrame:
    """Return NAMED: the cluster of near-duplicates of every distinct text."""
    from pyspark.sql import functions as F  # noqa: N812

    times = engine.take(long.select("print", "created_at", "post_id"), stage="texts")
    if times.is_empty():
        return pl.DataFrame(schema=NAMED)
    one = F.min(F.struct("form", "n_shingles", "sketch")).alias("one")
    first = long.filter("form is not null").groupBy("print").agg(one)
    forms = engine.take(first.select("print", "one.form", "one.sketch", "one.n_shingles"), stage="texts")
    forms = forms.with_columns(
        pl.col("print").reinterpret(signed=False),
        pl.col("sketch").cast(pl.List(pl.UInt32)).list.to_array(N_SHINGLES),
        pl.col("n_shingles").cast(pl.Int32),
    )
    found = cluster_signed(times.with_columns(pl.col("print").reinterpret(signed=False)), forms=forms)
    return found.select(pl.col("print").reinterpret(signed=True), object_id="text_id").unique("print")


def _exact(engine: Engine, prints: Any) -> pl.DataFrame:
    """Return NAMED where texts are equal when their prints are."""
    return _named(engine.take(prints.select("print").distinct(), stage="texts")["print"])


def _named(prints: pl.Series) -> pl.DataFrame:
    bits = prints.reinterpret(signed=False)
    ids = pl.Series([f"t{value:016x}" for value in bits.to_list()], dtype=pl.String)
    return pl.DataFrame({"print": prints, "object_id": ids}, schema=NAMED)


def _rare(engine: Engine, posts: Any, signed: Any) -> tuple[Any, int]:
    """Return the shared short texts that are rare in the data, and how many posts hold them: the rule of the laptop."""
    from pyspark.sql import functions as F  # noqa: N812

    day = F.to_date("created_at")
    n_days = int(engine.take(posts.select(day.alias("d")).distinct().groupBy().count(), stage="texts").item())
    short = signed.filter("not is_long")
    spread = short.groupBy("print").agg(
        F.count_distinct(day).alias("days"), F.min("account_id").alias("low"), F.max("account_id").alias("high")
    )
    seldom = spread.filter((F.col("days") <= most_days(n_days)) & (F.col("low") != F.col("high"))).select("print")
    asked = engine.take(seldom, stage="texts")["print"]
    kept = pl.DataFrame(schema=NAMED)
    if len(asked):
        drawn = signed.select("print").distinct().orderBy((F.col("print") < 0), "print").limit(MAX_SAMPLE)
        sample = _first_texts(engine, posts, signed, engine.take(drawn, stage="texts")["print"])
        said = information(_first_texts(engine, posts, signed, asked), sample=sample)
        kept = _named(said.filter(pl.col("bits") >= LEAST_BITS)["print"])
    rare = short.join(engine.give(kept, stage="texts"), "print", "inner").select("object_id", *POST)
    return rare, int(engine.run(rare.count, stage="texts"))


def _first_texts(engine: Engine, posts: Any, signed: Any, prints: pl.Series) -> pl.DataFrame:
    """Return (print, text): each text as its earliest post has it, ties to the smaller name."""
    from pyspark.sql import functions as F  # noqa: N812

    asked = signed.join(engine.give(prints.to_frame("print"), stage="texts"), "print", "left_semi")
    first = asked.groupBy("print").agg(F.min(F.struct("created_at", "post_id")).alias("first"))
    named = engine.give(
        engine.take(first.select("print", F.col("first.post_id").alias("name")), stage="texts"), stage="texts"
    )
    texts = posts.select(F.concat_ws("/", "platform", "post_id").alias("name"), "text")
    return engine.take(named.join(texts, "name").select("print", "text"), stage="texts")


def _with_origins(engine: Engine, shared: Any, held: Any) -> Any:
    """Say of each text which source most of its posts link to, where half of them or more do; ties to the smaller."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    shared = engine.keep(shared, "texts", stage="texts")
    links = held.filter("object_kind = 'link' and origin is not null").select("post_id", "origin").distinct()
    counts = shared.select("object_id", "post_id").join(links, "post_id").groupBy("object_id", "origin").count()
    rank = F.row_number().over(Window.partitionBy("object_id").orderBy(F.desc("count"), "origin"))
    top = counts.withColumn("rank", rank).filter("rank = 1")
    n = shared.groupBy("object_id").agg(F.count_distinct("post_id").alias("n"))
    kept = top.join(n, "object_id").filter(F.col("count") >= LEAST_SHARE * F.col("n")).select("object_id", "origin")
    origins = engine.keep(kept, "text-origins", stage="texts")
    return join_skewed(engine, shared, origins, ["object_id"], how="left", stage="texts")


__all__ = ["find_texts"]
