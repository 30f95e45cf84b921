"""Whether the day or the month stands first in 03/04/2024: told by a whole column, however it is cut into blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from dideban.ingest import notes as said
from dideban.messages.message import Message

LEAST_DAYS = 3
"""Fewer days say nothing of the order of day and month."""
NEARER = 6
"""How many times farther apart the times must lie in one order than in the other."""
Span = tuple[int, int]


@dataclass
class DayOrder:
    """What the dates of a column show so far."""

    asked: bool = False
    """Day first, whatever they show."""
    by_span: bool = False
    """Where no date settles the order: day first where the times then lie days apart, and months apart otherwise."""
    is_likely: bool = False
    """Whoever named the column writes the day first: only English puts the month there."""
    set_to: bool | None = None
    """How dates are read meanwhile; None = by what they show so far."""
    n_day_first: int = 0
    """Dates that can only be day first."""
    n_month_first: int = 0
    is_open: bool = False
    """Some date could be either."""
    read: set[bool] = field(default_factory=set)
    """In which orders dates were read."""
    _days: set[tuple[int, int, int]] = field(default_factory=set)
    _spans: tuple[Span, Span] | None = None

    @property
    def day_first(self) -> bool:
        """Whether the day stands first, by all that was seen."""
        if self.asked or self.n_day_first != self.n_month_first:
            return self.asked or self.n_day_first > self.n_month_first
        by_span = None if self.n_month_first else self._by_span()
        return self.is_likely if by_span is None else by_span

    def take(self, parts: pl.DataFrame) -> bool:
        """Look at dates (a, b, y, H, M) whose order nothing else settles; return whether the day stands first."""
        if parts.height:
            self.is_open = True
            self.n_day_first += int((parts["a"] > 12).sum())
            self.n_month_first += int((parts["b"] > 12).sum())
            self._note_days(parts)
        day_first = self.day_first if self.set_to is None else self.set_to
        if parts.height:
            self.read.add(day_first)
        return day_first

    def _note_days(self, parts: pl.DataFrame) -> None:
        days = parts.filter(pl.col("H") + pl.col("M") > 0).select("y", "a", "b").unique()
        if days.is_empty():
            return
        if len(self._days) < LEAST_DAYS:
            self._days |= set(days.sort("y", "a", "b").head(LEAST_DAYS).iter_rows())
        first = days.select(_day("b", "a").alias("day"), _day("a", "b").alias("month"))
        spans = [(int(first[name].min()), int(first[name].max())) for name in ("day", "month")]  # type: ignore[arg-type]
        if self._spans is not None:
            spans = [(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(spans, self._spans, strict=True)]
        self._spans = (spans[0], spans[1])

    def _by_span(self) -> bool | None:
        """Whether moments lie days apart when the day stands first, and months apart when it stands second."""
        if not self.by_span or len(self._days) < LEAST_DAYS or self._spans is None:
            return None
        day, month = (high - low for low, high in self._spans)
        return True if day * NEARER < month else False if month * NEARER < day else None

    @property
    def notes(self) -> list[Message]:
        """What was made of the order, for people."""
        if not self.is_open:
            return []
        if self.asked or not self.day_first:
            found = [said.by_order(day_first=self.asked)]
        else:
            by_span = said.DAY_FIRST_BY_SPAN if self._by_span() and not self.n_month_first else said.DAY_FIRST_BY_NAME
            found = [said.DAY_FIRST if self.n_day_first > self.n_month_first else by_span]
        return [*found, said.BOTH_ORDERS] if self.n_day_first and self.n_month_first else found


def _day(month: str, day: str) -> pl.Expr:
    """Days, months counted as 31."""
    return (pl.col("y") * 12 + pl.col(month)) * 31 + pl.col(day)
