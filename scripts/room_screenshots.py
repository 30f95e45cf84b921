"""Take the pictures of the room for docs/running-a-room.md: now, a finding in the dark, a case in Persian.

    dideban room --demo &
    python scripts/room_screenshots.py http://127.0.0.1:8765 docs/images

The room must be the demo and have found something, which takes a few minutes. The script opens a case where there is
none, and leaves the member reading English. Needs playwright and a Chromium on PATH (or named by ``DIDEBAN_CHROMIUM``).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import screenshots

WIDTH, HEIGHT = 1180, 800
MAX_BYTES = 200_000
NAME, PASSWORD = "demo", "the watch never sleeps"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="address of the demo room")
    parser.add_argument("out", type=Path, help="folder for the pictures")
    chosen = parser.parse_args()
    browser = screenshots.find_browser()
    if browser is None:
        return 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    screenshots.MAX_BYTES = MAX_BYTES
    for name, picture in take(chosen.address.rstrip("/"), browser).items():
        path = chosen.out / f"{name}.png"
        path.write_bytes(screenshots.compress(picture))
        print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def take(address: str, browser: str) -> dict[str, bytes]:
    """Return the pictures by name."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=browser, args=list(screenshots.ARGUMENTS))
        page = made.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5)
        sign_in(page, address)
        room = f"{address}/r/watch/"
        pictures = {"room-now": shot(page, room)}
        case = case_of(page, room)
        page.emulate_media(color_scheme="dark")
        pictures["room-finding-dark"] = finding(page, room)
        page.emulate_media(color_scheme="light")
        read_in(page, address, "fa")
        pictures["room-case-fa"] = shot(page, case)
        read_in(page, address, "en")
        made.close()
    return pictures


def sign_in(page: Any, address: str) -> None:
    page.goto(address)
    page.fill("input[name=login]", NAME)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/r/watch/")


def shot(page: Any, address: str) -> bytes:
    """Return a picture of a page as it opens."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    picture: bytes = page.screenshot()
    return picture


def finding(page: Any, room: str) -> bytes:
    """Return a picture of the first finding: what was found, the verdict, the beginning of the timeline."""
    page.goto(f"{room}findings/")
    page.click("[data-row] .pushed a")
    page.wait_for_selector(".raster")
    page.evaluate("document.querySelector('.desk').scrollIntoView()")
    page.evaluate("window.scrollBy(0, -60)")
    picture: bytes = page.screenshot()
    return picture


def case_of(page: Any, room: str) -> str:
    """Return the address of a case, made from the first finding where there is none."""
    page.goto(f"{room}cases/?status=all")
    if page.locator("[data-row] a").count():
        return f"{room}cases/1/"
    page.goto(f"{room}findings/")
    page.click("[data-row] .pushed a")
    page.fill("#cases input[name=title]", "موج شبانه دربارهٔ پل")
    page.click("#cases form button")
    page.wait_for_url("**/cases/*/")
    add_task(page, "پرسش از دفتر روابط عمومی", "2026-12-01T10:00")
    add_task(page, "خلاصه برای سردبیر", "2026-12-02T18:00")
    page.fill("#notes > form textarea", "چهار جملهٔ **یکسان**، سه شب پیاپی.\n\n- پیش از انتشار از خودشان بپرسیم")
    page.click("#notes button[value=note]")
    page.wait_for_selector("#notes .md")
    return f"{room}cases/1/"


def add_task(page: Any, title: str, due: str) -> None:
    page.click("#tasks details summary")
    page.fill("#tasks input[name=title]", title)
    page.fill("#tasks input[name=due]", due)
    page.click("#tasks .form button.is-main")
    page.wait_for_selector(f"#tasks .said:has-text('{title}')")


def read_in(page: Any, address: str, language: str) -> None:
    page.goto(f"{address}/account/preferences/")
    page.select_option("select[name=language]", language)
    page.click("main form button.is-main")
    page.wait_for_load_state()


if __name__ == "__main__":
    sys.exit(main())
