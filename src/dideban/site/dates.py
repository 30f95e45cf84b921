"""Dates as a newspaper writes them: the calendar of the language first, the other one beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dideban.messages import Message, locale, say
from dideban.messages.jalali import to_jalali


def day_of(at: datetime) -> date:
    """Return the day in UTC: the same for every reader and every machine."""
    return at.astimezone(UTC).date()


def long_dates(day: date, *, lang: str) -> tuple[str, str]:
    """Return a day in the calendar of the language and in the other one.

    Examples
    --------
    >>> long_dates(date(2026, 11, 29), lang="en")
    ('29 November 2026', '8 Azar 1405')
    >>> long_dates(date(2026, 11, 29), lang="fa")
    ('۸ آذر ۱۴۰۵', '۲۹ نوامبر ۲۰۲۶')
    """
    year, month, of_month = to_jalali(day)
    western = _written(of_month=day.day, month=f"gregorian-{day.month}", year=day.year, lang=lang)
    solar = _written(of_month=of_month, month=f"jalali-{month}", year=year, lang=lang)
    return (solar, western) if locale(lang).second_calendar == "persian" else (western, solar)


def stamp(at: datetime) -> str:
    """Return an instant for machines: RFC 3339 in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _written(*, of_month: int, month: str, year: int, lang: str) -> str:
    digits = locale(lang).plain_digits
    return f"{digits(str(of_month))} {say(Message(f'site.month.{month}'), lang)} {digits(str(year))}"
