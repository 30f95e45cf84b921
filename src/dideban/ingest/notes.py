"""What intake says about how a file was read."""

from __future__ import annotations

DAY_FIRST = "dates like 03/04/2024 are read day first, since others of the file can only be"
SERIAL_DAYS = "numbers in the column of times are read as days since 1899, as spreadsheets count them"
LOCAL_DIGITS = "dates in Persian or Arabic digits are read day first"
BOTH_ORDERS = "dates in both orders, 31/01/2024 and 01/31/2024: those that could be either may be misread"
JALALI = "dates of the Jalali calendar are converted"
HIJRI = "dates of the Hijri calendar are converted by the tabular calendar; they may be a day off"


BY_NAME = "by the name of the column"
FIRST_TIME = "the first column of times that can be read as such"
DAY_AND_CLOCK = "date and time of day stand in two columns"
BY_CONTENT = "by what is in it"
FIRST_FILLED = "the first such column that holds something sound"
FIRST_OF_ROW = "in each row the first that is not empty"
BY_ADDRESS = "the address of the post names it"
BY_MAP = "named by --map"


def damaged_column(name: str) -> str:
    """A column of ids lost its digits."""
    return f"{name}: numbers like 1.29E+18 have lost their digits in a spreadsheet and are not used as ids; export the file again and keep ids as text"


def same_id(name: str) -> str:
    """All rows have one id."""
    return f"{name}: the same in every row, so it is not the id of a post"


def permalink(name: str) -> str:
    """A column of addresses is not of shared links."""
    return f"{name}: the address of the post itself, not a link that it shares"


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
