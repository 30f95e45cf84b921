"""How a language writes numbers, lengths of time, instants, shares, sizes and lists: each rule is here alone.

Everything comes from the ``[locale]`` and ``[nouns]`` sections of a catalogue. A reader's own choices (Latin digits,
another calendar or time zone) make another :class:`Locale` with :meth:`Locale.reading`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from dideban.messages.clean import LRI, PDI
from dideban.messages.hijri import to_hijri
from dideban.messages.jalali import to_jalali
from dideban.messages.plurals import Plurals

Forms = str | Mapping[str, str]
"""One text for every number, or a text for each plural category; ``=1`` names an exact number."""

LATIN = "0123456789"
MISSING = "—"
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
REQUIRED_NOUNS = tuple(f"{unit}{style}" for unit, _ in UNITS for style in ("", "-short"))
"""Every catalogue declines these: ``day``, ``day-short``, ..."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ARABIC_INDIC = re.compile("[\u0660-\u0669]")


@dataclass(frozen=True, kw_only=True, eq=False)
class Locale:
    """One language as it is written.

    Examples
    --------
    >>> from dideban.messages import locale
    >>> en, fa = locale("en"), locale("fa")
    >>> en.number(20_000), en.duration(90), en.span(5400), en.percent(0.125), en.join(["a", "b"], style="and")
    ('20,000', '90 seconds', '1.5 h', '12.5%', 'a and b')
    >>> fa.number(20_000.5), fa.duration(60)
    ('۲۰٬۰۰۰٫۵', '۶۰ ثانیه')
    """

    lang: str
    name: str
    """The language in itself."""
    direction: str
    """``ltr`` or ``rtl``."""
    digits: str = LATIN
    decimal: str = "."
    group: str = ","
    minus: str = "-"
    percent_sign: str = "{n}%"
    quotes: str = "“{text}”"
    date_order: str = "{y}-{m}-{d}"
    semicolon: str = "; "
    lists: Mapping[str, str] = field(default_factory=lambda: {"comma": ", ", "and": " and ", "or": " or "})
    repeats_conjunction: bool = False
    """Whether "and" and "or" stand between all items of a list, not before the last alone."""
    spelled: Mapping[str, str] = field(default_factory=dict)
    """Small numbers that are written as words before a noun."""
    plurals: Plurals = field(default_factory=lambda: Plurals(rules=()))
    nouns: Mapping[str, Forms] = field(default_factory=dict)
    second_calendar: str = ""
    """A calendar shown beside the Gregorian one, by its BCP 47 name."""
    calendar: str = "gregorian"
    """``gregorian`` or ``jalali``."""
    zone: dt.tzinfo = dt.UTC

    def reading(
        self, *, local_digits: bool = True, calendar: str = "gregorian", zone: dt.tzinfo | None = None
    ) -> Locale:
        """Return the language as one reader likes it."""
        mine = replace(self, calendar=calendar, zone=zone or self.zone)
        return mine if local_digits else replace(mine, digits=LATIN, decimal=".", group=",", date_order="{y}-{m}-{d}")

    # ---- numbers

    def number(self, value: float | None) -> str:
        """Write a count or a measure with at most three decimals: 20,000 or 2.5."""
        if value is None or not math.isfinite(value):
            return _not_finite(value)
        return self.localised(f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}")

    def measure(self, value: float | None) -> str:
        """Write a measure with three digits that count: 12,345 or 0.012 or 3.1×10⁻⁶."""
        if value is None or not math.isfinite(value):
            return _not_finite(value)
        size = abs(value)
        if size >= 1e10 or 0 < size < 1e-3:
            mantissa, _, power = f"{value:.1e}".partition("e")
            front = self.localised(f"{mantissa.removesuffix('.0')}×10")
            if _ARABIC_INDIC.search(front):  # between such digits a sign runs from right to left: 10×1 would be read
                front = front.replace("×", "\u200e×\u200e")
            return front + str(int(power)).translate(_RAISED)
        if value == int(value) or size >= 1000:
            return self.localised(f"{value:,.0f}")
        return self.localised(f"{value:.3g}")

    def percent(self, share: float | None) -> str:
        """Write a share of one as per cent with at most one decimal: 12.5%."""
        if share is None or not math.isfinite(share):
            return MISSING
        return self.percent_sign.format(n=self.number(round(share * 100, 1)))

    def localised(self, written: str) -> str:
        """Write a number that has ASCII digits, points and commas as the language does."""
        return written.translate(self._signs)

    def plain_digits(self, text: str) -> str:
        """Write digits alone in those of the language: points, commas and hyphens stay as they are."""
        return text.translate(self._only_digits)

    @cached_property
    def _signs(self) -> dict[int, str]:
        return str.maketrans({**dict(zip(LATIN, self.digits, strict=True)), **self._marks})

    @cached_property
    def _only_digits(self) -> dict[int, str]:
        return str.maketrans(dict(zip(LATIN, self.digits, strict=True)))

    @property
    def _marks(self) -> dict[str, str]:
        return {",": self.group, ".": self.decimal, "-": self.minus}

    # ---- counted nouns

    def category(self, value: float) -> str:
        """Return the plural category of a number."""
        if not math.isfinite(value):
            return "other"
        return self.plurals.category(_canonical(value))

    def chosen(self, forms: Forms, value: float) -> str:
        """Return the form that a number asks for, an exact ``=1`` before the category."""
        if isinstance(forms, str):
            return forms
        exact = forms.get(f"={_canonical(value)}")
        return exact if exact is not None else forms.get(self.category(value), forms.get("other", "{n}"))

    def counted(self, value: float | None, noun: str) -> str:
        """Write a number with its noun: 1 account, 20 accounts."""
        if value is None or not math.isfinite(value):
            return _not_finite(value)
        form = self.chosen(self.nouns.get(noun, "{n} " + noun), value)
        return form.replace("{n}", self.number(value)).replace("{n:spelled}", self.in_words(value))

    def in_words(self, value: float) -> str:
        """Write a number before a noun: as a word where the language prefers one."""
        return self.spelled.get(_canonical(value)) or self.number(value)

    # ---- time

    def duration(self, seconds: float | None) -> str:
        """Write an exact length of time in the largest unit that divides it: 60 seconds, 10 minutes, 1 day."""
        if seconds is None or not math.isfinite(seconds):
            return _not_finite(seconds)
        count, unit = split_duration(seconds)
        return self.counted(int(count) if count == int(count) else count, unit)

    def span(self, seconds: float | None) -> str:
        """Write about how long something took, short: 12 s, 3.5 min, 2 h, 4 d."""
        if seconds is None or not math.isfinite(seconds):
            return _not_finite(seconds)
        unit, written = _short(seconds)
        return self._in_unit(unit, written, value=float(written))

    def about(self, seconds: float | None) -> str:
        """Write how long ago something was, as people say it, in whole numbers: 12 s, 4 min, 36 h, 3 d."""
        if seconds is None or not math.isfinite(seconds):
            return _not_finite(seconds)
        size = abs(seconds)
        unit, length = next(((u, n) for u, n in UNITS[:3] if size >= (n if u == "minute" else 2 * n)), UNITS[3])
        return self._in_unit(unit, f"{seconds / length:.0f}", value=round(seconds / length))

    def span_range(self, low_s: float, high_s: float | None) -> str:
        """Write a range of lengths of time: 1–2 min, 30 s–1 min; without an upper end: > 7 d."""
        if high_s is None:
            return f"> {self.span(low_s)}"
        (low_unit, low), (high_unit, high) = _short(low_s), _short(high_s)
        if low_unit == high_unit:
            return self._in_unit(high_unit, f"{low}–{high}", value=float(high))
        return f"{self.span(low_s)}–{self.span(high_s)}"

    def _in_unit(self, unit: str, written: str, *, value: float) -> str:
        return self.chosen(self.nouns.get(f"{unit}-short", "{n}"), value).replace("{n}", self.localised(written))

    def date(self, day: dt.date) -> str:
        """Write a date in the calendar of the reader: 2026-11-23, ۱۴۰۵/۰۹/۰۲."""
        if isinstance(day, dt.datetime):
            day = day.astimezone(self.zone).date()
        if self.calendar == "jalali":
            year, month, of_month = to_jalali(day)
            return self.plain_digits(f"{year:04d}/{month:02d}/{of_month:02d}")
        if self.calendar == "hijri":
            return self.plain_digits("{:04d}/{:02d}/{:02d}".format(*to_hijri(day)))
        parts = {"y": f"{day.year:04d}", "m": f"{day.month:02d}", "d": f"{day.day:02d}"}
        return self.plain_digits(self.date_order.format(**parts))

    def instant(self, at: dt.datetime, *, seconds: bool = False) -> str:
        """Write an instant to the minute with its time zone: 2026-11-23 14:30 UTC; isolated in other directions."""
        here = at.astimezone(self.zone)
        clock = self.plain_digits(f"{here:%H:%M:%S}" if seconds else f"{here:%H:%M}")
        zone = " UTC" if self.zone is dt.UTC else ""
        return self.left_to_right(f"{self.date(here)} {clock}{zone}")

    # ---- the rest

    def size(self, n_bytes: float) -> str:
        """Write a number of bytes: 512 B, 1.5 GiB."""
        power = 0
        while abs(n_bytes) >= 1024 and power < len(BYTE_UNITS) - 1:
            n_bytes, power = n_bytes / 1024, power + 1
        written = f"{n_bytes:.0f}" if abs(n_bytes) >= 9.95 or not power else f"{n_bytes:.1f}".removesuffix(".0")
        return self.left_to_right(f"{self.localised(written)} {BYTE_UNITS[power]}")

    def join(self, items: Sequence[str], *, style: str = "comma") -> str:
        """Join items: ``comma``, ``semicolons``, ``and``, ``ands`` (between all), ``or``, ``sentences``, ``joined``."""
        if style == "sentences":
            return " ".join(one for one in items if one)
        if style in ("joined", "ands"):
            return ("" if style == "joined" else self.lists["and"]).join(items)
        if style == "semicolons":
            return self.semicolon.join(items)
        comma, last = self.lists["comma"], self.lists.get(style, self.lists["comma"])
        if style == "comma" or self.repeats_conjunction:
            return last.join(items)
        return last.join(_with_tail(items, comma))

    def quoted(self, text: str) -> str:
        """Put a text in the quotation marks of the language."""
        return self.quotes.format(text=text)

    def left_to_right(self, text: str) -> str:
        """Return a text that must not be turned around, isolated where the language runs from right to left."""
        return f"{LRI}{text}{PDI}" if self.direction == "rtl" else text


