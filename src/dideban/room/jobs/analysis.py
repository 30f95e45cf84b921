"""One analysis of the horizon of a room: the stages of the engine, unchanged, over the table of posts.

Nothing here touches the database or decides anything: posts in, findings and files out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from dideban import __version__
from dideban.config import Config
from dideban.findings import Affiliations, Finding, make_findings
from dideban.ingest.merge import time_resolution
from dideban.outputs import PACKAGE_LIMITS
from dideban.proof import METHOD_VERSION
from dideban.report import render_report
from dideban.schema import GROUPS, POSTS
from dideban.store import Provenance, member_edges, package_posts, write_package
from dideban.store.atomic import write_bytes
from dideban.store.delta import PostTable
from dideban.traces import extract_traces
from dideban.watch import MIN_FOR_RESOLUTION, Linked, find_groups

MAX_PACKAGES = 200
"""New findings of one tick that get a package; those with the strongest evidence first."""


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


def analyse(
    table: Path,
    *,
    since: datetime,
    until: datetime,
    config: Config,
    packages: Path,
    known: Collection[str] = (),
    affiliations: Affiliations | None = None,
    name: str = "room",
    beat: Callable[[], None] = lambda: None,
) -> Analysis:
    """Find groups in the posts of a horizon and write a package for every finding that is not ``known``.

    Parameters
    ----------
    table : path
        Table of posts.
    since, until : datetime
        Horizon: ``since <= created_at < until``.
    packages : path
        Folder of packages, one per finding, beside the shares of each.
    known : finding ids
        Findings that have their package already: a finding never changes.
    beat : function
        Called between stages: the analysis is alive.

    Notes
    -----
    The same posts and settings give the same findings as ``dideban scan``.
    """
    record = Provenance(config)
    stored = PostTable(table).scan(since=since, until=until).collect().sort("created_at", "platform", "post_id")
    posts = POSTS.check(stored.select(POSTS.names)).lazy()
    beat()
    with record.stage("traces"):
        traces = extract_traces(posts, config=config.traces, threads=config.threads)
    record.note(*traces.notes)
    beat()
    with record.stage("evidence"):
        linked = find_groups(traces, config=config, resolution_s=_resolution(stored))
    beat()
    with record.stage("findings"):
        findings, shares = make_findings(
            linked.groups, edges=linked.edges, traces=traces.traces, objects=traces.objects, posts=posts,
            config=config, proofs=linked.proof.proofs if linked.proof else None,
            proof_traces=linked.proof.proof_traces if linked.proof else None, pairs=linked.pairs,
            affiliations=affiliations,
        )  # fmt: skip
    run = _describe(record, stored, linked, findings, name)
    with record.stage("packages"):
        fresh = [finding for finding in findings if finding.id not in known][:MAX_PACKAGES]
        _write_packages(fresh, packages, posts, traces.traces, shares, linked, run, config, affiliations, beat)
    return Analysis(
        findings=findings, groups=_behind(findings, linked.groups), facts=_facts(findings, shares, stored),
        n_posts=stored.height, run=run, seconds={stage: round(s, 3) for stage, s in record.seconds.items()},
    )  # fmt: skip


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
    record: Provenance, posts: pl.DataFrame, linked: Linked, findings: list[Finding], name: str
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


def _write_packages(
    findings: list[Finding],
    home: Path,
    posts: pl.LazyFrame,
    traces: pl.DataFrame,
    shares: pl.DataFrame,
    linked: Linked,
    run: dict[str, Any],
    config: Config,
    affiliations: Affiliations | None,
    beat: Callable[[], None],
) -> None:
    """Write a package and the shares of each finding; shares lie beside, a package holds nothing but its proof."""
    by_id = {finding.id: finding for finding in findings}
    wanted = shares.filter(pl.col("finding_id").is_in(list(by_id)))
    splits = linked.proof.splits if linked.proof else None
    for chosen in package_posts(posts, traces=traces, shares=wanted, every_common=splits is not None):
        finding = by_id[chosen.finding_id]
        mine = wanted.filter(pl.col("finding_id") == finding.id)
        extra: dict[str, Any] = {"config": config.to_dict(), "seed": config.seed}
        if affiliations is not None:
            extra["affiliations"] = affiliations.only(finding.accounts).to_dict()
        if splits is not None:
            extra["proof"] = {"split": splits[tuple(finding.accounts)]}
        if chosen.n_cut:
            extra["n_posts_cut"] = chosen.n_cut
        ties = member_edges(linked.edges, accounts=finding.accounts)
        page = render_report([finding], run=run, posts=chosen.posts, shares=mine, edges=ties, limits=PACKAGE_LIMITS)
        write_package(
            finding, folder=home / finding.id, posts=chosen.posts, clusters=chosen.clusters, edges=ties,
            report_html=page, manifest_extra=extra,
        )  # fmt: skip
        write_bytes(home / f"{finding.id}.shares.parquet", _parquet(mine))
        beat()


def _parquet(frame: pl.DataFrame) -> bytes:
    import io

    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
