"""Dates that people write into forms: Gregorian, solar (Jalali) or lunar (Hijri), in any digits, with a time or not."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as clock_time

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from dideban.errors import InputError
from dideban.ingest.month_names import HIJRI, JALALI, MONTHS, plain_month
from dideban.messages.hijri import from_hijri
from dideban.messages.jalali import from_jalali
from dideban.room.wording import reading, words

MAX_CHARS = 60
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years of instants that members write: what lies at the edge of time cannot be shown in every time zone."""
JALALI_YEARS = range(1369, 1430)
"""Years that are read as solar. From 1430 on a year could be lunar: it is refused, not guessed."""
HIJRI_YEARS = range(1410, 1530)
"""Years that are read as lunar, where the month is named or the reader counts in lunar years."""
MONTHS_OF = {"jalali": "solar_month", "hijri": "lunar_month"}
"""Where the names of the months of a calendar are."""
_CLOCK = r"(?:(?:T|[\s,]+)(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
_NUMBERS = re.compile(r"(?P<y>\d{4})\s*[-/.\s]\s*(?P<m>\d{1,2})\s*[-/.\s]\s*(?P<d>\d{1,2})" + _CLOCK, re.ASCII)
_NAMED = re.compile(r"(?P<d>\d{1,2})\s+(?P<name>[^\d,]+?)[\s,]+(?P<y>\d{4})" + _CLOCK, re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
"""A day as links of the room write it."""
_SIGNS = str.maketrans({"،": ",", "٫": ".", "−": "-", "–": "-", "‐": "-", "\u200c": " "})


def read_instant(text: str, *, is_end: bool = False) -> datetime:
    """Read an instant as people write it, in the time zone of the reader unless it names its own.

    Parameters
    ----------
    text : str
        ``1405/09/02``, ``۱۴۰۵/۹/۲ ۱۴:۳۰``, ``2 Azar 1405``, ``2026-11-23 14:30`` or any instant of ISO 8601.
    is_end : bool
        A day without a time stands for its end: the first moment of the next.

    Raises
    ------
    InputError
        It is none, or its year is beyond what a room keeps.
    """
    try:
        day, clock, zone = _parts(_plain(text))
        at = datetime.combine(day + timedelta(days=1 if is_end and clock is None else 0), clock or clock_time())
        at = at.replace(tzinfo=zone) if zone is not None else timezone.make_aware(at)
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise ValueError(at)
    except (ValueError, OverflowError, KeyError) as error:
        raise InputError("room.not-a-time", hint="room.write-a-time", value=text[:40]) from error
    return at


def written(at: datetime | None, *, with_time: bool = True) -> str:
    """Return an instant as a field holds it, in the calendar and the time zone of the reader, in plain digits."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    clock = local.strftime(" %H:%M") if with_time else ""
    if (split := reading.OTHER_CALENDARS.get(reading.READER.get().calendar)) is not None:
        return reading.slashed(split(local.date())) + clock
    return local.date().isoformat() + clock


def understood(at: datetime, *, with_time: bool = True) -> str:
    """Return an instant in words, the calendar of the reader first: what a field says back."""
    local = timezone.localtime(at)
    day = local.date()
    usual = reading.plain_digits(formats.date_format(day, "j F Y"))
    calendar = reading.READER.get().calendar
    is_usual = calendar not in MONTHS_OF
    other = _in_words(day, calendar="jalali" if is_usual else calendar)
    first, second = (usual, other) if is_usual else (other, usual)
    weekday = formats.date_format(day, "l")
    comma = _(", ")
    clock = f"{comma}{reading.plain_digits(local.strftime('%H:%M'))}" if with_time else ""
    beside = f" ({second})" if reading.language() == "fa" or not is_usual else ""
    return f"{weekday} {first}{beside}{clock}"


def _in_words(day: date, *, calendar: str) -> str:
    """Return a day of a calendar other than the Gregorian one with its month by name."""
    year, month, of_month = reading.OTHER_CALENDARS[calendar](day)
    return reading.plain_digits(f"{of_month} {words.word(MONTHS_OF[calendar], month)} {year}")


def field_text(value: datetime | str | None, *, with_time: bool = True) -> str:
    """Return what a field holds: what somebody wrote as they wrote it, what an address says in their calendar."""
    if isinstance(value, datetime) or value is None:
        return written(value, with_time=with_time)
    try:
        is_of_address = "T" in value or _ISO_DAY.fullmatch(value)
        return written(read_instant(value), with_time="T" in value) if is_of_address else value[:MAX_CHARS]
    except InputError:
        return value[:MAX_CHARS]


def said_back(text: str, *, with_time: bool = True) -> str:
    """Return how a text in a field is understood, in words; empty where it is empty or means no day."""
    try:
        return understood(read_instant(text), with_time=with_time and has_time(text)) if text.strip() else ""
    except InputError:
        return ""


def has_time(text: str) -> bool:
    """Return whether a date has a time beside it."""
    return ":" in text


def _plain(text: str) -> str:
    """Return a text with Latin digits and plain signs, without marks of direction."""
    if len(text) > MAX_CHARS:
        raise ValueError(text[:40])
    kept = (c for c in unicodedata.normalize("NFKC", text.translate(_SIGNS)) if unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.decimal(c, c)) for c in kept).strip()


def _parts(text: str) -> tuple[date, clock_time | None, tzinfo | None]:
    found = _NUMBERS.fullmatch(text) or _NAMED.fullmatch(text)
    if found is None:
        at = datetime.fromisoformat(text)  # other forms of ISO 8601
        return at.date(), at.time() if len(text) > len("2026-11-23") else None, at.tzinfo
    clock = None
    if found["h"]:
        clock = clock_time(int(found["h"]), int(found["min"]), int(found["s"] or 0))
    offset = found["zone"] and ("+00:00" if found["zone"] == "Z" else found["zone"])
    zone = datetime.strptime(offset, "%z").tzinfo if offset else None
    return _day(found.groupdict()), clock, zone


def _day(part: dict[str, str]) -> date:
    year, day = int(part["y"]), int(part["d"])
    month = int(part["m"]) if "m" in part else MONTHS[plain_month(part["name"])]
    is_lunar = month > HIJRI or ("m" in part and reading.READER.get().calendar == "hijri")
    if is_lunar and year in HIJRI_YEARS:
        return from_hijri(year, month % JALALI, day)
    is_solar = year in JALALI_YEARS
    if month > HIJRI or ("m" not in part and (month > JALALI) != is_solar):
        raise ValueError("a month of another calendar")
    return from_jalali(year, month % JALALI, day) if is_solar else date(year, month, day)
