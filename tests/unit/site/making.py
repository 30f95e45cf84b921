"""Pages of a made-up site."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dideban.site import PublishedItem, Site, SiteInfo

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = bytes(range(32))
INFO = SiteInfo(
    names={"fa": "دیده‌بان", "ar": "المرصد", "en": "The Watch"}, base_url="https://watch.example.org/",
    email="desk@example.org", places={"north": {"fa": "شمال", "ar": "الشمال", "en": "North"}},
)  # fmt: skip


def item(slug: str = "water", lang: str = "fa", **values: Any) -> PublishedItem:
    """One published page."""
    given = {"kind": "bulletin", "title": "آب شهر", "published_at": AT, "text": "متن", **values}
    if given.get("withdrawn") or given.get("document") or given.get("html"):
        given.pop("text")
    return PublishedItem(slug=slug, lang=lang, **given)


def site(*items: PublishedItem, **values: Any) -> Site:
    """A signed site of these pages."""
    return Site(**{"info": INFO, "items": items, "signing_key": KEY, **values})
