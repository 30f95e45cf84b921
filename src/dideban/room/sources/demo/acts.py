"""The acts of a demo: a table of what is sent when, and what the room should make of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dideban.simulate.campaigns import OBJECT_OF, Campaign
from dideban.simulate.model import Plant

ROUND_MINUTES = 60
"""One round of the demo: all acts, then the next with another seed."""
STORY = "story"
"""The group that is no campaign: posts about one event, by everybody."""
UPTAKE = 4.0


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that happens."""

    slug: str
    minute: float
    lasts: float
    """Minutes."""
    expects: str
    """``finding``, ``growth``, ``explained``, ``narrative``, ``silence`` or ``voice`` (the end of the silence)."""
    group: str = ""
    part: tuple[float, float] = (0, 100)
    """From and to which per cent of the posts of the group are sent, in order of time."""
    owner: str = ""
    """Who declares the accounts of the group as their own when the act begins."""
    says: str = ""
    """What one of the group writes openly: an ordinary explanation that only people can read."""

    @property
    def ends(self) -> float:
        """The minute at which all of it is sent."""
        return self.minute + self.lasts


@cache
def acts() -> tuple[Act, ...]:
    """Return the acts in the order in which they come."""
    rows = [Act(**{**row, "part": tuple(row.get("part", (0, 100)))}) for row in _table()["acts"]]
    return tuple(sorted(rows, key=lambda act: act.minute))


@cache
def campaigns() -> dict[str, Campaign]:
    """Return who is planted: group to campaign."""
    return {name: _campaign(**row) for name, row in _table()["groups"].items()}


def next_act(minute: float) -> Act | None:
    """Return what comes next; None = nothing until the next round."""
    return next((act for act in acts() if act.minute > minute), None)


def _campaign(*, kind: Any, language: str, accounts: int, operations: int, jitter_s: float, **more: Any) -> Campaign:
    plant = Plant(
        n_accounts=accounts, n_operations=operations, jitter_s=jitter_s, where="exclusive", kinds=OBJECT_OF[kind],
        **more,
    )  # fmt: skip
    return Campaign(kind=kind, plant=plant, language=language, uptake=UPTAKE)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("dideban.room.sources.demo") / "acts.toml").read_text("utf-8"))
