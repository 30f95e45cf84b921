"""On a phone what is listed comes first, and what is asked for is asked in few fields."""

from __future__ import annotations

from typing import Any

import pytest

from dideban.room.rooms.models import Room
from room.board.test_browser import Open, address, browser, open_as

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["address", "browser", "open_as"]
PHONE, SCREEN = 390, 844
LISTS = ("findings", "narratives", "posts", "cases", "triage")


def top_of(page: Any, selector: str) -> float:
    """Return how far below the top of the page an element begins, CSS pixels."""
    return float(page.locator(selector).first.bounding_box()["y"])


@pytest.mark.parametrize("name", LISTS)
def test_what_is_listed_begins_on_the_first_screen(open_as: Open, address: str, name: str) -> None:
    page = open_as("alice", width=PHONE)
    page.goto(f"{address}/r/watch/{name}/")
    first = ".posts li, [data-row], .register-room li, table.data tbody tr, .empty"
    assert top_of(page, f"main :is({first})") < SCREEN * 0.75
    page.locator(".filters .fold").click()
    assert page.locator(".filters .fold").get_attribute("aria-expanded") == "true"
    assert page.locator(".filters select").first.is_visible()


def test_a_filter_that_is_set_is_seen(open_as: Open, address: str) -> None:
    page = open_as("alice", width=PHONE)
    page.goto(f"{address}/r/watch/findings/?verdict=confirmed")
    assert page.locator(".filters select[name=verdict]").is_visible()
    page.goto(f"{address}/r/watch/findings/")
    assert not page.locator(".filters select[name=verdict]").is_visible()


def test_on_a_wide_screen_filters_stand_open(open_as: Open, address: str) -> None:
    page = open_as("alice")
    page.goto(f"{address}/r/watch/findings/")
    assert page.locator(".filters select[name=verdict]").is_visible()
    assert not page.locator(".filters .fold").is_visible()


@pytest.mark.parametrize("name", ["alice", "ben", "bob"])
def test_the_pages_of_the_room_are_listed_without_bars_to_scroll(open_as: Open, address: str, name: str) -> None:
    page = open_as(name)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{address}/r/watch/findings/")
    beyond = "(r => [r.scrollWidth - r.clientWidth, r.scrollHeight - r.clientHeight])(document.querySelector('.rail'))"
    assert max(page.evaluate(beyond)) <= 0


@pytest.mark.parametrize("typed", ["۱۲", "١٢", "12"])
def test_numbers_are_typed_in_any_digits(open_as: Open, address: str, furnished: Room, typed: str) -> None:
    """As Persian and Arabic keyboards write them: a field for a number takes Latin ones alone."""
    page = open_as("alice")
    page.goto(f"{address}/r/watch/findings/")
    field = page.locator(".filters input[name=accounts]")
    field.focus()
    page.keyboard.insert_text(typed)
    assert field.input_value() == "12"


def test_the_example_of_an_instant_is_not_cut(open_as: Open, address: str) -> None:
    page = open_as("alice", width=PHONE)
    page.goto(f"{address}/r/watch/cases/new/")
    page.fill("input[name=title]", "Bridge")
    with page.expect_navigation():
        page.locator("main form button.is-main").click()
    page.locator("#tasks details summary").first.click()
    field = page.locator("#tasks input[name=due]")
    narrow = """field => {
      const pen = document.createElement("canvas").getContext("2d"), style = getComputedStyle(field);
      pen.font = style.font;
      const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      return pen.measureText(field.placeholder).width - room;
    }"""
    assert field.evaluate(narrow) <= 0
