"""Control and Enter do what the main button of a form does, and what went wrong is told beside the form."""

from __future__ import annotations

import pytest

from dideban.room.cases.models import Case, Note
from dideban.room.findings.models import FollowedGroup, Verdict
from dideban.room.rooms.models import Room
from room.board.test_browser import Open, address, browser, open_as

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["address", "browser", "open_as"]


def test_several_findings_are_judged_from_the_list_by_keys(open_as: Open, address: str, furnished: Room) -> None:
    before = Verdict.objects.count()
    page = open_as("alice")
    page.goto(f"{address}/r/watch/triage/?show=all")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("3")
    page.keyboard.type("the wire of the agency")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert Verdict.objects.count() == before + 1
    assert Verdict.objects.latest("pk").kind == "false-alarm"
    with page.expect_navigation():
        page.locator("[data-undo]").click()
    assert Verdict.objects.filter(withdrawn_at=None).count() == before


def test_a_note_is_written_by_keys(open_as: Open, address: str, furnished: Room) -> None:
    """Its form has two buttons: the main one keeps a note, the other a decision."""
    case = Case.objects.order_by("number").first()
    assert case is not None
    page = open_as("alice")
    page.goto(f"{address}/r/watch/cases/{case.number}/")
    page.locator("#notes > form textarea").fill("asked them twice")
    with page.expect_navigation():
        page.locator("#notes > form textarea").press("Control+Enter")
    assert Note.objects.latest("pk").text == "asked them twice"
    assert Note.objects.latest("pk").kind == "note"


def test_what_went_wrong_is_seen_beside_what_was_written(open_as: Open, address: str, furnished: Room) -> None:
    assert FollowedGroup.objects.exists()
    page = open_as("alice", width=390)
    page.goto(f"{address}/r/watch/triage/?show=all")
    page.locator("[data-row] input[type=checkbox]").first.check()
    page.locator("[data-reason]").fill("no verdict was chosen")
    with page.expect_navigation():
        page.locator("[data-reason]").press("Control+Enter")
    told = page.locator(".messages .is-error")
    assert page.locator("[data-reason]").input_value() == "no verdict was chosen"
    assert told.evaluate("one => Boolean(one.closest('form').querySelector('[data-reason]'))")
