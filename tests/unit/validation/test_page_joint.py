"""The section on several rooms: from a run, and from the counts that are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dideban.validation import make_plan
from dideban.validation.gather import Run
from dideban.validation.model import FULL, SMALL
from dideban.validation.page_joint import HEAD, joint_section, kept_section, with_section
from dideban.validation.tally_joint import SIZES, kept_text, read_kept, tally_joint


def said(*, planted: bool, wrong: int = 0) -> dict[str, Any]:
    plants = [{"n": 6, "named": 2}, {"n": 8, "named": 3}, {"n": 12, "named": 9}] if planted else []
    names = 14 + wrong if planted else wrong
    basic = {"n_claims": int(names > 0), "n_named": names, "n_triggered_named": 0, "n_wrong": wrong}
    return {**basic, "plants": plants}


@pytest.fixture
def run() -> Run:
    jobs = make_plan(SMALL, parts=["joint"], shared=None)
    results = {}
    for job in jobs:
        planted = bool(job.params["planted"])
        one = {**said(planted=planted), "one_lies": said(planted=planted, wrong=2)}
        results[job.key] = {**one, "alone": [[0, 3, 0]] * 5} if planted else one
    return Run(jobs=jobs, results=results)


def test_a_run_is_counted_and_shown(run: Run) -> None:
    page = joint_section(run)
    assert "| 0% | 2/3 = 66.7% (9.4% to 99.2%) | 0/1 | 1/1 | 1/1 | 5/15 = 33.3%" in page
    assert "| 14/26 = 53.8%" in page
    assert "| 2/16 = 12.5%" in page
    assert "| everything | 100% | 0/1 = 0% (0% to 97.5%) | 0 | 0 | 0 | 1/1 = 100%" in page
    assert "Measured apart" not in page


def test_what_is_kept_says_the_same_as_the_run(run: Run) -> None:
    kept = json.loads(kept_text(tally_joint(run), digest="abc"))
    page = kept_section(kept)
    assert "digest of the code `abc`" in " ".join(page.split())
    assert [line for line in page.splitlines() if line.startswith("|")] == [
        line for line in joint_section(run).splitlines() if line.startswith("|")
    ]


def test_another_section_leaves_the_rest_of_the_page(run: Run) -> None:
    page = f"# Validation\n\nBefore.\n\n{HEAD}\n\nOld.\n\n## Real data\n\n### Within\n\n## After\n"
    new = with_section(page, joint_section(run))
    assert new.startswith(f"# Validation\n\nBefore.\n\n{HEAD}\n\n5 rooms see parts")
    assert new.endswith("\n\n## Real data\n\n### Within\n\n## After\n")
    assert "Old." not in new
    assert with_section(new, joint_section(run)) == new


def test_the_kept_counts_are_of_what_is_measured() -> None:
    kept = read_kept()
    cells = {
        (job.params["planted"], job.params["crowds"], job.params["overlap"])
        for job in make_plan(FULL, parts=["joint"], shared=None)
    }
    assert len({(row["planted"], row["crowds"], row["overlap"]) for row in kept["rows"]}) == len(kept["rows"])
    for row in kept["rows"]:
        assert (row["planted"], row["crowds"], row["overlap"]) in cells
        assert set(row["plants"]) == set(row["found"]) == {str(size) for size in SIZES}
        assert sum(row["plants"].values()) == (6 * row["streams"] if row["planted"] else 0)
        for counts in (row, row["one_lies"]):
            assert counts["wrong"] <= counts["names"]
            assert all(counts["found"][size] <= counts["plants"][size] for size in counts["plants"])