def _short(seconds: float) -> tuple[str, str]:
    """Return unit and number of a length of time that is written short."""
    size = abs(seconds)
    unit, length = next(((u, n) for u, n in UNITS[:3] if size >= 1.5 * n or (u == "minute" and size >= 60)), UNITS[3])
    value = seconds / length
    return unit, f"{value:.0f}" if abs(value) >= 9.95 else f"{value:.1f}".removesuffix(".0")


def split_duration(seconds: float) -> tuple[float, str]:
    """Return a length of time as a count and a unit (``second``, ``minute``, ``hour``, ``day``) that people would use.

    Examples
    --------
    >>> split_duration(60.0), split_duration(600.0), split_duration(7200.0), split_duration(86400.0)
    ((60.0, 'second'), (10.0, 'minute'), (2.0, 'hour'), (1.0, 'day'))
    """
    for unit, length in UNITS[:3]:
        if seconds % length == 0 and seconds > (60 if unit == "minute" else 0):
            return seconds / length, unit
    return seconds, "second"


def _with_tail(items: Sequence[str], comma: str) -> list[str]:
    return [comma.join(items[:-1]), items[-1]] if len(items) > 1 else list(items)


def _canonical(value: float) -> str:
    """Return the number as it is written, in ASCII digits without separators."""
    return str(value) if isinstance(value, int) else f"{value:.3f}".rstrip("0").rstrip(".")


def _not_finite(value: float | None) -> str:
    return MISSING if value is None or math.isnan(value) else "∞" if value > 0 else "−∞"
