"""What is measured: parts, jobs, and how large a run is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PARTS = ("null", "crowds", "power", "real", "ablation", "sensitivity", "evasion", "runtime")
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
    session_seeds: int
    crowd_seeds: int
    pair_seeds: int
    """Null streams on which the slower nulls per pair are computed too."""
    power_seeds: int
    ablation_seeds: int
    sensitivity_seeds: int
    evasion_seeds: int
    strengths: tuple[float, ...]
    runtime_traces: tuple[int, ...]
    real_share: float = 1.0
    """Share of the time covered by the real sets that is read."""


SMALL = Size(
    name="small",
    n_accounts=1_200,
    n_shares=15_000,
    null_seeds=2,
    session_seeds=1,
    crowd_seeds=1,
    pair_seeds=1,
    power_seeds=1,
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
    null_seeds=80,
    session_seeds=20,
    crowd_seeds=8,
    pair_seeds=4,
    power_seeds=10,
    ablation_seeds=4,
    sensitivity_seeds=3,
    evasion_seeds=6,
    strengths=(0.0, 0.25, 0.5, 1.0),
    runtime_traces=(100_000, 1_000_000),
)
SIZES = {"small": SMALL, "full": FULL}
