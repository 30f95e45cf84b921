"""Days of the Jalali and the Hijri calendar, as days since 1970."""

from __future__ import annotations

import polars as pl

JALALI_YEARS = (1368, 1409)
"""Years 1989 to 2031: written as a year of today, they can only be Jalali."""
HIJRI_YEARS = (1414, 1456)
"""Years 1993 to 2035. The years between the two could be either and are never guessed."""
_FIRST_YEAR = 1354
_FIRST_DAY = 1905
"""1 Farvardin 1354 is 21 March 1975, day 1905 since 1970."""
_LEAP_YEARS = frozenset(
    (1354, 1358, 1362, 1366, 1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416)
)
"""Leap years of the official calendar of Iran, by the equinox in Tehran."""
_HIJRI_EPOCH = -492_148
"""1 Muharram 1 is 16 July 622 of the Julian calendar, days since 1970."""


def _new_years() -> dict[int, int]:
    """Jalali year to the day of its 1 Farvardin."""
    days, day = {}, _FIRST_DAY
    for year in range(_FIRST_YEAR, 1418):
        days[year] = day
        day += 366 if year in _LEAP_YEARS else 365
    return days


_NEW_YEARS = _new_years()


def jalali_days(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Days since 1970 of a Jalali date; null where there is no such day."""
    start = year.replace_strict(_NEW_YEARS, default=None, return_dtype=pl.Int64)
    is_leap = year.is_in(sorted(_LEAP_YEARS))
    length = pl.when(month <= 6).then(31).when((month <= 11) | is_leap).then(30).otherwise(29)
    before = pl.when(month <= 7).then((month - 1) * 31).otherwise(186 + (month - 7) * 30)
    is_day = month.is_between(1, 12) & (day >= 1) & (day <= length)
    return pl.when(is_day).then(start + before + day - 1)


def hijri_days(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Days since 1970 of a Hijri date by the tabular calendar; null where there is no such day.

    Notes
    -----
    Months that begin when the moon is seen differ from the table by a day at times. Day 30 is accepted in every month
    for that reason.
    """
    before = (month - 1) * 29 + month // 2
    days = (year - 1) * 354 + (3 + 11 * year) // 30 + before + day - 1
    return pl.when(month.is_between(1, 12) & day.is_between(1, 30)).then(days + _HIJRI_EPOCH)
