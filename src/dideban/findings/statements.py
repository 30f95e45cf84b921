"""A finding in plain words: English, Persian and Arabic, from the same numbers.

A reader without statistics should understand each sentence, and a statistician should accept it: "by chance" is the
null of the synchrony test (among those who shared the same object in the same stretch of time, which member shared in
which slot is exchangeable), and the last sentence is the false discovery rate of the list.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from dideban.findings import words_ar, words_en, words_fa
from dideban.findings.model import Label

LANGUAGES = ("en", "fa", "ar")

MAX_CHANCE = 1_000_000_000
"""No statement claims that chance is rarer than once in this many tries."""
WRITTEN = 5e-6
"""Largest part by which a figure of six digits may differ from what was computed."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one kind of object contributes: ``n_objects`` shared jointly within ``window_s`` seconds."""

    kind: str
    n_objects: int
    window_s: float


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Everything a statement says."""

    method: str
    """``synchrony``, ``threshold``, ``coortweet`` or ``qut``."""
    n_accounts: int
    parts: tuple[Part, ...]
    lead: bool
    label: Label
    chance_one_in: float | None
    error_rate: float | None
    min_weight: int
    """Fewest objects per pair, for the threshold rule."""
    lead_reason: str = ""
    """Why a lead is no finding: ``own`` (its objects are hardly shared by others) or ``source`` (one sets the time)."""

    @property
    def by_window(self) -> list[tuple[float, list[Part]]]:
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


def write_statements(claim: Claim) -> dict[str, str]:
    """Write the claim in every language.

    Parameters
    ----------
    claim : Claim
        At least one part and three accounts.

    Returns
    -------
    dict
        ``en``, ``fa`` and ``ar``: the same sentences with the same numbers. Numbers below three may be words.
    """
    return {"en": _say(claim, words_en), "fa": _say(claim, words_fa), "ar": _say(claim, words_ar)}


def _say(claim: Claim, words: words_en.Words) -> str:
    pushes = [(words.duration(window), [words.push(p.kind, p.n_objects) for p in ps]) for window, ps in claim.by_window]
    sentences = [words.acts(claim.n_accounts, pushes)]
    if claim.method == "synchrony":
        if claim.chance_one_in is not None and not claim.lead:  # a lead compares with other objects, not others here
            sentences.append(words.chance(claim.only_kind, int(claim.chance_one_in)))
        if claim.lead:
            sentences += [words.LEAD_REASONS.get(claim.lead_reason, ""), words.LEAD]
        elif claim.wrong_of is not None:
            sentences.append(words.wrong(*claim.wrong_of))
    else:
        window = words.duration(max(part.window_s for part in claim.parts))
        sentences.append(words.rule(claim.method, claim.min_weight, window))
        sentences.append(words.NO_RATE)
    sentences.append(words.LABELS[claim.label])
    sentences.append(words.CLOSING)
    return " ".join(sentence for sentence in sentences if sentence)
