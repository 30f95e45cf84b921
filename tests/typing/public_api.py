"""The types that callers see. Never run: ``make check`` lets mypy read it, strictly.

``assert_type`` says what a call returns. A line with ``# type: ignore[...]`` is a misuse that mypy must notice: if it stops
noticing, the comment is unused, and that is an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import polars as pl

import dideban
from dideban.config import Config
from dideban.errors import DidebanError
from dideban.evidence import link_accounts
from dideban.findings import Affiliations, Finding, load_affiliations
from dideban.groups import cluster_accounts
from dideban.ingest import Intake, inspect_file, load_key, read_posts
from dideban.ingest.inspection import Inspection
from dideban.proof import Proof, Split, make_splits, prove_groups
from dideban.store import Verification, read_findings, verify_package
from dideban.text import normal_form, text_print
from dideban.traces import Traces, canonical_url, extract_traces


def a_scan(path: Path) -> None:
    result = dideban.scan(path, out="result", config=Config(fdr=0.1))
    assert_type(result, dideban.Scan)
    assert_type(result.findings, list[Finding])
    assert_type(result.table("edges"), pl.DataFrame)
    assert_type(result.summary(), pl.DataFrame)
    assert_type(result.report, Path)
    dideban.scan([path, "more.csv"], out=path)
    dideban.scan(path)  # type: ignore[call-arg]
    dideban.scan(path, "result")  # type: ignore[call-arg]
    dideban.scan(path, out="result", config={"fdr": 0.1})  # type: ignore[arg-type]


def settings() -> None:
    assert_type(dideban.load_config(flags={"fdr": 0.1}), Config)
    assert_type(Config().digest(), str)
    assert_type(Config().to_dict(), dict[str, Any])
    Config(method=3)  # type: ignore[arg-type]
    Config().fdr = 0.2  # type: ignore[misc]


def stages(folder: Path, config: Config) -> None:
    key = load_key(folder / "key")
    assert_type(key, bytes)
    intake = read_posts([folder / "posts.csv"], out=folder, key=key, config=config.ingest)
    assert_type(intake, Intake)
    assert_type(intake.n_posts, int)
    assert_type(inspect_file(folder / "posts.csv", config=config.ingest), Inspection)
    traces = extract_traces(pl.scan_parquet(intake.posts_path), config=config.traces)
    assert_type(traces, Traces)
    assert_type(traces.traces, pl.DataFrame)
    edges = link_accounts(traces.traces, config=config.coshare)
    assert_type(edges, pl.DataFrame)
    assert_type(cluster_accounts(edges, config=config.groups, seed=1), pl.DataFrame)
    proof = prove_groups(traces.traces, objects=traces.objects, config=config)
    assert_type(proof, Proof)
    assert_type(proof.selfcheck, dict[str, Any])
    assert_type(make_splits(seed=1, n_splits=2), list[Split])
    prove_groups(traces.traces)  # type: ignore[call-arg]


def results(folder: Path) -> None:
    assert_type(verify_package(folder), Verification)
    assert_type(verify_package(folder).ok, bool)
    findings, _ = read_findings(folder / "findings.json")
    assert_type(findings, list[Finding])
    assert_type(load_affiliations(folder / "owners.toml", pseudonym=str.upper), Affiliations)


def texts(series: pl.Series) -> None:
    assert_type(normal_form(series), pl.Series)
    assert_type(text_print(series), pl.Series)
    canonical_url(3)  # type: ignore[arg-type]


def errors() -> None:
    try:
        dideban.scan("posts.csv", out="result")
    except DidebanError as error:
        assert_type(error.code, str)
        assert_type(error.exit_code, int)
