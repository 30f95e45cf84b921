"""Jobs: planned, kept, used again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dideban.simulate import ADVERSARIES, CROWD_SETS, HARD_CROWDS, VICTIMS
from dideban.validation import PARTS, Job, make_plan, run_jobs
from dideban.validation.model import FULL, SIZES, SMALL, Size, at_most
from dideban.validation.plan import ATTACKERS
from dideban.validation.run import ALONE, MEASURES, code_digest, kept_results, measure


@pytest.mark.parametrize("size", SIZES.values(), ids=lambda size: size.name)
def test_every_part_is_planned_once(size: Size) -> None:
    jobs = make_plan(size, parts=PARTS, shared=Path("data"))
    assert len({job.key for job in jobs}) == len(jobs)
    assert {job.part for job in jobs} == set(PARTS) == set(MEASURES)
    assert all(json.loads(json.dumps(job.params)) == job.params for job in jobs)


def test_the_full_plan_is_what_the_page_promises() -> None:
    jobs = make_plan(FULL, parts=PARTS, shared=None)

    def n_seeds(part: str, name: str) -> int:
        return len({job.params["seed"] for job in jobs if job.part == part and job.name.rpartition("-")[0] == name})

    assert all(n_seeds("null", name) == 100 for name in (*HARD_CROWDS, *CROWD_SETS, "everything_large"))
    assert all(n_seeds("framing", f"{victims}-{n}") == 100 for victims in VICTIMS for n in ATTACKERS)
    assert sum(job.part == "power" for job in jobs) == 100
    tried = {(job.params["adversary"], job.params["seed"]) for job in jobs if job.part == "evasion"}
    assert all(3 * len({seed for name, seed in tried if name == one}) >= 100 for one in ADVERSARIES)
    assert not [job for job in jobs if job.part == "real"]


def test_fewer_seeds_are_the_first_ones() -> None:
    few = make_plan(at_most(FULL, 2), parts=["null", "power"], shared=None)
    many = make_plan(FULL, parts=["null", "power"], shared=None)
    assert {job.key for job in few} < {job.key for job in many}
    by_key = {job.key: job for job in many}
    # rules of others are measured on fewer streams of a short run; the streams are the same
    assert all(
        {**by_key[job.key].params, "peers": 0, "pairs": 0} == {**job.params, "peers": 0, "pairs": 0}
        for job in few
        if job.part == "null"
    )
    assert all(by_key[job.key] == job for job in few if job.part == "power")
    assert at_most(FULL, None) == FULL


def test_only_the_parts_asked_for() -> None:
    assert {job.part for job in make_plan(SMALL, parts=["power"], shared=None)} == {"power"}


def test_kept_results_are_used_again(tmp_path: Path) -> None:
    job = Job(part="null", name="x", params={"seed": 1})
    (tmp_path / "null-x.json").write_text(json.dumps({"params": {"seed": 1}, "result": {"a": 2}}))
    assert run_jobs([job], work=tmp_path) == {"null-x": {"a": 2}}


@pytest.mark.parametrize("text", ["", "{", '{"params": {"seed": 2}, "result": {}}', "[]", "null"])
def test_results_of_something_else_are_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "null-x.json").write_text(text)
    assert kept_results([Job(part="null", name="x", params={"seed": 1})], work=tmp_path) == {}


def test_digest_of_the_code_is_stable() -> None:
    assert code_digest() == code_digest()
    assert len(code_digest()) == 12
    assert set(ALONE) < set(PARTS)


def test_a_job_can_be_measured_again_alike() -> None:
    world = {"n_accounts": 300, "n_shares": 3_000, "days": 4}
    params = {"seed": 1, "crowds": ["news_wires"], "peers": True, "pairs": True, **world}
    one, two = (measure(Job(part="null", name="x", params=params)) for _ in range(2))
    assert one.pop("cpu_s") > 0
    assert two.pop("cpu_s") > 0
    assert one == two
    assert json.loads(json.dumps(one)) == one
