"""Everything a scan leaves in its folder, beside POSTS and REJECTS which intake wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from dideban.exchange import write_csv, write_gexf, write_graphml, write_xlsx
from dideban.findings import Finding
from dideban.messages import Message, describe
from dideban.pipelines.analysis import Analysis
from dideban.pipelines.packages import make_packages
from dideban.progress import Progress
from dideban.report import Thumbnail, render_report
from dideban.schema import POSTS, post_key
from dideban.store import write_findings


def write_outputs(
    folder: Path,
    found: Analysis,
    *,
    lang: str,
    pictures: Mapping[str, Thumbnail],
    in_packages: bool = False,
    progress: Progress,
) -> None:
    """Write findings, packages, tables, report, spreadsheets and networks; ``run.json`` comes last.

    ``pictures`` are shown in the report. A package is handed on: it holds them only where ``in_packages`` is asked.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    findings, record, edges, groups = found.findings, found.record, found.evidence.edges, found.evidence.groups
    run = _note_of_packages(found, pictured=in_packages and bool(pictures))
    write_findings(folder / "findings.json", findings, run=run)
    with record.stage("tables"):
        edges.write_parquet(folder / "edges.parquet")
        groups.write_parquet(folder / "groups.parquet")
    quoted = _posts_of(found.shares, found.posts)
    packaged = findings[: found.config.packages]
    inside = pictures if in_packages else {}
    with record.stage("packages"), progress.stage("packages", total=len(packaged), unit="findings") as task:
        for _ in make_packages(replace(found, run=run), findings=packaged, home=folder / "findings", pictures=inside):
            task.advance()
    with record.stage("report"):
        page = render_report(findings, run=run, posts=quoted, shares=found.shares, edges=edges, pictures=pictures)
        (folder / "report.html").write_text(page, "utf-8", errors="replace", newline="\n")
    with record.stage("exports"):
        followed = found.evidence.proof.followed if found.evidence.proof else None
        write_xlsx(folder / "findings.xlsx", findings, edges=edges, groups=groups, posts=quoted, lang=lang)
        write_csv(folder / "findings.csv", _flat(findings))
        write_csv(folder / "statements.csv", _statements(findings))
        write_gexf(folder / "network.gexf", edges, groups=groups, followed=followed)
        write_graphml(folder / "network.graphml", edges, groups=groups, followed=followed)
    record.write(folder / "run.json")


def _note_of_packages(found: Analysis, *, pictured: bool) -> dict[str, Any]:
    """Return the record of the run, with notes on packages that hold pictures, or that not every finding has."""
    n, most = len(found.findings), found.config.packages
    notes = [Message("note.packages-pictures")] if pictured else []
    notes += [Message("note.packages-first", n=n, most=most)] if n > most else []
    if not notes:
        return found.run
    found.record.note(*notes)
    return {**found.run, "notes": [describe(note) for note in found.record.notes]}


def _posts_of(shares: pl.DataFrame, posts: pl.LazyFrame) -> pl.DataFrame:
    names = shares.select(name="post_id").unique().lazy()
    key = post_key()
    table = posts.with_columns(name=key).join(names, on="name", how="semi").select(POSTS.names).collect()
    return table.sort("platform", "post_id")


def _statements(findings: list[Finding]) -> pl.DataFrame:
    """One row per finding and language."""
    rows = [(f.id, lang, text) for f in findings for lang, text in f.statement.items()]
    return pl.DataFrame(rows, schema={"id": pl.String, "lang": pl.String, "statement": pl.String}, orient="row")


def _flat(findings: list[Finding]) -> pl.DataFrame:
    """One row per finding for spreadsheets."""
    rows = [
        {
            "id": f.id,
            "lead": f.lead,
            "kind": f.kind,
            "label": f.label,
            "n_accounts": len(f.accounts),
            "n_objects": f.n_objects,
            "first_at": f.period[0],
            "last_at": f.period[1],
            "e_value": f.e_value,
            "error_rate": f.error_rate,
            "kinds": " ".join(dict.fromkeys(t.kind for t in f.traces)),
            "statement": f.statement["en"],
            "accounts": " ".join(f.accounts),
            "followed": " ".join(one.account_id for one in f.followed),
        }
        for f in findings
    ]
    schema = {
        "id": pl.String, "lead": pl.Boolean, "kind": pl.String, "label": pl.String,
        "n_accounts": pl.Int64, "n_objects": pl.Int64,
        "first_at": pl.String, "last_at": pl.String, "e_value": pl.Float64, "error_rate": pl.Float64,
        "kinds": pl.String,
        "statement": pl.String, "accounts": pl.String, "followed": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)
