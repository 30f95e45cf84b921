"""The solar Hijri (Jalali) calendar."""

from __future__ import annotations

from datetime import date

EPOCH = 226_895
"""``date.toordinal`` of 1 Farvardin of year 1."""
FIRST_DAYS = (0, 31, 62, 93, 124, 155, 186, 216, 246, 276, 306, 336)
"""Days of a year before each month."""
CYCLE_YEARS, CYCLE_DAYS = 33, 12_053
LAST_YEAR = 9_377
"""The last year that ends before the year 9999 of the Gregorian calendar does."""


def to_jalali(day: date) -> tuple[int, int, int]:
    """Return year, month and day of the solar Hijri calendar.

    Notes
    -----
    The rule of 33 years with 8 leap years, as ICU computes it: equal to the official calendar of Iran from 1178 to
    1501 (1799 to 2122); one day off at most outside.

    References
    ----------
    Unicode ICU, ``PersianCalendar``; leap years 1210-1498 as published by the Calendar Center of the University of
    Tehran.

    Examples
    --------
    >>> to_jalali(date(2026, 11, 23))
    (1405, 9, 2)
    """
    n = day.toordinal() - EPOCH
    year = 1 + (CYCLE_YEARS * n + 3) // CYCLE_DAYS
    of_year = n - _days_before(year)
    month = of_year // 31 if of_year < FIRST_DAYS[7] else (of_year - 6) // 30
    return year, month + 1, of_year - FIRST_DAYS[month] + 1


def from_jalali(year: int, month: int, day: int) -> date:
    """Return the day of a date of the solar Hijri calendar.

    Raises
    ------
    ValueError
        There is no such day.

    Examples
    --------
    >>> from_jalali(1405, 9, 2)
    datetime.date(2026, 11, 23)
    """
    if not (1 <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= days_of_month(year, month)):
        raise ValueError(f"no such day: {year}/{month}/{day}")
    return date.fromordinal(EPOCH + _days_before(year) + FIRST_DAYS[month - 1] + day - 1)


def days_of_month(year: int, month: int) -> int:
    """Return how many days a month has."""
    return 31 if month <= 6 else 30 if month < 12 or is_leap(year) else 29


def is_leap(year: int) -> bool:
    """Return whether a year has 366 days."""
    return _days_before(year + 1) - _days_before(year) == 366


def _days_before(year: int) -> int:
    """Return the days from the epoch to 1 Farvardin of ``year``."""
    return 365 * (year - 1) + (8 * year + 21) // CYCLE_YEARS
