"""What intake says about how a file was read."""

from __future__ import annotations

DAY_FIRST = "dates like 03/04/2024 are read day first, since others of the file can only be"
SERIAL_DAYS = "numbers in the column of times are read as days since 1899, as spreadsheets count them"
LOCAL_DIGITS = "dates in Persian or Arabic digits are read day first"
BOTH_ORDERS = "dates in both orders, 31/01/2024 and 01/31/2024: those that could be either may be misread"
JALALI = "dates of the Jalali calendar are converted"
HIJRI = "dates of the Hijri calendar are converted by the tabular calendar; they may be a day off"


def no_zone(time_zone: str) -> str:
    """Times carry no zone."""
    return f"times without a zone are read as {time_zone}"


def by_order(*, day_first: bool) -> str:
    """03/04/2024 could be either."""
    return "dates like 03/04/2024 are read " + (
        "day first" if day_first else "month first; if the day stands first, say --day-first"
    )


def zone(name: str, offset_min: int, elsewhere: str) -> str:
    """A zone is named by letters."""
    sign, size = ("-" if offset_min < 0 else "+"), abs(offset_min)
    told = f"{name.upper()} is read as UTC{sign}{size // 60:02d}:{size % 60:02d}"
    return f"{told}; where {elsewhere} is meant, give times with an offset" if elsewhere else told
