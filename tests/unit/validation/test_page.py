"""The page: what it says of given results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dideban.simulate import Plant
from dideban.validation import PARTS, Job, make_plan, write_page
from dideban.validation.gather import Run
from dideban.validation.model import FULL, SMALL
from dideban.validation.page import render
from dideban.validation.page_aims import _evasion_aims, failures, worse
from dideban.validation.page_joint import kept_section
from dideban.validation.streams import CASE_PLANTS, OWN_PLANTS
from dideban.validation.tally import as_previous, cells_of, read_previous
from dideban.validation.tally_joint import read_kept
from dideban.validation.words import percent, rate, table

Results = dict[str, dict[str, Any]]


def finding(kind: str, **more: Any) -> dict[str, Any]:
    basic = {"is_lead": False, "size": 5, "of": None, "joint": 0, "e_value": 9e9, "n_tries": 10, "scale_s": 60.0}
    return {**basic, "kind": kind, **more}


def plant(*, found: bool, **more: Any) -> dict[str, Any]:
    basic = {"size": 8, "operations": 12, "jitter_s": 40.0, "where": "popular", "lead": False, "alone": found}
    basic |= {"moment": "crowd", "n_named": 6 if found else 0}
    basic |= dict.fromkeys(("days", "others", "posts_per_day", "lag_s"))
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
    common = {"n_proposed": 10, "n_shuffled": 0, "cpu_s": 1.5, "n_traces": 100, "n_explained": 0, "followed": {}}
    made: Results = {}
    for job in jobs:
        if job.part == "null":
            made[job.key] = {**common, "findings": [], "plants": [], "names": {}}
            if job.params["peers"]:
                made[job.key]["threshold"] = threshold([])
            if job.params["pairs"]:
                made[job.key]["agreement"] = {"hypergeometric": 4_321, "chung-lu": 77}
        elif job.part == "framing":
            names = {"attacker": 3, "copied": 2} if job.params["victims"] == "busy" else {}
            made[job.key] = {**common, "findings": [finding("attacker")], "plants": [], "names": names}
            made[job.key]["followed"] = {"copied": 3}
        elif job.part in ("power", "ablation", "sensitivity", "evasion"):
            plants = [plant(found=True), plant(found=False), plant(found=False, operations=6)]
            plants.append(plant(found=False, jitter_s=600.0))
            found = [finding("plant", of="plant-00"), finding("none")]
            made[job.key] = {**common, "findings": found, "plants": plants, "reach_kept": 0.5, "extra_posts": 0.25}
            made[job.key]["threshold"] = threshold([True, False, False, False])
            made[job.key]["names"] = {"plant": 6, "ordinary": 5}
        elif job.part in ("own", "cases"):
            shapes = OWN_PLANTS if job.part == "own" else CASE_PLANTS
            plants = [as_measured(shape) for shape in shapes]
            made[job.key] = {**common, "findings": [finding("plant")], "plants": plants, "names": {"plant": 40}}
        elif job.part == "joint":
            said: dict[str, Any] = {"n_claims": 1, "n_named": 4, "n_triggered_named": 0, "n_wrong": 0}
            said["plants"] = [{"n": 6, "named": 4}] if job.params["planted"] else []
            made[job.key] = {**said, "alone": [[0]] * 5, "one_lies": said}
        elif job.part == "runtime":
            times = {"proof": 3.0, "proof_checked": 6.0, "threshold": 1.0, "threshold_all": 1.5}
            made[job.key] = {"n_traces": 1_000, **times}
        else:
            made[job.key] = real(job.name)
    return made


def as_measured(shape: Plant) -> dict[str, Any]:
    fields = ("jitter_s", "where", "moment", "days", "others", "posts_per_day", "lag_s")
    more = {name: getattr(shape, name) for name in fields}
    return plant(found=True, size=shape.n_accounts, operations=shape.n_operations, **more)


def real(name: str) -> dict[str, Any]:
    hits = {"n_pairs": 10, "n_true": 8}
    truth: dict[str, Any] = {"n_true": 16, "found": hits, "with_leads": hits}
    truth["sweep"] = [{"window_s": 60.0, "weight": w, "n_pairs": 40 // w, "n_true": 20 // w} for w in (2, 4)]
    basic = {
        "n_traces": 5_000, "n_accounts": 70, "sizes": [9, 4], "lead_sizes": [3], "scales": [[60.0, 2]], "n_proposed": 10,
        "n_shuffled": 0, "n_shuffles": 2, "enough_data": True, "cpu_s": 2.0, "threshold_cpu_s": 0.1,
        "threshold": threshold([]), "threshold_shuffled": threshold([]), "contents_sizes": [[], []],
        "hours_sizes": [[], []],
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
    assert "| streams of `default` without a campaign that have a finding | at most 5% | 0/1 = 0% (0% to 97.5%)" in page
    assert "the interval reaches 97.5%" in page
    assert "| false share among findings, mean | at most 5% | 50% (50% to 50%) | no |" in page
    assert "| framing streams that name an innocent account | none | 4/32 = 12.5% (3.5% to 29%) | no |" in page
    assert "| innocent accounts among those named, streams with hidden and slow plants | at most 5% | 5/11" in page
    assert "4,321" in page
    assert "Framing, `busy-1` attackers: 1/1 = 100% (2.5% to 100%) of streams name an innocent account." in page
    assert "power, `popular 8x6x40 crowd`: more are missed than found, 0/1" in page
    assert "threshold at the recall of the test: 60 s, weight 2 | 20 | 10 | 50% | 62.5% of 16" in page
    assert "goes unfound in 3 of 4 cases and keeps 50% of its reach (25% more posts)" in page
    assert "(60 s, weight 2) has as many positives or more, and more precision" not in page
    assert "A shortened run: 100 seeds are meant to be measured" in page
    assert "Not measured" not in page


def test_an_adversary_is_unseen_only_where_groups_are_missed_and_members_are_not_named(
    jobs: list[Job], results: Results
) -> None:
    cells = cells_of(Run(jobs=jobs, results=results))
    for name in [name for name in cells if name.startswith("evasion/")]:
        cells[name] |= {"found": 0, "named": cells[name]["members"] / 2}
    assert not list(_evasion_aims(cells))
    for name in [name for name in cells if name.startswith(("evasion/rotate-", "evasion/delay-"))]:
        cells[name]["named"] = 0
    told = {str(row[0]).split(",")[0]: tuple(row[2:4]) for row in _evasion_aims(cells)}
    least = min(float(name.rpartition("-")[2]) for name in cells if name.startswith("evasion/delay-"))
    apart = f"50%; two members {40 * least:g} min apart on the mean"
    assert told == {
        f"`delay` at strength {least:g}": (apart, "yes"),
        f"`rotate` at strength {least:g}": ("50%", "no"),
    }


def test_what_got_worse_is_listed_and_nothing_else(jobs: list[Job], results: Results) -> None:
    cells = cells_of(Run(jobs=jobs, results=results))
    source = {"method": "older", "digest": "d", "seeds": "seeds: null 1"}
    assert "Nothing measured here got worse" in worse(cells, cells, source)
    better = {name: dict(counts) for name, counts in cells.items()}
    better["framing/busy-1"]["with_innocent"] = 0
    better["power/popular 8x12x40 crowd"]["found"] = 2
    said = worse(cells, better, source)
    assert "framing, `busy-1`: streams that name an innocent account 100%, before 0% (1/1 against 0/1)" in said
    assert "power, `popular 8x12x40 crowd`: groups found 50%, before 100% (1/2 against 2/2)" in said
    assert said.count("\n- ") == 2
    assert "No figures of an earlier method" in worse(cells, {}, {})


def test_pairs_are_not_asked_to_be_found(jobs: list[Job], results: Results) -> None:
    cells = cells_of(Run(jobs=jobs, results=results))
    said = failures(Run(jobs=jobs, results=results), cells)
    assert "cases, `popular 2x30x5 crowd`: two accounts became a finding with somebody else in it, 1/1" in said
    without = {name: {**counts, "found": 0, "named": 0} for name, counts in cells.items() if name.startswith("cases/")}
    assert "2x30x5" not in failures(Run(jobs=[], results={}), without)
    assert "2x30x5" not in worse(without, cells, {"method": "older", "digest": "d", "seeds": "s"})
    assert "8x20x40 days=1" in worse(without, cells, {"method": "older", "digest": "d", "seeds": "s"})


def test_kept_counts_are_read_as_they_were_written(jobs: list[Job], results: Results) -> None:
    cells = cells_of(Run(jobs=jobs, results=results))
    kept = json.loads(as_previous(cells, {"method": "m"}))
    assert kept == {"cells": cells, "source": {"method": "m"}}


def test_counts_of_the_previous_method_belong_to_cells_that_are_measured() -> None:
    cells, source = read_previous()
    run = Run(jobs=make_plan(FULL, parts=PARTS, shared=None), results={})
    known = {f"{job.part}/{job.name.rpartition('-')[0]}" for job in run.jobs}
    for name, counts in cells.items():
        assert name in known or name.partition("/")[0] in ("power", "own", "cases", "real"), name
        assert all(value >= 0 for value in counts.values())
    assert set(source) >= {"method", "digest", "seeds"} or not cells


def test_a_rule_that_does_better_is_said(jobs: list[Job], results: Results) -> None:
    results["real-pump-all"]["truth"]["sweep"] = [{"window_s": 60.0, "weight": 9, "n_pairs": 10, "n_true": 9}]
    page = render(Run(jobs=jobs, results=results), size=FULL, digest="abc")
    assert (
        "pump (all): the threshold rule (60 s, weight 9) has as many positives or more, and more precision than the test"
        in page
    )


def test_nothing_measured_is_said(jobs: list[Job]) -> None:
    page = render(Run(jobs=jobs, results={}), size=SMALL, digest="abc")
    kept = kept_section(read_kept())
    assert page.count("Not measured in this run.") == 9 + kept.count("Not measured in this run.")
    assert kept.strip() in page
    assert "was not beside the project" in page
    assert "A trial run (small)" in page


def test_findings_in_shuffled_copies_are_failures(jobs: list[Job], results: Results) -> None:
    results["real-ira-link"]["n_shuffled"] = 3
    assert "ira (link): 3 findings in exchanged copies" in render(
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


@pytest.mark.no_cover
def test_files_are_the_same_bytes_each_time(tmp_path: Path, jobs: list[Job], results: Results) -> None:
    files = []
    for name in ("one", "two"):
        page = write_page(results, jobs, size=SMALL, out=tmp_path / name / "methods", images=None, digest="abc")
        figures = sorted((tmp_path / name / "images").iterdir())
        files.append([(path.name, path.read_bytes()) for path in [page, *figures]])
    assert files[0] == files[1]
    named = set(re.findall(r"images/(validation-[a-z]+\.svg)", files[0][0][1].decode()))
    assert named == {name for name, _ in files[0][1:]}
