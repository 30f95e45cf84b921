"""What a run on a cluster would do: stages, what each writes and moves, how large its parts are, what the driver holds.

Sizes are those of a sample of the input, in proportion. Nothing is sent anywhere, and no engine is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from dideban.cluster.engine import DEFAULT_PARTITIONS
from dideban.cluster.held import hold, sign
from dideban.cluster.inputs import ClusterInput
from dideban.cluster.posts import convert_batch
from dideban.config import Config
from dideban.errors import ConfigError, InputError
from dideban.ingest.column_evidence import FirstRows
from dideban.ingest.detect import as_words
from dideban.ingest.source_part import Choices, choose
from dideban.schema import POSTS

SAMPLE = 20_000
"""Posts that are looked at."""
MOST_BYTES = 1 << 30
"""Largest part of a table that a worker should have to hold."""
GOOD_BYTES = 200 << 20
"""Size of a part from which more parts pay."""
KEY_BYTES = 40
"""Platform and id of a post, as they travel to be compared."""
PROOF_BYTES = 260
"""Memory of the proof for each trace: four scales, each with blocks, and the rows of each account in three ways."""
SKETCH_BYTES = 48 * 4 + 24


@dataclass(frozen=True, kw_only=True)
class PlannedStage:
    """One stage: rows and bytes, before compression."""

    name: str
    n_rows: int
    written: int
    """Bytes that workers write to the scratch folder."""
    shuffled: int
    """Bytes that go from worker to worker."""
    driver: int
    """Bytes that come to the driver and stay while the stage lasts."""
    partition: int
    """Bytes of the largest table of the stage in one part, if parts are equal."""


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """All stages in order."""

    n_posts: int
    n_partitions: int
    stages: tuple[PlannedStage, ...]

    @property
    def written(self) -> int:
        """Bytes written in all."""
        return sum(stage.written for stage in self.stages)

    @property
    def shuffled(self) -> int:
        """Bytes moved in all."""
        return sum(stage.shuffled for stage in self.stages)

    @property
    def driver(self) -> int:
        """Most memory that the driver needs."""
        return max(stage.driver for stage in self.stages)

    @property
    def advised_partitions(self) -> int:
        """Parts of a good size; as many as are planned where those are small enough."""
        largest = max(stage.partition for stage in self.stages) * self.n_partitions
        return self.n_partitions if largest <= MOST_BYTES * self.n_partitions else -(-largest // GOOD_BYTES)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Rows for each post, and bytes of a row."""

    post: float
    held: tuple[float, float]
    """Rows for each post, bytes of a row."""
    signed: tuple[float, float]
    distinct: float
    """Distinct texts for each signed one."""
    trace: float
    """Bytes of a trace on the driver."""


def make_plan(
    inputs: Sequence[ClusterInput],
    *,
    config: Config,
    partitions: int = 0,
    n_posts: int = 0,
    mapping: Mapping[str, str] | None = None,
) -> ClusterPlan:
    """ClusterPlan a run on tables of posts.

    Parameters
    ----------
    inputs : tables
        Some of them on this machine, to take a sample of.
    partitions : count
        0 = the default of the engine.
    n_posts : count
        Posts to plan for, like those of the sample; 0 = those of the inputs.

    Raises
    ------
    InputError
        No table is on this machine, or it holds no posts.
    ConfigError
        How many posts there are is not known.
    """
    near = [one for one in inputs if one.kind == "parquet" and "://" not in one.places[0]]
    if not near:
        raise InputError("cluster.plan-needs-sample", hint="cluster.hint-plan", name=inputs[0].name)
    known = sum(one.n_rows for one in inputs) if all(one.n_rows >= 0 for one in inputs) else 0
    if not (n_posts or known):
        raise ConfigError("cluster.plan-needs-posts", hint="cluster.hint-plan", key="plan-posts")
    sizes = measure_sample(near[0], config=config, mapping=mapping or {})
    return plan_of(sizes, n_posts=n_posts or known, partitions=partitions or DEFAULT_PARTITIONS, config=config)


def measure_sample(one: ClusterInput, *, config: Config, mapping: Mapping[str, str]) -> Sizes:
    """Run the work of the workers on the first posts of a table, and measure what comes out."""
    raw = pl.scan_parquet(one.places[0], glob=False).head(SAMPLE).collect()
    chosen = choose(raw.columns, one.name, Choices(config.ingest, None, mapping), evidence=FirstRows(as_words(raw)))  # type: ignore[arg-type]
    ingest = replace(config.ingest, keep_ids=True)
    rows = convert_batch(raw, source=one.name, chosen=chosen, config=ingest, key=b"")
    posts = rows.filter(pl.col("reason").is_null()).select(POSTS.names)
    if posts.is_empty():
        raise InputError("ingest.no-usable-row", hint="ingest.hint-inspect", n=raw.height, top="")
    held = hold(posts, config=config.traces)
    signed = sign(posts, config=config.traces) if "text" in config.traces.kinds else None
    n = posts.height
    n_signed = 0 if signed is None else signed.height
    return Sizes(
        post=posts.estimated_size() / n,
        held=(held.height / n, held.estimated_size() / max(held.height, 1)),
        signed=(n_signed / n, 0.0 if signed is None else signed.estimated_size() / max(n_signed, 1)),
        distinct=0.0 if signed is None or not n_signed else signed["print"].n_unique() / n_signed,
        trace=held.drop("items", "origin", "n").estimated_size() / max(held.height, 1),
    )


def plan_of(sizes: Sizes, *, n_posts: int, partitions: int, config: Config) -> ClusterPlan:
    """Put the sizes of every stage together; what several accounts share is at most what posts hold."""
    held, signed = n_posts * sizes.held[0], n_posts * sizes.signed[0]
    post_bytes, held_bytes, signed_bytes = n_posts * sizes.post, held * sizes.held[1], signed * sizes.signed[1]
    event = sizes.trace
    traces = held + signed
    distinct = signed * sizes.distinct
    near = config.traces.near_text and "text" in config.traces.kinds

    def stage(name: str, rows: float, *, written: float = 0, shuffled: float = 0, driver: float = 0) -> PlannedStage:
        return PlannedStage(
            name=name, n_rows=round(rows), written=round(written), shuffled=round(shuffled), driver=round(driver),
            partition=round(max(written, shuffled) / partitions),
        )  # fmt: skip

    texts = distinct * (SKETCH_BYTES + signed_bytes / max(signed, 1)) + signed * KEY_BYTES if near else 0.0
    table = traces * event
    stages = (
        stage("posts", n_posts, written=post_bytes, shuffled=n_posts * KEY_BYTES),
        stage("traces", held, written=held_bytes + held * event, shuffled=2 * held * event + n_posts * KEY_BYTES),
        stage("texts", signed, written=signed_bytes + signed * event, shuffled=2 * signed * event, driver=texts),
        stage("collect", traces, written=table, driver=table),
        stage("moments", n_posts, shuffled=n_posts * KEY_BYTES, driver=n_posts * 24.0),
        stage("proof", traces, driver=table + traces * PROOF_BYTES + n_posts * 24.0),
        stage("findings", traces, shuffled=n_posts * KEY_BYTES, driver=table + traces * PROOF_BYTES),
    )
    return ClusterPlan(n_posts=n_posts, n_partitions=partitions, stages=stages)


__all__ = ["ClusterPlan", "PlannedStage", "make_plan", "plan_of"]
