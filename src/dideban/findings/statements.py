"""A finding in plain words: English, Persian and Arabic, from the same numbers.

A reader without statistics should understand each sentence, and a statistician should accept it: "by chance" is the
null of the synchrony test (among those who shared the same object in the same stretch of time, which member shared in
which slot is exchangeable; objects that nobody else shared there count for nothing), and the last sentence is the
false discovery rate of the list.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from dideban.findings.model import Label, SayInAll
from dideban.kinds import kind_of
from dideban.messages import Message, translations

MAX_CHANCE = 1_000_000_000
"""No statement claims that chance is rarer than once in this many tries."""
FEW_TRIES = 10_000
"""Below it a chance looks like no more than the error rate of the list: then a sentence says how they differ."""
WRITTEN = 5e-6
"""Largest part by which a figure of six digits may differ from what was computed."""


@dataclass(frozen=True, kw_only=True)
class StatedPart:
    """What one kind of object contributes: ``n_objects`` shared jointly within ``window_s`` seconds."""

    kind: str
    n_objects: int
    window_s: float


@dataclass(frozen=True, kw_only=True)
class StatedClaim:
    """Everything a statement says."""

    method: str
    """``synchrony``, ``threshold``, ``coortweet`` or ``qut``."""
    n_accounts: int
    parts: tuple[StatedPart, ...]
    lead: bool
    label: Label
    chance_one_in: float | None
    error_rate: float | None
    min_weight: int
    """Fewest objects per pair, for the threshold rule."""
    kind: str = ""
    """What proves a finding, or why a lead is none (``schema.LEAD_KINDS``)."""
    n_followed: int = 0
    """Accounts that members came after and that are shown apart."""

    @property
    def by_window(self) -> list[tuple[float, list[StatedPart]]]:
        """Parts with the same window together, in the order given."""
        windows = dict.fromkeys(part.window_s for part in self.parts)
        return [(window, [part for part in self.parts if part.window_s == window]) for window in windows]

    @property
    def only_kind(self) -> str | None:
        """The kind of object, where there is only one."""
        kinds = {part.kind for part in self.parts}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def wrong_of(self) -> tuple[int, int] | None:
        """(k, n): about k findings in n are wrong, at most."""
        if self.error_rate is None or self.lead:
            return None
        share = Fraction(self.error_rate).limit_denominator(1000)
        return share.numerator, share.denominator


def round_chance(p_value: float | None) -> float | None:
    """Return N such that a chance of ``p_value`` is less than one in N: two leading digits, never rounded up.

    Examples
    --------
    >>> round_chance(1 / 20_001)
    20000.0
    >>> round_chance(0.9) is None
    True
    """
    if p_value is None or not 0 < p_value <= 1:
        return None
    tries = math.ceil(round((1 - WRITTEN) / p_value, 6)) - 1
    step = 10 ** max(len(str(tries)) - 2, 0)
    tries = min(tries // step * step, MAX_CHANCE)
    return float(tries) if tries >= 2 else None


def write_statements(claim: StatedClaim, *, say_in_all: SayInAll = translations) -> dict[str, str]:
    """Write the claim in every language.

    Parameters
    ----------
    claim : Claim
        At least one part and three accounts, two of a pair lead.
    say_in_all : function
        Message to its texts by language.

    Returns
    -------
    dict
        Language to text: the same sentences with the same numbers. Numbers below three may be words.
    """
    return say_in_all(state(claim))


def state(claim: StatedClaim) -> Message:
    """Return the claim as a message."""
    sentences = [_acts(claim), *(_strength(claim) if claim.method == "synchrony" else _rule(claim))]
    if claim.label != "unexplained":
        sentences.append(Message(f"statement.label.{claim.label}"))
    if claim.n_followed:
        sentences.append(Message("statement.followed", n=claim.n_followed))
    return Message("statement.whole", sentences=[*sentences, Message("statement.closing")])


def _acts(claim: StatedClaim) -> Message:
    parts = []
    for window_s, mine in claim.by_window:
        pushes = [_push(part, is_first=part is claim.parts[0]) for part in mine]
        parts.append(Message("statement.within", pushes=pushes, window_s=window_s))
    return Message("statement.acts", n=claim.n_accounts, verb=_verb(claim.parts[0]), parts=parts)


def _push(part: StatedPart, *, is_first: bool) -> Message:
    """Describe what was done with some objects; Arabic says the verb of the first before the accounts."""
    things = Message(f"kind.{kind_of(part.kind).says}.things", n=part.n_objects)
    return Message("statement.first-push" if is_first else "statement.push", verb=_verb(part), things=things)


def _verb(part: StatedPart) -> Message:
    return Message(f"kind.{kind_of(part.kind).says}.verb")


def _strength(claim: StatedClaim) -> list[Message]:
    if claim.lead:
        reason = [Message(f"statement.lead-reason.{claim.kind}")] if claim.kind else []
        return [*reason, Message("statement.lead")]
    sentences = []
    if claim.chance_one_in is not None:
        sentences += _chance(claim, tries=int(claim.chance_one_in))
    if claim.wrong_of is not None:
        k, n = claim.wrong_of
        sentences.append(Message("statement.wrong", k=k, n=n))
        if claim.chance_one_in is not None and claim.chance_one_in < FEW_TRIES:
            sentences.append(Message("statement.two-figures"))
    return sentences


def _chance(claim: StatedClaim, *, tries: int) -> list[Message]:
    """Describe what would have to be chance: closeness among those who shared the same, or quickness in turn."""
    if claim.kind == "own":
        chance = "statement.chance-own-apart" if claim.n_followed else "statement.chance-own"
        return [Message(chance, tries=tries), Message("statement.own-cause")]
    says = kind_of(claim.only_kind).says if claim.only_kind else "object"
    chances = Message("statement.chance", others=Message(f"kind.{says}.others"), tries=tries)
    return [chances, Message("statement.exchange-cause")]


def _rule(claim: StatedClaim) -> list[Message]:
    window_s = max(part.window_s for part in claim.parts)
    rule = Message(f"statement.rule.{claim.method}", n=claim.min_weight, window_s=window_s)
    return [rule, Message("statement.no-rate")]
