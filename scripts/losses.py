"""Say where planted groups are lost: not proposed, too little as a group, too few members, too little in the package.

python scripts/losses.py power --seeds 1 2 3
python scripts/losses.py evasion --adversary clock --strength 0.5 --seeds 1
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from dideban.proof import prove
from dideban.simulate import Plant, Stream, make_adversarial_stream, make_stream
from dideban.validation.streams import CASE_PLANTS, EVADER, OWN_PLANTS, POWER_PLANTS, settings

WORLDS = {"power": (2_000, 1), "own": (6_000, 2), "cases": (7_000, 4), "evasion": (4_000, 3)}
"""Part of the validation: first seed, and by how much its streams are smaller."""
PLANTS = {"power": POWER_PLANTS, "own": OWN_PLANTS, "cases": CASE_PLANTS}
STAGES = ("not proposed", "too little as a group", "too few members", "too little in the package", "found")


def watched(seen: dict[str, Any], name: str) -> Callable[..., Any]:
    """Return a step of the proof that leaves what it was given, and what it gave back, in ``seen``."""
    step = getattr(prove, name)

    def call(*args: Any, **named: Any) -> Any:
        result = step(*args, **named)
        seen[name] = (args, named, result)
        return result

    return call


def losses(stream: Stream, n_plants: int) -> list[tuple[str, int, int]]:
    """Return the stage that each plant reached, its members that are named, and its size."""
    seen: dict[str, Any] = {}
    steps = ("worth_nuisance_nulls", "join_ways", "claim_groups", "_claim_own", "with_strength")
    before = {name: getattr(prove, name) for name in steps}
    try:
        for name in steps:
            setattr(prove, name, watched(seen, name))
        proof = prove.prove_groups(
            stream.traces, objects=stream.objects, moments=stream.moments, config=settings(leads=False)
        )
    finally:
        for name, step in before.items():
            setattr(prove, name, step)
    found = proof.groups.join(proof.proofs.filter(~pl.col("is_lead")), on="group_ix", how="semi")
    accounts = stream.traces["account_id"].unique().sort()
    result = []
    for number in range(n_plants):
        names = set(stream.truth.filter(pl.col("group") == f"plant-{number:02d}")["account_id"])
        codes = set(accounts.search_sorted(pl.Series(sorted(names))).to_list())
        named = len(names & set(found["account_id"]))
        whole = any(_is(set(one["account_id"]), names) for _, one in found.group_by("group_ix"))
        result.append((STAGES[4] if whole else _stage(seen, codes), named, len(names)))
    return result


def _is(group: set[Any], plant: set[Any]) -> bool:
    common = len(group & plant)
    return 2 * common >= len(group) and 2 * common >= len(plant)


def _stage(seen: dict[str, Any], codes: set[int]) -> str:
    """Return how far any hypothesis about a plant came that was not found."""
    batches, chosen = seen["worth_nuisance_nulls"][0][0], seen["worth_nuisance_nulls"][2]
    mine = [
        {i for i, group in enumerate(b.groups) if 2 * len(codes & set(group.tolist())) >= max(len(group), len(codes))}
        for b in batches
    ]
    claims = [*seen["claim_groups"][2], *seen["_claim_own"][2][0]]
    if any(2 * len(codes & set(one.members.tolist())) >= len(one.members) for one in claims):
        return STAGES[3]
    if any(some & set(worth.tolist()) for some, worth in zip(mine, chosen, strict=True)):
        return STAGES[2]
    return STAGES[1] if any(mine) else STAGES[0]


def _worlds(options: argparse.Namespace) -> list[tuple[Stream, Sequence[Plant]]]:
    base, part = WORLDS[options.part]
    size = {"n_accounts": 6_000 // part, "n_shares": 115_000 // part}
    if options.part != "evasion":
        plants = PLANTS[options.part]
        return [(make_stream(seed=base + seed, plants=plants, **size), plants) for seed in options.seeds]
    made = [
        make_adversarial_stream(
            seed=base + seed, adversary=options.adversary, strength=options.strength, plant=EVADER, copies=3, **size
        )
        for seed in options.seeds
    ]
    return [(one.stream, [EVADER] * 3) for one in made]


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line for every sort of plant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=sorted(WORLDS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--adversary", default="clock")
    parser.add_argument("--strength", type=float, default=0.5)
    options = parser.parse_args(argv)
    stages: dict[str, Counter[str]] = {}
    members: dict[str, list[int]] = {}
    for stream, plants in _worlds(options):
        for plant, (stage, named, size) in zip(plants, losses(stream, len(plants)), strict=True):
            sort = f"{plant.where} {plant.n_operations} operations, {plant.jitter_s:g} s"
            stages.setdefault(sort, Counter())[stage] += 1
            members[sort] = np.add(members.get(sort, [0, 0]), [named, size]).tolist()
    for sort, counts in stages.items():
        told = ", ".join(f"{stage} {counts[stage]}" for stage in STAGES if counts[stage])
        sys.stdout.write(f"{sort}: {told}; members named {members[sort][0]} of {members[sort][1]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
