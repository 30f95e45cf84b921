"""Counts of proof over several rooms, by what was planted and how much rooms overlap; kept beside this module."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Mapping, Sequence
from typing import Any

from dideban.proof import METHOD_VERSION
from dideban.proof.members import MIN_NAMED
from dideban.validation.gather import Run
from dideban.validation.joint import JOINT_PLANTS, OVERLAPS
from dideban.validation.model import Result

KEPT = "joint.json"
"""Counts of the last measurement, with the method that was measured."""
SIZES = tuple(sorted({one.n_accounts for one in JOINT_PLANTS}))
CROWDS = ("default", "everything")

Row = dict[str, Any]


def tally_joint(run: Run) -> list[Row]:
    """Return a row of counts for each overlap, with groups planted and without, crowd by crowd."""
    cells = [(True, "default", overlap) for overlap in OVERLAPS]
    cells += [(False, crowds, overlap) for crowds in CROWDS for overlap in OVERLAPS]
    rows = []
    for planted, crowds, overlap in cells:
        some = run.of("joint", planted=planted, crowds=crowds, overlap=overlap)
        if some:
            cell = {"planted": planted, "crowds": crowds, "overlap": overlap}
            rows.append({**cell, **_counts(some), "one_lies": _counts([one["one_lies"] for one in some])})
    return rows


def _counts(some: Sequence[Result]) -> Row:
    plants = [plant for one in some for plant in one["plants"]]
    alone = [n for one in some for room in one.get("alone", []) for n in room]
    return {
        "streams": len(some),
        "with_claims": sum(one["n_claims"] > 0 for one in some),
        "names": sum(one["n_named"] for one in some),
        "triggered": sum(one["n_triggered_named"] for one in some),
        "wrong": sum(one["n_wrong"] for one in some),
        "plants": {str(size): sum(plant["n"] == size for plant in plants) for size in SIZES},
        "found": {
            str(size): sum(plant["n"] == size and plant["named"] >= MIN_NAMED for plant in plants) for size in SIZES
        },
        "members": sum(plant["n"] for plant in plants),
        "members_named": sum(plant["named"] for plant in plants),
        "alone": len(alone),
        "alone_found": sum(n >= MIN_NAMED for n in alone),
    }


def kept_text(rows: Sequence[Row], *, digest: str) -> str:
    """Return counts as they are kept, with what they come from."""
    lines = ",\n".join(json.dumps(row, sort_keys=True) for row in rows)
    return f'{{"method": "{METHOD_VERSION}", "digest": "{digest}", "rows": [\n{lines}\n]}}\n'


def read_kept() -> Mapping[str, Any]:
    """Return the counts of the last measurement: ``method``, ``digest`` and ``rows``."""
    text = importlib.resources.files(__package__).joinpath(KEPT).read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found
