"""The section on several rooms: what they prove together and alone, and who is wrongly named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dideban.proof.members import MIN_NAMED
from dideban.validation.gather import Run
from dideban.validation.joint import MOST_PROPOSALS, N_ROOMS
from dideban.validation.tally_joint import SIZES, Row, read_kept, tally_joint
from dideban.validation.words import NOT_MEASURED, join, rate, table

HEAD = "## Several rooms"
NULL_HEAD = ["crowds", "overlap", "streams with a claim", "names", "of them triggered", "wrong", "claims if one lies"]
POWER_HEAD = [
    "overlap",
    "found jointly",
    *(f"of {size} accounts" for size in SIZES),
    "by a room alone",
    "members named",
    "wrong names",
    "wrong if one lies",
    "streams",
]


def joint_section(run: Run) -> str:
    """Describe proof over several rooms: from the run, or from the last measurement where the run has none."""
    rows = tally_joint(run)
    return _section(rows, "") if rows else kept_section(read_kept())


def kept_section(kept: Mapping[str, Any]) -> str:
    """Describe a measurement that was kept."""
    if not kept["rows"]:
        return join(HEAD, NOT_MEASURED)
    source = (
        f"Measured apart from the rest of this page (`python -m dideban.validate --only-joint`): method "
        f"`{kept['method']}`, digest of the code `{kept['digest']}`, seeds from 9001."
    )
    return _section(kept["rows"], source)


def _section(rows: Sequence[Row], source: str) -> str:
    nothing = [_null_row(row) for row in rows if not row["planted"]]
    planted = [_power_row(row) for row in rows if row["planted"]]
    return join(
        HEAD,
        f"{N_ROOMS} rooms see parts of one stream ([simulation](simulation.md#rooms)); each proposes up to "
        f"{MOST_PROPOSALS} groups; claims as in [proof over several rooms](joint.md). Overlap is the share of objects "
        "that every room sees. *Triggered* accounts have a common trigger for ordinary reasons (wires, fans); they are "
        "right to find and counted apart. *If one lies*: the first room says of every group as much as it likes; the "
        "charter allows for one such room.",
        source,
        "Nothing planted:",
        table(NULL_HEAD, nothing) if nothing else NOT_MEASURED,
        f"Planted: six groups, two each of {', '.join(map(str, SIZES))} accounts, with {2 * N_ROOMS} operations, two "
        f"in each room, each on an object that 40 others share; a member joins an operation with probability 85%. "
        f"*Found*: {MIN_NAMED} members or more named in one claim.",
        table(POWER_HEAD, planted) if planted else NOT_MEASURED,
    )


def _null_row(row: Row) -> list[str]:
    lied = row["one_lies"]
    return [
        row["crowds"],
        f"{row['overlap']:.0%}",
        rate(row["with_claims"], row["streams"]),
        str(row["names"]),
        str(row["triggered"]),
        str(row["wrong"]),
        rate(lied["with_claims"], lied["streams"]),
    ]


def _power_row(row: Row) -> list[str]:
    found, plants, lied = row["found"], row["plants"], row["one_lies"]
    return [
        f"{row['overlap']:.0%}",
        rate(sum(found.values()), sum(plants.values())),
        *(f"{found[str(size)]}/{plants[str(size)]}" for size in SIZES),
        rate(row["alone_found"], row["alone"]),
        rate(row["members_named"], row["members"]),
        rate(row["wrong"], row["names"]),
        rate(lied["wrong"], lied["names"]),
        str(row["streams"]),
    ]


def with_section(page: str, section: str) -> str:
    """Return the validation page with another section on several rooms."""
    before, _, rest = page.partition(f"\n{HEAD}\n")
    after = rest.partition("\n## ")[2]
    return f"{before}\n{section.strip()}\n\n## {after}"
