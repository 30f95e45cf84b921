"""Numbers, times and lists as each language writes them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.messages import languages, locale
from dideban.messages.plurals import read_plurals

EN, FA, AR = locale("en"), locale("fa"), locale("ar")
AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "en", "fa", "ar"),
    [
        (0, "0", "۰", "٠"),
        (20_000, "20,000", "۲۰٬۰۰۰", "٢٠٬٠٠٠"),
        (2.5, "2.5", "۲٫۵", "٢٫٥"),
        (1 / 3, "0.333", "۰٫۳۳۳", "٠٫٣٣٣"),
        (-1, "-1", "\u200e−۱", "\u200e-١"),
        (math.nan, "—", "—", "—"),
        (math.inf, "∞", "∞", "∞"),
    ],
)
def test_numbers(value, en, fa, ar):
    assert (EN.number(value), FA.number(value), AR.number(value)) == (en, fa, ar)


@pytest.mark.parametrize(
    ("value", "written"),
    [(12_345, "12,345"), (0.0123, "0.0123"), (3.1e-6, "3.1×10⁻⁶"), (5e12, "5×10¹²"), (1234.5, "1,234"), (0, "0")],
)
def test_measures_keep_three_digits(value, written):
    assert EN.measure(value) == written


def test_powers_are_read_from_left_to_right_in_any_digits():
    """Between Arabic digits a sign takes the other direction unless marks hold it: 10×3.1 would be read."""
    assert FA.measure(5e12) == "۵×۱۰¹²"
    assert AR.measure(5e12) == "٥\u200e×\u200e١٠¹²"


@pytest.mark.parametrize(
    ("seconds", "en", "fa", "ar"),
    [
        (1, "1 second", "یک ثانیه", "ثانية واحدة"),
        (2, "2 seconds", "۲ ثانیه", "ثانيتين"),
        (60, "60 seconds", "۶۰ ثانیه", "٦٠ ثانية"),
        (600, "10 minutes", "۱۰ دقیقه", "١٠ دقائق"),
        (7200, "2 hours", "۲ ساعت", "ساعتين"),
        (86_400, "1 day", "یک روز", "يومًا واحدًا"),
        (86_400 * 103, "103 days", "۱۰۳ روز", "١٠٣ أيام"),
        (0.5, "0.5 seconds", "۰٫۵ ثانیه", "٠٫٥ ثانية"),
    ],
)
def test_exact_lengths_of_time(seconds, en, fa, ar):
    assert (EN.duration(seconds), FA.duration(seconds), AR.duration(seconds)) == (en, fa, ar)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0 s"), (12.04, "12 s"), (9.96, "10 s"), (60, "1 min"), (210, "3.5 min"), (5400, "1.5 h"), (345_600, "4 d")],
)
def test_spans(seconds, written):
    assert EN.span(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(12.4, "12 s"), (59.4, "59 s"), (61, "1 min"), (234, "4 min"), (5_400, "90 min"), (7_300, "2 h"), (100_000, "28 h"),
     (172_800, "2 d"), (500_000, "6 d"), (None, "—")],
)  # fmt: skip
def test_how_long_ago_is_said_in_whole_numbers(seconds, written):
    assert EN.about(seconds) == written


def test_instants_follow_calendar_zone_and_direction():
    assert EN.instant(AT) == "2026-11-23 14:30 UTC"
    assert FA.instant(AT) == "\u2066۲۰۲۶-۱۱-۲۳ ۱۴:۳۰ UTC\u2069"
    tehran = FA.reading(calendar="jalali", zone=ZoneInfo("Asia/Tehran"))
    assert tehran.instant(AT) == "\u2066۱۴۰۵/۰۹/۰۲ ۱۸:۰۰\u2069"
    assert AR.date(date(2026, 11, 23)) == "٢٠٢٦/١١/٢٣"
    assert FA.reading(local_digits=False).number(20_000.5) == "20,000.5"


def test_sizes_shares_and_lists():
    assert [EN.size(n) for n in (0, 512, 1536, 3 << 30, 5 << 50)] == ["0 B", "512 B", "1.5 KiB", "3 GiB", "5120 TiB"]
    assert (EN.percent(0.05), FA.percent(0.125), EN.percent(None)) == ("5%", "۱۲٫۵٪", "—")
    assert EN.join(["a", "b", "c"], style="and") == "a, b and c"
    assert AR.join(["أ", "ب"], style="and") == "أ وب"
    assert EN.join([], style="and") == ""
    assert FA.join(["الف"], style="or") == "الف"


@pytest.mark.parametrize(
    ("n", "category"),
    [(0, "zero"), (1, "one"), (2, "two"), (3, "few"), (10, "few"), (11, "many"), (99, "many"), (100, "other"),
     (102, "other"), (103, "few"), (111, "many"), (1000, "other"), (1.5, "other"), (3.5, "other")],
)  # fmt: skip
def test_arabic_has_six_plural_categories(n, category):
    assert AR.category(n) == category


def test_english_and_persian_have_two():
    assert [EN.category(n) for n in (0, 1, 1.0, 1.5, 2)] == ["other", "one", "one", "other", "other"]
    assert [FA.category(n) for n in (0, 0.5, 1, 1.5, 2)] == ["one", "one", "one", "other", "other"]


@pytest.mark.parametrize("rules", [{"one": "n is 1"}, {"few": "n % = 3"}, {"some": "n = 1"}, {"other": "n = 1"}])
def test_rules_that_are_not_understood_are_refused(rules):
    with pytest.raises(ValueError, match="plurals"):
        read_plurals(rules)


def test_rules_of_other_languages_can_be_stated():
    russian = read_plurals(
        {
            "one": "v = 0 and i % 10 = 1 and i % 100 != 11",
            "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
            "many": "v = 0 and i % 10 = 0 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 11..14",
        }
    )
    said = [russian.category(str(n)) for n in (1, 2, 5, 11, 12, 21, 22, 25, 100, 1.5)]
    assert said == ["one", "few", "many", "many", "many", "one", "few", "many", "many", "other"]


@given(st.floats() | st.integers(), st.sampled_from(languages()))
def test_every_number_can_be_written(value, lang):
    tongue = locale(lang)
    for write in (tongue.number, tongue.measure, tongue.duration, tongue.span, tongue.percent, tongue.size):
        assert write(value)
