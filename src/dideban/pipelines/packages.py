"""The one maker of finding packages, for scans and rooms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from dideban.config import Config
from dideban.findings import Finding
from dideban.pipelines.analysis import Analysis
from dideban.report import Thumbnail
from dideban.store import PackagePosts, member_edges, package_posts, write_package
from dideban.store.page import package_page
from dideban.store.pictures import NO_PICTURES, pictures_inside


def make_packages(
    found: Analysis, *, findings: Sequence[Finding], home: Path, pictures: Mapping[str, Thumbnail] = NO_PICTURES
) -> Iterator[str]:
    """Write a package for each of ``findings`` and yield its id once it is whole.

    Parameters
    ----------
    findings : sequence of Finding
        Some of ``found.findings``.
    home : path
        Folder of packages; each has a folder of its own, named by its id.
    pictures : mapping
        Object to a small picture: those of each finding go into its package. None unless somebody asked for them.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    by_id = {finding.id: finding for finding in findings}
    wanted = found.shares.filter(pl.col("finding_id").is_in(list(by_id)))
    edges = member_edges(found.evidence.edges, accounts=sorted({a for f in findings for a in f.accounts}))
    every = found.evidence.proof is not None
    followed = {finding.id: [one.account_id for one in finding.followed] for finding in findings}
    own = [finding.id for finding in findings if finding.kind == "own" and not finding.lead]
    for chosen in package_posts(
        found.posts, traces=found.traces.traces, shares=wanted, every_common=every, followed=followed, own=own
    ):
        finding = by_id[chosen.finding_id]
        _package(found, finding, chosen, home, shares=wanted, edges=edges, pictures=pictures)
        yield finding.id


def _package(
    found: Analysis, finding: Finding, chosen: PackagePosts, home: Path, *, shares: pl.DataFrame, edges: pl.DataFrame,
    pictures: Mapping[str, Thumbnail],
) -> None:  # fmt: skip
    mine = shares.filter(pl.col("finding_id") == finding.id)
    ties, extra = member_edges(edges, accounts=finding.accounts), _extra(found, finding, chosen)
    inside = pictures_inside(finding, posts=chosen.posts, clusters=chosen.clusters, known=pictures)
    page = package_page(
        finding, posts=chosen.posts, shares=mine, edges=ties, config=found.config, seed=extra["seed"], pictures=inside
    )
    write_package(
        finding, folder=home / finding.id, posts=chosen.posts, clusters=chosen.clusters, others=chosen.others,
        edges=ties, report_html=page, pictures=inside, manifest_extra=extra,
    )  # fmt: skip


def _extra(found: Analysis, finding: Finding, chosen: PackagePosts) -> dict[str, Any]:
    """Return what the manifest must say so that the finding can be recomputed.

    How many threads the run had is no part of that: a package is the same on any number.
    """
    settings = replace(found.config, threads=Config.threads).to_dict()
    extra: dict[str, Any] = {"config": settings, "seed": found.config.seed}
    if found.affiliations is not None:
        extra["affiliations"] = found.affiliations.only(finding.accounts).to_dict()
    if found.evidence.proof is not None:
        proof = found.evidence.proof
        extra["seed"] = proof.divisions[0].seed
        extra["proof"] = {
            "split": proof.splits[tuple(finding.accounts)],
            "first_day": proof.first_day.isoformat(),
            "stretch_s": int(proof.stretch_s),
        }
    if chosen.n_cut:
        extra["n_posts_cut"] = chosen.n_cut
    return extra


__all__ = ["make_packages"]
