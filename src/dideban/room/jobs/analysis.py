"""One analysis of the horizon of a room: the stages of the engine, unchanged, over the table of posts.

Nothing here touches the database or decides anything: posts in, findings out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from dideban import __version__
from dideban.config import Config
from dideban.findings import Affiliations, Finding, make_findings
from dideban.ingest.merge import time_resolution
from dideban.pipelines.scan import MIN_FOR_RESOLUTION, find_groups
from dideban.pipelines.scan import Evidence as GroupEvidence
from dideban.proof import METHOD_VERSION
from dideban.schema import GROUPS, POSTS
from dideban.store import Provenance
from dideban.store.delta import PostTable
from dideban.text import SignatureCache
from dideban.traces import Pages, extract_traces


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the packages of findings are made from (jobs.packing)."""

    posts: pl.LazyFrame
    traces: pl.DataFrame
    shares: pl.DataFrame
    linked: GroupEvidence
    config: Config
    affiliations: Affiliations | None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What one analysis found."""

    findings: list[Finding]
    groups: pl.DataFrame
    """GROUPS behind the findings."""
    facts: pl.DataFrame
    """(finding_id, decided_at, n_posts, places, sources, platforms, languages), one row per finding."""
    n_posts: int
    run: dict[str, Any]
    seconds: dict[str, float]
    """Stage to seconds; grows as packages are written."""
    evidence: Evidence


def analyse(
    table: Path,
    *,
    since: datetime,
    until: datetime,
    config: Config,
    affiliations: Affiliations | None = None,
    selfcheck: dict[str, Any] | None = None,
    signatures: SignatureCache | None = None,
    pages: Pages | None = None,
    name: str = "room",
    beat: Callable[[], None] = lambda: None,
) -> Analysis:
    """Find groups in the posts of a horizon. Packages come later: whoever waits for an alert need not wait for them.

    Parameters
    ----------
    table : path
        Table of posts.
    since, until : datetime
        Horizon: ``since <= created_at < until``.
    selfcheck : mapping, optional
        Self-check of an earlier analysis that still stands; without it, shuffled copies are analysed too.
    signatures : SignatureCache, optional
        Signatures of texts of earlier analyses: only new texts are read again. The caller saves it.
    pages : Pages, optional
        Canonical pages of the analysis before: only new addresses are read.
    beat : function
        Called between stages: the analysis is alive.

    Notes
    -----
    The same posts and settings give the same findings as ``dideban scan``.
    """
    record = Provenance(config)
    stored = PostTable(table).scan(since=since, until=until, columns=[*POSTS.names, "arrived_at"]).collect()
    posts = POSTS.check(stored.select(POSTS.names)).lazy()
    beat()
    with record.stage("traces"):
        traces = extract_traces(posts, config=config.traces, threads=config.threads, signatures=signatures, pages=pages)
    record.note(*traces.notes)
    beat()
    with record.stage("evidence"):
        linked = find_groups(
            traces, config=_unchecked(config) if selfcheck else config, resolution_s=_resolution(stored)
        )
    beat()
    with record.stage("findings"):
        findings, shares = make_findings(
            linked.groups, edges=linked.edges, traces=traces.traces, objects=traces.objects, posts=posts,
            config=config, proofs=linked.proof.proofs if linked.proof else None,
            proof_traces=linked.proof.proof_traces if linked.proof else None, pairs=linked.pairs,
            affiliations=affiliations,
        )  # fmt: skip
    run = _describe(record, stored, linked, findings, name)
    run["selfcheck"] = selfcheck or run["selfcheck"]
    return Analysis(
        findings=findings, groups=_behind(findings, linked.groups), facts=_facts(findings, shares, stored),
        n_posts=stored.height, run=run, seconds={stage: round(s, 3) for stage, s in record.seconds.items()},
        evidence=Evidence(
            posts=posts, traces=traces.traces, shares=shares, linked=linked, config=config, affiliations=affiliations
        ),
    )  # fmt: skip


def _unchecked(config: Config) -> Config:
    """Leave shuffled copies out. They change no finding: those keep the digest of the settings of the room."""
    return replace(config, proof=replace(config.proof, n_shuffles=0))


def _resolution(posts: pl.DataFrame) -> float:
    if posts.height < MIN_FOR_RESOLUTION:
        return 0.0
    return time_resolution(posts["created_at"], time_zone="UTC")


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
    posts = stored.select(
        "arrived_at", "place", "source", "platform", "lang", name=pl.concat_str("platform", pl.lit("/"), "post_id")
    )
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
    facts = joined.group_by("finding_id").agg(pl.len().alias("n_posts"), *lists)
    return facts.join(decided, on="finding_id", how="left").sort("finding_id")


def _describe(
    record: Provenance, posts: pl.DataFrame, linked: GroupEvidence, findings: list[Finding], name: str
) -> dict[str, Any]:
    record.inputs = [{"name": name, "n_rows": posts.height, "shape": "room"}]
    record.count(
        posts=posts.height, accounts=posts["account_id"].n_unique(), edges=linked.edges.height,
        groups=linked.groups["group_ix"].n_unique(), findings=sum(not f.lead for f in findings),
        leads=sum(f.lead for f in findings),
    )  # fmt: skip
    if linked.proof:
        record.note(*linked.proof.notes)
    first, last = posts["created_at"].min(), posts["created_at"].max()
    return {
        **record.stable(),
        "version": __version__,
        "method_version": METHOD_VERSION if linked.proof else f"{record.config.method}-1",
        "reject_reasons": {},
        "period": [first.isoformat(), last.isoformat()]
        if isinstance(first, datetime) and isinstance(last, datetime)
        else [],
        "selfcheck": linked.proof.selfcheck if linked.proof else None,
    }
