"""The lunar Hijri calendar by the table of 30 years: the one that intake reads dates of exports by."""

from __future__ import annotations

from datetime import date

EPOCH = 227_015
"""``date.toordinal`` of 1 Muharram of year 1: 16 July 622 of the Julian calendar."""
CYCLE_YEARS, CYCLE_DAYS = 30, 10_631
LAST_YEAR = 9_665
"""The last year that ends before the year 9999 of the Gregorian calendar does."""


def to_hijri(day: date) -> tuple[int, int, int]:
    """Return year, month and day of the lunar Hijri calendar.

    Notes
    -----
    The civil table, 11 leap years in 30. Where months begin when the moon is seen, a date can differ by a day or two.

    References
    ----------
    Reingold and Dershowitz 2018, Calendrical Calculations, chapter 7; Unicode CLDR, ``islamic-civil``.

    Examples
    --------
    >>> to_hijri(date(2026, 11, 23))
    (1448, 6, 12)
    """
    n = day.toordinal() - EPOCH
    year = (CYCLE_YEARS * n + 10_646) // CYCLE_DAYS
    of_year = n - _days_before(year)
    month = next(m for m in range(12, 0, -1) if _days_before_month(m) <= of_year)
    return year, month, of_year - _days_before_month(month) + 1


def from_hijri(year: int, month: int, day: int) -> date:
    """Return the day of a date of the lunar Hijri calendar.

    Raises
    ------
    ValueError
        There is no such day.

    Examples
    --------
    >>> from_hijri(1448, 6, 12)
    datetime.date(2026, 11, 23)
    """
    if not (1 <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= days_of_month(year, month)):
        raise ValueError(f"no such day: {year}/{month}/{day}")
    return date.fromordinal(EPOCH + _days_before(year) + _days_before_month(month) + day - 1)


def days_of_month(year: int, month: int) -> int:
    """Return how many days a month has."""
    return 30 if month % 2 or (month == 12 and is_leap(year)) else 29


def is_leap(year: int) -> bool:
    """Return whether a year has 355 days."""
    return _days_before(year + 1) - _days_before(year) == 355


def _days_before(year: int) -> int:
    """Return the days from the epoch to 1 Muharram of ``year``."""
    return 354 * (year - 1) + (3 + 11 * year) // CYCLE_YEARS


def _days_before_month(month: int) -> int:
    """Return the days of a year before a month."""
    return 29 * (month - 1) + month // 2
