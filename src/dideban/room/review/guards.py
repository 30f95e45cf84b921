"""What keeps verdicts from flattering the figures: votes given faster than anyone reads, and easy findings alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 6
"""Findings that one member can have looked at within a minute; of more, none counts."""
FEWEST_IN_BAND = 5
"""A band of evidence with fewer findings says nothing about how they were chosen."""
NEGLECTED = 0.5
"""A band is neglected where members judge less than this share of what they judge elsewhere."""
Given = tuple[int, int | None, str, datetime]
"""Group, member, kind and instant of a verdict."""


def unhurried(verdicts: Iterable[Given]) -> tuple[list[tuple[int, int | None, str]], int]:
    """Return verdicts in the order given without those of a rush, and how many were left out.

    A member who judges more than MOST_A_MINUTE findings within a minute has not read them: all verdicts of that minute
    are left out, and what the member said before stands. Judging one finding again and again is no rush.

    Examples
    --------
    >>> from datetime import UTC
    >>> start = datetime(2026, 5, 3, tzinfo=UTC)
    >>> unhurried([(group, 1, "confirmed", start) for group in range(500)])
    ([], 500)
    >>> unhurried([(group, group % 100, "confirmed", start) for group in range(500)])[1]
    0
    """
    rows = list(verdicts)
    of_member: dict[int | None, list[int]] = defaultdict(list)
    for ix, (_, member, _, _) in enumerate(rows):
        of_member[member].append(ix)
    rushed = {ix for mine in of_member.values() for ix in _rushed(rows, mine)}
    return [row[:3] for ix, row in enumerate(rows) if ix not in rushed], len(rushed)


def _rushed(rows: list[Given], mine: list[int]) -> set[int]:
    """Return which of a member's verdicts lie in a minute with too many findings."""
    order = sorted(mine, key=lambda ix: (rows[ix][3], ix))
    found, inside, first, marked = set[int](), Counter[int](), 0, 0
    for last, ix in enumerate(order):
        inside[rows[ix][0]] += 1
        while rows[ix][3] - rows[order[first]][3] >= MINUTE:
            leaving = rows[order[first]][0]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            first += 1
        if len(inside) > MOST_A_MINUTE:
            found.update(order[max(first, marked) : last + 1])
            marked = last + 1
    return found


def neglected_bands(by_band: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return bands of evidence that members judge much less than the rest: what is known is known of the others.

    Examples
    --------
    >>> neglected_bands({"from-1e8": {"confirmed": 60}, "under-100": {"none": 38, "confirmed": 2}})
    ['under-100']
    >>> neglected_bands({"from-1e8": {"confirmed": 6, "none": 6}, "under-100": {"none": 4, "confirmed": 2}})
    []
    """
    sizes = {name: sum(counts.values()) for name, counts in by_band.items() if name != "lead"}
    judged = {name: n - by_band[name].get("none", 0) for name, n in sizes.items()}
    found = []
    for name, n in sizes.items():
        others, n_others = sum(judged.values()) - judged[name], sum(sizes.values()) - n
        if n >= FEWEST_IN_BAND and n_others and judged[name] * n_others < NEGLECTED * others * n:
            found.append(name)
    return found
