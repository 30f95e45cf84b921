"""The section on several rooms: what they prove together and alone, and who is wrongly named."""

from __future__ import annotations

from dideban.proof.members import MIN_NAMED
from dideban.validation.gather import Run
from dideban.validation.joint import MOST_PROPOSALS, N_ROOMS, OVERLAPS
from dideban.validation.model import Result
from dideban.validation.words import NOT_MEASURED, join, rate, table

NULLS = ("default", "everything")
HEAD = "## Several rooms"
NULL_HEAD = [
    "crowds",
    "overlap",
    "streams with a claim",
    "names",
    "of them triggered",
    "wrong",
    "wrong if one room lies",
]
POWER_HEAD = ["overlap", "found jointly", "by a room alone", "members named", "wrong", "wrong if one lies", "streams"]


def joint_section(run: Run) -> str:
    """Describe proof over several rooms."""
    if not run.of("joint"):
        return join(HEAD, NOT_MEASURED)
    nothing = [_null_row(run, crowds, overlap) for crowds in NULLS for overlap in OVERLAPS]
    planted = [_power_row(run, overlap) for overlap in OVERLAPS]
    return join(
        HEAD,
        f"{N_ROOMS} rooms see parts of one stream ([simulation](simulation.md#rooms)); each proposes up to "
        f"{MOST_PROPOSALS} groups; claims as in [proof over several rooms](joint.md). Overlap is the share of objects "
        "that every room sees. *Triggered* accounts have a common trigger for ordinary reasons (wires, fans); they are "
        "right to find and counted apart. *If one lies*: the first room says of every group as much as it likes; the "
        "charter allows for one such room.",
        "Nothing planted:",
        table(NULL_HEAD, nothing),
        f"Planted: six groups of 6, 8 and 12 accounts with {2 * N_ROOMS} operations, two in each room, each on an "
        f"object that 40 others share. *Found*: {MIN_NAMED} members or more named in one claim.",
        table(POWER_HEAD, planted),
    )


def _null_row(run: Run, crowds: str, overlap: float) -> list[str]:
    some = run.of("joint", planted=False, crowds=crowds, overlap=overlap)
    names, triggered, wrong = (sum(one[key] for one in some) for key in ("n_named", "n_triggered_named", "n_wrong"))
    streams = rate(sum(one["n_claims"] > 0 for one in some), len(some))
    lies = _lied(some)
    lied = rate(sum(one["n_claims"] > 0 for one in lies), len(lies))
    return [crowds, f"{overlap:.0%}", streams, str(names), str(triggered), str(wrong), lied]


def _power_row(run: Run, overlap: float) -> list[str]:
    some = run.of("joint", planted=True, overlap=overlap)
    plants = [plant for one in some for plant in one["plants"]]
    alone = [n for one in some for room in one["alone"] for n in room]
    return [
        f"{overlap:.0%}",
        rate(sum(plant["named"] >= MIN_NAMED for plant in plants), len(plants)),
        rate(sum(n >= MIN_NAMED for n in alone), len(alone)),
        rate(sum(plant["named"] for plant in plants), sum(plant["n"] for plant in plants)),
        _wrong(some),
        _wrong(_lied(some)),
        str(len(some)),
    ]


def _lied(some: list[Result]) -> list[Result]:
    return [one["one_lies"] for one in some if "one_lies" in one]


def _wrong(some: list[Result]) -> str:
    return rate(sum(one["n_wrong"] for one in some), sum(one["n_named"] for one in some))
