"""Take the README's pictures of a report: the first finding in light and in dark, each below 300 KB.

    python scripts/screenshots.py demo-out docs/images

The folder must hold ``report.html`` (``dideban demo --out demo-out`` makes one). Needs playwright and a Chromium on
PATH (or named by ``DIDEBAN_CHROMIUM``).
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
WIDTH, HEIGHT, SCALE = 1180, 880, 2
MAX_BYTES = 300_000
COLOURS = (256, 128, 96, 64, 48, 32)
"""Sizes of the palette to try until the picture is small enough."""


def find_browser() -> str | None:
    """Return the Chromium to use; None, and a word about it, where there is none."""
    found = os.environ.get("DIDEBAN_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        print("no Chromium on PATH", file=sys.stderr)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that holds report.html")
    parser.add_argument("out", type=Path, help="folder for the pictures")
    chosen = parser.parse_args()
    report = chosen.folder / "report.html"
    if not report.is_file():
        print("no report.html in the folder", file=sys.stderr)
        return 1
    browser = find_browser()
    if browser is None:
        return 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, picture in take(report.resolve(), browser).items():
        path = chosen.out / f"{name}.png"
        path.write_bytes(picture)
        print(f"{path}: {len(picture):,} bytes")
    return 0


def take(report: Path, browser: str) -> dict[str, bytes]:
    """Return the pictures by name, compressed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=browser, args=list(ARGUMENTS))
        pictures = {
            "report-light": finding(made, report, "theme=light"),
            "report-dark": finding(made, report, "theme=dark"),
            "report-fa": finding(made, report, "theme=light&lang=fa"),
        }
        made.close()
    return {name: compress(picture) for name, picture in pictures.items()}


def finding(browser: Any, report: Path, query: str) -> bytes:
    """Return a picture of the finding with the most accounts, its head and its timeline, read at the middle."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
    page.goto(f"{report.as_uri()}?{query}")
    articles = page.locator("article.finding").all()
    if not articles:
        picture: bytes = page.screenshot()
        return picture
    largest = max(articles, key=lambda article: article.locator(".names").first.locator("div").count())
    field = largest.locator("[data-field=calendar]")
    for _ in range(largest.locator("[data-operations] tbody tr").count() // 2):
        field.press("ArrowRight")
    page.evaluate("document.activeElement.blur()")
    largest.evaluate("(e) => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 70)")
    picture = page.screenshot()
    page.close()
    return picture


def compress(picture: bytes) -> bytes:
    """Return the picture with a palette, as many colours as fit below ``MAX_BYTES``."""
    from PIL import Image

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    small = picture
    for colours in COLOURS:
        buffer = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        small = buffer.getvalue()
        if len(small) < MAX_BYTES:
            break
    return small


if __name__ == "__main__":
    sys.exit(main())
