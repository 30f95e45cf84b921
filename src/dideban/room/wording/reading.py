"""How numbers and instants are written for each reader: language, digits, calendar and time zone."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Protocol

from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dideban.messages import Locale, languages, locale
from dideban.messages.hijri import to_hijri
from dideban.messages.jalali import to_jalali
from dideban.report import words


@dataclass(frozen=True, kw_only=True)
class ReadingHabits:
    """How somebody likes to read."""

    local_digits: bool = True
    calendar: str = "gregorian"


class HasHabits(Protocol):
    """A member, as far as reading goes."""

    language: Any
    time_zone: Any
    calendar: Any
    uses_local_digits: Any


READER: ContextVar[ReadingHabits] = ContextVar("reader", default=ReadingHabits())  # noqa: B039 - frozen
"""Set for every page by ``board.context``; filters of templates see no request."""


OTHER_CALENDARS: dict[str, Callable[[date], tuple[int, int, int]]] = {"jalali": to_jalali, "hijri": to_hijri}
"""What splits a day into year, month and day, by the calendar that a reader chose."""
CALENDARS = ("gregorian", *OTHER_CALENDARS)
_LANGUAGE: ContextVar[str | None] = ContextVar("language", default=None)


@contextmanager
def in_one_language() -> Iterator[None]:
    """Ask for the language of the page once: what follows says a thousand numbers in it."""
    token = _LANGUAGE.set(language())
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def language() -> str:
    """Return the language of the page, one of those that the program speaks."""
    if known := _LANGUAGE.get():
        return known
    code = (translation.get_language() or "en").split("-")[0]
    return code if code in languages() else "en"


def tongue() -> Locale:
    """Return the language of the page as its reader likes it."""
    return _liked(language(), local_digits=READER.get().local_digits)


@lru_cache(maxsize=64)
def _liked(lang: str, *, local_digits: bool) -> Locale:
    """Make it once: a page says thousands of numbers."""
    return locale(lang).reading(local_digits=local_digits)


def digits(text: str) -> str:
    """Write the digits of a number or a time in those of the language.

    Examples
    --------
    >>> digits("1,204.5")
    '1,204.5'
    """
    return text if "×" in text else tongue().localised(text)


def plain_digits(text: str) -> str:
    """Write digits alone in those of the language: points and commas stay as they are.

    Dates of Arabic digits are parted by slashes: a hyphen between them turns their parts around (Unicode Bidirectional
    Algorithm, rules W4 and N1), a slash keeps them together as one number.
    """
    mine = tongue()
    if "/" in mine.date_order:
        text = re.sub(r"(?<=\d)-(?=\d)", "/", text)
    return mine.plain_digits(text)


def number(value: float | None) -> str:
    """Return a count or a measure for reading."""
    return digits(words.number(value))


def percent(share: float | None) -> str:
    """Return a share as per cent; a dash where there is none."""
    if share is None:
        return "—"
    sign = "٪" if language() != "en" else "%"
    return f"{number(round(share * 100, 1))}{sign}"


def span(seconds: float | None) -> str:
    """Return a span of time in its natural unit and the language of the page."""
    if seconds is None:
        return "—"
    return tongue().span(seconds)


def both_dates(at: datetime) -> tuple[str, str]:
    """Return the date as the reader counts days, and the other calendar's where it belongs beside it."""
    day = timezone.localtime(at).date()
    gregorian = plain_digits(day.isoformat())
    if (split := OTHER_CALENDARS.get(READER.get().calendar)) is not None:
        return plain_digits(slashed(split(day))), gregorian
    return gregorian, plain_digits(slashed(to_jalali(day))) if tongue().second_calendar == "persian" else ""


def slashed(parts: tuple[int, int, int]) -> str:
    """Return a date of a calendar other than the Gregorian one, in Latin digits."""
    return "{:04d}/{:02d}/{:02d}".format(*parts)


def when(at: datetime | None, *, with_time: bool = True) -> SafeString:
    """Return an instant as a ``time`` element in the time zone of the reader, the other calendar as its title.

    One date alone is text: two would run together where somebody copies them.
    """
    if not at:
        return mark_safe('<span class="dash">—</span>')
    first, second = both_dates(at)
    clock = plain_digits(timezone.localtime(at).strftime("\u200e %H:%M")) if with_time else ""
    beside = f' title="{second}"' if second else ""
    iso = at.astimezone(UTC).isoformat(timespec="seconds")
    html = f'<time datetime="{iso}"{beside}><span dir="ltr">{first}{clock}</span></time>'
    return mark_safe(html)  # noqa: S308 - digits and signs alone


def when_plain(at: datetime | None) -> str:
    """Return an instant as text where no markup can stand, isolated; in Persian with the solar date."""
    if not at:
        return "—"
    first, second = both_dates(at)
    text = f"{first} {plain_digits(timezone.localtime(at).strftime('%H:%M'))}"
    return f"\u2066{text}\u2069 (\u2066{second}\u2069)" if second else f"\u2066{text}\u2069"


@contextmanager
def reading_as(member: HasHabits) -> Iterator[None]:
    """Write as a member reads, outside of a page: their language, digits, calendar and time zone."""
    token = READER.set(habits_of(member))
    try:
        with translation.override(member.language), timezone.override(zone_of(member.time_zone)):
            yield
    finally:
        READER.reset(token)


def habits_of(member: HasHabits) -> ReadingHabits:
    """Return how a member likes to read."""
    return ReadingHabits(local_digits=member.uses_local_digits, calendar=member.calendar)


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return the time zone of that name; UTC where there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError):
        return zoneinfo.ZoneInfo("UTC")


def for_long(at: datetime | None, *, now: datetime | None = None) -> SafeString:
    """Return for how long something has gone on since an instant, with the instant itself as its title."""
    if not at:
        return mark_safe('<span class="dash">—</span>')
    seconds = max(((now or timezone.now()) - at).total_seconds(), 0.0)
    return _told(at, translation.gettext("for %(span)s") % {"span": tongue().about(seconds)})


def ago(at: datetime | None, *, now: datetime | None = None) -> SafeString:
    """Return how long ago an instant was, or how long from now, with the instant itself as its title."""
    if not at:
        return mark_safe('<span class="dash">—</span>')
    seconds = ((now or timezone.now()) - at).total_seconds()
    if abs(seconds) < 45:
        text = translation.gettext("now")
    elif seconds > 0:
        text = translation.gettext("%(span)s ago") % {"span": tongue().about(seconds)}
    else:
        text = translation.gettext("in %(span)s") % {"span": tongue().about(-seconds)}
    return _told(at, text)


def _told(at: datetime, text: str) -> SafeString:
    """Return words about an instant, with the instant as their title."""
    first, second = both_dates(at)
    title = f"{first} {plain_digits(timezone.localtime(at).strftime('%H:%M'))} {second}".strip()
    iso = at.astimezone(UTC).isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, title, text)
