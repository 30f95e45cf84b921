"""Groups over time, slowly and obviously: whole numbers as evidence, fractions as shares, every pair compared."""

from __future__ import annotations

from fractions import Fraction

Group = dict[str, int]
"""Account to evidence."""


def core_of(group: Group) -> set[str]:
    total = sum(group.values())
    return {a for a, w in group.items() if total == 0 or 2 * w * len(group) >= total}


def share(group: Group, accounts: set[str]) -> Fraction:
    """Share of the core's evidence held by some accounts; by heads where there is none."""
    core = core_of(group)
    total = sum(group[a] for a in core)
    if total == 0:
        return Fraction(len(core & accounts), len(core))
    return Fraction(sum(group[a] for a in core & accounts), total)


def evidence(group: Group, accounts: set[str]) -> int:
    core = core_of(group)
    total = sum(group[a] for a in core)
    return sum(group[a] for a in core & accounts) if total else len(core & accounts)


def carry(
    before: dict[str, Group], now: list[Group], first_seen: dict[str, int], last_seen: dict[str, int]
) -> dict[int, str]:
    """Current group to the id it carries on: the best pair is taken, then the best of what is left, and so on."""
    carried: dict[int, str] = {}
    while True:
        best = None
        for name, past in before.items():
            for i, group in enumerate(now):
                if name in carried.values() or i in carried or not set(past) & set(group):
                    continue
                if share(past, set(group)) < Fraction(1, 2):
                    continue
                rank = (
                    -last_seen[name],
                    -evidence(past, set(group)),
                    -share(group, set(past)),
                    -len(set(past) & set(group)),
                    len(group),
                    first_seen[name],
                    name,
                    tuple(sorted(group)),
                )
                if best is None or rank < best[0]:
                    best = (rank, i, name)
        if best is None:
            return carried
        carried[best[1]] = best[2]


def event_of_new(before: dict[str, Group], group: Group) -> tuple[str, list[str]]:
    parents = sorted(
        n for n, past in before.items() if set(past) & set(group) and share(group, set(past)) >= Fraction(1, 2)
    )
    return ("split" if parents else "born"), parents
