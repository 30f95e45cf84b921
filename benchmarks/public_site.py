"""How long the export of a large site takes, what a second one writes, and what pages weigh.

    python benchmarks/public_site.py [PAGES]

Articles of about 250 words in three languages, with corrections and places, as the demo has them.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from dideban.site import Exported, PublishedItem, Site, SiteInfo, export_site

LANGUAGES, PLACES = ("fa", "ar", "en"), 40
START = datetime(2026, 11, 28, 8, tzinfo=UTC)
KIB = 1024


def main(n: int) -> None:
    texts = [
        thing
        for thing in tomllib.loads((files("dideban.room.upkeep") / "demo_pages.toml").read_text("utf-8")).values()
        if thing["kind"] != "story"
    ]
    items = [page(ix, texts[ix // 3 % len(texts)], LANGUAGES[ix % 3]) for ix in range(n)]
    info = SiteInfo(names={"en": "The Watch"}, base_url="https://watch.example.org/")
    site = Site(info=info, items=items, signing_key=bytes(range(32)))
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "site"
        timed("first export", lambda: export_site(site, out=out))
        timed(
            "second, nothing changed",
            lambda: export_site(Site(info=info, items=items, signing_key=bytes(range(32))), out=out),
        )
        items[n // 2] = replace(items[n // 2], text="Other words.", changed_at=START)
        timed(
            "third, one page changed",
            lambda: export_site(Site(info=info, items=items, signing_key=bytes(range(32))), out=out),
        )
        weights = sorted(weight(out, path) for path in out.rglob("*.html"))
        print(
            f"pages {len(weights)}: median {weights[len(weights) // 2] / KIB:.1f} KiB with style, font and picture, "
            f"99% {weights[len(weights) * 99 // 100] / KIB:.1f} KiB, heaviest {weights[-1] / KIB:.1f} KiB"
        )


def page(ix: int, thing: dict, lang: str) -> PublishedItem:
    said = thing[lang]
    return PublishedItem(
        kind="bulletin" if ix % 2 else "lesson", slug=f"page-{ix // 3}", lang=lang, title=f"{said['title']} {ix}",
        summary=said["summary"], text=f"{said['body']}\n\n{said['body']}", places=(f"place-{ix % PLACES}",),
        published_at=START - timedelta(minutes=ix),
    )  # fmt: skip


def timed(name: str, export: Callable[[], Exported]) -> None:
    wall, work = time.perf_counter(), time.process_time()
    made = export()
    wall, work = time.perf_counter() - wall, time.process_time() - work
    print(
        f"{name}: {wall:.1f} s, {work:.1f} s of processor time; {made.n_files} files, {made.n_bytes / 1e6:.0f} MB, "
        f"{made.n_written} written, {made.n_removed} removed",
        flush=True,
    )


def weight(home: Path, path: Path) -> int:
    """Return the bytes that a browser fetches to show a page the first time."""
    html = path.read_text("utf-8")
    shared = ["site.css", "mark.png", *(["vazirmatn-arabic.woff2"] if re.search("[\u0600-\u06ff]", html) else [])]
    return len(html.encode()) + sum((home / "assets" / name).stat().st_size for name in shared)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
