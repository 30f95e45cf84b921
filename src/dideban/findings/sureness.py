"""How sure one finding is, in words and with its own figure: the error rate of a list says nothing about one of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dideban.findings.model import Finding
from dideban.messages import Message
from dideban.schema import LEAD_KINDS

LEVELS = ((1_000_000, "very-strong"), (10_000, "strong"), (0, "enough"))
"""(Tries in which chance would come about once, word), best first."""


@dataclass(frozen=True, kw_only=True)
class Sureness:
    """What speaks for a finding and what may explain it."""

    level: str
    """``very-strong``, ``strong``, ``enough``, ``lead`` or ``rule``."""
    tries: int | None = None
    """By chance less than once in so many tries; None where nothing is stated."""
    why: str = ""
    """Why a lead is none (``schema.LEAD_KINDS``)."""
    explained: tuple[str, ...] = ()
    """Ordinary explanations that would produce what was seen."""
    n_open: int = 0
    """Explanations that the data cannot check."""

    def message(self) -> Message:
        """Return strength and figure as one short part of a sentence."""
        if self.level == "lead":
            return (
                Message("sure.lead", why=Message(f"proof-kind.{self.why}")) if self.why else Message("sure.lead-only")
            )
        if self.tries is None:
            return Message(f"sure.{self.level}")
        return Message("sure.once-in", level=Message(f"sure.{self.level}"), n=self.tries)

    def explanation(self) -> Message:
        """Return what the ordinary explanations say, shortly."""
        if self.explained:
            return Message("sure.explained", names=[Message(f"explanation.{name}") for name in self.explained])
        return Message("sure.open", n=self.n_open) if self.n_open else Message("sure.unexplained")


def how_sure(
    *, is_lead: bool, kind: str = "", chance_one_in: float | None = None, checks: Sequence[dict[str, Any]] = ()
) -> Sureness:
    """Return how sure one finding is.

    Parameters
    ----------
    is_lead : bool
        Whether its proof is weaker than the stated rate.
    kind : str
        What proves it, or why it is a lead only.
    chance_one_in : float, optional
        As the finding states it.
    checks : sequence of mappings
        ``check`` and ``outcome`` of each ordinary explanation.

    Examples
    --------
    >>> how_sure(is_lead=False, chance_one_in=62_000_000.0).level
    'very-strong'
    >>> how_sure(is_lead=True, kind="pair").level
    'lead'
    """
    explained = tuple(one["check"] for one in checks if one.get("outcome") == "explains")
    n_open = sum(one.get("outcome") == "not-checkable" for one in checks)
    if is_lead:
        return Sureness(level="lead", why=kind if kind in LEAD_KINDS else "", explained=explained, n_open=n_open)
    if chance_one_in is None:
        return Sureness(level="rule", explained=explained, n_open=n_open)
    tries = int(chance_one_in)
    level = next(word for least, word in LEVELS if tries >= least)
    return Sureness(level=level, tries=tries, explained=explained, n_open=n_open)


def sureness_of(finding: Finding) -> Sureness:
    """Return how sure a finding is."""
    checks = [{"check": one.check, "outcome": one.outcome} for one in finding.benign]
    return how_sure(is_lead=finding.lead, kind=finding.kind, chance_one_in=finding.chance_one_in, checks=checks)
