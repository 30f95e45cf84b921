"""Scan streams of posts that no part of Dideban made: the table of ``docs/methods/outside-crowds.md``.

``python benchmarks/outside/run.py --seeds 1-3 breaks copy_3 > rows.ndjson``; without names, every kind. A stream takes
one to ten seconds of processor time.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections import Counter
from pathlib import Path

import orjson
import polars as pl
from attacks import ATTACKS, CAMPAIGNS, FORESEEN
from attacks_more import MORE_ATTACKS, MORE_CAMPAIGNS, MORE_FORESEEN
from crowds import CROWDS, MORE_CROWDS, MORE_OUTSIDE, OUTSIDE, mixed, mixed_more
from crowds_tools import SHAPES, UNITS
from third import THIRD_CROWDS, THIRD_OUTSIDE, THIRD_SHAPES, THIRD_UNITS
from third_attacks import THIRD_ATTACKS, THIRD_FORESEEN
from timelines import timelines
from world import World, base

from dideban.config import Config
from dideban.ingest import read_posts
from dideban.ingest.keys import pseudonyms_of
from dideban.pipelines.analysis import analyse

KEY = b"k" * 32
KINDS = {**CROWDS, **OUTSIDE, **ATTACKS, **FORESEEN, **CAMPAIGNS}
THIRD = {**THIRD_CROWDS, **THIRD_OUTSIDE, **THIRD_ATTACKS, **THIRD_FORESEEN}
FURTHER = {**MORE_CROWDS, **MORE_OUTSIDE, **MORE_ATTACKS, **MORE_FORESEEN, **MORE_CAMPAIGNS, **THIRD}
"""Laid over the second law of ordinary sharing where the seed is odd."""
WHOLE = {"mixed": mixed, "mixed_more": mixed_more, **SHAPES, **THIRD_SHAPES}
GUILTY = ("plant", "attacker")


def make(kind: str, seed: int) -> World:
    """Make one stream."""
    if kind in WHOLE:
        return WHOLE[kind](seed)
    if kind in FURTHER:
        world = timelines(seed) if seed % 2 else base(seed)
        FURTHER[kind](world)
        return world
    world = base(seed, holiday=(4, 6) if kind == "holiday" else None)
    KINDS[kind](world)
    return world


def scan(world: World, *, form: str, unit: int) -> list[tuple[bool, list[str]]]:
    """Read a stream from a file, and return whether each thing found is a lead, and its accounts."""
    config = Config(threads=1)
    config = dataclasses.replace(config, proof=dataclasses.replace(config.proof, n_shuffles=0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / f"posts.{form}"
        world.save(file, form, unit)
        intake = read_posts([file], out=folder / "read", key=KEY, config=config.ingest)
        found = analyse(pl.scan_parquet(intake.posts_path), config=config, resolution_s=intake.time_resolution_s)
    ids = sorted(world.role)
    known = dict(zip(pseudonyms_of(pl.Series(ids), key=KEY).to_list(), ids, strict=True))
    return [(one.lead, [known[account] for account in one.accounts]) for one in found.findings]


def count(kind: str, seed: int) -> dict[str, object]:
    """Scan one stream and count who is named."""
    world = make(kind, seed)
    found = scan(world, form="csv" if seed % 2 else "ndjson", unit={**UNITS, **THIRD_UNITS}.get(kind, 1))
    names = {account for is_lead, accounts in found if not is_lead for account in accounts}
    guilty = {account for account, role in world.role.items() if role.startswith(GUILTY)}
    plants = {role for role in world.role.values() if role.startswith(GUILTY)}
    return {
        "kind": kind,
        "seed": seed,
        "posts": len(world.rows),
        "findings": sum(not is_lead for is_lead, _ in found),
        "leads": sum(is_lead for is_lead, _ in found),
        "named": len(names),
        "innocent": len(names - guilty),
        "who": dict(Counter(world.role[one] for one in sorted(names - guilty))),
        "planted": {
            role: [sum(world.role[one] == role for one in names), sum(one == role for one in world.role.values())]
            for role in sorted(plants)
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--seeds", default="1-3")
    asked = parser.parse_args()
    first, last = (int(one) for one in asked.seeds.split("-"))
    for kind in asked.kinds or [*WHOLE, *KINDS, *FURTHER]:
        for seed in range(first, last + 1):
            sys.stdout.buffer.write(orjson.dumps(count(kind, seed)) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
