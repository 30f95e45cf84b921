"""The calendar beside a field for dates, with keys alone, right to left."""

from __future__ import annotations

import pytest

from dideban.room.members.models import Member
from room.board.test_browser import Open, address, browser, open_as

pytestmark = pytest.mark.browser
__all__ = ["address", "browser", "open_as"]


def test_a_lunar_day_is_chosen_by_keys(open_as: Open, address: str) -> None:
    Member.objects.filter(username="ben").update(calendar="hijri", language="ar")
    page = open_as("ben")
    page.goto(f"{address}/r/watch/posts/")
    page.fill("input[name=since]", "١٤٤٨/٠٦/٢٩")
    said = page.locator("[data-said]").first.inner_text()
    assert "٢٩ جمادى الآخرة ١٤٤٨" in said
    assert "ديسمبر ٢٠٢٦" in said
    page.locator(".date-row button").first.press("Enter")
    page.keyboard.press("ArrowLeft")  # right to left: the next day; this month has 29
    assert "١ رجب ١٤٤٨" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    assert page.input_value("input[name=since]") == "1448/07/01"


def test_a_solar_day_is_chosen_by_keys(open_as: Open, address: str) -> None:
    Member.objects.filter(username="ben").update(calendar="jalali", language="fa")
    page = open_as("ben")
    page.goto(f"{address}/r/watch/posts/")
    page.fill("input[name=since]", "۱۴۰۳/۱۲/۲۹")
    assert page.locator("[data-said]").first.inner_text().startswith("چهارشنبه ۲۹ اسفند ۱۴۰۳ (۱۹ مارس ۲۰۲۵")
    page.locator(".date-row button").first.press("Enter")
    focused = "document.activeElement.getAttribute('aria-label')"
    assert "۲۹ اسفند ۱۴۰۳" in page.evaluate(focused)
    page.keyboard.press("ArrowLeft")  # right to left: the next day, which only a leap year has
    assert "۳۰ اسفند ۱۴۰۳" in page.evaluate(focused)
    page.keyboard.press("ArrowLeft")
    assert "۱ فروردین ۱۴۰۴" in page.evaluate(focused)
    page.keyboard.press("PageDown")
    page.keyboard.press("Shift+PageDown")
    assert "۱ اردیبهشت ۱۴۰۵" in page.evaluate(focused)
    page.keyboard.press("Enter")
    assert page.input_value("input[name=since]") == "1405/02/01"
    page.locator("dialog.day-picker").wait_for(state="detached")
    page.fill("input[name=since]", "1404/12/30")
    assert page.locator("[data-said]").first.inner_text() == "این هنوز روزی را نشان نمی‌دهد."
    page.fill("input[name=since]", "2 Azar 1405")
    page.locator(".filters .is-main").click()
    page.wait_for_url("**since=**")
    assert page.input_value("input[name=since]") == "2 Azar 1405"
