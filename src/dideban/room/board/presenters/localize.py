"""What the templates of the report leave in Latin digits and UTC, as the reader of a page reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from markupsafe import Markup, escape

from dideban.report import raster, views, words
from dideban.report.operation_timeline import OperationTimeline
from dideban.room.wording import reading

POWER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789−")
UNITS = {"s": "second-short", "min": "minute-short", "h": "hour-short", "d": "day-short"}
"""Units of the delays of the report to the nouns of the catalogues."""
INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2})?(?: UTC|Z)")


def localized(html: str) -> str:
    """Return a rendered finding with digits of figures, delays and instants in sentences as its reader has them."""
    for pattern, say in PLACES:
        html = pattern.sub(lambda found, say=say: say(found.group()), html)  # type: ignore[misc]
    return html


def number(value: float | None) -> str | Markup:
    """Write a number; a power of ten as one, since local digits have no raised forms."""
    text = words.number(value)
    if "×" not in text or reading.language() == "en" or not reading.READER.get().local_digits:
        return reading.number(value)
    front, _, power = text.partition("×10")
    return Markup('<span dir="ltr">{}\u200e×\u200e{}<sup>{}</sup></span>').format(
        reading.digits(front), reading.plain_digits("10"), reading.plain_digits(power.translate(POWER))
    )


def with_local_ticks(view: views.FindingView, story: OperationTimeline) -> views.FindingView:
    """Return a view whose time axis has the hours and days of the reader's time zone, and their calendar."""
    start, stop = raster.extent(story)
    middle = raster.moment((start + stop) // 2)
    offset = timezone.get_current_timezone().utcoffset(middle.replace(tzinfo=None)) or timedelta()
    shift = int(offset.total_seconds() * 1e6)
    ticks = raster.time_ticks((start + shift, stop + shift))
    if (split := reading.OTHER_CALENDARS.get(reading.READER.get().calendar)) is not None:
        days = _their_days(split, raster.moment(start + shift), raster.moment(stop + shift))
        ticks = [replace(tick, text=days.get(tick.text, tick.text)) for tick in ticks]
    return replace(view, raster=replace(view.raster, ticks=ticks))


def _their_days(
    split: Callable[[date], tuple[int, int, int]], start: datetime, stop: datetime
) -> dict[str, str]:  # fmt: skip
    """Return month and day of the Gregorian days of a period, as the axis writes them, to those of another calendar."""
    days = (start.date() + timedelta(days=n) for n in range(min((stop - start).days + 2, 366)))
    return {f"{day:%m-%d}": "{1:02d}/{2:02d}".format(*split(day)) for day in days}


def _unit(text: str) -> str:
    """Write ``1–2 min`` in the language of the page."""
    front, _, unit = text.rpartition(" ")
    if unit not in UNITS:
        return reading.plain_digits(text)
    forms = reading.tongue().chosen(reading.tongue().nouns[UNITS[unit]], 2)
    return str(escape(forms.replace("{n}", reading.digits(front))))


def _between_tags(html: str) -> str:
    return re.sub(r"(?<=>)[^<>]+(?=<)", lambda found: reading.plain_digits(found.group()), html)


def with_local_instants(text: str) -> str:
    """Return a sentence with its instants in the zone and calendar of the reader."""

    def said(found: re.Match[str]) -> str:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
        return reading.when_plain(at)

    return INSTANT.sub(said, text)


PLACES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"(?<=>)[^<>]*(?=</text>)"), reading.plain_digits),
    (re.compile(r'(?<=<b class="num">)\d+(?=</b>)'), reading.plain_digits),
    (re.compile(r"(?<=<title>)\d+(?=:)"), reading.plain_digits),
    (re.compile(r'(?<=<th scope="row" class="num">)[^<]*(?=</th>)'), _unit),
    (re.compile(r'(?<=<td class="order">).*?(?=</td>)'), _between_tags),
    (re.compile(r"(?<=<p data-say=).*?(?=</p>)"), with_local_instants),
)
"""Where a rendered finding has digits or instants, and what becomes of them. Text of posts is none of these."""
