"""Which jobs a run consists of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dideban.simulate import ADVERSARIES, CROWD_SETS, HARD_CROWDS, VICTIMS
from dideban.validation.joint import OVERLAPS
from dideban.validation.model import Job, Size
from dideban.validation.real import SETS
from dideban.validation.variants import ABLATIONS, SENSITIVITIES

ROUND = {
    "null": 10,
    "framing": 10,
    "power": 5,
    "own": 5,
    "cases": 10,
    "joint": 2,
    "real": 1,
    "evasion": 3,
    "ablation": 2,
    "sensitivity": 1,
    "runtime": 1,
}
"""Seeds of a part that one round measures; in a round, parts in this order."""
ATTACKERS = (1, 2, 3, 5)
SMALL_PART = 4
"""Streams of one crowd, of framing and of cases are this many times smaller than the largest."""


def make_plan(size: Size, *, parts: Sequence[str], shared: Path | None) -> list[Job]:
    """Return the jobs of the parts, first those that matter most."""
    makers = {
        "null": _null,
        "framing": _framing,
        "power": lambda size: _planted(size, "power", size.power_seeds, base=2_000),
        "own": lambda size: _planted(size, "own", size.own_seeds, base=6_000, part=2),
        "cases": lambda size: _planted(size, "cases", size.cases_seeds, base=7_000, part=SMALL_PART),
        "joint": _joint,
        "real": lambda size: _real(size, shared),
        "ablation": lambda size: _variants(size, "ablation", ABLATIONS, size.ablation_seeds),
        "sensitivity": lambda size: _variants(size, "sensitivity", SENSITIVITIES, size.sensitivity_seeds),
        "evasion": _evasion,
        "runtime": _runtime,
    }
    jobs = [job for part, make in makers.items() if part in parts for job in make(size)]
    return sorted(jobs, key=_turn)


def _turn(job: Job) -> tuple[int, int]:
    """Measure in rounds, so that a run that is stopped has something of every part."""
    number = int(job.name.rpartition("-")[2]) if job.part not in ("real", "runtime") else 0
    return (number - 1) // ROUND.get(job.part, 1), list(ROUND).index(job.part)


def _world(size: Size, *, part: int = 1) -> dict[str, Any]:
    return {"n_accounts": size.n_accounts // part, "n_shares": size.n_shares // part}


def _null(size: Size) -> list[Job]:
    """Return every crowd alone and sets of them, small; the default and everything together, large as well."""
    cells = {**{name: (name,) for name in HARD_CROWDS}, **CROWD_SETS}
    jobs = [
        _null_job(name, seed, crowds, _world(size, part=SMALL_PART), peers=False, pairs=False)
        for seed in range(1, size.null_seeds + 1)
        for name, crowds in cells.items()
    ]
    for seed in range(1, size.large_seeds + 1):
        for name in ("default", "everything"):
            asked = {"peers": name == "default", "pairs": name == "default" and seed <= size.pair_seeds}
            jobs.append(_null_job(f"{name}_large", seed, CROWD_SETS[name], _world(size), **asked))
    return jobs


def _null_job(name: str, seed: int, crowds: Sequence[str], world: dict[str, Any], *, peers: bool, pairs: bool) -> Job:
    params = {"seed": 1_000 + seed, "crowds": list(crowds), "peers": peers, "pairs": pairs, **world}
    return Job(part="null", name=f"{name}-{seed:03d}", params=params)


def _framing(size: Size) -> list[Job]:
    return [
        Job(
            part="framing",
            name=f"{victims}-{n}-{seed:03d}",
            params={"seed": 8_000 + seed, "victims": victims, "n_attackers": n, **_world(size, part=SMALL_PART)},
        )
        for seed in range(1, size.framing_seeds + 1)
        for victims in VICTIMS
        for n in ATTACKERS
    ]


def _planted(size: Size, name: str, n_seeds: int, *, base: int, part: int = 1) -> list[Job]:
    return [
        Job(part=name, name=f"{seed:03d}", params={"seed": base + seed, **_world(size, part=part)})
        for seed in range(1, n_seeds + 1)
    ]


def _joint(size: Size) -> list[Job]:
    cells = [(True, "default"), *((False, crowds) for crowds in ("default", "everything"))]
    return [
        Job(
            part="joint",
            name=f"{'planted' if planted else crowds}-{overlap:.0%}-{seed:03d}",
            params={
                "seed": 9_000 + seed, "overlap": overlap, "crowds": crowds, "planted": planted, **_world(size, part=2),
            },
        )
        for seed in range(1, size.joint_seeds + 1)
        for overlap in OVERLAPS
        for planted, crowds in cells
    ]  # fmt: skip


def _real(size: Size, shared: Path | None) -> list[Job]:
    if shared is None:
        return []
    return [
        Job(part="real", name=name, params={"folder": str(shared), "name": name, "share": size.real_share})
        for name in SETS
    ]


def _variants(size: Size, part: str, names: Sequence[str], n_seeds: int) -> list[Job]:
    return [
        Job(
            part=part,
            name=f"{name.replace(' ', '_').replace(',', '')}-{seed:03d}",
            params={"seed": 3_000 + seed, "name": name, **_world(size, part=2)},
        )
        for seed in range(1, n_seeds + 1)
        for name in names
    ]


def _evasion(size: Size) -> list[Job]:
    cells = [("delay", 0.0)] + [(name, s) for name in sorted(ADVERSARIES) for s in size.strengths if s > 0]
    return [
        Job(
            part="evasion",
            name=f"{name if strength else 'plain'}-{strength:g}-{seed:03d}",
            params={"seed": 4_000 + seed, "adversary": name, "strength": strength, **_world(size, part=3)},
        )
        for seed in range(1, size.evasion_seeds + 1)
        for name, strength in cells
    ]


def _runtime(size: Size) -> list[Job]:
    return [Job(part="runtime", name=f"{n:08d}", params={"n_traces": n, "seed": 5_000}) for n in size.runtime_traces]
