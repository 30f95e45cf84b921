"""What a tick puts on the disk: shares of its findings at once, packages after the alerts, as long as nobody waits."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import polars as pl

from dideban.findings import Finding
from dideban.pipelines.outputs import PACKAGE_LIMITS
from dideban.report import render_report
from dideban.room.jobs.analysis import Analysis
from dideban.store import PackagePosts, member_edges, package_posts, write_package
from dideban.store.atomic import write_bytes

MAX_PACKAGES = 200
"""Packages of one tick, those with the strongest evidence first; the next goes on."""
AT_ONCE = 10
"""Packages between two looks at whether anybody waits."""


def write_shares(found: Analysis, *, home: Path, wanted: Collection[str]) -> int:
    """Write the shares of every finding of ``wanted`` that has none yet: what timelines draw; return how many."""
    names = [one.id for one in found.findings if one.id in wanted]
    fresh = [name for name in names if not (home / f"{name}.shares.parquet").exists()]
    shares = found.evidence.shares.filter(pl.col("finding_id").is_in(fresh))
    parts = shares.partition_by("finding_id", as_dict=True, maintain_order=True)
    for name in fresh:
        write_bytes(home / f"{name}.shares.parquet", _parquet(parts.get((name,), shares.clear())))
    return len(fresh)


def write_packages(
    found: Analysis,
    *,
    home: Path,
    wanted: Collection[str],
    first: Collection[str] = (),
    is_awaited: Callable[[], bool] = lambda: False,
    beat: Callable[[], None] = lambda: None,
) -> int:
    """Write a package for every finding of ``wanted`` that has none yet; return how many.

    Parameters
    ----------
    wanted : finding ids
        Those that the room stored: others say what an earlier one says.
    first : finding ids
        Those that somebody was just told of.
    is_awaited : function
        Asked now and then; True = new posts wait for the next tick, which goes on with what is left.
    beat : function
        Called after each package: the tick is alive.
    """
    began = time.monotonic()
    named = [one for one in found.findings if one.id in wanted]
    fresh = [one for one in named if not (home / one.id / "manifest.json").exists()][:MAX_PACKAGES]
    fresh.sort(key=lambda one: one.id not in first)
    for start in range(0, len(fresh), AT_ONCE):
        some = {one.id: one for one in fresh[start : start + AT_ONCE]}
        if start and is_awaited():
            fresh = fresh[:start]
            break
        _write(some, found, home, beat)
    found.seconds["packages"] = round(time.monotonic() - began, 3)
    return len(fresh)


def _write(findings: dict[str, Finding], found: Analysis, home: Path, beat: Callable[[], None]) -> None:
    ours = found.evidence
    wanted = ours.shares.filter(pl.col("finding_id").is_in(list(findings)))
    splits = ours.linked.proof.splits if ours.linked.proof else None
    for chosen in package_posts(ours.posts, traces=ours.traces, shares=wanted, every_common=splits is not None):
        finding = findings[chosen.finding_id]
        mine = wanted.filter(pl.col("finding_id") == finding.id)
        ties = member_edges(ours.linked.edges, accounts=finding.accounts)
        page = render_report(
            [finding], run=found.run, posts=chosen.posts, shares=mine, edges=ties, limits=PACKAGE_LIMITS
        )
        write_package(
            finding, folder=home / finding.id, posts=chosen.posts, clusters=chosen.clusters, edges=ties,
            report_html=page, manifest_extra=_extra(finding, chosen, found),
        )  # fmt: skip
        beat()


def _extra(finding: Finding, chosen: PackagePosts, found: Analysis) -> dict[str, Any]:
    """Return what the manifest must say so that the finding can be recomputed."""
    ours = found.evidence
    extra: dict[str, Any] = {"config": ours.config.to_dict(), "seed": ours.config.seed}
    if ours.affiliations is not None:
        extra["affiliations"] = ours.affiliations.only(finding.accounts).to_dict()
    if ours.linked.proof is not None:
        extra["proof"] = {"split": ours.linked.proof.splits[tuple(finding.accounts)]}
    if chosen.n_cut:
        extra["n_posts_cut"] = chosen.n_cut
    return extra


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


__all__ = ["write_packages", "write_shares"]
