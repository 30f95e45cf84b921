"""Objects that several accounts share: nothing else can tie anybody to anybody."""

from __future__ import annotations

from typing import Any

from dideban.cluster.engine import Engine

HEAVY = 1_000_000
"""Shares from which an object is joined apart, on every worker, so that none has to hold all of them."""


def several(engine: Engine, events: Any, *, name: str) -> Any:
    """Keep the events whose object two distinct accounts or more shared, each (object, post) once.

    An object that very many share is joined on every worker instead of being gathered on one.
    """
    from pyspark.sql import functions as F  # noqa: N812

    events = engine.keep(events, f"events-{name}", stage="traces")
    spread = events.groupBy("object_id").agg(
        F.min("account_id").alias("low"), F.max("account_id").alias("high"), F.count("*").alias("many")
    )
    kept = engine.keep(spread.filter("low != high").select("object_id", "many"), f"shared-{name}", stage="traces")
    heavy = kept.filter(F.col("many") > HEAVY).select("object_id")
    is_heavy = not engine.take(heavy.limit(1), stage="traces").is_empty()
    shared = events.join(kept.select("object_id"), "object_id", "left_semi")
    if is_heavy:
        few = events.join(F.broadcast(heavy), "object_id", "left_anti")
        light = kept.filter(F.col("many") <= HEAVY).select("object_id")
        shared = few.join(light, "object_id", "left_semi").unionByName(
            events.join(F.broadcast(heavy), "object_id", "left_semi")
        )
    return shared.dropDuplicates(["object_id", "post_id"])
