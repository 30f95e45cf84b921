"""The solar calendar against what was published, and how times and numbers are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from dideban.messages.jalali import FIRST_DAYS, is_leap, to_jalali
from dideban.room.members.models import Member
from dideban.room.rooms.models import Room
from dideban.room.wording import reading
from room.cast import client_of

LEAP = (
    1210, 1214, 1218, 1222, 1226, 1230, 1234, 1238, 1243, 1247, 1251, 1255, 1259, 1263, 1267, 1271, 1276, 1280, 1284,
    1288, 1292, 1296, 1300, 1304, 1309, 1313, 1317, 1321, 1325, 1329, 1333, 1337, 1342, 1346, 1350, 1354, 1358, 1362,
    1366, 1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420, 1424, 1428, 1432, 1436, 1441,
    1445, 1449, 1453, 1457, 1461, 1465, 1469, 1474, 1478, 1482, 1486, 1490, 1494, 1498,
)  # fmt: skip
"""Leap years as published by the Calendar Center of the University of Tehran."""
NEW_YEAR = {
    1357: date(1978, 3, 21), 1375: date(1996, 3, 20), 1376: date(1997, 3, 21), 1399: date(2020, 3, 20),
    1400: date(2021, 3, 21), 1403: date(2024, 3, 20), 1404: date(2025, 3, 21), 1405: date(2026, 3, 21),
    1408: date(2029, 3, 20), 1409: date(2030, 3, 21),
}  # fmt: skip


def test_leap_years_are_those_published() -> None:
    assert [year for year in range(1207, 1500) if is_leap(year)] == list(LEAP)


@pytest.mark.parametrize("year", NEW_YEAR)
def test_new_year(year: int) -> None:
    assert to_jalali(NEW_YEAR[year]) == (year, 1, 1)
    before = to_jalali(NEW_YEAR[year] - timedelta(days=1))
    assert before == (year - 1, 12, 30 if is_leap(year - 1) else 29)


@given(st.dates(date(1800, 1, 1), date(2120, 1, 1)))
def test_the_next_day_is_the_next_day(day: date) -> None:
    year, month, of_month = to_jalali(day)
    after = to_jalali(day + timedelta(days=1))
    lengths = [31] * 6 + [30] * 5 + [30 if is_leap(year) else 29]
    if of_month < lengths[month - 1]:
        assert after == (year, month, of_month + 1)
    else:
        assert after == ((year, month + 1, 1) if month < 12 else (year + 1, 1, 1))
    assert FIRST_DAYS[month - 1] == sum(lengths[: month - 1])


AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_persian_pages_show_both_calendars() -> None:
    with translation.override("fa"), timezone.override("Asia/Tehran"):
        shown = reading.when(AT)
    assert "۲۰۲۶-۱۱-۲۳\u200e ۱۸:۰۰" in shown
    assert "۱۴۰۵/۰۹/۰۲" in shown


def test_the_calendar_of_the_reader_comes_first() -> None:
    token = reading.READER.set(reading.ReadingHabits(local_digits=False, calendar="jalali"))
    try:
        with translation.override("en"):
            assert reading.both_dates(AT) == ("1405/09/02", "2026-11-23")
    finally:
        reading.READER.reset(token)


@pytest.mark.parametrize(
    ("language", "number", "length"),
    [("en", "12,345.7", "3 h"), ("fa", "۱۲٬۳۴۵٫۷", "۳ ساعت"), ("ar", "١٢٬٣٤٥٫٧", "٣ ساعات")],
)
def test_numbers_in_the_digits_of_the_language(language: str, number: str, length: str) -> None:
    with translation.override(language):
        assert reading.digits("12,345.7") == number
        assert reading.span(3 * 3600).split()[0] == length.split(maxsplit=1)[0]


def test_nothing_is_a_dash() -> None:
    assert "—" in reading.when(None)
    assert "—" in reading.ago(None)
    assert reading.percent(None) == "—"


def test_arabic_dates_keep_their_order() -> None:
    """A hyphen between Arabic digits would turn the parts around; a slash is part of the number."""
    with translation.override("ar"):
        assert "٢٠٢٦/١١/٢٣\u200e ١٤:٣٠" in reading.when(AT)
        assert reading.plain_digits("2026-11") == "٢٠٢٦/١١"


def test_the_axis_of_a_finding_has_the_days_of_whoever_prefers_the_solar_calendar(furnished: Room) -> None:
    member = Member.objects.get(username="ben")
    gregorian = client_of(member).get("/r/watch/findings/1/").content.decode()
    Member.objects.filter(pk=member.pk).update(calendar="jalali")
    solar = client_of(Member.objects.get(pk=member.pk)).get("/r/watch/findings/1/").content.decode()
    day = timezone.now().date() - timedelta(days=1)
    _, month, of_month = to_jalali(day)
    with translation.override("fa"):
        theirs, ours = reading.plain_digits(f"{day:%m-%d}"), reading.plain_digits(f"{month:02d}/{of_month:02d}")
    assert f">{theirs}</text>" in gregorian
    assert f">{ours}</text>" in solar
    assert f">{theirs}</text>" not in solar
