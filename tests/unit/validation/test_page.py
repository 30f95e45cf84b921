"""The page: what it says of given results."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dideban.validation import PARTS, Job, make_plan, write_page
from dideban.validation.gather import Run
from dideban.validation.model import FULL, SMALL
from dideban.validation.page import render
from dideban.validation.words import percent, rate, table

Results = dict[str, dict[str, Any]]


def finding(kind: str, **more: Any) -> dict[str, Any]:
    basic = {"is_lead": False, "size": 5, "of": None, "joint": 0, "e_value": 9e9, "n_tries": 10, "scale_s": 60.0}
    return {**basic, "kind": kind, **more}


def plant(*, found: bool, **more: Any) -> dict[str, Any]:
    basic = {"size": 8, "operations": 12, "jitter_s": 40.0, "where": "popular", "lead": False, "alone": found}
    best = (
        {"precision": 1.0, "recall": 0.75, "scale_s": 60.0}
        if found
        else dict.fromkeys(("precision", "recall", "scale_s"))
    )
    return {**basic, "found": found, **best, **more}


def threshold(found: list[bool]) -> list[dict[str, Any]]:
    return [{"percentile": p, "n_pairs": 90, "n_groups": 4, "found": found, "n_false": 3} for p in (0.0, 0.9)]


@pytest.fixture
def jobs() -> list[Job]:
    return make_plan(SMALL, parts=PARTS, shared=Path("data"))


@pytest.fixture
def results(jobs: list[Job]) -> Results:
    common = {"n_proposed": 10, "n_shuffled": 0, "cpu_s": 1.5, "n_traces": 100}
    made: Results = {}
    for job in jobs:
        if job.part in ("null", "crowds"):
            made[job.key] = {**common, "findings": [], "plants": []}
            if job.params["peers"]:
                made[job.key]["threshold"] = threshold([])
            if job.params["pairs"]:
                made[job.key]["agreement"] = {"hypergeometric": 4_321, "chung-lu": 77}
        elif job.part in ("power", "ablation", "sensitivity", "evasion"):
            plants = [plant(found=True), plant(found=False), plant(found=False, operations=6)]
            plants.append(plant(found=False, jitter_s=600.0))
            found = [finding("plant", of="plant-00"), finding("none")]
            made[job.key] = {**common, "findings": found, "plants": plants, "reach_kept": 0.5, "extra_posts": 0.25}
            made[job.key]["threshold"] = threshold([True, False, False, False])
        elif job.part == "runtime":
            times = {"proof": 3.0, "proof_checked": 6.0, "threshold": 1.0, "threshold_all": 1.5}
            made[job.key] = {"n_traces": 1_000, **times}
        else:
            made[job.key] = real(job.name)
    return made


def real(name: str) -> dict[str, Any]:
    hits = {"n_pairs": 10, "n_true": 8}
    truth: dict[str, Any] = {"n_true": 16, "found": hits, "with_leads": hits}
    truth["sweep"] = [{"window_s": 60.0, "weight": w, "n_pairs": 40 // w, "n_true": 20 // w} for w in (2, 4)]
    basic = {
        "n_traces": 5_000, "n_accounts": 70, "sizes": [9, 4], "lead_sizes": [3], "scales": [[60.0, 2]], "n_proposed": 10,
        "n_shuffled": 0, "n_shuffles": 2, "enough_data": True, "cpu_s": 2.0, "threshold_cpu_s": 0.1,
        "threshold": threshold([]), "threshold_shuffled": threshold([]),
    }  # fmt: skip
    return {**basic, "truth": truth} if name.startswith(("pump", "news")) else basic


def test_numbers_are_written_with_their_intervals() -> None:
    assert percent(0.05) == "5%"
    assert percent(0.0512) == "5.1%"
    assert rate(0, 40) == "0/40 = 0% (0% to 8.8%)"
    assert rate(0, 0) == "not measured"
    assert table(["a", "b"], [[1, "x"]]) == "| a | b |\n|---|---|\n| 1 | x |"


def test_a_whole_page(jobs: list[Job], results: Results) -> None:
    page = render(Run(jobs=jobs, results=results), size=FULL, digest="abc")
    assert "null streams with any finding, default crowds | at most 5% | 0/2 = 0% (0% to 84.2%)" in page
    assert "the interval reaches 84.2%" in page
    assert "| false share among findings, mean | at most 5% | 50% (50% to 50%) | no |" in page
    assert "4,321" in page
    assert "Hidden groups of 8 accounts with 6 operations within 40 s: more are missed than found, 0/1" in page
    assert "threshold at the recall of the test: 60 s, weight 2 | 20 | 10 | 50% | 62.5% of 16" in page
    assert "goes unfound in 3 of 4 cases and keeps 50% of its reach (25% more posts)" in page
    assert "(60 s, weight 2) has as many positives or more, and more precision" not in page
    assert "Not measured" not in page


def test_a_rule_that_does_better_is_said(jobs: list[Job], results: Results) -> None:
    results["real-pump-all"]["truth"]["sweep"] = [{"window_s": 60.0, "weight": 9, "n_pairs": 10, "n_true": 9}]
    page = render(Run(jobs=jobs, results=results), size=FULL, digest="abc")
    assert (
        "pump (all): the threshold rule (60 s, weight 9) has as many positives or more, and more precision than the test"
        in page
    )


def test_nothing_measured_is_said(jobs: list[Job]) -> None:
    page = render(Run(jobs=jobs, results={}), size=SMALL, digest="abc")
    assert page.count("Not measured in this run.") == 7
    assert "was not beside the project" in page
    assert "A trial run (small)" in page


def test_findings_in_shuffled_copies_are_failures(jobs: list[Job], results: Results) -> None:
    results["real-ira-link"]["n_shuffled"] = 3
    assert "ira (link): 3 findings in shuffled copies" in render(
        Run(jobs=jobs, results=results), size=FULL, digest="abc"
    )


def test_tables_are_regular(jobs: list[Job], results: Results) -> None:
    widths: list[int] = []
    for line in render(Run(jobs=jobs, results=results), size=FULL, digest="abc").splitlines():
        if line.startswith("|"):
            widths.append(line.count("|"))
        else:
            assert len(set(widths)) <= 1
            widths = []


def test_files_are_the_same_bytes_each_time(tmp_path: Path, jobs: list[Job], results: Results) -> None:
    files = []
    for name in ("one", "two"):
        page = write_page(results, jobs, size=SMALL, out=tmp_path / name / "methods", images=None, digest="abc")
        figures = sorted((tmp_path / name / "images").iterdir())
        files.append([(path.name, path.read_bytes()) for path in [page, *figures]])
    assert files[0] == files[1]
    named = set(re.findall(r"images/(validation-[a-z]+\.svg)", files[0][0][1].decode()))
    assert named == {name for name, _ in files[0][1:]}
