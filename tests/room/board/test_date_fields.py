"""Fields for dates: both calendars, any digits, and what was understood is said back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import InputError
from dideban.ingest.calendars import hijri_days
from dideban.messages.hijri import from_hijri, to_hijri
from dideban.messages.jalali import from_jalali, to_jalali
from dideban.room.board import apps
from dideban.room.cases.models import Case, Task
from dideban.room.members.models import Member
from dideban.room.rooms.models import Room
from dideban.room.wording import reading, words
from dideban.room.wording.date_entry import field_text, read_instant, understood
from room.cast import client_of

KNOWN = {
    "1405/09/02": date(2026, 11, 23), "1405-9-2": date(2026, 11, 23), "1405.09.02": date(2026, 11, 23),
    "۱۴۰۵/۰۹/۰۲": date(2026, 11, 23), "١٤٠٥/٩/٢": date(2026, 11, 23), "۱۴۰۵ ۹ ۲": date(2026, 11, 23),
    "\u200f۱۴۰۵/۰۹/۰۲\u200f": date(2026, 11, 23), "۲ آذر ۱۴۰۵": date(2026, 11, 23), "2 Azar 1405": date(2026, 11, 23),
    "1403/12/30": date(2025, 3, 20), "1404/01/01": date(2025, 3, 21), "1399/12/30": date(2021, 3, 20),
    "1400/01/01": date(2021, 3, 21), "1408/12/30": date(2030, 3, 20), "1369/10/11": date(1991, 1, 1),
    "2026-11-23": date(2026, 11, 23), "٢٠٢٦/١١/٢٣": date(2026, 11, 23), "۲۰۲۶–۱۱–۲۳": date(2026, 11, 23),
    "23 November 2026": date(2026, 11, 23), "٢٣ نوفمبر ٢٠٢٦": date(2026, 11, 23), "20261123": date(2026, 11, 23),
    "2024-02-29": date(2024, 2, 29), "12 جمادى الآخرة 1448": date(2026, 11, 23), "1 Ramadan 1445": date(2024, 3, 11),
}  # fmt: skip
"""What somebody writes, and the day it is: leap days and new years as the calendars publish them."""
NONE = (
    "1404/12/30", "1405/13/01", "1405/07/31", "1405/00/10", "2025-02-29", "1448/06/12", "12 رجب 1405", "12 رجب 2026", "30 صفر 1448", "2 Azar 2026",
    "5/9/2", "02/09/1405", "1405/09", "1405/09/02 25:00", "1405/09/02 12:61", "0000-01-01", "9999-12-31", "yesterday",
    "𝟙" * 70, "1405/09/02/03", "1405\u0000/09/02", "1989-12-31", "1368/10/10",
)  # fmt: skip


@pytest.mark.parametrize("text", KNOWN)
def test_a_known_day(text: str) -> None:
    assert read_instant(text) == datetime.combine(KNOWN[text], datetime.min.time(), UTC)


@pytest.mark.parametrize("text", NONE, ids=range(len(NONE)))
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_instant(text)
    assert caught.value.message.code == "room.not-a-time"


@pytest.mark.parametrize("text", ["1405/09/02 14:30", "۱۴۰۵/۰۹/۰۲، ۱۴:۳۰", "2026-11-23T14:30", "2026-11-23T11:00:00Z"])
def test_a_time_is_of_the_readers_zone_unless_it_names_one(text: str) -> None:
    with timezone.override("Asia/Tehran"):
        assert read_instant(text) == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def test_the_end_of_a_day_is_the_beginning_of_the_next() -> None:
    with timezone.override("Asia/Tehran"):
        assert read_instant("1405/09/02", is_end=True) == datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
        assert read_instant("1405/09/02 10:00", is_end=True) == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@given(st.dates(date(1991, 1, 1), date(2050, 12, 31)))
def test_every_day_is_read_as_it_is_written(day: date) -> None:
    assert from_jalali(*to_jalali(day)) == day
    assert read_instant("{:04d}/{:02d}/{:02d}".format(*to_jalali(day))).date() == day
    assert read_instant(day.isoformat()).date() == day


@pytest.mark.parametrize(
    ("language", "calendar", "said"),
    [
        ("fa", "jalali", "دوشنبه ۲ آذر ۱۴۰۵ (۲۳ نوامبر ۲۰۲۶)، ۱۴:۳۰"),
        ("en", "jalali", "Monday 2 Azar 1405 (23 November 2026), 14:30"),
        ("ar", "hijri", "الاثنين ١٢ جمادى الآخرة ١٤٤٨ (٢٣ نوفمبر ٢٠٢٦)، ١٤:٣٠"),
        ("fa", "hijri", "دوشنبه ۱۲ جمادی‌الثانی ۱۴۴۸ (۲۳ نوامبر ۲۰۲۶)، ۱۴:۳۰"),
        ("en", "hijri", "Monday 12 Jumada II 1448 (23 November 2026), 14:30"),
        ("en", "gregorian", "Monday 23 November 2026, 14:30"),
        ("ar", "gregorian", "الاثنين ٢٣ نوفمبر ٢٠٢٦، ١٤:٣٠"),
    ],
)
def test_what_was_understood_in_words(language: str, calendar: str, said: str) -> None:
    token = reading.READER.set(reading.ReadingHabits(calendar=calendar))
    try:
        with translation.override(language):
            assert understood(datetime(2026, 11, 23, 14, 30, tzinfo=UTC)) == said
    finally:
        reading.READER.reset(token)


def test_an_instant_of_an_address_stands_in_the_calendar_of_the_reader() -> None:
    token = reading.READER.set(reading.ReadingHabits(calendar="jalali"))
    try:
        assert field_text("2026-11-23T14:30:00+00:00") == "1405/09/02 14:30"
        assert field_text("2026-11-23", with_time=False) == "1405/09/02", "as links of the room write a day"
        assert field_text("2026-02-30") == "2026-02-30"
        assert field_text("۱۴۰۵/۹") == "۱۴۰۵/۹", "what somebody wrote stays as they wrote it"
        assert field_text('"><script>T') == '"><script>T'
    finally:
        reading.READER.reset(token)


def test_who_counts_in_lunar_years_writes_and_reads_them() -> None:
    token = reading.READER.set(reading.ReadingHabits(calendar="hijri"))
    try:
        assert read_instant("١٤٤٨/٦/١٢ ١٤:٣٠") == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
        assert read_instant("1405/09/02").date() == date(2026, 11, 23), "a year that can only be solar"
        assert read_instant("2026-11-23").date() == date(2026, 11, 23)
        assert field_text("2026-11-23T14:30:00+00:00") == "1448/06/12 14:30"
        assert reading.both_dates(datetime(2026, 11, 23, tzinfo=UTC)) == ("1448/06/12", "2026-11-23")
        with pytest.raises(InputError):
            read_instant("1448/06/30")
    finally:
        reading.READER.reset(token)


@given(st.dates(date(1991, 1, 1), date(2050, 12, 31)))
def test_every_lunar_day_is_read_as_it_is_written(day: date) -> None:
    assert from_hijri(*to_hijri(day)) == day
    months = words.WORDS["lunar_month"]
    year, month, of_month = to_hijri(day)
    assert read_instant(f"{of_month} {months[str(month)]} {year}").date() == day


def test_intake_and_pages_count_lunar_days_alike() -> None:
    days = [date(1993, 6, 21) + timedelta(days=n) for n in range(15_000)]
    rows = pl.DataFrame([to_hijri(day) for day in days], schema=["y", "m", "d"], orient="row")
    read = rows.select(hijri_days(pl.col("y"), pl.col("m"), pl.col("d")).cast(pl.Int32).cast(pl.Date))
    assert read.to_series().to_list() == days


def test_a_member_chooses_the_lunar_calendar(furnished: Room) -> None:
    client = client_of(Member.objects.get(username="ben"))
    client.post("/account/preferences/", {"calendar": "hijri", "language": "ar", "time_zone": "Asia/Baghdad"})
    assert Member.objects.get(username="ben").calendar == "hijri"
    number = Case.objects.filter(room=furnished).values_list("number", flat=True)[0]
    page = client.get(f"/r/watch/cases/{number}/").content.decode()
    assert 'data-date="hijri"' in page
    assert 'placeholder="1448/06/12 15:30"' in page


def jalali(name: str, **more: Any) -> Any:
    Member.objects.filter(username=name).update(calendar="jalali", **more)
    return client_of(Member.objects.get(username=name))


def test_a_task_is_due_on_a_solar_day_and_the_page_says_which(furnished: Room) -> None:
    client = jalali("ben", time_zone="Asia/Tehran", language="fa")
    number = Case.objects.filter(room=furnished).values_list("number", flat=True)[0]
    where = f"/r/watch/cases/{number}/"
    form = client.get(where).content.decode()
    assert 'data-date="jalali"' in form
    assert 'placeholder="1405/09/02 16:00"' in form
    given = {"do": "task", "title": "x", "due": "۱۴۰۵/۰۹/۰۲ ۱۴:۳۰", "dates": ["due", "remind"]}
    client.post(f"{where}act/", given)
    assert Task.objects.get(title="x").due_at == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    assert "دوشنبه ۲ آذر ۱۴۰۵ (۲۳ نوامبر ۲۰۲۶)، ۱۴:۳۰" in client.get(where).content.decode()


def test_a_search_says_what_it_understood(furnished: Room) -> None:
    page = jalali("ben", language="en").get("/r/watch/posts/?since=1405/09/02&until=2026-11-24").content.decode()
    assert 'value="1405/09/02"' in page
    assert "Monday 2 Azar 1405 (23 November 2026)" in page
    assert "Tuesday 3 Azar 1405 (24 November 2026)" in page


def test_no_form_asks_for_a_date_in_another_way() -> None:
    """The date fields of browsers know the Gregorian calendar alone."""
    templates = Path(apps.__file__).parent / "templates"
    assert [page.name for page in templates.rglob("*.html") if 'type="date' in page.read_text("utf-8")] == []
