"""One analysis, used by every pipeline and by the room: posts in, findings and the record of the run out.

Files, folders, databases and packages are the business of others: a scan reads, analyses and writes; a tick of a room
takes its table, analyses and stores.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from dideban import __version__
from dideban.background import BackgroundTask
from dideban.config import Config
from dideban.evidence import link_accounts, link_by
from dideban.findings import Affiliations, Finding, make_findings
from dideban.findings.declared import describe_declared
from dideban.groups import Followed, cluster_accounts
from dideban.messages import Message
from dideban.pipelines.post_source import LocalPosts, PostSource
from dideban.progress import SILENT, Progress
from dideban.proof import MAX_GROUPS, METHOD_VERSION, Proof, explain_groups, prove_groups
from dideban.remembered import Remembered
from dideban.schema import EDGES
from dideban.store import Provenance, follow_findings
from dideban.text import SignatureCache
from dideban.traces import KnownContacts, Pages, Traces

MIN_FOR_RESOLUTION = 50
"""Posts needed before the coarseness of their times is believed."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the evidence says before it is put into words."""

    edges: pl.DataFrame
    groups: pl.DataFrame
    proof: Proof | None
    pairs: pl.DataFrame | None = None
    """GROUP_PAIRS: which pairs carry each group."""


@dataclass(frozen=True, kw_only=True)
class Caches:
    """What earlier analyses computed. They save time and never change a result."""

    signatures: SignatureCache | None = None
    """Signatures of texts: only new texts are read again. The caller saves it."""
    pages: Pages | None = None
    """Canonical pages: only new addresses are read."""
    contacts: KnownContacts | None = None
    """What may be a contact in texts: only new texts are looked through."""
    results: Remembered | None = None
    """Findings, and what they rest on: only what has changed is made again."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What one analysis found, and what its packages are made from."""

    findings: list[Finding]
    shares: pl.DataFrame
    """SHARES of the findings."""
    evidence: Evidence
    traces: Traces
    posts: pl.LazyFrame
    config: Config
    affiliations: Affiliations | None
    followed: Followed | None
    """How groups continue those of earlier periods; None where no one asked."""
    run: dict[str, Any]
    """The record of the run: what a reader needs to trace every number."""
    record: Provenance


def analyse(
    posts: pl.LazyFrame | PostSource,
    *,
    config: Config,
    record: Provenance | None = None,
    resolution_s: float = 0.0,
    affiliations: Affiliations | None = None,
    earlier: pl.DataFrame | None = None,
    selfcheck: dict[str, Any] | None = None,
    caches: Caches | None = None,
    on_stage: Callable[[], None] = lambda: None,
    progress: Progress = SILENT,
) -> Analysis:
    """Find groups that act in concert in posts, and put what was found into findings.

    Parameters
    ----------
    posts : POSTS, lazy, or PostSource
        Any order.
    record : Provenance
        Record of the run so far: inputs, rejects, seconds of intake; None = begins here.
    resolution_s : seconds
        Coarsest unit of the times; believed from ``MIN_FOR_RESOLUTION`` posts on. Scales below it are left out.
    affiliations : Affiliations
        Declared owners.
    earlier : GROUP_HISTORY
        Groups of earlier periods, whose ids are kept; None = groups are not followed.
    selfcheck : mapping
        Self-check of an earlier analysis that still holds; without it, exchanged copies are analysed too.
    caches : Caches
        What earlier analyses computed.
    on_stage : function
        Called between stages.

    Returns
    -------
    Analysis

    Notes
    -----
    The same posts and settings give the same findings, whoever calls.
    """
    record, caches = record or Provenance(config), caches or Caches()
    pages = caches.pages or Pages()
    if caches.results:
        caches.results.begin()
    source = (
        LocalPosts(posts, signatures=caches.signatures, pages=pages, contacts=caches.contacts)
        if isinstance(posts, pl.LazyFrame)
        else posts
    )
    with record.stage("traces"):
        traces = source.traces(config=config, progress=progress)
    record.note(*traces.notes)
    on_stage()
    facts = source.facts()
    believed_s = resolution_s if facts["n"] >= MIN_FOR_RESOLUTION else 0.0
    tested = _unchecked(config) if selfcheck else config
    with BackgroundTask(config.threads) as background:
        with record.stage("evidence"):
            evidence = find_groups(
                traces, moments=source.moments(), config=tested, resolution_s=believed_s, progress=progress,
                background=background, check_leads=not selfcheck, memory=caches.results,
            )  # fmt: skip
        on_stage()
        with record.stage("findings"):
            traces, table = source.about(traces, accounts=_named(evidence))
            findings, shares = _find(evidence, traces, table, config, affiliations, pages=pages, memory=caches.results)
            followed = None
            if earlier is not None:
                findings, followed = follow_findings(findings, groups=evidence.groups, earlier=earlier)
        with record.stage("self-check"):
            _ = evidence.proof and evidence.proof.selfcheck
    on_stage()
    run = _describe(record, traces, evidence, findings, facts, resolution_s, selfcheck)
    if affiliations is not None:
        declared = describe_declared(traces.traces, posts=table, affiliations=affiliations, findings=findings)
        run["declared_networks"] = [one.to_dict() for one in declared]
    return Analysis(
        findings=findings, shares=shares, evidence=evidence, traces=traces, posts=table, config=config,
        affiliations=affiliations, followed=followed, run=run, record=record,
    )  # fmt: skip


def _named(evidence: Evidence) -> list[str]:
    """Return every account that a finding may name."""
    followed = evidence.proof.followed["account_id"].to_list() if evidence.proof else []
    return [*evidence.groups["account_id"].to_list(), *followed]


