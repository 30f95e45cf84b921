"""Walk every page of a running demo: pictures of each, on contact sheets, and what is wrong with it.

    dideban room --demo --history &
    python scripts/room_walk.py http://127.0.0.1:8765 walk-out

The addresses are found as a visitor finds them, by following links; one of each route is kept, and routes that no link
leads to are listed. Every page is opened in three languages, two themes and two widths. A line is printed for each that
has a violation of axe, scrolls sideways, cuts text off, or holds what no reader should see. Needs playwright and a
Chromium on PATH (or named by ``DIDEBAN_CHROMIUM``).
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import room_screenshots
import screenshots
from PIL import Image, ImageDraw

LANGUAGES, THEMES, WIDTHS = ("en", "fa", "ar"), ("light", "dark"), (1440, 390)
AXE = Path(__file__).parents[1] / "tests" / "room" / "board" / "vendor" / "axe.min.js"
LOOK = Path(__file__).with_name("room_walk.js")
EXTRA = ("search/?q=bridge", "search/?q=xyzzy", "compare/?q=bridge&q=harbour", "publish/letters/", "posts/?text=bridge")
"""Pages that a form leads to, and no link."""
NOT_PAGES = (
    "/export/",
    "/file/",
    "/files/",
    "/act/",
    "/photos/",
    "/csv/",
    "/json/",
    "/zip/",
    "/logout",
    "/static/",
    "/api/",
    "/feeds/",
    "/site/",
    "/taxii2/",
)
MAIN = "(({x, y, width, height}) => [x, y, width, height])(document.querySelector('main').getBoundingClientRect())"
PATIENCE_MS = 300_000
"""A walk takes long: on a busy machine one slow page is no reason to begin again."""
SHEET, TALLEST = 1568, 1500
COLUMNS = {1440: 2, 390: 4}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="address of the demo room")
    parser.add_argument("out", type=Path, help="folder for the sheets")
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--themes", default=",".join(THEMES))
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    parser.add_argument("--only", default="", help="only pages whose route holds this")
    parser.add_argument("--no-pictures", action="store_true", help="only look for faults")
    parser.add_argument("--no-axe", action="store_true", help="only take pictures")
    chosen = parser.parse_args()
    browser = screenshots.find_browser()
    if browser is None:
        return 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    faults = walk(chosen, browser)
    print(json.dumps({"pages_with_faults": faults}))
    return 1 if faults else 0


def walk(chosen: argparse.Namespace, browser: str) -> int:
    """Open every page in every way; return how many had a fault."""
    from playwright.sync_api import sync_playwright

    address, faults = chosen.address.rstrip("/"), 0
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=browser, args=list(screenshots.ARGUMENTS))
        page = made.new_page(viewport={"width": WIDTHS[0], "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        room_screenshots.sign_in(page, address)
        pages = find_pages(page, address)
        (chosen.out / "pages.json").write_text(json.dumps(pages, indent=1), "utf-8")
        pages = {name: where for name, where in pages.items() if chosen.only in name}
        for language in chosen.languages.split(","):
            room_screenshots.read_in(page, address, language)
            for theme, width in product(chosen.themes.split(","), map(int, chosen.widths.split(","))):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme)
                faults += look_at(page, address, pages, chosen, f"{language}-{theme}-{width}")
        room_screenshots.read_in(page, address, "en")
        made.close()
    return faults


def look_at(page: Any, address: str, pages: dict[str, str], chosen: argparse.Namespace, way: str) -> int:
    """Open every page in one way, print what is wrong; return how many pages had a fault."""
    faults, shots = 0, []
    for name, where in pages.items():
        page.goto(address + where)
        page.wait_for_load_state("networkidle")
        wrong = page.evaluate(LOOK.read_text("utf-8"))
        if not chosen.no_axe:
            page.evaluate(AXE.read_text("utf-8"))
            result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            wrong += [f"axe {v['impact']} {v['id']}: {v['nodes'][0]['html'][:160]}" for v in result["violations"]]
        if wrong:
            faults += 1
            print(way, name, where, *wrong, sep="\n    ", flush=True)
        if not chosen.no_pictures:
            shots.append((name, picture_of(page)))
    write_sheets(shots, chosen.out, way)
    return faults


def picture_of(page: Any) -> bytes:
    """Return a picture of the page; where it is wide, of its main part: the frame around it is always the same."""
    box = page.evaluate(MAIN)
    if page.viewport_size["width"] < 1000 or not box[2]:
        picture: bytes = page.screenshot(full_page=True)
    else:
        picture = page.screenshot(full_page=True, clip=dict(zip(("x", "y", "width", "height"), box, strict=True)))
    return picture


def find_pages(page: Any, address: str) -> dict[str, str]:
    """Return route to the first address of it that links lead to."""
    found: dict[str, str] = {}
    waiting = ["/r/watch/", "/account/preferences/"]  # the public site has tests of its own
    seen = set(waiting)
    while waiting:
        where = waiting.pop(0)
        name = route_of(where)
        if name in found or where.startswith("/site/") or any(part in where for part in NOT_PAGES):
            continue
        answer = page.goto(address + where)
        if answer is None or answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        found[name] = where
        links = page.evaluate("[...document.querySelectorAll('a[href]:not([download])')].map(a => a.href)")
        for link in links:
            parts = urlsplit(link)
            if link.startswith(address) and parts.path not in seen and not any(one in link for one in NOT_PAGES):
                seen.add(parts.path)
                waiting.append(parts.path)
    found |= {one: f"/r/watch/{one}" for one in EXTRA}
    return dict(sorted(found.items()))


def route_of(where: str) -> str:
    """Return the address with numbers and names of things as a star."""
    parts = where.strip("/").split("/")
    kept = [
        "*"
        if part.isdigit() or (at and parts[at - 1] in ("f", "sources") and at > 2 and part not in ("new", "add"))
        else part
        for at, part in enumerate(parts)
    ]
    return "/".join(kept[2:] if kept[:1] == ["r"] else kept) or "now"


def write_sheets(shots: list[tuple[str, bytes]], out: Path, way: str) -> None:
    """Put several pages on one picture each, in columns, small enough to be read at full size."""
    width = int(way.rsplit("-", 1)[1])
    sheets = pack([(name, shrink(shot, width)) for name, shot in shots], n_columns=COLUMNS[width])
    for at, columns in enumerate(sheets):
        draw(columns).save(out / f"{way}-{at:02}.png")


def shrink(shot: bytes, width: int) -> Image.Image:
    """Return a picture of a page as wide as its column, its end cut off where it is very long."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    to = (SHEET - 8 * COLUMNS[width]) // COLUMNS[width]
    small = picture.resize((to, picture.height * to // picture.width), Image.Resampling.LANCZOS)
    return small.crop((0, 0, to, min(small.height, TALLEST)))


def pack(pictures: list[tuple[str, Image.Image]], *, n_columns: int) -> Iterator[list[list[tuple[str, Image.Image]]]]:
    """Yield sheets, each a list of columns: a page goes into the shortest, and onto a new sheet where none has room."""
    columns: list[list[tuple[str, Image.Image]]] = [[] for _ in range(n_columns)]
    for name, one in pictures:
        heights = [sum(kept.height + 20 for _, kept in column) for column in columns]
        if min(heights) and min(heights) + one.height > TALLEST + 40:
            yield columns
            columns, heights = [[] for _ in range(n_columns)], [0] * n_columns
        columns[heights.index(min(heights))].append((name, one))
    yield columns


def draw(columns: list[list[tuple[str, Image.Image]]]) -> Image.Image:
    """Return one sheet, each page below its name."""
    height = max(sum(one.height + 20 for _, one in column) for column in columns)
    made = Image.new("RGB", (SHEET, height), "magenta")
    pen = ImageDraw.Draw(made)
    for at, column in enumerate(columns):
        x, y = at * (SHEET // len(columns)), 0
        for name, one in column:
            pen.text((x + 4, y + 4), name, fill="white")
            made.paste(one, (x, y + 20))
            y += one.height + 20
    return made


if __name__ == "__main__":
    sys.exit(main())
