"""The analysis of a room's horizon: the engine's one analysis over the table of posts.

Nothing here touches the database or decides anything: posts in, findings out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from dideban.config import Config
from dideban.findings import Affiliations, Finding
from dideban.ingest.merge import time_resolution
from dideban.pipelines.analysis import Analysis, Caches, analyse
from dideban.progress import SILENT, Progress
from dideban.schema import GROUPS, POSTS, post_key
from dideban.store import Provenance
from dideban.store.delta import PostTable

MOST_REACH = 10**12
"""Reach of one post that is believed: more is a mistake, and sums must not overflow."""


@dataclass(frozen=True, kw_only=True)
class HorizonAnalysis:
    """What one analysis of the horizon found."""

    found: Analysis
    groups: pl.DataFrame
    """GROUPS behind the findings."""
    facts: pl.DataFrame
    """(finding_id, decided_at, n_posts, reach, places, sources, platforms, languages), one row per finding."""
    n_posts: int
    seconds: dict[str, float]
    """Stage to seconds; grows as packages are written."""

    @property
    def findings(self) -> list[Finding]:
        """Findings and leads, strongest first."""
        return self.found.findings

    @property
    def run(self) -> dict[str, Any]:
        """The record of the run."""
        return self.found.run


def analyse_horizon(
    table: Path,
    *,
    since: datetime,
    until: datetime,
    config: Config,
    affiliations: Affiliations | None = None,
    selfcheck: dict[str, Any] | None = None,
    caches: Caches | None = None,
    name: str = "room",
    progress: Progress = SILENT,
    beat: Callable[[], None] = lambda: None,
) -> HorizonAnalysis:
    """Find groups in the posts of a horizon. Packages come later: an alert need not wait for them.

    Parameters
    ----------
    table : path
        Table of posts.
    since, until : datetime
        Horizon: ``since <= created_at < until``.
    selfcheck : mapping, optional
        Self-check of an earlier analysis that still holds.
    caches : Caches, optional
        What earlier analyses computed.
    beat : function
        Called between stages: the analysis is alive.

    Notes
    -----
    The same posts and settings give the same findings as ``dideban scan``.
    """
    stored = PostTable(table).scan(since=since, until=until, columns=[*POSTS.names, "arrived_at"]).collect()
    posts = POSTS.check(stored.select(POSTS.names))
    beat()
    record = Provenance(config)
    record.inputs = [{"name": name, "n_rows": stored.height, "shape": "room"}]
    found = analyse(
        posts.lazy(), config=config, record=record, resolution_s=_resolution(stored), affiliations=affiliations,
        selfcheck=selfcheck, caches=caches, on_stage=beat, progress=progress,
    )  # fmt: skip
    return HorizonAnalysis(
        found=found,
        groups=_behind(found.findings, found.evidence.groups),
        facts=_facts(found.findings, found.shares, stored),
        n_posts=stored.height,
        seconds={stage: round(s, 3) for stage, s in record.seconds.items()},
    )


def _resolution(posts: pl.DataFrame) -> float:
    return time_resolution(posts["created_at"], time_zone="UTC") if posts.height else 0.0


def _behind(findings: list[Finding], groups: pl.DataFrame) -> pl.DataFrame:
    """Keep the groups that became findings, numbered in the order of their findings."""
    number = {tuple(finding.accounts): ix for ix, finding in reversed(list(enumerate(findings)))}
    members = groups.sort("group_ix", "account_id").group_by("group_ix", maintain_order=True).agg("account_id")
    new = {ix: number[tuple(a)] for ix, a in members.iter_rows() if tuple(a) in number}
    kept = groups.filter(pl.col("group_ix").is_in(list(new)))
    if kept.is_empty():
        return GROUPS.empty()
    renamed = kept.with_columns(pl.col("group_ix").replace_strict(new, return_dtype=pl.Int64))
    return GROUPS.check(renamed.sort("group_ix", "account_id"))


def _facts(findings: list[Finding], shares: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Collect what the room notes beside a finding: when it could first be known, places, sources."""
    keys = shares.filter(pl.col("is_joint")).select("finding_id", name="post_id").unique()
    posts = stored.select("arrived_at", "place", "source", "platform", "lang", "reach", name=post_key())
    joined = keys.join(posts.join(keys.select("name").unique(), on="name", how="semi"), on="name")
    minimal = pl.DataFrame(
        [(finding.id, name) for finding in findings for name in finding.posts],
        schema={"finding_id": pl.String, "name": pl.String}, orient="row",
    )  # fmt: skip
    decided = minimal.join(posts, on="name").group_by("finding_id").agg(decided_at=pl.col("arrived_at").max())
    lists = [
        pl.col(column).drop_nulls().unique().sort().alias(f"{column}s")
        for column in ("place", "source", "platform", "lang")
    ]
    facts = joined.group_by("finding_id").agg(pl.len().alias("n_posts"), _reach(), *lists)
    return facts.join(decided, on="finding_id", how="left").sort("finding_id")


def _reach() -> pl.Expr:
    """Views or shares of posts together; null where no source says any."""
    known = pl.col("reach").drop_nulls().clip(0, MOST_REACH)
    return pl.when(known.len() > 0).then(known.sum()).alias("reach")