def _unchecked(config: Config) -> Config:
    """Leave exchanged copies out. They change no finding: those keep the digest of the settings of the run."""
    return replace(config, proof=replace(config.proof, n_shuffles=0))


def _find(
    evidence: Evidence,
    traces: Traces,
    posts: pl.LazyFrame,
    config: Config,
    affiliations: Affiliations | None,
    *,
    pages: Pages,
    memory: Remembered | None,
) -> tuple[list[Finding], pl.DataFrame]:
    return make_findings(
        evidence.groups,
        edges=evidence.edges,
        traces=traces.traces,
        objects=traces.objects,
        posts=posts,
        config=config,
        proofs=evidence.proof.proofs if evidence.proof else None,
        proof_traces=evidence.proof.proof_traces if evidence.proof else None,
        followed=evidence.proof.followed if evidence.proof else None,
        pairs=evidence.pairs,
        affiliations=affiliations,
        pages=pages,
        memory=memory,
    )


def find_groups(
    traces: Traces,
    *,
    moments: pl.DataFrame | None = None,
    config: Config,
    resolution_s: float = 0.0,
    progress: Progress = SILENT,
    background: BackgroundTask | None = None,
    check_leads: bool = True,
    memory: Remembered | None = None,
) -> Evidence:
    """Link and group accounts by the method of ``config``.

    Parameters
    ----------
    moments : (account_id, created_at)
        Every post of every account; None = those of the traces.
    resolution_s : seconds
        Coarsest unit of the times; scales below it mean nothing and are left out.
    background : BackgroundTask
        Where the self-check goes on while the caller does; None = before this returns.
    check_leads : bool
        Count for the self-check how many leads there are where paces are exchanged.
    memory : Remembered, optional
        What the run before found out. Never changes the result.
    """
    if config.method == "synchrony":
        proof = prove_groups(
            traces.traces, objects=traces.objects, moments=moments, config=config, resolution_s=resolution_s,
            progress=progress, background=background, check_leads=check_leads, memory=memory,
        )  # fmt: skip
        with ThreadPoolExecutor(1) as beside:
            ties = beside.submit(_explaining_edges, traces.traces, proof, config)
            pairs, edges = _explaining_pairs(traces, proof), ties.result()
        return Evidence(edges=edges, groups=proof.groups, proof=proof, pairs=pairs)
    edges = link_by(
        traces.traces, method=config.method, config=config.coshare, threads=config.threads, progress=progress
    )
    return Evidence(edges=edges, groups=cluster_accounts(edges, config=config.groups, seed=config.seed), proof=None)


def _explaining_edges(traces: pl.DataFrame, proof: Proof, config: Config) -> pl.DataFrame:
    """Ties inside proved groups at the scales that carry their proof: an explanation, not a claim."""
    if not proof.groups.height:
        return EDGES.empty()
    from dataclasses import replace

    scales = sorted(proof.proof_traces["scale_s"].unique().to_list()) or [config.coshare.window_s]
    members = traces.filter(pl.col("account_id").is_in(proof.groups["account_id"].unique().implode()))
    loose = replace(config.coshare, min_weight=1, min_participation=1, percentile=None)
    edges = link_accounts(members, config=loose, windows_s=scales, threads=config.threads)
    pairs = (
        proof.groups.join(proof.groups, on="group_ix", suffix="_b")
        .filter(pl.col("account_id") < pl.col("account_id_b"))
        .select(account_a="account_id", account_b="account_id_b")
        .unique()
    )
    return EDGES.check(
        edges.join(pairs, on=["account_a", "account_b"], how="semi").sort(
            "account_a", "account_b", "object_kind", "window_s"
        )
    )


def _explaining_pairs(traces: Traces, proof: Proof) -> pl.DataFrame:
    """Pairs inside groups proved by exchange, of findings first: which of them carry the proof."""
    exchanged = proof.proofs.filter(pl.col("kind") != "own")
    first = exchanged.sort("is_lead", "e_value", "group_ix", descending=[False, True, False]).head(MAX_GROUPS)
    members = proof.groups.join(first, on="group_ix", how="semi").group_by("group_ix").agg("account_id")
    where = {ix: proof.divisions[proof.splits[tuple(sorted(accounts))]] for ix, accounts in members.iter_rows()}
    return explain_groups(
        traces.traces, groups=proof.groups, proof_traces=proof.proof_traces, objects=traces.objects, splits=where
    )


def _describe(
    record: Provenance,
    traces: Traces,
    evidence: Evidence,
    findings: list[Finding],
    facts: dict[str, Any],
    resolution_s: float,
    selfcheck: dict[str, Any] | None,
) -> dict[str, Any]:
    """Collect what a reader needs to trace every number."""
    record.count(
        posts=facts["n"], accounts=facts["n_accounts"], edges=evidence.edges.height,
        groups=evidence.groups["group_ix"].n_unique(), findings=sum(not f.lead for f in findings),
        leads=sum(f.lead for f in findings),
    )  # fmt: skip
    record.note(
        *(evidence.proof.notes if evidence.proof else [Message("note.rule-no-rate", rule=record.config.method)])
    )
    stable = record.stable()
    found = evidence.proof.selfcheck if evidence.proof else None
    return {
        **stable,
        "version": __version__,
        "method_version": METHOD_VERSION if evidence.proof else f"{record.config.method}-1",
        "counts": {**stable["counts"], "traces": traces.counts},
        "reject_reasons": {},
        "passed": {},
        "period": [facts["first"].isoformat(), facts["last"].isoformat()] if facts["n"] else [],
        "time_resolution_s": resolution_s,
        "selfcheck": selfcheck or found,
    }


__all__ = ["Analysis", "Caches", "Evidence", "analyse", "find_groups"]
