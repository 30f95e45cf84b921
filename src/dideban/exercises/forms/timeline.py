"""Chance or concert? Two timelines: what the group posted when, and the same with the things posted exchanged.

The copy keeps the accounts, the things and every moment of each account; only what was posted at which moment is dealt
out anew, as the self-check of a scan does. Column by column the two hold the same moments.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from dideban.exercises.draw import DAY_S, clock
from dideban.exercises.forms.parts import NO, YES, FormContent, letters, yes_or_no
from dideban.exercises.material import Material
from dideban.exercises.model import ExerciseItem
from dideban.exercises.words import Words

FORM = "timeline"
MOST_ACCOUNTS, FEWEST_ACCOUNTS = 4, 3
N_ROWS = 4
TRIES = 40
Row = tuple[int | None, ...]
"""Second at which each account posted one thing; None = it did not."""


def fits(material: Material) -> bool:
    """Say whether three accounts shared four things."""
    return material.is_concert and len(_rows(material)) >= N_ROWS


def _rows(material: Material) -> list[Row]:
    """Return what the busiest accounts shared, when."""
    counts = Counter(who for thing in material.things for who, _ in thing.members)
    busiest = [who for who, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))][:MOST_ACCOUNTS]
    if len(busiest) < FEWEST_ACCOUNTS:
        return []
    tables = [dict(thing.members) for thing in material.things]
    rows = [tuple(table.get(who) for who in busiest) for table in tables]
    kept = [row for row in rows if sum(at is not None for at in row) >= FEWEST_ACCOUNTS]
    return sorted(dict.fromkeys(kept), key=str)


def build(material: Material, *, words: Words, chance: random.Random) -> FormContent:
    """Return two timelines; none, one or both of them are real. Each is, with a probability of one half."""
    rows = _rows(material)
    rows = chance.sample(rows, len(rows))
    shown = _pair(rows, chance)
    moments = [at for table, _ in shown for row in table for at in row if at is not None]
    base = chance.randrange(DAY_S) - min(moments)
    names = letters(words, len(rows[0]))
    items = tuple(
        ExerciseItem(
            id=str(ix + 1), label=words(f"{FORM}.label", n=ix + 1), table=_table(table, base, names, words),
            choices=yes_or_no(words, FORM), key=YES if is_real else NO, is_signal=is_real,
            reason=_reason(table, is_real=is_real, words=words),
        )
        for ix, (table, is_real) in enumerate(shown)
    )  # fmt: skip
    return FormContent(items=items, values={"n": len(names), "rows": N_ROWS})


def _pair(rows: Sequence[Row], chance: random.Random) -> list[tuple[list[Row], bool]]:
    one, other = list(rows[:N_ROWS]), list(rows[-N_ROWS:])
    lot = chance.random()
    if len(rows) < 2 * N_ROWS or lot < 0.5:
        both = [(one, True), (exchanged(one, chance), False)]
        return chance.sample(both, 2)
    if lot < 0.75:
        return [(one, True), (other, True)]
    return [(exchanged(one, chance), False), (exchanged(other, chance), False)]


def exchanged(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    """Return a timeline in which each account's moments are dealt out again over the things it posted.

    Of several copies drawn by lot the one with the fewest moments that still fall together is taken.
    """
    copies = [_dealt(rows, chance) for _ in range(TRIES)]
    return min(copies, key=lambda copy: -sum(spread for row in copy if (spread := _spread(row)) is not None))


def _dealt(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    columns = []
    for column in zip(*rows, strict=True):
        there = [ix for ix, at in enumerate(column) if at is not None]
        dealt = chance.sample([column[ix] for ix in there], len(there))
        fresh: list[int | None] = [None] * len(column)
        for ix, at in zip(there, dealt, strict=True):
            fresh[ix] = at
        columns.append(fresh)
    return list(zip(*columns, strict=True))


def _spread(row: Row) -> int | None:
    times = sorted(at for at in row if at is not None)
    return times[-1] - times[0] if times else None


def _table(rows: Sequence[Row], base: int, names: Sequence[str], words: Words) -> tuple[tuple[str, ...], ...]:
    head = (words(f"{FORM}.thing"), *names)
    lines = (
        (
            words(f"{FORM}.row", n=n),
            *("—" if at is None else words.clock(clock(base + at, with_day=True)) for at in row),
        )
        for n, row in enumerate(rows, 1)
    )
    return (head, *lines)


def _reason(rows: Sequence[Row], *, is_real: bool, words: Words) -> str:
    spreads = sorted(spread for row in rows if (spread := _spread(row)) is not None)
    if is_real:
        return words(f"{FORM}.reason-yes", gap=words.duration(spreads[len(spreads) // 2]))
    return words(f"{FORM}.reason-no", gap=words.duration(spreads[0]))
