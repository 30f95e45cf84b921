"""Posts by unit and hour, when each unit was noticed, and what was known of it at an hour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dideban.arrays import B1, F8, I8

WINDOWS_H = (1, 3, 6, 12, 24, 72)
"""Look-backs of the features, hours."""
MAX_HOURS = 20_000
"""Longest series: more than two years."""


@dataclass(frozen=True)
class Series:
    """Posts of units by the hour."""

    counts: NDArray[np.integer]
    """(units, hours)."""
    watched: B1
    """(hours,) False where no one watched."""
    first_hour_of_day: int = 0
    """Hour of the day of the first column, 0..23."""

    @cached_property
    def total(self) -> I8:
        """Posts before each hour, (units, hours + 1)."""
        found = np.zeros((self.n_units, self.n_hours + 1), np.int64)
        np.cumsum(self.counts, axis=1, out=found[:, 1:])
        return found

    @cached_property
    def unwatched(self) -> I8:
        """Hours before each hour that no one watched, (hours + 1,)."""
        found = np.zeros(self.n_hours + 1, np.int64)
        np.cumsum(~self.watched, out=found[1:])
        return found

    @property
    def n_units(self) -> int:
        """Rows."""
        return int(self.counts.shape[0])

    @property
    def n_hours(self) -> int:
        """Columns."""
        return int(self.counts.shape[1])

    def between(self, rows: I8, start: I8, end: I8) -> I8:
        """Return posts of each row in [start, end), hours outside of the series counting nothing."""
        start, end = np.clip(start, 0, self.n_hours), np.clip(end, 0, self.n_hours)
        return self.total[rows, end] - self.total[rows, start]

    def gaps(self, start: I8, end: I8) -> I8:
        """Return how many hours in [start, end) no one watched."""
        return self.unwatched[np.clip(end, 0, self.n_hours)] - self.unwatched[np.clip(start, 0, self.n_hours)]


def noticed_hours(series: Series, *, posts: int, within_h: int) -> I8:
    """Return the first hour at whose start each unit has ``posts`` posts within ``within_h`` hours.

    Returns
    -------
    (units,) i8
        -1 = never.
    """
    total = series.total
    back = np.maximum(np.arange(series.n_hours + 1) - within_h, 0)
    loud = (total - total[:, back]) >= posts
    return np.where(loud.any(axis=1), loud.argmax(axis=1), -1).astype(np.int64)


def features(series: Series, rows: I8, hours: I8) -> F8:
    """Return what was known of units at the start of an hour, (n, p): volumes, peak, trend and hour of the day."""
    volume = [np.log1p(series.between(rows, hours - window, hours)) for window in WINDOWS_H]
    before = np.log1p(series.between(rows, np.zeros_like(hours), hours))
    earlier = np.log1p(series.between(rows, hours - 12, hours - 6))
    look_back = np.arange(1, max(WINDOWS_H) + 1)
    at = hours[:, None] - look_back
    recent = np.where(at >= 0, series.counts[rows[:, None], np.clip(at, 0, series.n_hours - 1)], 0)
    peak, since = np.log1p(recent.max(axis=1)), np.log1p(recent.argmax(axis=1))
    angle = 2 * np.pi * ((series.first_hour_of_day + hours) % 24) / 24
    return np.column_stack([*volume, before, volume[2] - earlier, peak, since, np.sin(angle), np.cos(angle)])
