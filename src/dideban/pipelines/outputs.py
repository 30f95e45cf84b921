"""Everything a scan leaves in its folder, beside POSTS and REJECTS which intake wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from dideban.config import Config
from dideban.exchange import write_csv, write_gexf, write_graphml, write_xlsx
from dideban.findings import Affiliations, Finding
from dideban.findings.note_words import describe_notes
from dideban.progress import Progress
from dideban.report import Limits, render_report
from dideban.schema import POSTS, Note
from dideban.store import PackagePosts, Provenance, member_edges, package_posts, write_findings, write_package

PACKAGE_LIMITS = Limits(posts=80, operations=120, objects=60)
"""How much the page inside a package shows; its tables hold everything."""


def write_outputs(
    folder: Path,
    findings: list[Finding],
    *,
    run: Mapping[str, Any],
    record: Provenance,
    posts: pl.LazyFrame,
    shares: pl.DataFrame,
    edges: pl.DataFrame,
    groups: pl.DataFrame,
    traces: pl.DataFrame,
    config: Config,
    affiliations: Affiliations | None,
    splits: Mapping[tuple[str, ...], int] | None,
    progress: Progress,
) -> None:
    """Write findings, packages, tables, report, spreadsheets and networks; ``run.json`` comes last.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    packaged = findings[: config.packages]
    if len(findings) > config.packages:
        text = "{n:,} findings and leads: only the first {most} have a package of their own (setting: packages)."
        record.note(Note.make("packages-first", text, n=len(findings), most=config.packages))
        run = {**run, "notes": record.notes, "notes_said": describe_notes(record.notes)}
    write_findings(folder / "findings.json", findings, run=run)
    with record.stage("tables"):
        edges.write_parquet(folder / "edges.parquet")
        groups.write_parquet(folder / "groups.parquet")
    quoted = _posts_of(shares, posts)
    with record.stage("packages"), progress.stage("packages", total=len(packaged), unit="findings") as task:
        wanted = shares.filter(pl.col("finding_id").is_in([f.id for f in packaged]))
        # a package is about one finding: who else declared what stays here
        alone = {name: value for name, value in run.items() if name != "declared_networks"}
        by_id = {finding.id: finding for finding in packaged}
        inside = member_edges(edges, accounts=sorted({account for f in packaged for account in f.accounts}))
        for chosen in package_posts(posts, traces=traces, shares=wanted, every_common=splits is not None):
            finding = by_id[chosen.finding_id]
            _package(folder, finding, chosen, inside, wanted, alone, config, affiliations, splits)
            task.advance()
    with record.stage("report"):
        page = render_report(findings, run=run, posts=quoted, shares=shares, edges=edges)
        (folder / "report.html").write_text(page, "utf-8", errors="replace", newline="\n")
    with record.stage("exports"):
        write_xlsx(folder / "findings.xlsx", findings, edges=edges, groups=groups, posts=quoted)
        write_csv(folder / "findings.csv", _flat(findings))
        write_gexf(folder / "network.gexf", edges, groups=groups)
        write_graphml(folder / "network.graphml", edges, groups=groups)
    record.write(folder / "run.json")


def _package(
    folder: Path,
    finding: Finding,
    chosen: PackagePosts,
    edges: pl.DataFrame,
    shares: pl.DataFrame,
    run: Mapping[str, Any],
    config: Config,
    affiliations: Affiliations | None,
    splits: Mapping[tuple[str, ...], int] | None,
) -> None:
    mine = shares.filter(pl.col("finding_id") == finding.id)
    ties = member_edges(edges, accounts=finding.accounts)
    page = render_report([finding], run=run, posts=chosen.posts, shares=mine, edges=ties, limits=PACKAGE_LIMITS)
    extra: dict[str, Any] = {"config": config.to_dict(), "seed": config.seed}
    if affiliations is not None:
        extra["affiliations"] = affiliations.only(finding.accounts).to_dict()
    if splits is not None:
        extra["proof"] = {"split": splits[tuple(finding.accounts)]}
    if chosen.n_cut:
        extra["n_posts_cut"] = chosen.n_cut
    write_package(
        finding,
        folder=folder / "findings" / finding.id,
        posts=chosen.posts,
        clusters=chosen.clusters,
        edges=ties,
        report_html=page,
        manifest_extra=extra,
    )


def _posts_of(shares: pl.DataFrame, posts: pl.LazyFrame) -> pl.DataFrame:
    names = shares.select(name="post_id").unique().lazy()
    key = pl.concat_str("platform", pl.lit("/"), "post_id")
    table = posts.with_columns(name=key).join(names, on="name", how="semi").select(POSTS.names).collect()
    return table.sort("platform", "post_id")


def _flat(findings: list[Finding]) -> pl.DataFrame:
    """One row per finding for spreadsheets."""
    rows = [
        {
            "id": f.id,
            "lead": f.lead,
            "label": f.label,
            "n_accounts": len(f.accounts),
            "n_objects": f.n_objects,
            "first_at": f.period[0],
            "last_at": f.period[1],
            "e_value": f.e_value,
            "error_rate": f.error_rate,
            "kinds": " ".join(dict.fromkeys(t.kind for t in f.traces)),
            "statement_en": f.statement["en"],
            "statement_fa": f.statement["fa"],
            "statement_ar": f.statement["ar"],
            "accounts": " ".join(f.accounts),
        }
        for f in findings
    ]
    schema = {
        "id": pl.String, "lead": pl.Boolean, "label": pl.String, "n_accounts": pl.Int64, "n_objects": pl.Int64,
        "first_at": pl.String, "last_at": pl.String, "e_value": pl.Float64, "error_rate": pl.Float64,
        "kinds": pl.String,
        "statement_en": pl.String, "statement_fa": pl.String, "statement_ar": pl.String, "accounts": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)
