"""Objects that several accounts share, and joins that no very popular object or busy account can break."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dideban.cluster.engine import Engine

HEAVY = 1_000_000
"""Rows of one key from which they are joined apart, on every worker, so that none has to hold all of them."""


def several(engine: Engine, events: Any, *, name: str) -> Any:
    """Keep the events whose object two distinct accounts or more shared, each (object, post) once."""
    from pyspark.sql import functions as F  # noqa: N812

    events = engine.keep(events, f"events-{name}", stage="traces")
    spread = events.groupBy("object_id").agg(F.min("account_id").alias("low"), F.max("account_id").alias("high"))
    kept = engine.keep(spread.filter("low != high").select("object_id"), f"shared-{name}", stage="traces")
    shared = join_skewed(engine, events, kept, ["object_id"], how="left_semi", stage="traces")
    return shared.dropDuplicates(["object_id", "post_id"])


def join_skewed(engine: Engine, left: Any, right: Any, on: Sequence[str], *, how: str, stage: str) -> Any:
    """Join a long table with one that has each key once.

    Rows of keys with more than HEAVY of them stay where they are: what they are joined with, few rows, is sent to every
    worker. The others travel to the worker of their key.

    Parameters
    ----------
    on : columns
        Keys; never null.
    how : "inner", "left" or "left_semi"
    """
    from pyspark.sql import functions as F  # noqa: N812

    keys = list(on)
    found = engine.take(left.groupBy(*keys).count().filter(F.col("count") > HEAVY).select(*keys), stage=stage)
    if found.is_empty():
        return left.join(right, keys, how)
    heavy = F.broadcast(engine.give(found, stage=stage))
    light = left.join(heavy, keys, "left_anti").join(right, keys, how)
    asked = F.broadcast(right.join(heavy, keys, "left_semi"))
    return light.unionByName(left.join(heavy, keys, "left_semi").join(asked, keys, how))
