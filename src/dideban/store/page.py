"""The page inside a package: made from nothing but what the package holds, so that anyone can make it again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import polars as pl

from dideban.config import Config
from dideban.findings import Finding
from dideban.report import ShownAmounts, Thumbnail, render_report
from dideban.store.package import member_edges
from dideban.store.pictures import NO_PICTURES

PACKAGE_LIMITS = ShownAmounts(posts=80, operations=120, objects=60)
"""How much the page inside a package shows; its tables hold everything."""


def package_page(
    finding: Finding,
    *,
    posts: pl.DataFrame,
    shares: pl.DataFrame,
    edges: pl.DataFrame,
    config: Config,
    seed: int,
    pictures: Mapping[str, Thumbnail] = NO_PICTURES,
) -> str:
    """Return the page of a package.

    Parameters
    ----------
    finding : Finding
    posts : POSTS
        Those of the package.
    shares : SHARES
        Of this finding; only those of objects that two members share are shown: the others are not inside.
    edges : EDGES
        Those between members are shown.
    config : Config
        Settings of the run.
    seed : int
        Seed that the manifest states.
    pictures : mapping
        Object to a small picture, where the package holds some.
    """
    common = shares.filter(pl.col("account_id").n_unique().over("object_kind", "object_id") > 1)
    run = {
        "method": finding.method, "method_version": finding.method_version, "config_digest": finding.config_digest,
        "seed": seed, **({"fdr": config.fdr} if finding.method == "synchrony" else {}),
    }  # fmt: skip
    return render_report(
        [dataclasses.replace(finding, group_id="")], run=run, posts=posts,
        shares=common.with_columns(finding_id=pl.lit(finding.id)),
        edges=member_edges(edges, accounts=finding.accounts), limits=PACKAGE_LIMITS, pictures=pictures,
    )  # fmt: skip
