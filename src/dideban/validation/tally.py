"""Counts by cell of the page: what was measured for one crowd, one attack, one kind of plant."""

from __future__ import annotations

import importlib.resources
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dideban.validation.gather import Entry, Run, claims, leads
from dideban.validation.model import Result
from dideban.validation.score import GUILTY

Tally = dict[str, float]
Cells = dict[str, Tally]

PREVIOUS = "previous.json"
"""Counts of an earlier method on the same streams, beside this module, with what they come from."""


def tally_streams(results: Sequence[Result]) -> Tally:
    """Return counts over streams: of findings, of names, and of what innocent people had to bear."""
    counts: Counter[str] = Counter()
    for result in results:
        found, names = claims(result), result["names"]
        innocent = sum(n for role, n in names.items() if role not in GUILTY)
        counts.update(
            streams=1,
            with_findings=int(bool(found)),
            with_innocent=int(bool(innocent)),
            findings=len(found),
            false=sum(one["kind"] not in GUILTY for one in found),
            names=sum(names.values()),
            innocent=innocent,
            copied=names.get("copied", 0),
            attackers=names.get("attacker", 0),
            explained=result["n_explained"],
            followed=sum(n for role, n in result["followed"].items() if role not in GUILTY),
            leads=len(leads(result)),
        )
    return dict(counts)


def tally_plants(some: Sequence[Entry]) -> Tally:
    """Return counts over plants: found, alone, at least a lead; members, and those named."""
    return {
        "plants": len(some),
        "found": sum(one["found"] for one in some),
        "alone": sum(one["alone"] for one in some),
        "shown": sum(one["found"] or one["lead"] for one in some),
        "members": sum(one["size"] for one in some),
        "named": sum(one["n_named"] for one in some),
        "members_found": sum(one["size"] for one in some if one["found"]),
        "named_found": sum(one["n_named"] for one in some if one["found"]),
    }


def plant_cell(plant: Entry) -> str:
    """Return the name of the cell that a plant belongs to."""
    extra = ("days", "moment", "others", "posts_per_day", "lag_s")
    shown = [
        f"{name}={plant[name]:g}" if name != "moment" else plant[name] for name in extra if plant[name] is not None
    ]
    return " ".join([plant["where"], f"{plant['size']}x{plant['operations']}x{plant['jitter_s']:g}", *shown])


@dataclass(frozen=True, kw_only=True)
class CellShape:
    """What the name of a cell says of its plants."""

    where: str
    size: int
    operations: int
    jitter_s: float
    moment: str
    posts_per_day: float = 0.0

    @staticmethod
    def read(name: str) -> CellShape:
        """Read ``part/`` and what :func:`plant_cell` wrote."""
        where, shape, *extra = name.partition("/")[2].split(" ")
        size, operations, jitter_s = shape.split("x")
        pace = [one.partition("=")[2] for one in extra if one.startswith("posts_per_day=")]
        return CellShape(
            where=where,
            size=int(size),
            operations=int(operations),
            jitter_s=float(jitter_s),
            moment=next(one for one in extra if "=" not in one),
            posts_per_day=float(pace[0]) if pace else 0.0,
        )


def cells_of(run: Run) -> Cells:
    """Return the counts of every cell that was measured, by ``part/cell``."""
    cells: Cells = {}
    for part in ("null", "framing", "evasion"):
        for name, results in _by_name(run, part).items():
            cells[f"{part}/{name}"] = tally_streams(results)
            if part == "evasion":
                some = [plant for result in results for plant in result["plants"]]
                price = {field: sum(r[field] for r in results) for field in ("reach_kept", "extra_posts")}
                cells[f"{part}/{name}"] |= tally_plants(some) | price
    for part in ("power", "own", "cases"):
        results = run.of(part)
        if results:
            cells[f"{part}/streams"] = tally_streams(results)
        for name, some in _grouped(results, plant_cell).items():
            cells[f"{part}/{name}"] = tally_plants(some)
    for job in run.jobs_of("real"):
        if not run.results[job.key].get("absent"):
            cells[f"real/{job.name}"] = tally_real(run.results[job.key])
    return cells


def tally_real(result: Result) -> Tally:
    """Return counts of a real set: findings, names, leads, findings in copies of each sort, and known pairs."""
    found = result.get("truth", {}).get("found", {})
    return {
        "findings": len(result["sizes"]),
        "names": sum(result["sizes"]),
        "leads": len(result["lead_sizes"]),
        "slots": result["n_shuffled"],
        "contents": sum(len(sizes) for sizes in result["contents_sizes"]),
        "hours": sum(len(sizes) for sizes in result["hours_sizes"]),
        "pairs": found.get("n_pairs", 0),
        "true": found.get("n_true", 0),
        "known": result.get("truth", {}).get("n_true", 0),
    }


def sum_cells(cells: Cells, names: Iterable[str]) -> Tally:
    """Return the sum of some cells; those that were not measured add nothing."""
    total: Counter[str] = Counter()
    for name in names:
        total.update(cells.get(name, {}))
    return dict(total)


def read_previous() -> tuple[Cells, dict[str, Any]]:
    """Return the counts of the earlier method and where they come from; both empty where none are kept."""
    file = importlib.resources.files("dideban.validation").joinpath(PREVIOUS)
    try:
        data = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}, {}
    return data["cells"], data["source"]


def as_previous(cells: Cells, source: Mapping[str, Any]) -> str:
    """Return counts as the text of a file that :func:`read_previous` reads."""
    return json.dumps({"source": dict(source), "cells": cells}, indent=1, sort_keys=True) + "\n"


def _by_name(run: Run, part: str) -> dict[str, list[Result]]:
    named: dict[str, list[Result]] = {}
    for job in run.jobs_of(part):
        named.setdefault(job.name.rpartition("-")[0], []).append(run.results[job.key])
    return named


def _grouped(results: Sequence[Result], key: Callable[[Entry], str]) -> dict[str, list[Entry]]:
    named: dict[str, list[Entry]] = {}
    for result in results:
        for plant in result["plants"]:
            named.setdefault(key(plant), []).append(plant)
    return named
