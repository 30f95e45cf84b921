"""The web itself: article pages, feeds and web archives."""

from __future__ import annotations

from dideban.ingest.format import Shape
from dideban.ingest.web_pages import COLUMNS

WEB = Shape(
    name="web",
    columns=lambda names: names == frozenset(COLUMNS),
    mapping={
        "post_id": "web_id",
        "account_id": "web_account",
        "platform": "web_platform",
        "created_at": "web_time",
        "text": "web_text",
        "lang": "web_lang",
        "urls": "web_links",
        "repost_of": "web_repost",
    },
    links_in_text=True,
)
