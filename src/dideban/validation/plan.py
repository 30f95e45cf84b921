"""Which jobs a run consists of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dideban.simulate import ADVERSARIES, ALL_CROWDS, HARD_CROWDS
from dideban.validation.model import Job, Size
from dideban.validation.real import SETS
from dideban.validation.variants import ABLATIONS, SENSITIVITIES

ROUND = {"null": 20, "power": 5, "real": 1, "crowds": 2, "evasion": 2, "ablation": 2, "sensitivity": 1, "runtime": 1}
"""Seeds of a part that one round measures; in a round, parts in this order."""


def make_plan(size: Size, *, parts: Sequence[str], shared: Path | None) -> list[Job]:
    """Return the jobs of the parts, first those that matter most."""
    makers = {
        "null": _null,
        "crowds": _crowds,
        "power": _power,
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
    jobs = []
    for seed in range(1, size.null_seeds + 1):
        for name, crowds in (("all", ALL_CROWDS), ("sessions", HARD_CROWDS)):
            first = name == "all"
            if not first and seed > size.session_seeds:
                continue
            params = {"seed": seed, "crowds": list(crowds), "peers": first, "pairs": first and seed <= size.pair_seeds}
            jobs.append(Job(part="null", name=f"{name}-{seed:03d}", params={**params, **_world(size)}))
    return jobs


def _crowds(size: Size) -> list[Job]:
    names = ("background", *HARD_CROWDS)
    return [
        Job(
            part="crowds",
            name=f"{name}-{seed:03d}",
            params={
                "seed": 1_000 + seed,
                "crowds": [] if name == "background" else [name],
                "peers": True,
                "pairs": False,
                **_world(size, part=2),
            },
        )
        for seed in range(1, size.crowd_seeds + 1)
        for name in names
    ]


def _power(size: Size) -> list[Job]:
    return [
        Job(part="power", name=f"{seed:03d}", params={"seed": 2_000 + seed, **_world(size)})
        for seed in range(1, size.power_seeds + 1)
    ]


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
