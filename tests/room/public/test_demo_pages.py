"""The demo has a site to look at, in three languages."""

from __future__ import annotations

import re
from pathlib import Path

from dideban.room.members.models import Membership
from dideban.room.processes.public_site import build
from dideban.room.public.building import items_of
from dideban.room.roles import Role
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.upkeep.demo_pages import NAMES, make_pages
from dideban.site import verify_site
from room.cast import join


def test_the_demo_publishes_the_same_in_three_languages(room: Room) -> None:
    lead: Membership = join(room, "demo", Role.COORDINATOR)
    assert make_pages(room, lead) == 12
    assert make_pages(room, lead) == 0
    items = list(items_of(room))
    assert {lang: sum(one.lang == lang for one in items) for lang in NAMES} == {"en": 4, "fa": 4, "ar": 4}
    assert {one.kind for one in items} == {"bulletin", "lesson", "story"}
    assert sum(bool(one.corrections) for one in items) == 3
    build(room, always=True)
    home = folder_of(room.slug).site
    assert verify_site(home).ok
    assert max(_weight(home, path) for path in home.rglob("*.html")) < 100 * 1024


def _weight(home: Path, page: Path) -> int:
    """Return the bytes that a browser fetches to show a page: itself, style, font, mark and photos."""
    html = page.read_text("utf-8")
    photos = sum((page.parent / name).stat().st_size for name in re.findall(r'<img src="([^"]+)"', html))
    shared = ("site.css", "mark.png", *(["vazirmatn-arabic.woff2"] if re.search("[\u0600-\u06ff]", html) else []))
    return len(html.encode()) + photos + sum((home / "assets" / name).stat().st_size for name in shared)
