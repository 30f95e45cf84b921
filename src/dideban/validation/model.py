"""What is measured: parts, jobs, and how large a run is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

PARTS = ("null", "framing", "power", "own", "cases", "joint", "real", "ablation", "sensitivity", "evasion", "runtime")
"""Parts of the page, in its order and in the order in which they are measured."""

Result = dict[str, Any]
"""What a job gives back: plain data, kept as JSON."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One measurement that can be repeated from its parameters alone."""

    part: str
    name: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of the file that keeps the result."""
        return f"{self.part}-{self.name}"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of each part is measured."""

    name: str
    n_accounts: int
    n_shares: int
    null_seeds: int
    """Streams of each crowd alone and of all together; small ones, a quarter of the size above."""
    large_seeds: int
    """Streams of the default crowds and of everything together, of the size above."""
    pair_seeds: int
    """Large null streams on which the slower nulls per pair are computed too."""
    framing_seeds: int
    power_seeds: int
    own_seeds: int
    cases_seeds: int
    joint_seeds: int
    ablation_seeds: int
    sensitivity_seeds: int
    evasion_seeds: int
    strengths: tuple[float, ...]
    runtime_traces: tuple[int, ...]
    real_share: float = 1.0
    """Share of the time covered by the real sets that is read."""


SMALL = Size(
    name="small",
    n_accounts=1_600,
    n_shares=20_000,
    null_seeds=1,
    large_seeds=1,
    pair_seeds=1,
    framing_seeds=1,
    power_seeds=1,
    own_seeds=1,
    cases_seeds=1,
    joint_seeds=1,
    ablation_seeds=1,
    sensitivity_seeds=1,
    evasion_seeds=1,
    strengths=(0.0, 1.0),
    runtime_traces=(20_000,),
    real_share=0.1,
)
FULL = Size(
    name="full",
    n_accounts=6_000,
    n_shares=115_000,
    null_seeds=100,
    large_seeds=100,
    pair_seeds=4,
    framing_seeds=100,
    power_seeds=100,
    own_seeds=100,
    cases_seeds=100,
    joint_seeds=100,
    ablation_seeds=4,
    sensitivity_seeds=3,
    evasion_seeds=34,
    strengths=(0.0, 0.25, 0.5, 1.0),
    runtime_traces=(100_000, 1_000_000),
)
SIZES = {"small": SMALL, "full": FULL}


def at_most(size: Size, seeds: int | None) -> Size:
    """Return a size with so many seeds a part at most; the streams of the first seeds stay the same."""
    if seeds is None:
        return size
    fields = {one.name: getattr(size, one.name) for one in dataclasses.fields(size) if one.name.endswith("_seeds")}
    return dataclasses.replace(size, **{name: min(count, seeds) for name, count in fields.items()})
