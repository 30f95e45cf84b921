"""Plural rules as the Unicode CLDR writes them: ``few = "n % 100 = 3..10"``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

CATEGORIES = ("zero", "one", "two", "few", "many", "other")
_RELATION = re.compile(r"([nivf])(?:\s*%\s*(\d+))?\s*(!?=)\s*(\d+(?:\.\.\d+)?(?:\s*,\s*\d+(?:\.\.\d+)?)*)")

Rule = Callable[["Operands"], bool]


@dataclass(frozen=True)
class Operands:
    """What a rule looks at: the absolute value ``n``, its whole part ``i``, its fraction digits."""

    n: float
    i: int
    v: int
    f: int


@dataclass(frozen=True, kw_only=True)
class Plurals:
    """The plural categories of a language."""

    rules: tuple[tuple[str, Rule], ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories that the language tells apart, in the order of CLDR."""
        named = {name for name, _ in self.rules} | {"other"}
        return tuple(name for name in CATEGORIES if name in named)

    def category(self, written: str) -> str:
        """Return the category of a number as it is written: ``1``, ``1.5`` (digits ASCII, no separators)."""
        operands = _operands(written)
        return next((name for name, rule in self.rules if rule(operands)), "other")


def read_plurals(rules: Mapping[str, str]) -> Plurals:
    """Return the plural rules that a catalogue states.

    Raises
    ------
    ValueError
        A category or a rule that is not understood.

    Examples
    --------
    >>> read_plurals({"one": "i = 1 and v = 0"}).category("1")
    'one'
    """
    for name in rules:
        if name not in CATEGORIES or name == "other":
            raise ValueError(f"plurals: {name!r} is not a category with a rule")
    return Plurals(rules=tuple((name, _rule(rules[name])) for name in CATEGORIES if name in rules))


def _operands(written: str) -> Operands:
    whole, _, fraction = written.lstrip("-").partition(".")
    return Operands(n=abs(float(written)), i=int(whole or 0), v=len(fraction), f=int(fraction or 0))


def _rule(text: str) -> Rule:
    parts = [[_relation(one) for one in re.split(r"\s+and\s+", part)] for part in re.split(r"\s+or\s+", text.strip())]
    return lambda operands: any(all(holds(operands) for holds in part) for part in parts)


def _relation(text: str) -> Rule:
    found = _RELATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"plurals: {text!r} is not a rule")
    operand, modulus, sign, listed = found.groups()
    ranges = [_range(one.strip()) for one in listed.split(",")]

    def holds(operands: Operands) -> bool:
        value = getattr(operands, operand)
        value = value % int(modulus) if modulus else value
        is_in = any(low <= value <= high and value == int(value) for low, high in ranges)
        return is_in == (sign == "=")

    return holds


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("..")
    return int(low), int(high or low)
