"""Times in every way of writing that exports use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.ingest.times import EARLIEST, LATEST, read_times

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
TEHRAN = timedelta(hours=3, minutes=30)

READABLE = [
    ("2024-05-01T12:00:00Z", NOON),
    ("2024-05-01T12:00:00.000Z", NOON),
    ("2024-05-01T12:00:00+00:00", NOON),
    ("2024-05-01T15:30:00+03:30", NOON),
    ("2024-05-01T15:30:00+0330", NOON),
    ("2024-05-01 07:00:00 -05", NOON),
    ("2024-05-01 12:00:00 UTC", NOON),
    ("2024-05-01 07:00:00 EST", NOON),
    ("2024-05-01 08:00:00 EDT", NOON),
    ("2024-05-01 12:00:00", NOON),
    ("2024-05-01 12:00", NOON),
    ("2024-05-01T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
    ("2024/05/01 12:00", NOON),
    ("2024/5/1 12:00:00", NOON),
    ("2024-05-01", NOON.replace(hour=0)),
    ("20240501", NOON.replace(hour=0)),
    ("20240501120000", NOON),
    ("Wed, 01 May 2024 12:00:00 GMT", NOON),
    ("Wed, 1 May 2024 15:30:00 +0330", NOON),
    ("Wed, 01 May 2024 12:00:00 +0000 (UTC)", NOON),
    ("Wed May 01 12:00:00 +0000 2024", NOON),
    ("1 May 2024 12:00", NOON),
    ("May 1, 2024 12:00 PM", NOON),
    ("May 1, 2024, 12:00:00 PM", NOON),
    ("01.05.2024 12:00", NOON),
    ("13/05/2024 12:00", NOON.replace(day=13)),
    ("1714564800", NOON),
    ("1714564800.0", NOON),
    ("1714564800000", NOON),
    ("1714564800000000", NOON),
    ("1714564800000000000", NOON),
    ("1.7145648e9", NOON),
    ("  2024-05-01T12:00:00Z  ", NOON),
    ("۲۰۲۴/۰۵/۰۱ ۱۲:۰۰", NOON),
    ("٢٠٢٤-٠٥-٠١ ١٢:٠٠", NOON),
    ("1990-01-01", EARLIEST),
    ("May 01, 2024 @ 12:00:00.000", NOON),
    ("1 May 2024, 12:00", NOON),
    ("01-May-24 12:00:00 PM", NOON),
    ("2024-05-01 15:00:00 UTC+3", NOON),
    ("2024-05-01 15:30:00 Asia/Tehran", NOON),
    ("2024-05-01T12:00:00.000+00:00[UTC]", NOON),
    ("2024-05-01T15:30:00+03:30[Asia/Tehran]", NOON),
    ("01.05.24 12:00", NOON),
    ("2024年05月01日 12:00", NOON),
    ("12:00 · 1 May 2024", NOON),
    ("12:00 PM · May 1, 2024", NOON),
    ("May 1, 2024 at 12:00 PM", NOON),
    ("2024-05-01 12.00.00", NOON),
    ("20240501T120000Z", NOON),
    ("2024/05/01 12:00:00 PM", NOON),
    ("2024-05-01 12:00:00 AM", NOON.replace(hour=0)),
    ("Wed May 01 08:00:00 EDT 2024", NOON),
    ("Wednesday, May 1, 2024 12:00 PM", NOON),
    ("2024-04-30 24:00:00", NOON.replace(hour=0)),
    ("45413.5", NOON),
    ("٠١/٠٥/٢٠٢٤ ١٢:٠٠", NOON),
    ("01 مه 2024 12:00", NOON),
    ("1 مايو 2024 12:00", NOON),
    ("1 أيار 2024 12:00", NOON),
    ("1 mai 2024 12:00", NOON),
    ("1 de mayo de 2024 12:00", NOON),
    ("1. Mai 2024 12:00 Uhr", NOON),
    ("1 мая 2024 12:00", NOON),
    ("1 Mayıs 2024 12:00", NOON),
    ("2024-05-01 12:00:00 م", NOON),
    ("2024-05-01 12:00:00 ب.ظ", NOON),
    ("28/3/2025, 9:29 p. m.", datetime(2025, 3, 28, 21, 29, tzinfo=UTC)),
    ("2024-05-01 12:00:00 (UTC)", NOON),
    ("2024-05-01 12:00:00 +0000 UTC", NOON),
    ("2024-05-01T12:00Z", NOON),
    ("May 1st 2024, 12:00:00 pm", NOON),
    ("1.7145648e12", NOON),
    ("Wed May 01 2024 15:30:00 GMT+0330 (Iran Standard Time)", NOON),
    ("1403/02/12 12:00", NOON),
    ("1403-02-12 12:00:00", NOON),
    ("۱۴۰۳/۰۲/۱۲ ۱۲:۰۰", NOON),
    ("12/02/1403 12:00", NOON),
    ("14030212", NOON.replace(hour=0)),
    ("14030212120000", NOON),
    ("۱۲ اردیبهشت ۱۴۰۳ ساعت ۱۲:۰۰", NOON),
    ("چهارشنبه، ۱۲ اردیبهشت ۱۴۰۳", NOON.replace(hour=0)),
    ("1445-10-22 12:00", NOON),
    ("22 شوال 1445 12:00", NOON),
]
ZONES = [
    ("2024-05-01 08:00 EDT", "EDT is read as UTC-04:00"),
    ("2024-05-01 06:00 CST", "CST is read as UTC-06:00; where China is meant"),
    ("2024-05-01 13:00 BST", "BST is read as UTC+01:00; where Bangladesh is meant"),
]
NEW_YEARS = [
    # 1 Farvardin, by the official calendar of Iran, and days of the Hijri calendar that the table gets right
    ("1370/01/01", date(1991, 3, 21)),
    ("1375/12/30", date(1997, 3, 20)),
    ("1376/01/01", date(1997, 3, 21)),
    ("1399/12/30", date(2021, 3, 20)),
    ("1400/01/01", date(2021, 3, 21)),
    ("1401/11/22", date(2023, 2, 11)),
    ("1403/12/30", date(2025, 3, 20)),
    ("1404/01/01", date(2025, 3, 21)),
    ("1405/01/01", date(2026, 3, 21)),
    ("1408/12/30", date(2030, 3, 20)),
    ("1 رمضان 1445", date(2024, 3, 11)),
    ("1 شوال 1445", date(2024, 4, 10)),
    ("1 رمضان 1442", date(2021, 4, 13)),
    ("1 محرم 1443", date(2021, 8, 10)),
]
SET_ASIDE = [
    (None, "time-missing"),
    ("", "time-missing"),
    ("   ", "time-missing"),
    ("yesterday", "time-relative"),
    ("soon", "time-unreadable"),
    ("2024-02-30", "time-unreadable"),
    ("2024-13-01", "time-unreadable"),
    ("2024-05-01T25:00:00Z", "time-unreadable"),
    ("2024-05-01T12:00:00 XYZ", "time-unreadable"),
    ("9" * 40, "time-unreadable"),
    ("nan", "time-unreadable"),
    ("0", "time-out-of-range"),
    ("-1714564800", "time-out-of-range"),
    ("1970-01-01T00:00:00Z", "time-out-of-range"),
    ("1989-12-31T23:59:59Z", "time-out-of-range"),
    ("2035-01-01", "time-out-of-range"),
    ("2262-04-11T23:47:16Z", "time-out-of-range"),
    ("1412/01/01", "time-jalali"),
    ("1403/07/31", "time-unreadable"),
    ("1402/12/30", "time-unreadable"),
    ("2h", "time-relative"),
    ("3 days ago", "time-relative"),
    ("Yesterday at 12:00", "time-relative"),
    ("۲ ساعت پیش", "time-relative"),
    ("2024-05-01 24:00:01", "time-unreadable"),
]


@pytest.mark.parametrize(("written", "meant"), READABLE)
def test_readable(written, meant):
    times, reasons, _ = read_times(pl.Series([written]))
    assert times.to_list() == [meant]
    assert reasons.to_list() == [None]


@pytest.mark.parametrize(("written", "day"), NEW_YEARS)
def test_known_days_of_other_calendars(written, day):
    times, reasons, notes = read_times(pl.Series([written]))
    assert (times[0].date(), reasons[0]) == (day, None)
    assert "calendar" in str(notes[0])


@pytest.mark.parametrize(("written", "note"), ZONES)
def test_zones_named_by_letters_are_said(written, note):
    times, _, notes = read_times(pl.Series([written]))
    assert times.to_list() == [NOON]
    assert any(one.startswith(note) for one in map(str, notes))


@pytest.mark.parametrize(("written", "reason"), SET_ASIDE)
def test_set_aside_with_the_reason(written, reason):
    times, reasons, _ = read_times(pl.Series([written], dtype=pl.String))
    assert times.to_list() == [None]
    assert reasons.to_list() == [reason]


def test_a_mixed_column_reads_as_each_value_alone():
    values = [written for written, _ in READABLE] + [written for written, _ in SET_ASIDE]
    times, reasons, _ = read_times(pl.Series(values))
    assert times.to_list() == [meant for _, meant in READABLE] + [None] * len(SET_ASIDE)
    assert reasons.to_list() == [None] * len(READABLE) + [reason for _, reason in SET_ASIDE]
    backwards, _, _ = read_times(pl.Series(values[::-1]))
    assert backwards.to_list() == times.to_list()[::-1]


@pytest.mark.parametrize(
    "value", ["1764464244.123456", "1764464244.", "1764464244123.5", "176446424.1", "45992.5", "999999999.9", "-1.5"]
)
def test_numbers_with_a_decimal_mark_read_alike_in_front_and_behind(value):
    column = read_times(pl.Series([value, "1764464244.5", "2 May 2024", value]))
    alone = read_times(pl.Series(["2 May 2024", value]))
    assert column[0].gather([0, 3]).to_list() == [alone[0][1]] * 2
    assert column[1].gather([0, 3]).to_list() == [alone[1][1]] * 2
    assert column[0][1].timestamp() == 1764464244.5
    assert column[0][2].day == 2


@pytest.mark.parametrize(("day_first", "day"), [(True, date(2024, 4, 3)), (False, date(2024, 3, 4))])
def test_day_first_is_a_setting_and_said(day_first, day):
    times, _, notes = read_times(pl.Series(["03/04/2024"]), day_first=day_first)
    assert times[0].date() == day
    assert any("03/04/2024" in note for note in map(str, notes))


def test_years_of_two_digits_are_of_this_century():
    times, _, _ = read_times(pl.Series(["5/1/24 12:00", "5/1/98 12:00"]))
    assert times.to_list() == [NOON, NOON.replace(year=1998)]


def test_times_without_a_zone_take_the_given_one_and_it_is_said():
    times, _, notes = read_times(pl.Series(["2024-05-01 15:30"]), time_zone="Asia/Tehran")
    assert times.to_list() == [NOON]
    assert any("Asia/Tehran" in note for note in map(str, notes))
    _, _, silent = read_times(pl.Series(["2024-05-01T12:00:00Z"]), time_zone="Asia/Tehran")
    assert silent == []


def test_a_time_that_its_zone_skipped_is_rejected_and_one_it_has_twice_is_the_earlier():
    values = pl.Series(["2024-03-31 02:30", "2024-10-27 02:30"])
    times, reasons, _ = read_times(values, time_zone="Europe/Paris")
    assert reasons.to_list() == ["time-nonexistent", None]
    assert times.to_list() == [None, datetime(2024, 10, 27, 0, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pl.Series([1714564800, 1714564800000, 1714564800000000, 1714564800000000000]), [NOON] * 4),
        (pl.Series([1714564800.25]), [NOON.replace(microsecond=250000)]),
        (pl.Series([NOON.replace(tzinfo=None)], dtype=pl.Datetime("ns")), [NOON]),
        (pl.Series([NOON.astimezone(timezone(TEHRAN))]), [NOON]),
        (pl.Series([date(2024, 5, 1)]), [NOON.replace(hour=0)]),
        (pl.Series([0, -1, 2**62]), [None] * 3),
        (pl.Series([float("nan"), float("inf")]), [None] * 2),
        (pl.Series([None, None]), [None] * 2),
        (pl.Series([True]), [None]),
    ],
)
def test_columns_that_are_not_text(values, expected):
    times, reasons, _ = read_times(values)
    assert times.to_list() == expected
    assert [reason is None for reason in reasons] == [time is not None for time in expected]


@given(st.lists(st.text(max_size=30)))
def test_any_text_is_a_time_or_a_reason(values):
    times, reasons, _ = read_times(pl.Series(values, dtype=pl.String))
    for time, reason in zip(times.to_list(), reasons.to_list(), strict=True):
        assert (time is None) == (reason is not None)
        assert time is None or EARLIEST <= time < LATEST


@given(st.lists(st.tuples(st.integers(1988, 2036), st.integers(0, 14), st.integers(0, 33)), min_size=1))
def test_calendar_days_are_those_of_the_calendar(days):
    written = [f"{year}/{month}/{day} 00:00" for year, month, day in days]
    times, reasons, _ = read_times(pl.Series(written), bounds=False)
    for (year, month, day), time, reason in zip(days, times, reasons, strict=True):
        try:
            assert time == datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            assert reason == "time-unreadable"


@given(st.datetimes(datetime(1990, 1, 2), datetime(2034, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_every_instant_is_read_back(moment, offset_min):
    zone = timezone(timedelta(minutes=offset_min))
    written = moment.replace(tzinfo=UTC).astimezone(zone).isoformat()
    times, _, _ = read_times(pl.Series([written]))
    assert times[0] == moment.replace(tzinfo=UTC)


def test_a_column_in_which_some_dates_can_only_be_day_first_is_day_first():
    times, _, notes = read_times(pl.Series(["03/04/2024", "13/04/2024"]))
    assert [time.date() for time in times] == [date(2024, 4, 3), date(2024, 4, 13)]
    assert "day first, since others" in str(notes[0])
    times, _, notes = read_times(pl.Series(["03/04/2024", "04/13/2024"]))
    assert [time.date() for time in times] == [date(2024, 3, 4), date(2024, 4, 13)]
    assert "--day-first" in str(notes[0])
    times, _, notes = read_times(pl.Series(["03/04/2024", "04/13/2024", "04/14/2024", "13/04/2024", "03.04.2024"]))
    assert [time.date() for time in times] == [
        date(2024, 3, 4), date(2024, 4, 13), date(2024, 4, 14), date(2024, 4, 13), date(2024, 4, 3),
    ]  # fmt: skip
    assert "both orders" in str(notes[1])
