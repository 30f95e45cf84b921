"""From the link of the first start to posts of one's own source, click by click."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import override_settings

from dideban.room.posts.merge import merge_all
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source
from dideban.room.sources.poll import poll
from dideban.room.upkeep.first_start import offer
from dideban.room.upkeep.setup import make_room
from room.board.test_browser import address, browser
from room.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["address", "browser"]
MOST_STEPS = 12
TEXT = "The bridge stays closed until Friday"


class Feed(BaseHTTPRequestHandler):
    """A newspaper of one item."""

    def do_GET(self) -> None:
        day = format_datetime(datetime.now(UTC))
        item = (
            f"<item><title>{TEXT}</title><link>http://127.0.0.1/1</link><guid>1</guid><pubDate>{day}</pubDate></item>"
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title>{item}</channel></rss>'.encode()
        self.send_response(200 if self.path == "/feed" else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def feed() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed"
    server.shutdown()
    server.server_close()


def test_from_the_link_to_posts_of_ones_own_in_twelve_steps(
    data: Any, browser: Any, address: str, feed: str
) -> None:  # fmt: skip
    """A step is a field that is filled or chosen, or a button that is pressed."""
    make_room()
    context = browser.new_context()
    page, steps = context.new_page(), 0

    def step(act: Any, *values: str) -> None:
        nonlocal steps
        act(*values)
        steps += 1

    with override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        step(page.goto, f"{address}/first/{offer()}/")
        step(page.fill, "input[name=username]", "sara")
        step(page.fill, "input[name=name_en]", "Harbour")
        step(page.select_option, "select[name=source_kind]", "feed")
        step(page.fill, "input[name=source_value]", feed)
        with page.expect_navigation():
            step(page.click, "button[value=preview]")
        # What it brings is read first, not the top of the page; a browser moves the focus when it paints.
        focused = (
            "text => document.activeElement?.matches('section') && document.activeElement.innerText.includes(text)"
        )
        page.wait_for_function(focused, arg=TEXT)
        assert page.input_value("input[name=source_value]") == feed, "nothing is written twice but the password"
        step(page.fill, "input[name=password]", PASSWORD)
        step(page.click, ".go-row button[value=begin]")
        page.wait_for_url("**/r/watch/")
        assert "Harbour" in page.locator(".title").inner_text()
        poll(Source.objects.select_related("room", "place").get())
        merge_all(Room.objects.get().slug)
        step(page.goto, f"{address}/r/watch/posts/")
    assert TEXT in page.locator("main").inner_text()
    assert steps <= MOST_STEPS
    context.close()


@pytest.mark.parametrize("name", ["username", "source_value"])
def test_enter_in_a_field_begins_the_room(data: Any, browser: Any, address: str, name: str) -> None:
    """As the main button does; not the one beside the address of a source, which comes first on the page."""
    make_room()
    context = browser.new_context()
    page, where = context.new_page(), f"{address}/first/{offer()}/"
    page.goto(where)
    page.press(f"input[name={name}]", "Enter")
    assert page.evaluate("document.activeElement.name") == "username", "what must be filled is asked for"
    page.fill("input[name=username]", "sara")
    page.fill("input[name=password]", PASSWORD)
    page.press(f"input[name={name}]", "Enter")
    page.wait_for_url("**/r/watch/")
    context.close()
